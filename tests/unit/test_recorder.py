"""The recorder over a history in memory: what it keeps, how it insists, and what it does with what no store takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from data_feeds.history.store import Store, StoreBusy, StoreFull
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition
from data_feeds.recorder import Batch, Recorder
from tests.unit.hand_clock import HandClock
from tests.unit.memory_store import MemoryStore

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
AT_MS = AT.timestamp() * 1000.0


class ListSource:
    """Batches from a list; after them empty ones."""

    origin = "test"

    def __init__(self, batches: Sequence[Batch | Exception]) -> None:
        self.batches = list(batches)
        self.opened = self.closed = 0
        self.given_back: list[Batch] = []

    def open(self, store: Store) -> None:
        self.opened += 1

    def take(self, rows: int, seconds: float) -> Batch:
        if not self.batches:
            return Batch()
        batch = self.batches.pop(0)
        if isinstance(batch, Exception):
            raise batch
        return batch

    def back(self, batch: Batch) -> None:
        self.given_back.append(batch)

    def counters(self) -> dict[str, int]:
        return {"refused": 3}

    def close(self) -> None:
        self.closed += 1


def incident(number: int, version: int = 1, **more: object) -> Incident:
    return Incident(f"A-{number}", version, call_received=AT, **more)


def fix(number: int) -> VehiclePosition:
    return VehiclePosition(f"u{number}", 30.0, 104.0, AT)


def telemetry(number: int) -> DroneTelemetry:
    return DroneTelemetry(f"D{number}", 30.0, 104.0, AT, height_m=80.0)


def detection(number: int) -> Detection:
    return Detection(f"X{number}", "D1", "crowd", AT)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def recorder_of(store: MemoryStore, *batches: Batch | Exception) -> tuple[Recorder, list[float]]:
    waited: list[float] = []
    return Recorder(ListSource(batches), store, HandClock(AT_MS), lambda s: bool(waited.append(s))), waited


def test_rows_and_offsets_go_together(store):
    recorder, _ = recorder_of(
        store, Batch([incident(1)], [fix(1), fix(2)], {("i@1", 0): 5}, {("p@1", 1): 9}, [(10, 20)])
    )
    assert recorder.step() == 3
    assert set(store.incidents) == {"A-1"}
    assert len(store.fixes) == 2
    assert store.offsets("test") == {("i@1", 0): 5, ("p@1", 1): 9}
    assert store.gaps == [(10, 20, "recorder", "test")]
    counts = recorder.counters()
    assert (counts["incidents_new"], counts["fixes"], counts["gaps"], counts["refused"]) == (1, 2, 1, 3)


def test_what_drones_tell_is_kept_with_its_offsets_and_poison_of_it_alone_is_left_out(store):
    store.poison = {"D2"}
    batch = Batch(
        telemetry=[telemetry(n) for n in range(4)], detections=[detection(1), detection(1), detection(2)],
        telemetry_offsets={("t@1", 0): 4}, detection_offsets={("d@1", 0): 3},
    )  # fmt: skip
    recorder, _ = recorder_of(store, batch)
    assert recorder.step() == 7
    assert [one.drone_id for one in store.telemetry] == ["D0", "D1", "D3"]
    assert set(store.detections) == {"X1", "X2"}
    assert store.offsets("test") == {("t@1", 0): 4, ("d@1", 0): 3}
    counts = recorder.counters()
    assert (counts["telemetry"], counts["flown_new"], counts["unrecordable"]) == (3, 3, 1)
    assert (counts["detections_new"], counts["detections_same"]) == (2, 1)


def test_offsets_move_on_without_rows(store):
    recorder, _ = recorder_of(store, Batch(incident_offsets={("i@1", 0): 7}))
    recorder.step()
    assert store.offsets("test") == {("i@1", 0): 7}


def test_nothing_is_asked_of_the_store_for_nothing(store):
    recorder, _ = recorder_of(store)
    assert recorder.step() == 0
    assert store.puts == []


@pytest.mark.parametrize(("error", "kind"), [(StoreFull("disk"), "full"), (StoreBusy("held", 7), "busy"),
                                             (OSError("strange"), "failing")])  # fmt: skip
def test_a_failing_store_is_told_again_until_it_takes_the_batch(store, error, kind):
    seen = []
    store.failures = [error] * 2
    recorder, waited = recorder_of(store, Batch([incident(1)], incident_offsets={("i@1", 0): 5}))
    recorder._wait = lambda s: bool(seen.append(recorder.trouble and recorder.trouble.kind) or waited.append(s))
    recorder.step()
    assert seen == [kind, kind]
    assert waited == sorted(waited)
    assert recorder.trouble is None
    assert set(store.incidents) == {"A-1"}
    assert recorder.counters()["retries"] == 2


def test_the_pause_grows_to_a_limit(store):
    store.failures = [StoreFull("disk")] * 20
    recorder, waited = recorder_of(store, Batch([incident(1)]))
    recorder.step()
    assert waited[0] < 1
    assert max(waited) == waited[-1] == 30.0


def test_a_message_that_no_store_takes_is_left_out_alone(store):
    store.poison = {"A-2"}
    recorder, _ = recorder_of(store, Batch([incident(n) for n in range(4)], incident_offsets={("i@1", 0): 5}))
    recorder.step()
    assert set(store.incidents) == {"A-0", "A-1", "A-3"}
    assert store.offsets("test") == {("i@1", 0): 5}
    assert recorder.counters()["unrecordable"] == 1
    assert recorder.trouble is None


def test_a_store_that_fails_for_unknown_reasons_loses_no_message(store):
    store.failures = [RuntimeError("strange")] * 40
    recorder, _ = recorder_of(store, Batch([incident(n) for n in range(4)], [fix(1)], {("i@1", 0): 5}))
    recorder.step()
    assert set(store.incidents) == {"A-0", "A-1", "A-2", "A-3"}
    assert len(store.fixes) == 1
    assert recorder.counters().get("unrecordable", 0) == 0


def test_a_source_that_fails_begins_again_where_the_history_ends(store):
    recorder, _ = recorder_of(store, RuntimeError("x"), Batch([incident(1)]))
    source = recorder._source
    assert recorder.step() == 0
    assert (source.closed, source.opened) == (1, 1)
    assert recorder.step() == 1


def test_a_full_batch_leaves_the_core_to_the_live_map(store):
    recorder, waited = recorder_of(store, Batch(fixes=[fix(n) for n in range(600)]))
    recorder.step()
    assert len(waited) == 1


def test_the_thread_ends_while_the_store_fails(store):
    store.failures = [StoreFull("disk")] * 1_000_000
    recorder = Recorder(ListSource([Batch([incident(1)])]), store, HandClock(AT_MS))
    recorder.start()
    while recorder.trouble is None:
        pass
    recorder.stop()
    assert not recorder._thread.is_alive()
    assert recorder._source.closed == 1
    assert [batch.rows for batch in recorder._source.given_back] == [1]


def test_the_thread_keeps_what_it_took(store):
    recorder = Recorder(ListSource([Batch([incident(n)]) for n in range(5)]), store, HandClock(AT_MS))
    recorder.start()
    while len(store.incidents) < 5:
        pass
    recorder.stop()
    assert recorder.trouble is None
