"""The past of a demo city in columns: many months of closed incidents in seconds, as the live feed would tell them.

Rows are worked out from the same day plans as ``Records.past``, so that history and live feed agree to the last digit.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.store import RAW, Store
from data_feeds.model import Severity
from data_feeds.simulator import gaps
from data_feeds.simulator.calls import CALLS_PER_UNIT_DAY, SOURCES, WORDS, CallPlan, Day, local_day
from data_feeds.simulator.city import City
from data_feeds.simulator.crew import recruit
from data_feeds.simulator.gaps import Gap
from data_feeds.simulator.life import PAST_DAYS, Habits
from data_feeds.simulator.network import Streets
from data_feeds.simulator.records import DISPOSITIONS, PLACE_WORDS, SECOND_REPORT, Records

log = logging.getLogger("wallboard.past")

ORIGIN = "demo"
MARKS, NEWEST, DONE, CITY = "demo past", "newest day", "days", "city"  # how far ``seed`` has come, kept as offsets
SLICE_ROWS = 140_000  # more than a row group of DuckDB, which then writes them once instead of twice
MOST_ROWS = 3_000_000  # a huge city remembers fewer months
REST = 1.0  # times as long as a slice took, the machine belongs to the wall
SEVERITIES = pa.array([severity.name.lower() for severity in Severity])
ENDS = pa.array([SECOND_REPORT, "diverted", "invalid", *DISPOSITIONS])
MERGED, DIVERTED, INVALID, ENDED = 0, 1, 2, 3
Ints = NDArray[np.int64]


class Past:
    """What happened in ``city`` with ``units`` units: the arguments of its ``Life``, so that the two agree."""

    def __init__(self, city: City, units: int, seed: int, habits: Habits | None = None) -> None:
        habits = habits or Habits()
        self._city, self.seed, self.zone = city, seed, habits.zone
        self._streets = streets = Streets(city.roads)
        crew = recruit(city, units, seed)
        self.per_day = units * CALLS_PER_UNIT_DAY * habits.calls
        self._plan = CallPlan(city, streets, seed, self.per_day, habits.zone)
        records = Records(city, streets, crew)
        self._crews = np.bincount(crew.station[crew.answers], minlength=len(city.stations))
        self._unit_ids, self._first = pa.array([crew.ids[unit] for unit in records.by_station]), records.first_of
        self._class = records.place_class
        self._places = pa.array([records.name_at(node) for node in range(len(streets.x))])
        self._stations = pa.array([station.id for station in city.stations])
        self._branches = pa.array([station.parent for station in city.stations])
        self._zones = pa.array([zone.id for zone in city.zones] or [""])
        self.identity = zlib.crc32(repr((city.name_en, city.extent, seed, units, habits.calls)).encode())

    def table(self, days: Sequence[date], until_s: float, lost: Sequence[Gap] = ()) -> pa.Table:
        """Everything called on ``days`` and closed by ``until_s`` (Unix) as columns of RAW, a row an incident.

        What was called within one of ``lost`` is left out: it was never recorded.
        """
        parts = [self._rows(self._plan.day(of), until_s, lost) for of in days]
        return pa.Table.from_batches(parts, RAW)

    def _rows(self, day: Day, until_s: float, lost: Sequence[Gap]) -> pa.RecordBatch:
        there = day.ends_s <= until_s
        for gap in lost:
            there &= (day.at_s * 1000.0 < gap.begin_ms) | (day.at_s * 1000.0 >= gap.end_ms)
        k = np.flatnonzero(there)
        node, end_s, short = day.node[k], day.ends_s[k], day.is_short[k]
        dispatched_s = day.at_s[k] + day.located_s[k] + day.dispatch_s[k]
        enroute_s = dispatched_s + day.turnout_s[k]
        lat, lon = self._streets.degrees(
            self._streets.x[node] + day.off[k, 0], self._streets.y[node] + day.off[k, 1]
        )
        station = self._city.node_station[node]
        zone = self._city.node_zone[node] if len(self._city.zones) else np.zeros(len(k), dtype=np.intp)
        wanted = np.where(day.severity[k] >= Severity.HIGH, 2, 1)
        units = np.where(short, 0, np.minimum(wanted, self._crews[station]))
        alone = units == 1
        which = np.where(alone, self._first[station] + (day.crew[k] * self._crews[station]).astype(np.int64), 0)
        columns = {
            "incident_id": _ids(day.date, k), "version": pa.array((end_s * 1000).astype(np.int64)),
            "category": pa.array(WORDS).take(pa.array(day.category[k])),
            "severity": SEVERITIES.take(pa.array(day.severity[k])),
            "source": pa.array([word for word, _ in SOURCES]).take(pa.array(day.source[k])),
            "valid": pa.array(day.valid[k]), "exercise": pa.array(day.exercise[k]),
            "diverted": pa.array(day.diverted[k]), "disposition": ENDS.take(pa.array(_end(day, k))),
            "place_class": pa.array(PLACE_WORDS).take(pa.array(self._class[node])),
            "place": self._places.take(pa.array(node)), "branch": self._branches.take(pa.array(station)),
            "station": self._stations.take(pa.array(station)), "zone": self._zones.take(pa.array(zone)),
            "lat": pa.array(np.round(lat, 6)), "lon": pa.array(np.round(lon, 6)),
            "call_received_ms": _ms(day.at_s[k]), "answered_ms": pa.nulls(len(k), pa.int64()),
            "dispatched_ms": _ms(dispatched_s, short),
            "accepted_ms": _ms(dispatched_s + 0.4 * (enroute_s - dispatched_s), short),
            "enroute_ms": _ms(enroute_s, short),
            "on_scene_ms": _ms(enroute_s + day.travel_s[k], short | day.forgotten[k]),
            "closed_ms": _ms(end_s), "units": pa.array(units.astype(np.int16)),
            "unit_id": pc.if_else(pa.array(alone), self._unit_ids.take(pa.array(which)), ""),
        }  # fmt: skip
        return pa.RecordBatch.from_arrays([columns[name] for name in RAW.names], schema=RAW)


def first_day(newest: date, months: int, per_day: float) -> date:
    """The oldest day of ``months`` months before ``newest``: whole ones, fewer where they would be too many rows."""
    month = max(newest.year * 12 + newest.month - 1 - months, 12)
    most = int(max(MOST_ROWS // max(per_day, 1), PAST_DAYS))
    return max(date(month // 12, month % 12 + 1, 1), newest - timedelta(days=most))


def seed(
    store: Store, past: Past, now_s: float, months: int, wait: Callable[[float], bool],
    progress: Callable[[float], object] = lambda share: None, seconds: Callable[[], float] = time.perf_counter,
) -> bool:  # fmt: skip
    """Put the last ``months`` months (0: none) before ``now_s`` (Unix) into ``store``, newest days first; for a thread.

    ``now_s`` must not lie after the beginning of the feed: what was open then, the feed tells. ``wait(seconds)`` sleeps
    and says whether to stop; ``progress`` takes the share that is done, 0 to 1; ``seconds`` measures how long a slice
    takes. How far it came is kept in the store, so that a second call goes on where the first was stopped or killed,
    and does nothing once all is there. Returns whether it is. What another demo city left behind stays as it is.
    Raises StoreError.
    """
    if months <= 0:
        return True
    marks = {name: at for (name, _), at in store.offsets(MARKS).items()}
    if marks.get(CITY, past.identity) != past.identity:
        log.info("the history holds the past of another demo city and keeps it; for this one choose a history_name")
        return True
    if (newest := marks.get(NEWEST)) is None:
        known = store.extent().first
        today = local_day(now_s, past.zone)
        newest = (min(known, today) if known else today).toordinal()
        store.put_incidents((), MARKS, {(NEWEST, 0): newest, (DONE, 0): 0, (CITY, 0): past.identity})
    first = first_day(date.fromordinal(newest), months, past.per_day).toordinal()
    following = newest - marks.get(DONE, 0)
    lost = gaps.between(past.seed, date.fromordinal(first), date.fromordinal(newest - PAST_DAYS - 1), past.zone)
    slice_days = max(int(SLICE_ROWS // max(past.per_day, 1)), 1)
    if following >= first:
        for gap in lost:
            store.note_gap(gap.begin_ms, gap.end_ms, "given", ORIGIN)
    while following >= first:
        progress((newest - following) / (newest - first + 1))
        begun_s = seconds()
        days = range(max(following - slice_days + 1, first), following + 1)
        store.put_table(past.table([date.fromordinal(day) for day in days], now_s, lost), ORIGIN)
        following = days[0] - 1
        store.put_incidents((), MARKS, {(DONE, 0): newest - following})
        if wait(REST * (seconds() - begun_s)):
            return False
    progress(1.0)
    return True


def _ids(of: date, calls: Ints) -> pa.Array:
    """As ``Day.incident_id``."""
    numbers = pc.utf8_lpad(pa.array(calls + 1).cast(pa.string()), 4, "0")
    return pc.binary_join_element_wise(f"{of:%y%m%d}", numbers, "-")


def _end(day: Day, calls: Ints) -> Ints:
    """Indexes into ENDS; as ``short_end`` and ``Records.closed``."""
    short = np.where(day.repeats[calls] >= 0, MERGED, np.where(day.diverted[calls], DIVERTED, INVALID))
    return np.where(day.is_short[calls], short, ENDED + (day.crew[calls] * len(DISPOSITIONS)).astype(np.int64))


def _ms(unix_s: NDArray[np.float64], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """As ``moment``."""
    return pa.array(np.rint(unix_s * 1000.0).astype(np.int64), mask=missing)
