"""The wall's history from outside: recorded behind the map, in trouble without harming it; a wall of figures alone."""

from __future__ import annotations

import time
from dataclasses import replace

import msgspec
import pytest
from starlette.testclient import TestClient

import app
from data_feeds.clock import SystemClock
from data_feeds.history import remote, sets
from data_feeds.history.sets import Facts
from data_feeds.model import Incident, Topic, VehiclePosition
from data_feeds.queue_feed import QueueFeed
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from tests.unit.test_app import BASE, HERE, ago, wait_for


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(tick_s=0.2, history_dir=str(tmp_path), history_name="mine")


def state(client: TestClient, name: str) -> bool:
    return f'wallboard_history_state{{state="{name}"}} 1.0' in client.get("/metrics").text


def alarms(client: TestClient) -> list[str]:
    return [alarm["kind"] for alarm in client.get("/api/snapshot").json()["panels"]["alarms"]["alarms"]]


def test_what_the_wall_hears_is_kept(settings, tmp_path):
    feed = QueueFeed(settings.topic_of(), SystemClock())
    with TestClient(app.build(settings, feed), base_url=BASE, client=HERE) as client:
        wait_for(lambda: state(client, "owner"), "the history to open")
        for topic, key, message in (
            (Topic.INCIDENT, "A-1", Incident("A-1", 1, category="theft", call_received=ago(60))),
            (Topic.INCIDENT, "A-1", Incident("A-1", 2, category="theft", call_received=ago(60), closed=ago(1))),
            (Topic.POSITION, "U1", VehiclePosition("U1", 22.8, 108.3, ago(1))),
        ):
            feed.offer(settings.topic_name(topic), key.encode(), msgspec.json.encode(message), 0)
        wait_for(lambda: 'kind="fixes"} 1.0' in client.get("/metrics").text, "the fix to be recorded")
        assert remote.read_owner(tmp_path / "mine").records
        assert alarms(client) == []
    assert remote.read_owner(tmp_path / "mine") is None
    store = sets.open_store(settings, Scopes())
    try:
        assert store.extent().n == 1
        assert store.trail("U1", 0, 2**42).num_rows == 1
    finally:
        store.close()


def test_a_history_in_other_hands_is_one_alarm_and_the_map_goes_on(settings):
    held = sets.open_store(settings, Scopes())  # and nobody answers for it
    try:
        feed = QueueFeed(settings.topic_of(), SystemClock())
        with TestClient(app.build(settings, feed), base_url=BASE, client=HERE) as client:
            wait_for(lambda: "history_busy" in alarms(client), "the alarm")
            assert alarms(client) == ["history_busy"]
            assert "wallboard_history_trouble 1.0" in client.get("/metrics").text
            message = VehiclePosition("U1", 22.8, 108.3, ago(1))
            feed.offer(settings.topic_name(Topic.POSITION), b"U1", msgspec.json.encode(message), 0)
            wait_for(lambda: client.get("/api/snapshot").json()["units"], "the unit on the map")
            assert client.get("/healthz").status_code == 200
            held.close()
            wait_for(lambda: state(client, "owner"), "the history to be opened after all")
            wait_for(lambda: alarms(client) == [], "the alarm to go")
            wait_for(lambda: 'kind="fixes"} 1.0' in client.get("/metrics").text, "what was heard meanwhile")
    finally:
        held.close()


def test_a_damaged_history_is_left_alone(settings, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/history.duckdb").write_bytes(b"not a database" * 1000)
    feed = QueueFeed(settings.topic_of(), SystemClock())
    with TestClient(app.build(settings, feed), base_url=BASE, client=HERE) as client:
        wait_for(lambda: alarms(client) == ["history_broken"], "the alarm")
        assert client.get("/readyz").status_code == 200
    assert (tmp_path / "mine/history.duckdb").read_bytes() == b"not a database" * 1000


def test_a_feed_from_outside_has_no_history_without_a_name(settings, tmp_path):
    unnamed = replace(settings, history_name="")
    feed = QueueFeed(unnamed.topic_of(), SystemClock())
    with TestClient(app.build(unnamed, feed), base_url=BASE, client=HERE) as client:
        assert state(client, "off")
    assert list(tmp_path.iterdir()) == []


def test_a_wall_of_figures_alone(settings, tmp_path):
    sets.write_facts(tmp_path / "mine", Facts("America/Chicago", "test", {"map_center": [29.76, -95.4]}))
    figures = replace(settings, feed="none", feed_stale_s=1.0, feed_lost_s=1.0)
    with TestClient(app.build(figures), base_url=BASE, client=HERE) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200, "the wall to be ready")
        wait_for(lambda: state(client, "owner"), "the history to open")
        time.sleep(1.5)  # longer than any feed may be silent
        panels = client.get("/api/snapshot").json()["panels"]
        assert panels["alarms"]["alarms"] == []
        assert panels["feeds"]["feeds"] == []
        assert (panels["clock"]["live"], "unit" in panels["clock"]["lacks"]) == (False, True)
        assert client.get("/healthz").status_code == 200
        assert "America\\u002fChicago" in client.get("/_dash-layout").text
        assert not remote.read_owner(tmp_path / "mine").records
