"""Millions of past incidents of the demo city: a history and, beside it, the same rows for pandas; made once and kept.

Twelve years and a half of a larger city (4,400 calls a day) hold 20 million; fewer incidents are its last days.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.history_pandas import WORDS
from data_feeds import places
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import Options, Store
from data_feeds.model import Incident
from data_feeds.scopes import Scopes
from data_feeds.simulator import past, shelf
from data_feeds.simulator.calls import CallPlan
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import recruit
from data_feeds.simulator.life import Habits
from data_feeds.simulator.network import Streets
from data_feeds.simulator.past import Past
from data_feeds.simulator.records import Records

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / ".cache" / "bench-history"
TODAY = date(2026, 11, 20)  # the past is the same whenever it is made
UNITS, SEED, CALLS_PER_DAY = 1_200, 1, 4_400
ZONE = ZoneInfo("Asia/Shanghai")
NOW_MS = datetime(2026, 11, 20, 12, tzinfo=ZONE).timestamp() * 1000.0
SLICE_DAYS = 28
TIMES = ("dispatched_ms", "accepted_ms", "enroute_ms", "on_scene_ms", "closed_ms")
KEPT_COLUMNS = {"incident_id", "units", "call_received_ms", *TIMES, *WORDS}
INTERVALS = {
    "dispatch_s": ("call_received_ms", "dispatched_ms"), "turnout_s": ("dispatched_ms", "enroute_ms"),
    "travel_s": ("enroute_ms", "on_scene_ms"), "response_s": ("call_received_ms", "on_scene_ms"),
    "handling_s": ("on_scene_ms", "closed_ms"),
}  # fmt: skip


def the_city() -> City:
    return shelf.take(KEPT, SEED, 1.0)


def options(city: City, threads: int = 1) -> Options:
    """As the wall keeps the history of this city."""
    return Options(scopes=Scopes(places.from_geojson(city.places)), threads=threads)


def kept(incidents: int, tell: Callable[[str], None]) -> Path:
    """A folder with ``store`` and ``rows`` (Parquet) of so many incidents, made unless it is there."""
    city = the_city()
    folder = KEPT / f"{incidents}-{_fingerprint()}"
    if (folder / "whole").exists():
        return folder
    for old in KEPT.glob(f"{incidents}-*"):
        shutil.rmtree(old)
    (folder / "rows").mkdir(parents=True)
    calls = CALLS_PER_DAY / (UNITS * 2800 / 1200)
    made = Past(city, UNITS, SEED, Habits(calls=calls, zone=ZONE))
    store = open_store(folder / "store", options(city))
    begun_s, count, last = time.monotonic(), 0, TODAY
    try:
        while count < incidents:
            days = [last - timedelta(days=back) for back in range(SLICE_DAYS - 1, -1, -1)]
            table = made.table(days, datetime(2027, 1, 1, tzinfo=ZONE).timestamp())
            table = table.slice(max(0, len(table) - (incidents - count)))
            store.put_table(table, past.ORIGIN)
            write_rows(table, folder / "rows" / f"{last:%Y%m%d}.parquet")
            count, last = count + len(table), last - timedelta(days=SLICE_DAYS)
            if count // 1_000_000 != (count - len(table)) // 1_000_000:
                tell(f"{count:,} incidents made in {time.monotonic() - begun_s:,.0f} s")
    finally:
        store.close()
    (folder / "whole").write_text(f"{time.monotonic() - begun_s:.1f}\n")
    return folder


def open_kept(folder: Path, threads: int = 1, name: str = "store") -> Store:
    store = open_store(folder / name, options(the_city(), threads))
    while store.tidy(NOW_MS).unsummed:  # as a wall does behind its map
        pass
    return store


def later(count: int) -> list[Incident]:
    """So many incidents that came after those that are kept."""
    city = the_city()
    streets = Streets(city.roads)
    plan, found = CallPlan(city, streets, SEED, CALLS_PER_DAY, ZONE), list[Incident]()
    records, day = Records(city, streets, recruit(city, UNITS, SEED)), TODAY
    while len(found) < count:
        day += timedelta(days=1)
        calls = plan.day(day)
        found += [records.closed(calls, call) for call in range(min(len(calls), count - len(found)))]
    return found


def write_rows(raw: pa.Table, path: Path) -> None:
    """Keep rows of store.RAW for ``frame``."""
    pq.write_table(_for_pandas(raw), path, compression="lz4")


def frame(folder: Path) -> pd.DataFrame:
    """The rows as a DataFrame, oldest first: words as categoricals, small numbers."""
    paths = sorted((folder / "rows").glob("*.parquet"))
    table = pa.concat_tables([pq.read_table(path, read_dictionary=list(WORDS)) for path in paths]).unify_dictionaries()
    columns = {}
    for name in table.column_names:
        if name == "incident_id":
            columns[name] = pd.Series(table[name].combine_chunks(), dtype=pd.ArrowDtype(pa.string()))
        else:
            columns[name] = table[name].to_pandas()
        if name in WORDS:
            columns[name] = columns[name].cat.reorder_categories(sorted(columns[name].cat.categories))
    return pd.DataFrame(columns, copy=False)


def _for_pandas(raw: pa.Table) -> pa.Table:
    """Rows of store.RAW with what a report needs, worked out without the history's own code."""
    columns = {name: raw[name] for name in raw.column_names if name in KEPT_COLUMNS}
    columns["received_ms"] = raw["call_received_ms"]
    wall_s = raw["call_received_ms"].to_numpy() // 1000 + 8 * 3600  # Shanghai has no summer time
    columns["local_date"] = pa.array((wall_s // 86_400).astype("datetime64[D]").astype("datetime64[s]"))
    columns["minute"] = pa.array((wall_s % 86_400 // 60).astype(np.int16))
    columns["hour"] = pa.array((wall_s % 86_400 // 3600).astype(np.int8))
    columns["weekday"] = pa.array(((wall_s // 86_400 + 3) % 7 + 1).astype(np.int8))
    columns["kind"] = pc.case_when(
        pc.make_struct(raw["exercise"], pc.invert(raw["valid"]), raw["diverted"]),
        "exercise", "invalid", "diverted", "counted",
    )  # fmt: skip
    for name, (begin, end) in INTERVALS.items():
        columns[name] = pc.divide(pc.subtract(raw[end], raw[begin]).cast(pa.float64()), 1000.0)
    columns["answering_s"] = pa.nulls(len(raw), pa.float32())
    cells = map(h3.latlng_to_cell, raw["lat"].to_pylist(), raw["lon"].to_pylist(), [9] * len(raw))
    columns["h3_9"] = pa.array(np.fromiter(cells, np.uint64, len(raw)))
    table = pa.table(columns)
    coded = pa.dictionary(pa.int16(), pa.string())
    return table.cast(pa.schema([field.with_type(coded) if field.name in WORDS else field for field in table.schema]))


def _fingerprint() -> str:
    """Of the code that makes and keeps the incidents."""
    digest = hashlib.sha256()
    simulator, history = ROOT / "data_feeds/simulator", ROOT / "data_feeds/history"
    sources = [Path(__file__), *(history / f"{name}.py" for name in ("schema", "derive", "homes"))]
    sources += [simulator / f"{name}.py" for name in ("calls", "past", "records", "seasons", "yunling")]
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
