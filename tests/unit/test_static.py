import asyncio
import gzip
import time

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from web import static

TEXT = "wall " * 1000


async def text(request):
    return PlainTextResponse(TEXT)


async def picture(request):
    return Response(b"\x89PNG" * 1000, media_type="image/png")


async def long_stream(request):
    async def parts():
        for _ in range(8):
            yield b"x" * 1000

    return StreamingResponse(parts(), media_type="text/plain")


async def callback(request):
    return Response(TEXT)


def client():
    routes = [Route(p, text) for p in ("/assets/a.css", "/assets/b.woff2", "/api/x", "/")]
    routes += [Route("/p.png", picture), Route("/stream", long_stream)]
    routes += [Route(path, callback, methods=["POST"]) for path in ("/statistics/_dash-update-component", "/other")]
    return TestClient(static.CompressedStatic(Starlette(routes=routes)))


def test_text_travels_compressed_and_whole():
    answer = client().get("/", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TEXT) / 10
    assert answer.text == TEXT
    assert "accept-encoding" in answer.headers["vary"].lower()


@pytest.mark.parametrize("accepts", ["identity", "gzip;q=0", "br"])
def test_who_does_not_want_gzip_gets_none(accepts):
    answer = client().get("/", headers={"accept-encoding": accepts})
    assert "content-encoding" not in answer.headers
    assert answer.text == TEXT


def test_what_a_callback_answers_travels_compressed_and_is_not_kept():
    answer = client().post("/statistics/_dash-update-component", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "etag" not in answer.headers
    assert answer.text == TEXT
    assert "content-encoding" not in client().post("/other", headers={"accept-encoding": "gzip"}).headers


def test_pictures_are_not_compressed_again():
    assert "content-encoding" not in client().get("/p.png", headers={"accept-encoding": "gzip"}).headers


def test_an_unchanged_answer_is_not_sent_again():
    c = client()
    tag = c.get("/").headers["etag"]
    again = c.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert c.get("/", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "policy"),
    [("/assets/a.css?m=17", static.YEAR), ("/assets/a.css", "no-cache"), ("/assets/b.woff2", static.WEEK),
     ("/api/x", "no-store"), ("/", "no-cache")],
)  # fmt: skip
def test_how_long_a_browser_may_keep_it(path, policy):
    assert client().get(path).headers["cache-control"] == policy


def test_the_same_content_is_compressed_once(monkeypatch):
    calls = []
    compress = gzip.compress
    monkeypatch.setattr(static.gzip, "compress", lambda *a, **k: calls.append(1) or compress(*a, **k))
    c = client()
    for path in ("/", "/assets/a.css", "/"):
        assert c.get(path, headers={"accept-encoding": "gzip"}).text == TEXT
    assert len(calls) == 1


def test_a_stream_larger_than_the_limit_passes_through(monkeypatch):
    monkeypatch.setattr(static, "MOST_BYTES", 3000)
    assert client().get("/stream", headers={"accept-encoding": "gzip"}).content == b"x" * 8000


def test_the_cache_is_bounded(monkeypatch):
    monkeypatch.setattr(static, "CACHE_BYTES", 10)
    c = client()
    assert c.get("/", headers={"accept-encoding": "gzip"}).text == TEXT
    assert c.app._held <= 10


def test_many_who_ask_at_once_share_one_compression(monkeypatch):
    calls = []
    compress = gzip.compress

    def slow(*args, **kwargs):
        calls.append(1)
        time.sleep(0.05)
        return compress(*args, **kwargs)

    monkeypatch.setattr(static.gzip, "compress", slow)

    async def ask():
        middleware = static.CompressedStatic(None)
        return await asyncio.gather(*[middleware._compressed("digest", TEXT.encode()) for _ in range(20)])

    answers = asyncio.run(ask())
    assert len(calls) == 1
    assert {gzip.decompress(answer).decode() for answer in answers} == {TEXT}
