"""The arithmetic and the tables of the benchmarks; the measuring itself is tried by running them."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import heap, report, viewers
from bench.chromium import busy
from bench.first_load import by_kind, kind_of
from bench.memory import slope_share
from bench.moving import MovingFeed, MovingUnits
from bench.produce import FIRST_LAT, MARKS, STEP_DEG, mark_of, probe_value
from bench.stats import covered, lateness, matched, median, percentile
from bench.watching import Watcher, masked, parsed, wanted
from bench.wire import Counted, requested
from data_feeds.clock import SystemClock
from data_feeds.frames import HEADER, MAGIC
from data_feeds.geo import distance_m
from data_feeds.messages import Decoder
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic

MACHINE = {"cores": 2, "model": "X", "memory_gb": 8, "system": "Linux 6", "python": "3.11", "chromium": "Chromium 1",
           "kafka": "4.3.1"}  # fmt: skip


def test_percentiles():
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([0.0, 10.0], 0.99) == pytest.approx(9.9)
    assert median([7.0]) == 7.0
    assert math.isnan(median([]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_between_the_least_and_the_most(values, share):
    assert min(values) <= percentile(values, share) <= max(values)


def test_covered_counts_overlaps_once_and_nothing_outside():
    assert covered([(0, 4), (2, 6), (9, 30)], 0, 10) == pytest.approx(0.7)
    assert covered([(-5, -1), (11, 12)], 0, 10) == 0.0
    assert covered([(-5, 50)], 0, 10) == 1.0
    assert math.isnan(covered([], 3, 3))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=20))
def test_covered_agrees_with_counting_every_moment(pairs):
    intervals = [(begin, begin + length) for begin, length in pairs]
    moments = sum(any(begin <= at < end for begin, end in intervals) for at in range(10, 50))
    assert covered(intervals, 10, 50) == pytest.approx(moments / 40)


def test_a_mark_is_matched_with_the_sending_it_belongs_to():
    sent = [("A", 1, 1000.0), ("A", 2, 3000.0), ("B", 1, 1100.0), ("A", 1, 40_000.0)]
    seen = [("A", 1, 1600.0), ("A", 2, 3050.0), ("A", 1, 40_900.0)]
    assert matched(sent, seen, 2200.0) == ([600.0, 50.0, 900.0], 1)


def test_the_busiest_page_of_a_trace_counts():
    def name(pid, tid, text):
        return {"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": text}}

    def task(pid, tid, ts, dur):
        return {"ph": "X", "name": "ThreadControllerImpl::RunTask", "pid": pid, "tid": tid, "ts": ts, "dur": dur}

    events = [
        name(1, 1, "CrRendererMain"), name(2, 1, "CrRendererMain"), name(2, 5, "DedicatedWorker thread"),
        name(2, 6, "Compositor"), task(1, 1, 0, 10), task(2, 1, 0, 300), task(2, 1, 100, 100), task(2, 5, 900, 500),
        {**task(2, 1, 500, 0), "tdur": 250}, {**task(2, 1, 5000, 9), "tdur": 9},
        {"ph": "X", "name": "something else", "pid": 2, "tid": 6, "ts": 0, "dur": 1000},
    ]  # fmt: skip
    found = busy(events, 0, 1000)
    assert (found.main, found.main_cpu, found.worker, found.compositor) == pytest.approx((0.3, 0.25, 0.1, 0.0))


def test_requests_are_told_from_what_follows_them():
    assert requested(b"GET /assets/a.js?m=1 HTTP/1.1\r\nHost: x\r\n\r\n") == "/assets/a.js"
    assert requested(b"\x82\xfeGET / HTTP/1.1\r\n") is None


def test_bytes_by_kind():
    counted = Counted(["/", "/assets/js/live/worker.js", "/live"])
    counted.received.update({"/": 10, "/assets/js/live/worker.js": 30, "/live": 500})
    assert by_kind(counted) == [("live socket", 500, 1), ("own scripts", 30, 1), ("the page and its calls", 10, 1)]
    assert (counted.answers, counted.sockets) == (40, 500)
    assert kind_of("/assets/fonts/a.woff2") == "fonts"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1234, "0.123"), (12.345, "12.3"), (1234.5, "1\u202f234"), (50_000, "50\u202f000"), (None, "–"),
     (math.nan, "–"), ("text", "text"), (0, "0"), (99.96, "100"), (0.00001234, "1.23e-05")],
)  # fmt: skip
def test_cells(value, text):
    assert report.number(value) == text


def test_a_table_holds_its_columns():
    assert report.table(["a|b", "n"], [["x|y", 1.5], ["z", None]]).splitlines() == [
        "| a\\|b | n |", "| --- | ---: |", "| x\\|y | 1.5 |", "| z | – |",
    ]  # fmt: skip


def test_a_result_is_kept_and_told(tmp_path):
    result = report.Result(
        "one", "One thing", [report.Check("ratio", 0.25, "", "≥ 0.5", False)],
        [report.Table("Rows", ["what", "n"], [["x", math.inf]])], ["A note."],
    )  # fmt: skip
    doc = report.document(result, MACHINE, "2026-01-01 10:00 UTC", 12.3, quick=True)
    assert json.loads(report.save(doc, tmp_path).read_text())["tables"][0]["rows"] == [["x", None]]
    docs = report.load_all(["none", "one"], tmp_path)
    text = report.render(docs)
    assert "| one | ratio | 0.25 | ≥ 0.5 | **no** |" in text
    for part in ("## One thing", "**Rows**", "- A note.", "A quick run", "2 cores X, 8 GB"):
        assert part in text


def test_moving_units_move_at_their_speed_and_stay_in_their_square():
    units = MovingUnits(500)
    lat, lon, _, speed = units.places(slice(None), 40_000.0)
    later = units.places(slice(None), 40_001.0)
    gone = distance_m(lat, lon, later[0], later[1])
    assert np.median(np.abs(gone - speed)) < 0.1
    assert np.ptp(lat) < 0.13


def test_every_moving_record_can_be_read():
    clock = SystemClock()
    feed, decoder = MovingFeed(MovingUnits(30), clock, lambda _: None), Decoder()
    topic_of = {name: topic for topic, name in DEFAULT_TOPIC_NAMES.items()}
    feed.open()
    records = [record for _ in range(3) for record in feed.poll(0.0)]
    assert {topic_of[record.topic] for record in records} == {Topic.ROSTER, Topic.STATUS, Topic.POSITION}
    for record in records:
        decoder.decode(topic_of[record.topic], record.key, record.value, clock.now_ms())
    assert feed.caught_up()


def test_a_probe_tells_its_mark_by_its_place():
    for mark in range(MARKS):
        fix = Decoder().decode(Topic.POSITION, b"PROBE-00", probe_value("PROBE-00", mark, 1_800_000_000.25), None)
        assert mark_of(fix.lat) == mark
        assert fix.fix_time.timestamp() == 1_800_000_000.25
    leap = distance_m(np.array([FIRST_LAT]), np.zeros(1), np.array([FIRST_LAT + STEP_DEG]), np.zeros(1))
    assert leap[0] > 2000.0


def test_lateness_is_measured_from_the_most_punctual_tick():
    assert lateness([1000.0, 2030.0, 2990.0, 5010.0], 1000.0) == [10.0, 40.0, 0.0, 20.0]
    assert lateness([], 1000.0) == []


@given(st.lists(st.floats(0, 400), min_size=1, max_size=50), st.sets(st.integers(0, 49)))
def test_lateness_survives_ticks_that_are_missing(late_ms, missing):
    stamps = [1e12 + 1000.0 * k + late for k, late in enumerate(late_ms) if k not in missing]
    kept = [late for k, late in enumerate(late_ms) if k not in missing]
    found = lateness(stamps, 1000.0)
    assert len(found) == len(kept)
    assert found == pytest.approx([late - min(kept) for late in kept], abs=0.01)


def test_a_slope_is_a_share_of_the_mean():
    assert slope_share([100.0] * 50) == pytest.approx(0.0)
    assert slope_share([99.0 + k / 25 for k in range(51)]) == pytest.approx(0.02)
    assert slope_share([1.0, 2.0]) == 0.0


class _Told:
    """The far end of a socket: keeps what is sent to it."""

    def __init__(self):
        self.sent = []

    def send(self, data):
        self.sent.append(bytes(data))


def _frame(opcode, payload):
    size = len(payload)
    if size < 126:
        return bytes([0x80 | opcode, size]) + payload
    if size < 1 << 16:
        return bytes([0x80 | opcode, 126]) + size.to_bytes(2, "big") + payload
    return bytes([0x80 | opcode, 127]) + size.to_bytes(8, "big") + payload


@given(
    st.lists(st.tuples(st.sampled_from(["tick", "text", "ping", "short"]), st.integers(0, 70_000)), max_size=12),
    st.lists(st.integers(1, 30_000), min_size=1, max_size=20),
)
def test_a_watcher_counts_ticks_however_the_stream_is_cut(frames, cuts):
    stream, stamps, pings = b"", [], []
    for k, (kind, size) in enumerate(frames):
        if kind == "tick":
            stamps.append(1e12 + k)
            stream += _frame(2, frame_head(2, stamps[-1]) + bytes(size))
        elif kind == "ping":
            pings.append(bytes([k]) * (size % 126))
            stream += _frame(9, pings[-1])
        else:
            stream += _frame(1 if kind == "text" else 2, bytes(size % (32 if kind == "short" else 70_000)))
    told = _Told()
    watcher, at = Watcher(told), 0
    while at < len(stream):
        piece = stream[at : at + cuts[at % len(cuts)]]
        watcher.take(memoryview(piece), 1e12 + 100)
        at += len(piece)
    assert watcher.stamps == stamps
    assert watcher.frames == len(stamps)
    assert watcher.size == len(stream)
    assert told.sent == [masked(10, ping) for ping in pings]


def frame_head(kind, stamp):
    return HEADER.pack(MAGIC, kind, 0, 24, 7, 1, stamp, 0, 0)


def test_a_watcher_notices_that_it_was_closed():
    with pytest.raises(ConnectionError):
        Watcher(_Told()).take(memoryview(_frame(8, b"\x03\xe8")), 0.0)
    assert wanted(b"") == 2
    assert parsed(_frame(2, bytes(300))) == (2, 4, 300)


def test_a_heap_snapshot_is_told_by_kind():
    fields, types = ["type", "name", "self_size"], [["object", "code", "string"], "string", "number"]
    meta = {"node_fields": fields, "node_types": types}
    snapshot = {"snapshot": {"meta": meta}, "nodes": [0, 0, 10, 1, 0, 500, 2, 0, 3, 0, 0, 7]}
    assert heap.kinds(snapshot) == {"object": 17, "code": 500, "string": 3}


def test_what_a_viewer_more_costs_is_told_by_steps():
    rows = [[10, 0.15, "…"], [100, 0.168, "…"], [500, 0.268, "…"]]
    assert viewers._steps(rows) == [[10, 100, pytest.approx(200)], [100, 500, pytest.approx(250)]]
