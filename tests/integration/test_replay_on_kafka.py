"""Replays onto a real broker, and onto a wall started in the same process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from data_feeds import replay
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.messages import Decoder, Tombstone
from data_feeds.model import Status, Topic, VehiclePosition
from data_feeds.settings import Settings
from tests.integration.kafka_broker import free_ports
from tests.integration.reading import DEADLINE_S

REPOSITORY = Path(__file__).resolve().parents[2]
MAPPING = """
source = "Integration"
columns.t = { format = "unix_s" }
[[emit]]
topic = "position"
at = "t"
fields = { unit_id = "u", lat = "lat", lon = "lon", fix_time = "t" }
[[emit]]
topic = "status"
at = "t"
on_change = true
fields = { unit_id = "u", status = "s", since = "t" }
[[emit]]
topic = "incident"
at = "t"
where = { s = ["ENROUTE"] }
fields = { incident_id = { template = "I{u}" }, version = { value = 1 }, call_received = "t" }
"""
START_S = 1_717_401_600


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The arguments for a recording of 300 fixes of 10 units in 5 minutes."""
    (tmp_path / "m.toml").write_text(MAPPING)
    rows = [f"{START_S + n},u{n % 10},30.{n:03d},104.5,{'ENROUTE' if n >= 290 else 'AVAILABLE'}" for n in range(300)]
    (tmp_path / "f.csv").write_text("t,u,lat,lon,s\n" + "\n".join(rows))
    return ["--mapping", str(tmp_path / "m.toml"), str(tmp_path / "f.csv")]


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the test's broker and topics as a user's would: in the environment."""
    names = ", ".join(f'{kind} = "{name}"' for kind, name in settings.topics.items())
    monkeypatch.setenv("WALLBOARD_KAFKA_BOOTSTRAP_SERVERS", settings.kafka_bootstrap_servers)
    monkeypatch.setenv("WALLBOARD_TOPICS", f"{{ {names} }}")


def everything(feed: KafkaFeed, clock_topic: str, count: int) -> list:
    """Records until ``count`` have come that are not of the clock."""
    found: list = []
    until_s = time.monotonic() + DEADLINE_S
    while sum(r.topic != clock_topic for r in found) < count and time.monotonic() < until_s:
        found += feed.poll(0.2)
    return found


@pytest.mark.parametrize("speed", ["0", "600"])
def test_every_record_arrives_at_the_broker(
    files: list[str], environment: None, settings: Settings, open_feed: Callable[..., KafkaFeed], speed: str
) -> None:
    assert replay.main([*files, "--to", "kafka", "--speed", speed]) == 0
    # 10 tombstones each of statuses and incidents, 300 fixes, 20 statuses, 10 incidents
    records = everything(open_feed(settings), settings.topic_name(Topic.CLOCK), 350)
    topic_of = settings.topic_of()
    decoder = Decoder()
    messages = [(topic_of[r.topic], decoder.decode(topic_of[r.topic], r.key, r.value, None)) for r in records]
    count = Counter(topic for topic, _ in messages)
    assert (count[Topic.POSITION], count[Topic.STATUS], count[Topic.INCIDENT]) == (300, 30, 20)
    fixes = sorted((m for _, m in messages if isinstance(m, VehiclePosition)), key=lambda m: m.fix_time)
    assert [m.fix_time.timestamp() - START_S for m in fixes] == list(range(300))
    assert {m.status for _, m in messages if isinstance(m, Status)} == {"AVAILABLE", "ENROUTE"}
    said: dict[tuple[Topic, bytes], list[object]] = defaultdict(list)
    for record, (topic, message) in zip(records, messages, strict=True):
        said[topic, record.key].append(message)
    for (topic, _), of_one in said.items():
        cleared = [isinstance(message, Tombstone) for message in of_one]
        assert cleared == [topic in (Topic.STATUS, Topic.INCIDENT)] + [False] * (len(of_one) - 1)


def test_a_broker_without_topics_is_a_clear_error(
    files: list[str], bare_settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WALLBOARD_KAFKA_BOOTSTRAP_SERVERS", bare_settings.kafka_bootstrap_servers)
    names = ", ".join(f'{kind} = "{name}"' for kind, name in bare_settings.topics.items())
    monkeypatch.setenv("WALLBOARD_TOPICS", f"{{ {names} }}")
    assert replay.main([*files, "--to", "kafka", "--speed", "0"]) == 1
    assert "data_feeds.topics create" in capsys.readouterr().err


def test_the_embedded_wall_shows_the_recording(files: list[str]) -> None:
    [port] = free_ports(1)
    command = [sys.executable, "-m", "data_feeds.replay", *files, "--to", "embedded", "--speed", "100"]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, "WALLBOARD_PORT": str(port)})
    try:
        shown = _snapshot(port, lambda found: len(found["panels"]["incidents"]["incidents"]) == 10)
        assert {unit["unit_id"] for unit in shown["units"]} == {f"u{n}" for n in range(10)}
        assert shown["panels"]["clock"]["mode"] == "replay"
        assert shown["panels"]["clock"]["source"] == "Integration"
        assert "incident.place_class" in shown["panels"]["clock"]["lacks"]
        assert shown["panels"]["feeds"]["problems"] == {}
        assert all(incident["target_s"] is None for incident in shown["panels"]["incidents"]["incidents"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(DEADLINE_S)
    assert process.returncode == 0


def _snapshot(port: int, enough: Callable[[dict], bool]) -> dict:
    until_s = time.monotonic() + DEADLINE_S
    found: dict = {}
    while time.monotonic() < until_s:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/snapshot", timeout=5) as answer:
                found = json.load(answer)
            if enough(found):
                return found
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the wall never showed it; last: {str(found)[:2000]}")
