import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from web.guard import Guard, host_name, is_loopback

HERE = "http://127.0.0.1:8050"


async def hello(request):
    return PlainTextResponse("hello")


async def live(socket):
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


def client(allow=False, peer="127.0.0.1", origins=()):
    app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"]), WebSocketRoute("/live", live)])
    return TestClient(Guard(app, allow, ["'sha256-abc'"], origins), base_url=HERE, client=(peer, 5000))


def test_this_machine_is_answered_with_security_headers():
    answer = client().get("/")
    assert (answer.status_code, answer.text) == (200, "hello")
    assert "script-src 'self' 'sha256-abc';" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("peer", ["192.168.1.7", "10.0.0.1", "8.8.8.8", "fe80::1", "testclient", "::ffff:10.0.0.1"])
def test_other_hosts_are_refused_with_the_way_out(peer):
    answer = client(peer=peer).get("/")
    assert answer.status_code == 403
    assert "WALLBOARD_ALLOW_UNAUTHENTICATED=1" in answer.text
    assert "x-frame-options" in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "Via",
        "X-Forwarded-Port",
        "CF-Connecting-IP",
    ],
)
def test_forwarded_requests_are_refused(name):
    assert client().get("/", headers={name: "127.0.0.1"}).status_code == 403


def test_a_foreign_host_header_is_refused():
    assert client().get("/", headers={"Host": "evil.example:8050"}).status_code == 403
    assert client().get("/", headers={"Host": "evil@localhost:8050"}).status_code == 403
    assert client().get("/", headers={"Host": "[::1]:8050"}).status_code == 200


def test_everything_is_answered_when_allowed():
    answer = client(allow=True, peer="10.0.0.1").get(
        "/", headers={"X-Forwarded-For": "1.2.3.4", "Host": "wall.example"}
    )
    assert answer.status_code == 200


def socket_opens(c, **headers):
    try:
        with c.websocket_connect("/live", headers=headers) as socket:
            return socket.receive_text() == "hello"
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize(
    ("origin", "opens"),
    [(HERE, True), ("http://evil.example", False), ("http://127.0.0.1:9999", False), ("", False), ("null", False)],
)
def test_sockets_are_opened_for_own_pages_only(origin, opens):
    assert socket_opens(client(), origin=origin, host="127.0.0.1:8050") is opens
    assert socket_opens(client(allow=True, peer="10.0.0.1"), origin=origin, host="127.0.0.1:8050") is opens


def test_an_allowed_origin_may_open_a_socket():
    c = client(allow=True, origins=["https://wall.example/"])
    assert socket_opens(c, origin="https://wall.example", host="127.0.0.1:8050")


def test_a_socket_from_another_host_is_refused():
    assert not socket_opens(client(peer="10.0.0.1"), origin=HERE, host="127.0.0.1:8050")


def test_large_bodies_are_refused():
    assert client().post("/", content=b"x" * (1 << 20)).status_code == 200
    assert client().post("/", content=b"x" * ((1 << 20) + 1)).status_code == 413


def test_loopback_and_host_names():
    assert is_loopback("127.8.9.1")
    assert is_loopback("::1")
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("localhost.evil")
    assert host_name("LOCALHOST:80") == "localhost"
    assert host_name("[::1") == ""


def test_a_body_without_a_length_is_ended_at_the_limit():
    taken = []

    async def greedy(scope, receive, send):
        while True:
            message = await receive()
            taken.append(len(message.get("body", b"")))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await PlainTextResponse("done")(scope, receive, send)

    def pieces():
        for _ in range(64):
            yield b"x" * 65536

    TestClient(Guard(greedy, False), base_url=HERE, client=("127.0.0.1", 5000)).post("/", content=pieces())
    assert sum(taken) <= 1 << 20
