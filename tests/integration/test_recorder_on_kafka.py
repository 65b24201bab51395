"""What is said on a real Kafka is in the history, once, whoever was killed in between: wall, broker or disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from kafka import TopicPartition

from data_feeds.clock import SystemClock
from data_feeds.history import remote, sets
from data_feeds.history.query import Counts, Detected, Flown, Patrol, Rows, Span
from data_feeds.history.store import Store, StoreFull
from data_feeds.kafka_client import open_admin
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.model import Detection, DroneTelemetry, Incident, Topic, VehiclePosition
from data_feeds.recorder import Recorder
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from tests.e2e.server import WallProcess
from tests.integration.conftest import make_topics, settings_for
from tests.integration.kafka_broker import KafkaBroker
from tests.integration.reading import DEADLINE_S
from tests.unit.memory_store import MemoryStore
from web.archive import _kafka_source

OpenWriter = Callable[..., KafkaWriter]
UNITS = 7


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(question: Callable[[], object], what: str) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not question():
        assert time.monotonic() < end_s, f"waited in vain for {what}"
        time.sleep(0.1)


def say(writer: KafkaWriter, incidents: range, fixes: range, began: datetime, version: int = 1) -> None:
    """Incidents by number, and fixes every two seconds after ``began``, one a unit in turn: each unit's are further
    apart than the step of which one is kept."""
    for number in incidents:
        key = f"A-{number}"
        one = Incident(key, version, category=f"v{version}", call_received=began + timedelta(milliseconds=number))
        writer.send(Topic.INCIDENT, key.encode(), msgspec.json.encode(one))
    for number in fixes:
        unit = f"u{number % UNITS}"
        fix = VehiclePosition(unit, 30.0 + number * 1e-5, 104.0, began + timedelta(seconds=2 * number))
        writer.send(Topic.POSITION, unit.encode(), msgspec.json.encode(fix))
    writer.flush()


def fixes_of(store: Store, began: datetime) -> list[tuple[str, int]]:
    """(unit, time) of every fix that is kept, doubles too."""
    begin_ms = int(began.timestamp() * 1000) - 1
    tables = [store.trail(f"u{n}", begin_ms, begin_ms + 86_400_000) for n in range(UNITS)]
    return [(row["unit_id"], row["t_ms"]) for table in tables for row in table.to_pylist()]


@pytest.fixture
def wall_of() -> Iterator[Callable[[Settings], WallProcess]]:
    walls: list[WallProcess] = []

    def made(settings: Settings) -> WallProcess:
        names = ", ".join(f'{kind} = "{name}"' for kind, name in settings.topics.items())
        walls.append(WallProcess(feed="kafka", kafka_bootstrap_servers=settings.kafka_bootstrap_servers,
                                 topics=f"{{ {names} }}", history_dir=settings.history_dir))  # fmt: skip
        return walls[-1]

    yield made
    for wall in walls:
        wall.stop()


def asked(folder: Path) -> remote.RemoteStore:
    found: list[remote.RemoteStore | None] = []
    wait_for(lambda: found.append(remote.connect(folder)) or found[-1], "the wall that owns the history")
    assert found[-1] is not None
    return found[-1]


def test_a_wall_that_is_killed_loses_nothing_and_tells_nothing_twice(
    bootstrap_servers: str, tmp_path: Path, open_writer: OpenWriter, wall_of: Callable[[Settings], WallProcess]
) -> None:
    settings = settings_for(bootstrap_servers, feed="kafka", history_dir=str(tmp_path))
    make_topics(settings)
    writer, began, folder = open_writer(settings), now() - timedelta(hours=1), tmp_path / "live"
    say(writer, range(300), range(700), began)
    wall = wall_of(settings)
    wall.start()
    assert asked(folder).records
    wait_for(lambda: asked(folder).extent().n == 300, "what was there before")
    say(writer, range(300, 400), range(700, 900), began)
    wait_for(lambda: asked(folder).extent().n >= 350, "some of what came then")
    wall.kill()
    assert remote.connect(folder) is None
    say(writer, range(350, 500), range(900, 1000), began, version=2)
    for _ in range(3):  # killed again and again while it reads on
        wall.start()
        say(writer, range(500, 505), range(0), began)
        wall.kill()
    say(writer, range(505, 600), range(1000, 1200), began)
    wall.start()
    wait_for(lambda: asked(folder).extent().n == 600, "everything")
    wait_for(lambda: len(set(fixes_of(asked(folder), began))) == 1200, "every fix")
    store = asked(folder)
    store.flush()
    kept = fixes_of(store, began)
    assert len(kept) == len(set(kept)) == 1200
    assert wall.metric('wallboard_history_state{state="owner"}') == 1
    assert wall.metric("wallboard_history_trouble") == 0
    assert not [a for a in wall.json("/api/snapshot")["panels"]["alarms"]["alarms"] if a["kind"].startswith("history")]
    second = wall_of(settings)
    second.start()
    wait_for(lambda: second.metric('wallboard_history_state{state="guest"}') == 1, "the second to ask the first")
    wall.kill()
    wait_for(lambda: second.metric('wallboard_history_state{state="owner"}') == 1, "the second to take over")
    say(writer, range(600, 620), range(0), began)
    wait_for(lambda: asked(folder).extent().n == 620, "what the second one records")
    second.kill()
    with_file = sets.open_store(settings, Scopes())
    try:
        assert with_file.extent().n == 620
        assert {topic.rpartition("@")[0] for topic, _ in with_file.offsets("kafka")} == {
            settings.topic_name(Topic.INCIDENT), settings.topic_name(Topic.POSITION),
        }  # fmt: skip
    finally:
        with_file.close()


@pytest.fixture
def recording() -> Iterator[Callable[[Settings, Store], Recorder]]:
    recorders: list[Recorder] = []

    def started(settings: Settings, store: Store) -> Recorder:
        recorders.append(Recorder(_kafka_source(settings), store, SystemClock()))
        recorders[-1].start()
        return recorders[-1]

    yield started
    for recorder in recorders:
        recorder.stop()


def test_a_broker_that_is_killed_is_waited_for(
    own_broker: KafkaBroker, open_writer: OpenWriter, recording: Callable[[Settings, Store], Recorder]
) -> None:
    settings, store, began = settings_for(own_broker.bootstrap_servers), MemoryStore(), now()
    make_topics(settings)
    writer = open_writer(settings)
    say(writer, range(100), range(0), began)
    recorder = recording(settings, store)
    wait_for(lambda: len(store.incidents) == 100, "the first incidents")
    own_broker.kill()
    time.sleep(2.0)
    own_broker.start()
    say(writer, range(100, 200), range(0), began)
    wait_for(lambda: len(store.incidents) == 200, "those after the outage")
    # the store has them a moment before they are counted
    wait_for(lambda: recorder.counters()["incidents_new"] == 200 and recorder.trouble is None, "them counted")
    assert store.gaps == []


def test_a_full_disk_makes_the_topic_wait(
    settings: Settings, open_writer: OpenWriter, recording: Callable[[Settings, Store], Recorder]
) -> None:
    store, began, writer = MemoryStore(), now() - timedelta(hours=2), open_writer(settings)  # none is in the future
    store.failures = [StoreFull("the disk is full")] * 3
    say(writer, range(3000), range(3000), began)
    recorder = recording(settings, store)
    wait_for(lambda: getattr(recorder.trouble, "kind", None) == "full", "the trouble")
    wait_for(lambda: recorder.trouble is None, "its end")

    def counted() -> list[int]:
        return [recorder.counters().get(kind, 0) for kind in ("incidents_new", "fixes", "retries")]

    wait_for(lambda: counted() == [3000, 3000, 3], "everything after it")
    assert len(store.incidents) == len(store.fixes) == 3000


def test_what_the_broker_let_go_is_a_gap(
    settings: Settings, open_writer: OpenWriter, recording: Callable[[Settings, Store], Recorder]
) -> None:
    store, began, writer = MemoryStore(), now() - timedelta(hours=2), open_writer(settings)
    say(writer, range(60), range(0), began)
    first = recording(settings, store)
    wait_for(lambda: len(store.incidents) == 60, "the first incidents")
    first.stop()
    say(writer, range(60, 200), range(0), began)
    name = settings.topic_name(Topic.INCIDENT)
    ends = {partition: offset for (log, partition), offset in store.offsets("kafka").items() if log.startswith(name)}
    with open_admin(settings) as admin:
        admin.delete_records({TopicPartition(name, partition): offset + 10 for partition, offset in ends.items()})
    say(writer, range(200, 260), range(0), began)
    last_ms = store.extent().last_ms
    second = recording(settings, store)
    wait_for(lambda: store.gaps and len(store.incidents) >= 260 - 10 * len(ends), "the gap and what is left")
    assert second.counters()["records_gone"] == 10 * len(ends)
    assert len(store.incidents) == 260 - 10 * len(ends)
    assert {(begin, how, origin) for begin, _, how, origin in store.gaps} == {(last_ms, "recorder", "kafka")}
    assert all(last_ms < end <= SystemClock().now_ms() for _, end, _, _ in store.gaps)


def test_replaying_all_of_it_changes_nothing(
    settings: Settings, open_writer: OpenWriter, recording: Callable[[Settings, Store], Recorder], tmp_path: Path
) -> None:
    here = settings_for(settings.kafka_bootstrap_servers, feed="kafka", history_dir=str(tmp_path))
    make_topics(here)
    began, writer = now() - timedelta(minutes=30), open_writer(here)
    for version in (1, 2, 3):
        say(writer, range(200), range(500), began, version)
    store, forget, answers = sets.open_store(here, Scopes()), threading.Event(), []
    day = Span(began.date() - timedelta(days=1), began.date() + timedelta(days=1))
    asked_of = Rows(day), Counts((day,), ("date", "hour")), Patrol((day,), ("date", "hour"))
    try:
        for _ in range(2):
            recorder = recording(here, Forgetful(store, forget))
            wait_for(lambda: store.extent().n == 200 and len(set(fixes_of(store, began))) == 500, "everything")
            wait_for(lambda r=recorder: r.counters().get("fixes") == 1500, "every fix")
            wait_for(lambda r=recorder: sum(n for kind, n in r.counters().items()
                                            if kind.startswith("incidents_")) == 600, "all versions")  # fmt: skip
            recorder.stop()
            store.flush()
            answers.append([store.run(query).to_pylist() for query in asked_of])
            assert store.extent().n == 200
            kept = fixes_of(store, began)
            assert len(kept) == len(set(kept)) == 500
            forget.set()
        assert answers[0] == answers[1]
    finally:
        store.close()


def say_of_drones(writer: KafkaWriter, seconds: range, began: datetime) -> None:
    """Three drones in turn, one a second, one of them on the ground; every tenth second a detection, told twice; and
    what no wall can use."""
    for second in seconds:
        drone, at = f"D{second % 3}", began + timedelta(seconds=second)
        height, mission = (0.3, "") if drone == "D2" else (80.0, "湖")
        told = DroneTelemetry(drone, 30.0, 104.0, at, height_m=height, mission=mission)
        writer.send(Topic.TELEMETRY, drone.encode(), msgspec.json.encode(told))
        if second % 10 == 0:
            key = f"X{second}"
            found = Detection(key, drone, "fire" if second % 20 else "crowd", at, 30.0, 104.0)
            for _ in range(2):
                writer.send(Topic.DETECTION, key.encode(), msgspec.json.encode(found))
    strange = DroneTelemetry("D1", 30.0, 104.0, began, datum="MARS")
    writer.send(Topic.TELEMETRY, b"D1", msgspec.json.encode(strange))
    writer.send(Topic.TELEMETRY, b"D1", b"poison")
    writer.flush()


def test_what_drones_tell_is_kept_from_where_it_ended_and_telling_it_again_changes_nothing(
    settings: Settings, open_writer: OpenWriter, recording: Callable[[Settings, Store], Recorder], tmp_path: Path
) -> None:
    here = settings_for(settings.kafka_bootstrap_servers, feed="kafka", history_dir=str(tmp_path))
    make_topics(here)
    began, writer = now().replace(second=0, microsecond=0) - timedelta(minutes=30), open_writer(here)
    say(writer, range(5), range(0), began)
    store, forget, answers = sets.open_store(here, Scopes()), threading.Event(), []
    day = Span(began.date() - timedelta(days=1), began.date() + timedelta(days=1))
    asked_of = Flown((day,), ("drone_id", "mission")), Detected((day,), ("kind",))
    minutes = {(f"D{second % 3}", second // 60) for second in range(600) if second % 3 < 2}
    try:
        for halves in ((range(300), range(300, 600)), ()):
            for half in halves or (None,):
                if half is not None:
                    say_of_drones(writer, half, began)
                until = 600 if half is None else half.stop
                recorder = recording(here, Forgetful(store, forget))
                heard = until if half is None else len(half)
                wait_for(lambda r=recorder, n=heard: r.counters().get("telemetry", 0) >= n, "what drones told")
                wait_for(lambda r=recorder, n=heard // 5: sum(
                    told for kind, told in r.counters().items() if kind.startswith("detections_")) >= n, "detections")
                refused = 4 if half is None else 2
                wait_for(lambda r=recorder, n=refused: r.counters().get("refused", 0) >= n, "what no wall can use")
                assert recorder.counters()["refused"] == refused
                recorder.stop()
                store.flush()
            answers.append([store.run(query).to_pylist() for query in asked_of])
            forget.set()
    finally:
        store.close()
    flown, found = answers[0]
    assert [(row["drone_id"], row["minutes"], row["sorties"]) for row in flown] == [
        (drone, sum(one == drone for one, _ in minutes), 1) for drone in ("D0", "D1")
    ]  # fmt: skip
    assert {row["kind"]: row["n"] for row in found} == {"crowd": 30, "fire": 30}
    assert answers[0] == answers[1]


class Forgetful:
    """A store that does not know how far it was told, once ``forget`` is set: everything is told again."""

    def __init__(self, store: Store, forget: threading.Event) -> None:
        self._store, self._forget = store, forget

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def offsets(self, origin: str) -> dict[tuple[str, int], int]:
        return {} if self._forget.is_set() else self._store.offsets(origin)
