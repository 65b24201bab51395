"""The demo city on a real Kafka: what it writes is what the wall reads, and it stops when asked."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from data_feeds.kafka_feed import KafkaFeed
from data_feeds.messages import DecodeError, Decoder, Tombstone
from data_feeds.model import Topic
from data_feeds.settings import Settings
from data_feeds.simulator import __main__ as simulator
from tests.integration.reading import DEADLINE_S, read_all

REPOSITORY = Path(__file__).resolve().parents[2]


def environment(settings: Settings) -> dict[str, str]:
    names = ", ".join(f'{kind} = "{name}"' for kind, name in settings.topics.items())
    return {
        **os.environ, "WALLBOARD_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "WALLBOARD_TOPICS": f"{{ {names} }}",
    }  # fmt: skip


def command(*words: str) -> list[str]:
    small = ["--units", "80", "--hours-back", "24"]
    return [sys.executable, "-m", "data_feeds.simulator", "--to", "kafka", *small, *words]


def heard(feed: KafkaFeed, settings: Settings) -> tuple[list, Counter]:
    """Everything that was on the broker when ``feed`` was opened, decoded, and what was refused."""
    decoder, topic_of, messages, refused = Decoder(), settings.topic_of(), [], Counter()
    for record in read_all(feed):
        topic = topic_of[record.topic]
        try:
            messages.append((topic, decoder.decode(topic, record.key, record.value, time.time() * 1000)))
        except DecodeError as error:
            refused[error.kind] += 1
    return messages, refused


def test_the_city_lives_on_a_broker(settings, open_feed):
    done = subprocess.run(
        command("--seconds", "6"), cwd=REPOSITORY, env=environment(settings), capture_output=True, text=True,
        timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "open incidents" in done.stderr
    messages, refused = heard(open_feed(settings), settings)
    kinds = Counter(topic for topic, _ in messages)
    assert set(refused) <= {"future_time"}
    assert 40 < sum(t is Topic.ROSTER and not isinstance(m, Tombstone) for t, m in messages) <= 80
    assert kinds[Topic.INCIDENT] > 50
    assert {Topic.STATUS, Topic.TELEMETRY, Topic.DEVICE} <= set(kinds)
    moved = Counter(m.unit_id for t, m in messages if t is Topic.POSITION)
    assert max(moved.values()) >= 4


def test_it_stops_cleanly_when_interrupted(settings, open_feed):
    process = subprocess.Popen(command(), cwd=REPOSITORY, env=environment(settings), stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "sent" in line:
            break
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert "Traceback" not in rest
    messages, _ = heard(open_feed(settings), settings)
    incidents = [m for topic, m in messages if topic is Topic.INCIDENT]
    left_open = {m.incident_id for m in incidents} - {m.incident_id for m in incidents if m.closed}
    assert not [incident_id for incident_id in left_open if incident_id[5] in "DS"]  # only planned ones may stay


def test_a_broker_without_topics_is_a_clear_error(bare_settings, monkeypatch, capsys):
    for name, value in environment(bare_settings).items():
        monkeypatch.setenv(name, value)
    assert simulator.main(["--to", "kafka", "--units", "20", "--hours-back", "1"]) == 1
    assert "data_feeds.topics create" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--units", "0"], ["--rate", "x"], []])
def test_mistakes_are_named(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        simulator.main(words)
    assert capsys.readouterr().err


def test_a_graph_that_is_none_is_named(tmp_path, capsys):
    (tmp_path / "x.npz").write_bytes(b"no graph")
    assert simulator.main(["--roads", str(tmp_path / "x.npz"), "--write-ground", str(tmp_path)]) == 2
    assert "x.npz" in capsys.readouterr().err
