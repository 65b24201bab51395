"""The whole server without a network: what it answers, with which headers, and that nothing runs before its time."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from fastapi.openapi.models import OpenAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import app
from data_feeds.clock import SystemClock
from data_feeds.frames import FULL, HEADER, MAGIC, ROW, FrameType
from data_feeds.model import Device, Roster, Status, Topic, VehiclePosition
from data_feeds.queue_feed import QueueFeed
from data_feeds.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]
BASE = "http://127.0.0.1:8050"
LIVE = "ws://127.0.0.1:8050/live"
HERE = ("127.0.0.1", 5000)
DEADLINE_S = 30.0
PANELS = {"scope", "wall", "clock", "feeds", "units", "incidents", "drones", "devices", "alarms", "heat", "heat_past",
          "today", "response", "orders", "cover", "forecast"}  # fmt: skip
HARDENING = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
             "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy")  # fmt: skip
ADDRESSES = ["/", "/healthz", "/readyz", "/metrics", "/api/snapshot", "/api/units/nobody", "/api/devices",
             "/basemap.geojson", "/_dash-layout", "/assets/css/base.css", "/no/such/page"]  # fmt: skip


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def wait_for(question: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not question():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def ticks(client: TestClient) -> float:
    """How often the hub has told viewers what is new."""
    found = re.search(r'^wallboard_hub_total\{event="ticks"\} (\S+)$', client.get("/metrics").text, re.M)
    return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings(tick_s=0.2)


@pytest.fixture(scope="module")
def client(settings) -> Iterator[TestClient]:
    """A started wall that knows one unit that reports, one that never did, and one device."""
    feed = QueueFeed(settings.topic_of(), SystemClock())
    with TestClient(app.build(settings, feed), base_url=BASE, client=HERE) as client:
        for topic, key, message in (
            (Topic.ROSTER, "U1", Roster("U1", "P-1", "car", "police", "S1", "B1")),
            (Topic.STATUS, "U1", Status("U1", "enroute", "A-1", ago(5))),
            (Topic.POSITION, "U1", VehiclePosition("U1", 22.8, 108.3, ago(1), speed_mps=9.0, course=90.0)),
            (Topic.ROSTER, "U2", Roster("U2", "P-2", "foot")),
            (Topic.DEVICE, "C1", Device("C1", "camera", "Gate", stream_url="javascript:alert(1)")),
        ):
            feed.offer(settings.topic_name(topic), key.encode(), msgspec.json.encode(message), 0)
        feed.offer(settings.topic_name(Topic.POSITION), b"U1", b"not json", 0)
        wait_for(lambda: client.get("/api/snapshot").json()["devices"], "the last record on the board")
        wait_for(lambda: not any(entry.lag for entry in feed.health()), "the poison to be read")
        told = ticks(client)
        wait_for(lambda: ticks(client) >= told + 2, "a tick that tells all of it")
        yield client


def test_health_and_readiness(client):
    health = client.get("/healthz")
    assert (health.status_code, health.json()["pump"]) == (200, True)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["feeds"]["position"]["state"] == "fresh"


def test_metrics_are_prometheus_text(client):
    wait_for(lambda: 'kind="not_json"' in client.get("/metrics").text, "the poison to be counted")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text) for sample in family.samples
    }  # fmt: skip
    assert samples["wallboard_records_total", "roster"] == 2
    assert samples["wallboard_problems_total", "not_json"] == 1
    assert samples["wallboard_entities", "units"] == 2
    assert samples[("wallboard_viewers",)] == 0
    assert samples["wallboard_hub_total", "ticks"] > 0


def test_the_snapshot_holds_units_documents_and_devices(client):
    body = client.get("/api/snapshot").json()
    assert {unit["unit_id"]: unit["status"] for unit in body["units"]} == {"U1": "ENROUTE", "U2": "UNKNOWN"}
    assert set(body["panels"]) == PANELS
    assert body["panels"]["units"]["lost"] == 1
    assert [(d["device_id"], d["stream_url"]) for d in body["devices"]] == [("C1", "")]
    assert abs(body["now_ms"] / 1000 - time.time()) < DEADLINE_S


def test_devices_are_counted_in_a_document_and_told_by_a_route(client):
    document = client.get("/api/snapshot").json()["panels"]["devices"]
    revision = document.pop("revision")
    assert document == {"total": 1, "on_map": 0, "kinds": {"CAMERA": {"UNKNOWN": 1}}}
    answer = client.get("/api/devices")
    assert answer.json() == {"revision": revision, "devices": [{
        "id": "C1", "kind": "CAMERA", "name": "Gate", "lat": None, "lon": None, "state": "UNKNOWN", "unit_id": "",
        "stream_url": "",
    }]}  # fmt: skip
    known = client.get("/api/devices", headers={"if-none-match": answer.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert client.get("/api/devices", params={"scope": "x" * 65}).status_code == 404


def test_a_scope_has_a_snapshot_of_its_own(client):
    assert [unit["unit_id"] for unit in client.get("/api/snapshot?scope=S1").json()["units"]] == ["U1"]
    assert client.get("/api/snapshot?scope=nobody").json()["units"] == []
    found = client.get("/api/scopes").json()
    assert [(one["code"], one["parent"], one["units"]) for one in found["scopes"]] == [("B1", "", 1), ("S1", "B1", 1)]
    assert client.get("/places.geojson").json()["features"] == []
    assert client.get("/api/snapshot", params={"scope": "x" * 65}).status_code == 404


def test_one_unit_with_its_trail(client):
    body = client.get("/api/units/U1").json()
    assert body["unit"]["callsign"] == "P-1"
    assert body["unit"]["incident_id"] == "A-1"
    assert body["unit"]["lost"] is False
    assert body["unit"]["speed_mps"] == pytest.approx(9.0, abs=0.02)
    assert [point[:2] for point in body["trail"]] == [[22.8, 108.3]]
    assert client.get("/api/units/U2").json()["unit"]["lost"] is True


@pytest.mark.parametrize("unit_id", ["nobody", "U" * 65, "%00", "%3Cb%3E"])
def test_unknown_units_are_not_found(client, unit_id):
    assert client.get(f"/api/units/{unit_id}").status_code == 404


def test_the_socket_delivers_names_rows_and_every_document(client):
    with client.websocket_connect(LIVE, headers={"origin": BASE}) as socket:
        binary: list[bytes] = []
        panels: set[str] = set()
        while len(binary) < 3 or panels != PANELS:
            message = socket.receive()
            if message.get("bytes") is not None:
                binary.append(message["bytes"])
            else:
                document = json.loads(message["text"])
                assert set(document) == {"panel", "revision", "data_time", "epoch", "scope", "body"}
                panels.add(document["panel"])
    heads = [HEADER.unpack_from(frame) for frame in binary]
    assert {head[0] for head in heads} == {MAGIC}
    assert [FrameType(head[1]) for head in heads[:3]] == [FrameType.DICT, FrameType.SNAPSHOT, FrameType.DELTA]
    assert heads[0][2] & FULL
    assert len({head[4] for head in heads}) == 1
    assert heads[0][5] == heads[1][5] == heads[2][5] - 1
    names = json.loads(binary[0][HEADER.size :])
    assert sorted(entry["callsign"] for entry in names.values()) == ["P-1", "P-2"]
    assert (heads[1][7], len(binary[1]) - HEADER.size) == (1, ROW.itemsize)  # who never reported has no row


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_sockets_of_other_pages_are_refused(client, origin):
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(LIVE, headers={"origin": origin}):
        pass
    assert "Origin" in refused.value.reason


def test_the_page_runs_no_inline_script_that_its_policy_does_not_name(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    page = re.sub(r"<!--.*?-->", "", answer.text, flags=re.S)
    inline = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", page, re.S)
    assert inline  # Dash starts its renderer so
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline}
    assert {found for found in hashes if f"'sha256-{found}'" not in policy} == set()
    script_policy = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert "unsafe" not in script_policy
    assert "http" not in policy


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_hardened(client, address):
    answer = client.get(address)
    assert [name for name in HARDENING if name not in answer.headers] == []
    assert "server" not in answer.headers


def test_refusals_are_hardened_too(client):
    for headers in ({"host": "evil.example"}, {"x-forwarded-for": "10.0.0.1"}):
        answer = client.get("/", headers=headers)
        assert answer.status_code == 403
        assert [name for name in HARDENING if name not in answer.headers] == []


def test_the_openapi_document_tells_every_address_that_others_may_ask(client):
    document = client.get("/openapi.json").json()
    OpenAPI.model_validate(document)
    assert {"/api/figures", "/api/figures/choices", "/api/figures/rows", "/api/snapshot"} <= set(document["paths"])
    assert not [path for path in document["paths"] if not path.startswith("/api/")]


@pytest.mark.parametrize("path", ["/api/nothing", "/api/figures/nothing", "/api/"])
def test_an_unknown_address_below_api_is_no_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "no such address" in answer.json()["detail"]


def test_a_wall_without_history_says_so(client):
    answer = client.get("/api/figures")
    assert (answer.status_code, "keeps no history" in answer.json()["detail"]) == (503, True)
    assert int(answer.headers["retry-after"]) > 0


def test_another_host_is_refused(settings):
    feed = QueueFeed(settings.topic_of(), SystemClock())
    stranger = TestClient(app.build(settings, feed), base_url=BASE, client=("192.0.2.7", 5000))
    assert stranger.get("/").status_code == 403


def test_scripts_styles_and_the_basemap_travel_compressed(client):
    page = client.get("/", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    addresses = re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css)(?:\?[^"]*)?)"', page.text)
    assert len(addresses) > 10
    for address in [*addresses, "/basemap.geojson"]:
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200, address
        assert answer.headers.get("content-encoding") == "gzip" or len(answer.content) < 500, address
        if "m=" in address:
            assert "immutable" in answer.headers["cache-control"], address


def test_the_page_asks_for_nothing_of_charts(client):
    addresses = re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text)
    assert [a for a in addresses if not a.startswith(("/", "?")) or re.search("plotly|graph|ag-grid", a)] == []


def test_nothing_is_started_before_the_lifespan(settings):
    before = set(threading.enumerate())
    feed = QueueFeed(settings.topic_of(), SystemClock())
    app.build(settings, feed)
    assert set(threading.enumerate()) == before
    assert not feed.wait_open(0)


def test_importing_the_wall_starts_nothing_and_loads_no_kafka():
    code = "import sys, threading, app; print(threading.active_count(), 'kafka' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["1", "False"], done.stderr


def built(settings: Settings) -> tuple[str, str]:
    """The build that the page carries, and the one that the socket tells."""
    here = TestClient(app.build(settings, QueueFeed(settings.topic_of(), SystemClock())), base_url=BASE, client=HERE)
    on_page = re.search(r'"data-build": ?"([0-9a-f]+)"', here.get("/_dash-layout").text)
    assert on_page is not None
    return on_page[1], here.get("/api/snapshot").json()["panels"]["wall"]["build"]


def test_a_page_knows_whether_another_would_be_served_now(settings):
    first = built(settings)
    assert first[0] == first[1]
    assert built(settings) == first
    changes = ({"title_en": "Another"}, {"stale_after_s": 31.0}, {"scene_s": 9.0})
    seen = [first, *(built(replace(settings, **change)) for change in changes)]
    assert all(page == socket for page, socket in seen)
    assert len({page for page, _ in seen}) == 4


def test_a_scene_that_no_panel_stands_in_is_refused(settings):
    with pytest.raises(SettingsError, match="no scene is called stars; there are map, drones"):
        app.build(replace(settings, scenes=["map", "stars"]))


def test_a_title_is_text() -> None:
    settings = Settings(title_zh="</title><script>x()</script>A & B")
    wall = app.build(settings, QueueFeed(settings.topic_of(), SystemClock()))
    page = TestClient(wall, base_url=BASE, client=HERE).get("/").text
    assert "<title>&lt;/title&gt;&lt;script&gt;x()&lt;/script&gt;A &amp; B</title>" in page


def test_a_page_is_made_anew_only_when_the_map_begins_elsewhere(settings, monkeypatch):
    monkeypatch.setattr(app, "EXTENT_KEPT_S", -1.0)
    made, make = [], app.layout.build
    monkeypatch.setattr(app.layout, "build", lambda **told: made.append(told) or make(**told))
    feed = QueueFeed(settings.topic_of(), SystemClock())
    with TestClient(app.build(settings, feed), base_url=BASE, client=HERE) as here:

        def page() -> str:
            return here.get("/_dash-layout").text

        first, at_start = page(), len(made)
        assert [page() for _ in range(3)] == [first] * 3
        assert len(made) == at_start
        fix = VehiclePosition("U1", 22.8, 108.3, ago(1))
        feed.offer(settings.topic_name(Topic.POSITION), b"U1", msgspec.json.encode(fix), 0)
        wait_for(lambda: re.search(r'"data-bounds": ?"22\.8', page()), "the map to begin with the unit")
        assert len(made) == at_start + 1
