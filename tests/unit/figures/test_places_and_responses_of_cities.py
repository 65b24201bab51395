"""Responses, presence and heat of whole reports: of the demo city and of real files, against plain computations."""

import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.changes import change_per_day
from analytics.figures import heat, report, zones
from analytics.figures.request import Context, PlaceFact, Request
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Filters
from data_feeds.history.store import Options
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from data_feeds.simulator.past import Past
from tests.real_data import real_file
from tests.unit.figures.made_history import TARGETS, WAYS, seconds
from tests.unit.simulated import a_city

SHANGHAI = "Asia/Shanghai"
JUNE, MAY = "2026-06", "2026-05"
PARTS = ("response", "sighting", "heat")


def asked(store, request, context):
    """The report, and the context that it was made with."""
    def ask(queries):
        return {name: store.run(query) for name, query in queries.items()}

    context = report.informed(request, context, ask(report.prior(request, context)))
    return report.build(request, context, ask(report.plan(request, context))), context


def known(store, **more):
    extent = store.extent()
    return Context(extent.first, extent.last, extent.n, extent.version, extent.last_ms, lacks=extent.lacks,
                   tracks_since=extent.tracks_since, **more)  # fmt: skip


def at(day, zone):
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).timestamp() * 1000


@pytest.fixture(scope="module")
def places():
    return from_geojson(a_city().places)


@pytest.fixture(scope="module")
def table():
    first = date(2026, 4, 1)
    return Past(a_city(), 120, 1).table([first + timedelta(days=k) for k in range(91)], 4e9)


@pytest.fixture(scope="module")
def fixes():
    """Units that wander about the city on the last two days of June, a fix a minute, now and then silent."""
    rng, roads, begin = np.random.default_rng(8), a_city().roads, at(date(2026, 6, 29), SHANGHAI)
    rows = []
    for unit in range(12):
        node = rng.integers(0, len(roads.lat))
        for minute in range(2 * 1440):
            if rng.random() < 0.05:
                node = rng.integers(0, len(roads.lat))
            if rng.random() > 0.1:
                rows.append((f"U{unit}", int(begin + minute * 60_000), roads.lat[node], roads.lon[node]))
    names = ("unit_id", "t_ms", "lat", "lon")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


@pytest.fixture(scope="module")
def store(table, fixes, places, tmp_path_factory):
    scopes = Scopes(places)
    made = open_store(tmp_path_factory.mktemp("demo"), Options(time_zone=SHANGHAI, scopes=scopes))
    made.put_table(table, "demo")
    made.put_tracks(fixes, "demo")
    yield made
    made.close()


@pytest.fixture(scope="module")
def june(store, places):
    city = a_city()
    sizes = zones.facts(places.areas, city.roads)
    facts = tuple(PlaceFact(z.id, z.name_zh, z.name_en, (z.parent,), sizes[z.id].km2, sizes[z.id].road_km)
                  for z in city.zones)  # fmt: skip
    whole = next(place for place in places.by_id.values() if place.kind == "city")
    study = heat.study_cells([places.areas[whole.id]], 8)
    context = known(store, targets={"KEY_SPOT": 60, "CENTRE": 180, "OTHER": 300}, zones=facts, study_cells=study)
    request = Request("month", date(2026, 6, 15), at(date(2026, 7, 3), SHANGHAI), SHANGHAI, parts=PARTS)
    return asked(store, request, context)


@pytest.fixture(scope="module")
def frame(table):
    """The counted incidents as a source tells them, with their month."""
    plain = table.to_pandas().rename(columns=lambda name: name.removesuffix("_ms"))
    plain = plain[plain.valid & ~plain.exercise & ~plain.diverted]
    local = pd.to_datetime(plain.call_received, unit="ms", utc=True).dt.tz_convert(SHANGHAI)
    return plain.assign(month=local.dt.strftime("%Y-%m"), day=local.dt.date, hour=local.dt.hour,
                        place_class=plain.place_class.str.lower())  # fmt: skip


def test_the_demo_citys_intervals_are_those_of_its_incidents(june, frame):
    found = {(row.interval, row.place_class): row for row in june[0].response.intervals}
    for place in ("", *TARGETS):
        for name, ends in WAYS.items():
            for month, told in ((JUNE, found[name, place]), (MAY, found[name, place].against["previous"])):
                mine = frame[(frame.month == month) & ((frame.place_class == place) | (not place))]
                took = seconds(mine, *ends)
                assert (told.n, told.missing) == (int(took.notna().sum()), int(took.isna().sum()))
                assert (told.p50, told.p90, told.p95) == pytest.approx(tuple(np.nanpercentile(took, [50, 90, 95])))
    assert found["response", ""].n > 1_000
    assert found["travel", ""].missing > 0  # some arrivals are never reported
    assert found["answering", ""].lacks == ("answered",)
    responses = frame[frame.month == JUNE]
    took, target = seconds(responses, *WAYS["response"]), responses.place_class.map(TARGETS)
    known_ = took.notna() & target.notna()
    assert found["response", ""].share_in_target == pytest.approx((took[known_] <= target[known_]).mean())


def test_the_demo_citys_breaches_have_their_causes(june, frame):
    told, context = june
    limits = context.allowances
    for place, target in TARGETS.items():
        assert sum(limits[name][place] for name in ("dispatch", "turnout", "travel")) == target
    wanted = Counter()
    for row in frame[frame.month == JUNE].itertuples():
        took = {name: (getattr(row, end) - getattr(row, begin)) / 1000 for name, (begin, end) in WAYS.items()}
        if not took["response"] > TARGETS.get(row.place_class, math.inf):
            continue
        over = {name: took[name] - limits[name][row.place_class] for name in ("dispatch", "turnout", "travel")
                if took[name] >= 0}  # fmt: skip
        cause = max(over, key=over.get) if over and max(over.values()) > 0 else "unknown"
        wanted[row.place_class, cause] += 1
    assert {(one.place_class, one.cause): one.n for one in told.response.breaches if one.n} == dict(wanted)
    assert wanted.total() > 50
    for one in told.response.breaches:  # June has 30 days, May 31; the demo city's records have holes
        may = next(other.days for other in told.comparators if other.id == "previous")
        before = one.against["previous"]
        assert before.change == change_per_day(one.n, told.data.recorded * 30, before.n, may)


def test_the_demo_citys_presence_is_that_of_its_fixes(june, frame, fixes, places, store):
    told = june[0].sighting
    assert (told.since, told.first, told.last) == (date(2026, 6, 29), date(2026, 6, 30), date(2026, 6, 30))
    begin = at(date(2026, 6, 30), SHANGHAI)
    outlines = {zone.id: places.areas[zone.id] for zone in a_city().zones}
    minutes, rows = defaultdict(float), fixes.to_pandas()
    for _, mine in rows.groupby("unit_id"):
        gap = mine.t_ms.diff().shift(-1)
        held = mine[(gap <= 180_000) & (mine.t_ms >= begin)]
        for zone, area in outlines.items():
            inside = area.holds(held.lat.to_numpy(), held.lon.to_numpy())
            minutes[zone] += float(gap[held.index][inside].sum()) / 60_000
    found = {zone.key: zone for zone in told.zones}
    assert set(found) == set(outlines)
    for zone in outlines:
        assert found[zone].minutes == pytest.approx(minutes[zone])
    of_the_day = frame[frame.day == date(2026, 6, 30)]
    n = of_the_day.zone.value_counts()
    assert {zone: one.incidents for zone, one in found.items() if one.incidents} == n[n > 0].to_dict()
    incidents = sum(one.incidents for one in told.zones)
    assert told.followed.n == incidents
    assert 0 <= told.followed.overlap <= told.followed.ceiling + 3 * told.followed.noise


def test_the_demo_citys_roads_lie_in_its_zones(places):
    city = a_city()
    sizes = zones.facts(places.areas, city.roads)
    stations = {station.id for station in city.stations}
    of_zones = {s: sum(sizes[z.id].road_km for z in city.zones if z.parent == s) for s in stations}
    for station in stations:
        assert of_zones[station] == pytest.approx(sizes[station].road_km, rel=0.01, abs=0.1)
        own = sum(sizes[z.id].km2 for z in city.zones if z.parent == station)
        assert own == pytest.approx(sizes[station].km2, rel=1e-3)
    middle = zones.pieces(city.roads)
    assert sum(sizes[z.id].road_km for z in city.zones) <= middle[2].sum() / 1000


def test_the_demo_citys_heat_is_that_of_its_incidents(june, frame):
    told, context = june
    cells = {}
    for month in (JUNE, MAY):
        mine = frame[frame.month == month].dropna(subset=["lat"])
        fine = [h3.latlng_to_cell(a, b, 9) for a, b in zip(mine.lat, mine.lon, strict=True)]
        cells[month] = Counter(h3.cell_to_parent(cell, 8) for cell in fine)
    assert {int(one.cell, 16): (one.n, one.before) for one in told.heat.cells} == {
        cell: (cells[JUNE][cell], cells[MAY][cell]) for cell in cells[JUNE] | cells[MAY]
    }
    area = set(context.study_cells) | set(cells[JUNE]) | set(cells[MAY])
    assert (told.heat.tested, told.heat.area) == (len(area), "outline")
    check_hot(told.heat, area, cells[JUNE])


def check_hot(found, area, counts):
    """Gi* of every hot cell by its definition, and no cell with a larger one left out."""
    x = np.array([counts[cell] for cell in area], float)
    n, mean, s = len(x), x.mean(), x.std()

    def z(cell):
        near = [one for one in h3.grid_disk(cell, 1) if one in area]
        w, total = len(near), sum(counts[one] for one in near)
        return (total - w * mean) / (s * math.sqrt((n * w - w * w) / (n - 1)))

    assert found.hot
    for one in found.hot:
        assert one.z == pytest.approx(z(int(one.cell, 16)), abs=0.006)
    hot, least = {int(one.cell, 16) for one in found.hot}, min(one.z for one in found.hot)
    inner = [c for c in area if c not in hot and all(one in area for one in h3.grid_disk(c, 1))]
    assert max(map(z, inner)) < least + 0.5  # cells at the edge have fewer neighbours and another measure


@pytest.fixture(scope="module")
def houston(tmp_path_factory):
    rows = pq.read_table(real_file("houston/incidents_2023-11_2025-03.parquet"))
    made = open_store(tmp_path_factory.mktemp("houston"), Options(time_zone="America/Chicago"))
    ms = rows["call_time"].cast(pa.timestamp("ms", "UTC")).cast(pa.int64())
    made.put_table(pa.table({
        "incident_id": rows["incident_id"].cast(pa.string()), "version": np.ones(len(rows), np.int64),
        "category": rows["type_last"].cast(pa.string()), "lat": rows["lat"], "lon": rows["lon"], "call_received_ms": ms,
    }), "houston")  # fmt: skip
    yield made
    made.close()


@pytest.fixture(scope="module")
def march(houston):
    context = known(houston, targets=TARGETS)
    zone = "America/Chicago"
    request = Request("month", date(2025, 3, 15), at(date(2025, 6, 1), zone), zone, parts=PARTS)
    return asked(houston, request, context)[0]


def test_houston_tells_no_responses_and_says_so(march):
    assert set(march.response.lacks) == {"on_scene", "place_class"}
    assert march.response.breaches == march.response.stations == []
    for row in march.response.intervals:
        assert (row.place_class, row.n, row.p50, row.share_in_target) == ("", 0, None, None)
        assert row.missing > 10_000  # missing, never zero seconds
        assert row.lacks
    assert {row.interval: row.lacks for row in march.response.intervals} == {
        "answering": ("answered",), "dispatch": ("dispatched",), "turnout": ("dispatched", "enroute"),
        "travel": ("enroute", "on_scene"), "response": ("on_scene",),
    }  # fmt: skip
    assert (march.sighting.why, march.sighting.zones) == ("tracks", [])


def test_houstons_heat_is_that_of_the_file(march):
    rows = pd.read_parquet(real_file("houston/incidents_2023-11_2025-03.parquet"))
    local = rows.call_time.dt.tz_convert("America/Chicago")
    placed = rows.lat.between(-90, 90) & rows.lon.between(-180, 180)
    cells = {}
    for name, year, month in (("now", 2025, 3), ("before", 2025, 2), ("year", 2024, 3)):
        mine = rows[(local.dt.year == year) & (local.dt.month == month)]
        there = mine[placed[mine.index]]
        fine = [h3.latlng_to_cell(a, b, 9) for a, b in zip(there.lat, there.lon, strict=True)]
        cells[name] = Counter(h3.cell_to_parent(cell, 8) for cell in fine)
        if name == "now":
            assert (march.heat.placed, march.heat.unplaced) == (len(there), len(mine) - len(there))
    ever = cells["now"] | cells["before"]
    assert len(march.heat.cells) == len(ever)
    for one in march.heat.cells:
        cell = int(one.cell, 16)
        assert one.n == cells["now"][cell]
        assert one.per_km2 == pytest.approx(one.n / h3.cell_area(cell, "km^2"))
        if one.before is not None:
            assert one.before == cells["before"][cell]
            february = next(one.days for one in march.comparators if one.id == "previous")
            days = march.data.recorded * (31 - 1 / 24)  # clocks were set forward
            assert one.change.z == pytest.approx(change_per_day(one.n, days, one.before, february).z, abs=0.02)
    area = {near for some in cells.values() for cell in some for near in h3.grid_disk(cell, 1)}
    assert (march.heat.area, march.heat.tested) == ("incidents", len(area))
    check_hot(march.heat, area, cells["now"])


def test_chicagos_quarter_by_category_and_hour(tmp_path):
    rows = pd.read_csv(real_file("chicago/chicago_aggravated_assaults.csv.gz"), low_memory=False)
    columns = {name.lower().replace(" ", "_"): name for name in rows.columns}
    when = pd.to_datetime(rows[columns["date"]], format="mixed")
    rows = rows.assign(when=when)[(when.dt.year >= 2018)]
    local = rows.when.dt.tz_localize("America/Chicago", ambiguous="NaT", nonexistent="NaT")
    rows = rows.assign(local=local)[local.notna()]
    ms = rows.local.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ms]").astype("int64").to_numpy()
    lat, lon = rows[columns["latitude"]].astype(float), rows[columns["longitude"]].astype(float)
    store = open_store(tmp_path, Options(time_zone="America/Chicago"))
    store.put_table(pa.table({
        "incident_id": [f"C{k}" for k in range(len(rows))], "version": np.ones(len(rows), np.int64),
        "lat": pa.array(lat, from_pandas=True), "lon": pa.array(lon, from_pandas=True), "call_received_ms": ms,
    }), "chicago")  # fmt: skip
    where = Filters(hours=(20, 21, 22, 23))
    request = Request("quarter", date(2019, 7, 1), at(date(2020, 1, 5), "America/Chicago"), "America/Chicago",
                      where=where, parts=("heat",), heat_resolution=7)  # fmt: skip
    found = asked(store, request, known(store))[0].heat
    store.close()
    month, hour = rows.local.dt.month, rows.local.dt.hour
    late = (rows.local.dt.year == 2019) & hour.isin(where.hours) & lat.notna()
    cells = []
    for quarter in ((7, 8, 9), (4, 5, 6)):
        mine = late & month.isin(quarter)
        fine = [h3.latlng_to_cell(a, b, 9) for a, b in zip(lat[mine], lon[mine], strict=True)]
        cells.append(Counter(h3.cell_to_parent(cell, 7) for cell in fine))
    assert {int(one.cell, 16): (one.n, one.before) for one in found.cells} == {
        cell: (cells[0][cell], cells[1][cell]) for cell in cells[0] | cells[1]
    }
    assert 0 < len(found.hot) < found.tested / 4
