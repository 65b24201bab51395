"""Fourteen months of the demo city that stand still, so that a test can hold what a page shows against their rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_feeds import places
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import Options
from data_feeds.scopes import Scopes
from data_feeds.simulator import city as cities
from data_feeds.simulator import gaps, shelf
from data_feeds.simulator.past import Past
from tests import kept

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2023, 5, 1), date(2024, 6, 30)
UNITS, PATROLS, SEED = 300, 40, 1
NAME, ROWS, FIXES, GAPS = "past", "rows.parquet", "fixes.parquet", "gaps.json"
PLACES, GROUND, ROADS = "places.geojson", "ground.geojson", "ground.roads.npz"


def put(folder: Path) -> dict[str, object]:
    """Write it into ``folder``, or copy it from where it is kept; returns the settings of a wall that shows it."""
    code = sorted((kept.REPOSITORY / "data_feeds").rglob("*.py"))
    kept.copied(NAME, [*code, kept.REPOSITORY / "requirements.txt", Path(__file__)], _make, folder)
    return {"feed": "none", "history_dir": folder, "history_name": NAME, "tracks_days": 0,
            "basemap": folder / GROUND, "places": folder / PLACES}  # fmt: skip


def _make(folder: Path) -> None:
    city = shelf.take(kept.cache() / "wall", SEED, cities.size_for(1200))  # the one of all other browser tests
    (folder / PLACES).write_bytes(msgspec.json.encode(city.places))
    (folder / GROUND).write_bytes(city.basemap or b"")
    city.roads.save(folder / ROADS)
    days = [FIRST + timedelta(days=k) for k in range((LAST - FIRST).days + 1)]
    lost = gaps.between(SEED, FIRST, LAST, ZONE)
    rows = Past(city, UNITS, SEED).table(days, 4e9, lost)
    fixes = _patrols(city.roads.lat, city.roads.lon)
    options = Options("Asia/Shanghai", scopes=Scopes(places.load(folder / PLACES)), tracks_days=0)
    store = open_store(folder / NAME, options)
    store.put_table(rows, "demo")
    store.put_tracks(fixes, "demo")
    for gap in lost:
        store.note_gap(gap.begin_ms, gap.end_ms, "given", "demo")
    store.close()
    pq.write_table(rows, folder / ROWS)
    pq.write_table(fixes, folder / FIXES)
    (folder / GAPS).write_bytes(msgspec.json.encode(lost))


def _patrols(lat: np.ndarray, lon: np.ndarray) -> pa.Table:
    """Units on the last two days that go from crossing to crossing, a fix a minute, now and then silent for long."""
    rng, begin = np.random.default_rng(8), datetime(2024, 6, 29, tzinfo=ZONE).timestamp() * 1000
    rows = []
    for unit in range(PATROLS):
        node, silent = 0, 0
        for minute in range(2 * 1440):
            node = rng.integers(0, len(lat)) if rng.random() < 0.05 or not minute else node
            silent = silent - 1 if silent else rng.choice([0, 1, 5], p=[0.96, 0.03, 0.01])
            if not silent:
                rows.append((f"U{unit}", int(begin + minute * 60_000), lat[node], lon[node]))
    names = ("unit_id", "t_ms", "lat", "lon")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))
