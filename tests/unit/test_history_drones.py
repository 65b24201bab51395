"""Drones in the history: minutes in the air and detections, whatever order they come in and however often."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from data_feeds.history.drone_rows import FLIGHT, SIGHT
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import SORTIE_PAUSE_MIN, Detected, DronesKnown, Flown, Span
from data_feeds.history.store import Options, Put
from data_feeds.model import Detection, DroneTelemetry
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from tests.unit.hand_clock import HandClock
from tests.unit.places_story import document

ZONE, STARTS = "Asia/Shanghai", 480
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = date(2026, 3, 1)
WHOLE = (Span(date(2026, 2, 1), date(2026, 3, 31)),)


def told(drone="D1", seconds=0.0, height=80.0, mission="巡查", lat=26.05, lon=105.05, **more):
    return DroneTelemetry(drone, lat, lon, AT + timedelta(seconds=seconds), height_m=height, mission=mission, **more)


def found(number, kind="crowd", seconds=0.0, drone="D1", **more):
    place = {"lat": 26.05, "lon": 105.05, **more}
    return Detection(f"X{number}", drone, kind, AT + timedelta(seconds=seconds), **place)


@pytest.fixture
def clock():
    return HandClock(AT.timestamp() * 1000)


@pytest.fixture
def store(tmp_path, clock):
    opened = open_store(tmp_path, Options(ZONE, STARTS, detection_kinds=("crowd", "fire")), clock)
    yield opened
    opened.close()


def flown(store, *by, spans=WHOLE, scope=""):
    return store.run(Flown(spans, by, scope)).to_pylist()


def detected(store, *by, spans=WHOLE, scope=""):
    return store.run(Detected(spans, by, scope)).to_pylist()


def test_a_minute_in_the_air_counts_once_by_its_first_moment(store):
    put = store.put_telemetry([told(seconds=s) for s in (40, 3, 59, 61)], "kafka")
    assert put == Put(new=2, same=2)
    assert store.put_telemetry([told(seconds=2, mission="另一个"), told(seconds=50)], "kafka") == Put(
        replaced=1, same=1
    )
    assert flown(store, "mission") == [
        {"span": 0, "mission": "另一个", "minutes": 1, "sorties": 1, "drones": 1},
        {"span": 0, "mission": "巡查", "minutes": 1, "sorties": 1, "drones": 1},
    ]
    version = store.version()
    assert store.put_telemetry([told(seconds=5), told(seconds=65)], "kafka") == Put(same=2)
    assert store.version() == version, "what is known changes no figure"


def test_who_stands_on_the_ground_does_not_fly_and_who_tells_no_height_may(store):
    put = store.put_telemetry([told("D1", height=0.4), told("D2", height=None), told("D3", height=2.1)], "kafka")
    assert put == Put(new=2)
    assert [row["drone_id"] for row in flown(store, "drone_id")] == ["D2", "D3"]


def test_strange_times_and_places_are_counted_and_never_kept(store):
    early = datetime(1969, 1, 1, tzinfo=UTC)
    strange = DroneTelemetry("D1", 30.0, 104.0, early), told(datum="MARS")
    assert store.put_telemetry(strange, "kafka") == Put(timeless=2)
    put = store.put_detections([Detection("X1", "D1", "crowd", early), found(2, datum="MARS")], "kafka")
    assert put == Put(new=1, timeless=1)
    assert flown(store) == []
    assert detected(store, "station") == [{"span": 0, "station": "", "n": 1}]


def test_offsets_wait_for_news_and_never_go_ahead_of_what_is_on_disk(store, clock):
    store.put_telemetry([told(seconds=1)], "kafka", {("t@1", 0): 5})
    assert store.offsets("kafka") == {("t@1", 0): 5}
    store.put_telemetry([told(seconds=2)], "kafka", {("t@1", 0): 6, ("t@1", 1): 2})
    assert store.offsets("kafka") == {("t@1", 0): 5}
    store.put_telemetry([told(seconds=61)], "kafka", {("t@1", 0): 7})
    assert store.offsets("kafka") == {("t@1", 0): 7, ("t@1", 1): 2}
    store.put_telemetry([told(seconds=62)], "kafka", {("t@1", 0): 8})
    clock.s += Options().part_s + 1
    store.put_telemetry([], "kafka", {("t@1", 0): 9})
    assert store.offsets("kafka")["t@1", 0] == 9
    store.put_telemetry([told(seconds=63)], "kafka", {("t@1", 0): 10})
    store.flush()
    assert store.offsets("kafka")["t@1", 0] == 10


def test_a_detection_told_again_counts_once_and_its_newest_telling_holds(store):
    assert store.put_detections([found(1), found(2, "fire")], "kafka", {("d@1", 0): 2}) == Put(new=2)
    version = store.version()
    assert store.put_detections([found(1)], "kafka", {("d@1", 0): 3}) == Put(same=1)
    assert store.version() == version
    put = store.put_detections([found(1, "fire", seconds=3 * 86_400), found(1, "fire", seconds=86_400)], "kafka")
    assert put == Put(replaced=1, older=1)
    assert detected(store, "date", "kind") == [
        {"span": 0, "date": DAY, "kind": "fire", "n": 1},
        {"span": 0, "date": DAY + timedelta(days=1), "kind": "fire", "n": 1},
    ]
    assert store.version((Span(DAY, DAY),)) > version
    assert store.offsets("kafka") == {("d@1", 0): 3}


def test_a_kind_is_a_word_of_the_list_and_nothing_else_is_kept(store):
    words = ("Crowd", "FIRE", "man in a red coat", "", "unknown")
    store.put_detections([found(n, word, place="somewhere") for n, word in enumerate(words)], "kafka")
    assert {row["kind"]: row["n"] for row in detected(store, "kind")} == {"crowd": 1, "fire": 1, "unknown": 3}


def test_what_a_drone_found_goes_with_the_mission_of_that_minute(store):
    store.put_telemetry([told(seconds=0), told(seconds=60, mission="=1+1")], "kafka")
    store.put_detections([found(1, seconds=59), found(2, seconds=61), found(3, seconds=500)], "kafka")
    assert {row["mission"]: row["n"] for row in detected(store, "mission")} == {"": 1, "=1+1": 1, "巡查": 1}


def test_spans_end_at_their_minute_and_a_flight_over_midnight_is_one_sortie_of_each_day(store):
    begin = (datetime(2026, 3, 2, 8, tzinfo=ZoneInfo(ZONE)) - AT).total_seconds()  # where the next business day begins
    store.put_telemetry([told(seconds=begin + 60 * minute) for minute in range(-5, 5)], "kafka")
    assert [(row["date"], row["minutes"], row["sorties"]) for row in flown(store, "date")] == [
        (DAY, 5, 1), (DAY + timedelta(days=1), 5, 1),
    ]  # fmt: skip
    assert [(row["minutes"], row["sorties"]) for row in flown(store)] == [(10, 1)]
    until = (Span(DAY, DAY + timedelta(days=1), 2), Span(DAY + timedelta(days=1), DAY + timedelta(days=1)))
    assert [(row["span"], row["minutes"]) for row in flown(store, spans=until)] == [(0, 7), (1, 5)]


def test_when_drones_are_known_since(store):
    known = lambda day: store.run(DronesKnown(day)).to_pylist()  # noqa: E731
    assert known(DAY) == [{"flown": None, "detected": None, "last_ms": None}]
    store.put_telemetry([told()], "kafka")
    store.put_detections([found(1, seconds=86_400)], "kafka")
    at_ms = AT.timestamp() * 1000
    assert known(DAY) == [{"flown": DAY, "detected": None, "last_ms": at_ms}]
    assert known(DAY + timedelta(days=9)) == [{"flown": DAY, "detected": DAY + timedelta(days=1), "last_ms": at_ms}]
    assert store.run(DronesKnown(DAY, int(at_ms)))["last_ms"].to_pylist() == [None]


TELLINGS = st.lists(
    st.tuples(st.sampled_from(("D1", "D2")), st.integers(0, 1_200), st.sampled_from((0.0, 50.0)),
              st.sampled_from(("a", "b")), st.sampled_from((26.05, 26.25))), max_size=40,
)  # fmt: skip


@examples(max_examples=25, deadline=None)
@given(TELLINGS, st.randoms(use_true_random=False), st.integers(1, 12))
def test_told_in_any_order_and_any_number_of_times_the_rows_are_the_same(tmp_path_factory, tellings, rnd, size):
    messages = [told(d, s * 7, height, mission, lat) for d, s, height, mission, lat in tellings]
    again = [*messages, *rnd.choices(messages, k=len(messages) // 2)] if messages else []
    rnd.shuffle(again)
    wanted = plainly(messages)
    store = open_store(tmp_path_factory.mktemp("drones"), Options(ZONE, STARTS))
    try:
        for begin in range(0, len(again), size):
            store.put_telemetry(again[begin : begin + size], "kafka")
        assert rows(store) == wanted
        for message in messages:
            store.put_telemetry([message], "kafka")
        assert rows(store) == wanted
        minutes = sorted({(drone, minute) for drone, minute, *_ in wanted})
        told_of = flown(store, "drone_id")
        assert [(row["drone_id"], row["minutes"], row["sorties"]) for row in told_of] == [
            (drone, len(own), sorties(own)) for drone, own in sorted(by_drone(minutes).items())
        ]
        assert sum(row["minutes"] for row in flown(store, "mission", "drone_id", "hour")) == len(minutes)
    finally:
        store.close()


def rows(store):
    """What is kept, as it is."""
    text = "SELECT drone_id, at_min, at_ms, mission, lat, lon FROM flown ORDER BY 1, 2"
    return [tuple(row.values()) for row in store._database.read(text).to_pylist()]


def plainly(messages):
    """The same by hand: the least moment of every minute."""
    least = {}
    for one in messages:
        at_ms = round(one.time.timestamp() * 1000)
        key, moment = (one.drone_id, at_ms // 60_000), (at_ms, one.mission, one.lat, one.lon)
        if one.height_m > 2.0 and moment < least.get(key, (float("inf"),)):
            least[key] = moment
    return [(*key, *moment) for key, moment in sorted(least.items())]


def by_drone(minutes):
    found_of = defaultdict(list)
    for drone, minute in minutes:
        found_of[drone].append(minute)
    return found_of


def sorties(minutes):
    """A plain loop."""
    count, last = 0, None
    for minute in minutes:
        count += last is None or minute - last > SORTIE_PAUSE_MIN
        last = minute
    return count


def test_tables_say_the_same_as_messages(store, tmp_path):
    messages = [told(d, s * 11) for d in ("D1", "D2") for s in range(200)]
    seen = [found(n, seconds=n) for n in range(50)]
    store.put_telemetry(messages, "kafka")
    store.put_detections(seen, "kafka")
    flights = pa.table({
        "drone_id": [m.drone_id for m in messages], "at_ms": [round(m.time.timestamp() * 1000) for m in messages],
        "lat": [m.lat for m in messages], "lon": [m.lon for m in messages], "mission": [m.mission for m in messages],
    }, FLIGHT)  # fmt: skip
    sights = pa.table({
        "detection_id": [d.detection_id for d in seen], "drone_id": [d.drone_id for d in seen],
        "at_ms": [round(d.time.timestamp() * 1000) for d in seen], "kind": [d.kind for d in seen],
        "lat": [d.lat for d in seen], "lon": [d.lon for d in seen], "incident_id": ["" for _ in seen],
        "confidence": [None for _ in seen],
    }, SIGHT)  # fmt: skip
    assert store.put_flown(flights).new == store.put_seen(sights).new == 0
    other = open_store(tmp_path / "other", Options(ZONE, STARTS))
    try:
        assert other.put_flown(flights).new == len(rows(store))
        assert other.put_seen(sights).new == 50
        for query in (Flown(WHOLE, ("drone_id", "hour", "mission")), Detected(WHOLE, ("kind", "date"))):
            assert other.run(query).equals(store.run(query))
        for table, put in ((flights.drop(["lat"]), other.put_flown), (sights.rename_columns(list("abcdefgh")),
                                                                     other.put_seen)):  # fmt: skip
            with pytest.raises(ValueError, match="columns must be"):
                put(table)
        with pytest.raises(ValueError, match="1 to 64"):
            other.put_flown(flights.set_column(0, "drone_id", pa.array(["x" * 65] * len(flights))))
    finally:
        other.close()


def test_what_is_too_old_is_let_go_minutes_as_tracks_detections_as_incidents(tmp_path):
    store = open_store(tmp_path, Options(ZONE, STARTS, incidents_days=30, tracks_days=10))
    try:
        for days in (0, 20, 40):
            store.put_telemetry([told(seconds=-86_400 * days)], "kafka")
            store.put_detections([found(days, seconds=-86_400 * days)], "kafka")
        version = store.version()
        assert store.tidy(AT.timestamp() * 1000).of_drones == 3
        assert [row["date"] for row in flown(store, "date", spans=(Span(date(2026, 1, 1), DAY),))] == [DAY]
        assert len(detected(store, "date", spans=(Span(date(2026, 1, 1), DAY),))) == 2
        assert store.version() > version
        assert store.tidy(AT.timestamp() * 1000).of_drones == 0
    finally:
        store.close()


def test_another_clock_and_other_places_sort_them_anew(tmp_path):
    store = open_store(tmp_path, Options(ZONE, STARTS))
    store.put_telemetry([told(), told("D2", seconds=90, lat=26.15)], "kafka")
    store.put_detections([found(1), found(2, lat=None, lon=None)], "kafka")
    assert {row["station"] for row in flown(store, "station")} == {""}
    store.close()
    scopes = Scopes(from_geojson(document()))
    store = open_store(tmp_path, Options("America/Chicago", 0, scopes))
    try:
        assert {(row["date"], row["hour"]) for row in flown(store, "date", "hour")} == {(DAY, 2)}
        homes = {row["station"]: row["minutes"] for row in flown(store, "station")}
        assert "" not in homes
        assert {row["station"]: row["n"] for row in detected(store, "station")}.keys() <= {*homes, ""}
        station = next(iter(homes))
        (row,) = flown(store, scope=station)
        assert row["minutes"] == homes[station]
        fresh = open_store(tmp_path / "fresh", Options("America/Chicago", 0, scopes))
        fresh.put_telemetry([told(), told("D2", seconds=90, lat=26.15)], "kafka")
        fresh.put_detections([found(1), found(2, lat=None, lon=None)], "kafka")
        for table in ("flown", "seen"):
            text = f"SELECT * FROM {table} ORDER BY ALL"
            assert store._database.read(text).equals(fresh._database.read(text))
        fresh.close()
    finally:
        store.close()


def test_an_older_file_opens_and_gets_its_tables(tmp_path):
    store = open_store(tmp_path, Options(ZONE))
    store._database.write(lambda con: con.execute("DROP TABLE flown").execute("DROP TABLE seen"))
    store.close()
    store = open_store(tmp_path, Options(ZONE))
    try:
        assert flown(store) == detected(store) == []
        assert store.put_telemetry([told()], "kafka").new == 1
    finally:
        store.close()
