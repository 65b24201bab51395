"""Tracks: what is acknowledged is on disk, days are compacted, and minutes of presence are what plain Python counts."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Patrol, Span
from data_feeds.history.store import Options, StoreBroken
from data_feeds.model import VehiclePosition
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from tests.unit.hand_clock import HandClock
from tests.unit.places_story import document

HOUR = 3_600_000
MIDNIGHT = int(datetime(2024, 3, 10, tzinfo=UTC).timestamp() * 1000)  # the clocks of Chicago are changed that day
EVER = (Span(date(2024, 1, 1), date(2024, 12, 31)),)
LATER = MIDNIGHT + 72 * HOUR


@pytest.fixture
def opened(tmp_path):
    stores = []

    def open_it(clock=None, **options):
        usual = {"time_zone": "America/Chicago", "scopes": Scopes(from_geojson(document())), "track_step_s": 0.0}
        stores.append(open_store(tmp_path, Options(**usual | options), clock))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


def fixes(seed, n, begin=MIDNIGHT - 2 * HOUR, end=MIDNIGHT + 30 * HOUR):
    """(unit, t, lat, lon) in no order, some twice."""
    rng = np.random.default_rng(seed)
    t = begin + 1_000 * rng.choice((end - begin) // 1_000, n, replace=False)
    rows = [(f"u{k % 7}", int(t[k]), round(26.0 + rng.random() / 4, 6), round(105.0 + rng.random() / 2, 6))
            for k in range(n)]  # fmt: skip
    return rows + rows[::20]


def columns(rows):
    return pa.table(dict(zip(("unit_id", "t_ms", "lat", "lon"), map(list, zip(*rows, strict=True)), strict=True)))


def zone_of(lat, lon):
    """The squares of places_story."""
    if not (26.0 <= lat <= 26.2 and 105.0 <= lon <= 105.4):
        return "", ""
    station = ("A" if lon < 105.2 else "B") + ("1" if lat < 26.1 else "2")
    return station, "Z1" if lon < 105.1 and lat < 26.1 else ""


def minutes(rows, key, start=0):
    """Minutes and units by ``key`` of (local wall, station, zone), counted fix by fix."""
    found, units = defaultdict(float), defaultdict(set)
    by_unit = defaultdict(dict)
    for unit, t, lat, lon in rows:
        by_unit[unit].setdefault(t, (lat, lon))
    for unit, told in by_unit.items():
        for (t, place), (following, _) in itertools.pairwise(sorted(told.items())):
            if following - t <= 180_000:
                wall = datetime.fromtimestamp(t / 1000, ZoneInfo("America/Chicago")).replace(tzinfo=None)
                name = key(wall - timedelta(minutes=start), wall, *zone_of(*place))
                found[name] += (following - t) / 60_000
                units[name].add(unit)
    return {name: (pytest.approx(total), len(units[name])) for name, total in found.items()}


def asked(store, by, spans=EVER, scope=""):
    rows = store.run(Patrol(spans, by, scope)).to_pylist()
    return {tuple(row[name] for name in by): (row["minutes"], row["units"]) for row in rows}


BY = {
    ("date", "hour"): lambda day, wall, station, zone: (day.date(), wall.hour),
    ("weekday", "station"): lambda day, wall, station, zone: (day.isoweekday(), station),
    ("zone",): lambda day, wall, station, zone: (zone,),
    (): lambda *_: (),
}


@pytest.mark.parametrize("start", [0, 450])
def test_minutes_of_the_hot_day_and_of_compacted_ones(opened, start):
    store = opened(day_starts_min=start)
    rows = sorted(fixes(1, 20_000), key=lambda row: row[1])
    for begin in range(0, len(rows), 3_000):
        part = rows[begin : begin + 3_000]
        store.put_positions(
            [VehiclePosition(u, lat, lon, datetime.fromtimestamp(t / 1000, UTC)) for u, t, lat, lon in part], "t",
            {("pos", 0): begin + len(part)},
        )  # fmt: skip
        store.flush()
    for _ in range(2):
        for by, key in BY.items():
            assert asked(store, by) == minutes(rows, key, start), by
        seen, first = store.version(EVER), store.tidy(LATER)
    assert first.compacted == 0  # the second time
    assert store.version(EVER) == seen
    assert store.offsets("t") == {("pos", 0): len(rows)}


def test_late_fixes_are_counted_when_their_day_is_compacted(opened):
    store = opened()
    rows = fixes(2, 9_000)
    for begin in range(0, len(rows), 1_000):
        store.put_tracks(columns(rows[begin : begin + 1_000]), "t")
    assert store.tidy(LATER).compacted == 3
    assert asked(store, ("date", "hour")) == minutes(rows, BY["date", "hour"])
    more = [
        (u, t + 500, *at) for u, t, *at in fixes(3, 50, MIDNIGHT, MIDNIGHT + 100_000)
    ]  # they follow fixes of the day before, which is compacted anew
    store.put_tracks(columns(more), "t")
    assert store.tidy(LATER).compacted == 2
    assert asked(store, ("zone",)) == minutes(rows + more, BY["zone",])


def test_patrols_of_a_scope_and_of_a_part_of_a_day(opened):
    store = opened()
    rows = fixes(4, 9_000)
    store.put_tracks(columns(rows), "t")
    store.tidy(LATER)
    wanted = minutes(rows, lambda day, wall, station, zone: (station,))
    assert asked(store, ("station",), scope="A1") == {("A1",): wanted["A1",]}
    assert sum(one[0] for one in asked(store, ("station",), scope="A").values()) == pytest.approx(
        wanted["A1",][0].expected + wanted["A2",][0].expected
    )
    assert asked(store, (), scope="nobody") == {}
    # until 06:30 of a day with only 23 hours: its first six hours by the clock
    day = date(2024, 3, 10)
    by_hour = minutes(rows, lambda day, wall, *_: (day.date(), wall.hour))
    until = asked(store, ("hour",), (Span(day, day, 390),))
    assert until == {(hour,): by_hour[day, hour] for hour in (0, 1, 3, 4, 5)}


def test_a_trail_is_there_at_once_from_memory_parts_and_days(opened):
    store = opened()
    rows = fixes(5, 4_000)
    store.put_tracks(columns(rows[:1_500]), "t")
    store.tidy(LATER)
    store.put_tracks(columns(rows[1_500:3_000]), "t")
    store.put_positions(
        [VehiclePosition(u, lat, lon, datetime.fromtimestamp(t / 1000, UTC)) for u, t, lat, lon in rows[3_000:]], "t"
    )
    begin, end = MIDNIGHT - HOUR, MIDNIGHT + 9 * HOUR
    wanted = sorted({(t, lat, lon) for unit, t, lat, lon in rows if unit == "u3" and begin <= t < end})
    got = store.trail("u3", begin, end)
    assert got["t_ms"].to_pylist() == [t for t, _, _ in wanted]
    assert got["lat"].to_pylist() == [lat for _, lat, _ in wanted]
    assert store.trail("nobody", begin, end).num_rows == store.trail("u3", end, begin).num_rows == 0


def test_what_waits_in_memory_is_not_acknowledged_until_its_time_has_come(opened):
    clock = HandClock()
    store = opened(clock, part_s=180.0)
    moment = datetime.fromtimestamp(MIDNIGHT / 1000, UTC)
    assert store.put_positions([VehiclePosition("a", 26.0, 105.0, moment, datum="MARS")], "t", {("p", 0): 1}) == 0
    store.put_positions([VehiclePosition("a", 26.0, 105.0, moment)], "t", {("p", 0): 2, ("p", 1): 9})
    clock.wait(179.0)
    store.note_gap(1, 2, "given", "x")  # anything that turns the writer
    assert store.offsets("t") == {}
    clock.wait(1.0)
    store.note_gap(3, 4, "given", "x")
    store.note_gap(5, 6, "given", "x")
    assert store.offsets("t") == {("p", 0): 2, ("p", 1): 9}
    assert store.extent().tracks_since == date(2024, 3, 9)


def test_of_a_unit_one_fix_is_kept_in_each_step_whatever_is_told_again(opened):
    def put(store, seconds):
        fixes = [VehiclePosition(unit, 26.0, 105.0, datetime.fromtimestamp(MIDNIGHT / 1000 + s, UTC))
                 for s in seconds for unit in "ab"]  # fmt: skip
        assert store.put_positions(fixes, "t", {("p", 0): 1}) == len(fixes)

    store = opened(track_step_s=10.0)
    put(store, [0, 3, 9.9, 10, 25, 21])
    put(store, [29, 30, 12, 31])
    store.flush()
    store.close()
    store = opened(track_step_s=10.0)
    put(store, [20, 29, 30, 39, 41, -500, -499])  # told again, and a backlog
    assert [(t - MIDNIGHT) / 1000 for t in store.trail("b", 0, 2**50)["t_ms"].to_pylist()] == [-500, 0, 10, 21, 30, 41]


def test_positions_come_in_any_datum(opened):
    store = opened()
    moment = datetime.fromtimestamp(MIDNIGHT / 1000, UTC)
    store.put_positions([VehiclePosition("a", 26.05, 105.05, moment, datum="GCJ02", speed_mps=3.0)], "t")
    got = store.trail("a", 0, 2**50).to_pylist()[0]
    assert 0.0005 < abs(got["lat"] - 26.05) + abs(got["lon"] - 105.05) < 0.02
    assert got["speed_mps"] == 3.0


def test_files_that_do_not_count_go_and_those_that_are_gone_are_told(opened, tmp_path, caplog):
    store = opened()
    store.put_tracks(columns(fixes(6, 300)), "t")
    store.close()
    folder = tmp_path / "tracks"
    real = sorted(folder.glob("*/*.parquet"))
    orphan, begun = real[0].with_name("99999999.parquet"), real[0].with_name("99999998.part")
    orphan.write_bytes(real[0].read_bytes())
    begun.write_bytes(b"half")
    real[-1].unlink()
    store = opened()
    assert not orphan.exists()
    assert not begun.exists()
    assert "1 files of tracks are missing" in caplog.text
    assert store.trail("u1", 0, 2**50).num_rows > 0
    store.put_tracks(columns(fixes(7, 30)), "t")


def test_tracks_outlive_the_loss_of_the_database(opened, tmp_path, caplog):
    rows = fixes(8, 3_000)
    store = opened()
    store.put_tracks(columns(rows), "t")
    store.tidy(LATER)
    store.close()
    (tmp_path / "history.duckdb").unlink()
    store = opened()
    assert "taken over" in caplog.text
    store.tidy(LATER)
    assert asked(store, ("date", "hour")) == minutes(rows, BY["date", "hour"])


def test_a_torn_file_is_named(opened, tmp_path):
    store = opened()
    store.put_tracks(columns(fixes(9, 300)), "t")
    for path in (tmp_path / "tracks").glob("*/*.parquet"):
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StoreBroken, match=r"\.parquet.*aside"):
        store.trail("u1", 0, 2**50)


def test_tracks_and_incidents_are_kept_as_long_as_the_settings_say(opened, tmp_path):
    store = opened(tracks_days=1)
    rows = fixes(10, 6_000)
    store.put_tracks(columns(rows), "t")
    store.put_table(pa.table({"incident_id": ["a", "b"], "version": [1, 1],
                              "call_received_ms": [MIDNIGHT, MIDNIGHT + 100 * HOUR]}), "t")  # fmt: skip
    now = MIDNIGHT + 34 * HOUR  # 05:00 on 11 March in Chicago: from 10 March on is kept, and the UTC days of it
    done = store.tidy(now)
    assert (done.incidents, done.track_days) == (0, 1)
    assert store.trail("u1", 0, MIDNIGHT).num_rows == 0
    assert store.trail("u1", MIDNIGHT, 2**50).num_rows > 0
    assert len(list((tmp_path / "tracks").iterdir())) == 2
    store.close()
    store = opened(incidents_days=1, tracks_days=0)
    seen, empty = store.version(EVER), (Span(date(2025, 1, 1), date(2025, 1, 2)),)
    other = store.version(empty)
    assert store.tidy(now).incidents == 1
    assert store.extent().n == 1
    assert store.version(EVER) > seen
    assert store.version(empty) == other
