"""A history by way of its owner: the same answers and errors, and nobody without the token."""

from __future__ import annotations

import http.client
import json
import stat
import threading
from datetime import date

import msgspec
import pyarrow as pa
import pytest

from data_feeds.history import remote
from data_feeds.history.query import Counts, Detected, DronesKnown, Filters, Flown, Span
from data_feeds.history.store import RAW, Put, StoreBroken, StoreBusy, StoreClosed, StoreError, StoreFull, Tidied
from tests.unit.memory_store import MemoryStore
from tests.unit.test_recorder import detection, fix, incident, telemetry
from web.history import OwnerServer

QUERY = Counts((Span(date(2025, 3, 1), date(2025, 3, 31), 600),), ("hour",), Filters(categories=("盗窃",)))


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def server(store, tmp_path):
    server = OwnerServer(store, tmp_path, records=True)
    yield server
    server.close()


@pytest.fixture
def far(server, tmp_path):
    found = remote.connect(tmp_path)
    assert found is not None
    return found


def test_a_question_and_its_table(far, store):
    store.answer = pa.table({"hour": [1, 2], "n": [3, 4], "词": ["盗窃", None]})
    assert far.run(QUERY).equals(store.answer)
    assert store.asked == [QUERY]


def test_incidents_and_offsets_arrive_as_they_are(far, store):
    sent = [incident(1, category="盗窃", lat=30.123456789012, lon=104.0, units=["a", "b"]), incident(2, 5)]
    put = far.put_incidents(sent, "kafka", {("t@x", 3): 17})
    assert put == Put(new=2)
    assert list(store.incidents.values()) == sent
    assert far.offsets("kafka") == {("t@x", 3): 17}
    assert far.offsets("other") == {}
    assert far.version() == 2 == far.version([QUERY.spans[0]])
    assert far.extent() == store.extent()


def test_fixes_tables_gaps_and_the_rest(far, store):
    assert far.put_positions([fix(1)], "kafka", {("p@x", 0): 2}) == 1
    assert store.fixes == [fix(1)]
    table = pa.table({"incident_id": ["a"], "version": [1], "call_received_ms": [5]}, RAW.empty_table().select(
        ["incident_id", "version", "call_received_ms"]).schema)  # fmt: skip
    assert far.put_table(table, "an import: 1 & 2") == Put(new=1)
    assert store.tables[0][0].equals(table)
    assert store.tables[0][1] == "an import: 1 & 2"
    far.note_gap(5, 9, "given", "x")
    assert store.gaps == [(5, 9, "given", "x")]
    far.flush()
    assert far.trail("u1", 0, 10).num_rows == 0
    assert far.tidy(5.0) == Tidied(incidents=1)
    assert far.put_tracks(pa.table({"unit_id": ["u"]}), "x") == 1


def test_what_drones_tell_arrives_as_it_is(far, store):
    assert far.put_telemetry([telemetry(1), telemetry(2)], "kafka", {("t@x", 0): 2}) == Put(new=2)
    assert far.put_detections([detection(1), detection(1)], "kafka", {("d@x", 0): 3}) == Put(new=1, same=1)
    assert store.telemetry == [telemetry(1), telemetry(2)]
    assert store.detections == {"X1": detection(1)}
    assert far.offsets("kafka") == {("t@x", 0): 2, ("d@x", 0): 3}
    table = pa.table({"drone_id": ["D1"]})
    assert (far.put_flown(table), far.put_seen(table)) == (Put(new=1), Put(new=1))
    assert [name for _, name in store.tables] == ["flown", "seen"]
    for query in (Flown(QUERY.spans, ("drone_id",), "A1"), Detected(QUERY.spans, ("kind",)), DronesKnown(date.max)):
        far.run(query)
        assert store.asked[-1] == query


@pytest.mark.parametrize("error", [StoreBusy("held by 7"), StoreBroken("history.duckdb is damaged"), StoreFull("disk"),
                                   StoreClosed("closed"), StoreError("other"), ValueError("bad column")])  # fmt: skip
def test_errors_keep_their_kind_and_words(far, store, error):
    store.failures = [error]
    with pytest.raises(type(error), match=str(error)) as raised:
        far.run(QUERY)
    assert type(raised.value) is type(error)


def test_an_unforeseen_error_of_the_store_is_one(far, store):
    store.poison = {"A-1"}
    with pytest.raises(StoreError, match="KeyError"):
        far.put_incidents([incident(1)], "x")


def test_the_owner_file_is_for_its_user_only(server, tmp_path):
    file = tmp_path / remote.OWNER_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_bytes())
    assert told["records"] is True
    assert len(told["token"]) >= 32
    server.close()
    assert not file.exists()


def post(server, path, body=b"null", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.owner.port, timeout=5)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"},
                                     {"Authorization": "Bearer ümlaut"}])  # fmt: skip
def test_without_the_token_nothing_is_told(server, store, headers):
    status, body = post(server, "/extent", **headers)
    assert (status, b"token" in body) == (403, True)


@pytest.mark.parametrize("path", ["/nothing", "/_store", "/find", "/__class__", "/", "/../run"])
def test_only_known_verbs_are_answered(server, path):
    assert post(server, path, Authorization=f"Bearer {server.owner.token}")[0] == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [("/run", b"{"), ("/run", b'{"type":"counts"}'), ("/put_table", b"no arrow"), ("/put_incidents", b"[]"),
     ("/version", b"{}"), ("/trail", b"\xff")],
)  # fmt: skip
def test_a_strange_body_is_refused_by_its_reason(server, path, body):
    status, said = post(server, path, body, Authorization=f"Bearer {server.owner.token}")
    assert status == 400
    assert json.loads(said)["text"]


def test_a_body_without_a_length_or_too_long_is_not_read(server):
    token = f"Bearer {server.owner.token}"
    for length in ("-1", "x", str(remote.MAX_BODY_BYTES + 1)):
        connection = http.client.HTTPConnection("127.0.0.1", server.owner.port, timeout=5)
        connection.putrequest("POST", "/run")
        connection.putheader("Authorization", token)
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_get_answers_nothing(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.owner.port, timeout=5)
    connection.request("GET", "/extent", headers={"Authorization": f"Bearer {server.owner.token}"})
    assert connection.getresponse().status == 501


def test_an_owner_that_is_gone_is_not_found(server, tmp_path):
    file = tmp_path / remote.OWNER_FILE
    left = file.read_bytes()
    far = remote.connect(tmp_path)
    server.close()
    file.write_bytes(left)  # as after kill -9
    assert remote.connect(tmp_path) is None
    with pytest.raises(StoreClosed, match="does not answer"):
        far.extent()


def test_another_service_on_that_port_is_no_owner(store, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    server = OwnerServer(store, other)
    try:
        stale = remote.Owner(1, server.owner.port, "old token")
        (tmp_path / remote.OWNER_FILE).write_bytes(msgspec.json.encode(stale))
        assert remote.connect(tmp_path) is None
    finally:
        server.close()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"pid":1,"port":0,"token":"x"}',
                                     b'{"pid":1,"port":"80","token":"x"}'])  # fmt: skip
def test_a_damaged_owner_file_is_nobody(tmp_path, content):
    (tmp_path / remote.OWNER_FILE).write_bytes(content)
    assert remote.connect(tmp_path) is None


def test_the_next_owner_is_not_taken_back(server, tmp_path):
    (tmp_path / remote.OWNER_FILE).write_bytes(msgspec.json.encode(remote.Owner(1, 2, "next")))
    server.close()
    assert remote.read_owner(tmp_path) == remote.Owner(1, 2, "next")


def test_closed_here_is_open_there(far, store):
    far.close()
    with pytest.raises(StoreClosed):
        far.extent()
    assert not store.closed


def test_many_callers_at_once(far, store):
    threads = [threading.Thread(target=far.put_incidents, args=([incident(n)], "x")) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.incidents) == 40


def test_a_proxy_of_the_environment_is_not_asked(far, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert far.extent().n == 0
