"""The questions of data_feeds.history.query answered in plain pandas: an independent second implementation for tests.

Written from the docstrings of the queries alone and meant to be read, not to be fast. Rows come in as columns of
``store.RAW``; nothing is shared with the embedded store but the shapes. Homes by outlines are not worked out: branch,
station and zone are the source's own words. Patrol and drones, of which there are none here, are left to the store's
own tests.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa

from data_feeds.history.query import (
    CAUSES,
    INTERVALS,
    KINDS,
    OPTIONAL,
    Breaches,
    Counts,
    Detected,
    DronesKnown,
    Filters,
    Flown,
    Gaps,
    LastSeen,
    Present,
    Rows,
    Span,
    Spreads,
    Tallies,
)
from data_feeds.history.store import RAW

TIMES = [name for name in RAW.names if name.endswith("_ms")]
FROM_TO = {
    "answering": ("call_received_ms", "answered_ms"), "dispatch": ("call_received_ms", "dispatched_ms"),
    "accepting": ("dispatched_ms", "accepted_ms"), "turnout": ("dispatched_ms", "enroute_ms"),
    "travel": ("enroute_ms", "on_scene_ms"),
    "response": ("call_received_ms", "on_scene_ms"), "handling": ("on_scene_ms", "closed_ms"),
}  # fmt: skip
WORDS = ("category", "severity", "source", "place_class", "branch", "station", "zone", "place", "disposition",
         "unit_id")  # fmt: skip
ALL = Filters(kinds=())
DRONES_TOLD = ["minutes", "sorties", "drones"]


class PandasStore:
    """``run`` answers like a Store. ``raw``: any subset of the columns of RAW; of an id the highest version counts.

    ``gaps``: (begin_ms, end_ms, how).
    """

    def __init__(self, raw: pd.DataFrame, zone: str, day_start_minute: int = 0, gaps=(), origin: str = "test") -> None:
        self.zone, self.start, self.gaps = ZoneInfo(zone), day_start_minute, list(gaps)
        self.rows = derived(raw, zone, day_start_minute)
        self.rows["origin"] = origin
        self._days = self.rows.local_date.map(date.toordinal).to_numpy()
        self._kept: dict = {}  # one report asks for the same incidents by many dims

    def run(self, query) -> pa.Table:
        answer = {
            Counts: self._counts, Tallies: self._tallies, Spreads: self._spreads, Breaches: self._breaches,
            Rows: self._rows, LastSeen: self._last_seen, Present: self._present, Gaps: self._gaps,
            Flown: self._no_drones, Detected: self._no_drones, DronesKnown: self._no_drones,
        }[type(query)]  # fmt: skip
        return pa.Table.from_pandas(answer(query), preserve_index=False)

    def _no_drones(self, query: Flown | Detected | DronesKnown) -> pd.DataFrame:
        if isinstance(query, DronesKnown):
            return pd.DataFrame({"flown": [None], "detected": [None], "last_ms": [None]})
        return pd.DataFrame(columns=["span", *query.by, *(["n"] if isinstance(query, Detected) else DRONES_TOLD)])

    def within(self, span: Span, where: Filters = ALL) -> pd.DataFrame:
        """The incidents of one span that pass ``where``."""
        if (span, where) not in self._kept:
            first, last = span.first.toordinal(), span.last.toordinal()
            keep = (self._days >= first) & (self._days <= last)
            if span.until_minute is not None:
                keep &= (self._days < last) | (self.rows.minute < span.until_minute).to_numpy()
            rows = self.rows[keep]
            self._kept[span, where] = rows[passes(rows, where)]
        return self._kept[span, where]

    def _each(self, spans, where: Filters) -> pd.DataFrame:
        parts = [self.within(span, where).assign(span=index) for index, span in enumerate(spans)]
        return pd.concat(parts, ignore_index=True) if parts else self.rows.iloc[:0].assign(span=0)

    def _grouped(self, rows: pd.DataFrame, by, resolution: int = 8) -> tuple[pd.DataFrame, list[str]]:
        rows = rows.rename(columns={"local_date": "date", "unit_id": "unit"})
        if "month" in by:
            rows = rows.assign(month=[day.replace(day=1) for day in rows["date"]])
        if "cell" in by:
            rows = rows[rows.h3_9.notna()]
            rows = rows.assign(cell=[np.uint64(h3.cell_to_parent(int(cell), resolution)) for cell in rows.h3_9])
        return rows, ["span", *by]

    def _counts(self, query: Counts) -> pd.DataFrame:
        rows, keys = self._grouped(self._each(query.spans, query.where), query.by, query.resolution)
        return rows.groupby(keys, sort=True).size().rename("n").reset_index()

    def _tallies(self, query: Tallies) -> pd.DataFrame:
        rows = self._each(query.spans, query.where)
        told = [
            rows.groupby(["span", word]).size().rename("n").rename_axis(["span", "key"]).reset_index().assign(word=word)
            for word in query.words
        ]
        return pd.concat(told)[["span", "word", "key", "n"]].sort_values(["span", "word", "key"], ignore_index=True)

    def _spreads(self, query: Spreads) -> pd.DataFrame:
        rows, keys = self._grouped(self._each(query.spans, query.where), query.by)
        out = []
        for _, own in rows.groupby("span", sort=True):
            for depth in (len(query.by), *sorted(query.prefixes, reverse=True)):
                for group, part in own.groupby(keys[: 1 + depth], sort=True):
                    out += self._spread(query, dict(zip(keys, group, strict=False)), part)
        within = [f"within_{s}" for s in query.within_s]
        return pd.DataFrame(out, columns=[*keys, "interval", "n", "missing", "p50", "p90", "p95", "mean", *within])

    def _spread(self, query: Spreads, group: dict, part: pd.DataFrame) -> list[dict]:
        out = []
        for name in query.intervals:
            took = part[f"{name}_s"].dropna().to_numpy()
            p50, p90, p95 = np.percentile(took, [50, 90, 95]) if len(took) else (None, None, None)
            row = {**group, "interval": name}
            row |= {"n": len(took), "missing": len(part) - len(took), "p50": p50, "p90": p90, "p95": p95}
            row["mean"] = took.mean() if len(took) else None
            out.append(row | {f"within_{s}": int((took <= s).sum()) for s in query.within_s})
        return out

    def _breaches(self, query: Breaches) -> pd.DataFrame:
        rows, keys = self._grouped(self._each(query.spans, query.where), query.by)
        targets, allowed = dict(query.targets), {(i, place): s for i, place, s in query.allowances}
        late = rows[beyond(rows, targets)]
        cause = []
        for _, row in late.iterrows():
            over = {
                name: row[f"{name}_s"] - allowed[name, row.place_class]
                for name in CAUSES[:-1]
                if (name, row.place_class) in allowed and pd.notna(row[f"{name}_s"])
            }
            cause.append(max(over, key=lambda name: over[name]) if max(over.values(), default=0) > 0 else "unknown")
        late = late.assign(cause=cause)
        late["cause"] = late["cause"].astype(object)
        return late.groupby([*keys, "cause"], sort=True).size().rename("n").reset_index()

    def _rows(self, query: Rows) -> pd.DataFrame:
        rows = self.within(query.span, query.where)
        if query.breaching:
            rows = rows[beyond(rows, dict(query.breaching))]
        column = {"received": "received_ms", "response": "response_s"}.get(query.order, query.order)
        rows = rows.sort_values([column, "incident_id"], ascending=[not query.descending, True], kind="stable")
        return rows.iloc[query.offset : query.offset + query.limit].reset_index(drop=True)

    def _last_seen(self, query: LastSeen) -> pd.DataFrame:
        rows = self.within(Span(date.min, query.until), query.where)
        rows = rows[rows[query.by] != ""]
        found = rows.groupby(query.by, sort=True).local_date.agg(last="max", n="size").reset_index()
        return found.rename(columns={query.by: "key"})

    def _present(self, query: Present) -> pd.DataFrame:
        out = []
        for index, span in enumerate(query.spans):
            rows = self.within(span, query.where)
            row = {"span": index, "n": len(rows)}
            for name in OPTIONAL:
                if name == "position":
                    row[name] = int(rows.lat.notna().sum())
                elif f"{name}_ms" in rows:
                    row[name] = int(rows[f"{name}_ms"].notna().sum())
                else:
                    row[name] = int((rows[name] != "").sum())
            out.append(row)
        return pd.DataFrame(out, columns=["span", "n", *OPTIONAL])

    def _gaps(self, query: Gaps) -> pd.DataFrame:
        out = []
        for index, span in enumerate(query.spans):
            begin, end = self.bounds(span)
            for gap_begin, gap_end, how in sorted(self.gaps):
                if max(begin, gap_begin) < min(end, gap_end):
                    out.append((index, int(max(begin, gap_begin)), int(min(end, gap_end)), how))
        return pd.DataFrame(out, columns=["span", "begin_ms", "end_ms", "how"])

    def bounds(self, span: Span) -> tuple[float, float]:
        """Begin and end of a span in Unix ms, by reading the clock (of a time that comes twice: the first)."""
        def at(day: date, minute: int) -> float:
            wall = datetime(day.year, day.month, day.day) + timedelta(minutes=self.start + minute)
            return pd.Timestamp(wall).tz_localize(
                self.zone, ambiguous=True, nonexistent="shift_forward"
            ).timestamp() * 1000.0

        return at(span.first, 0), at(span.last, 1440 if span.until_minute is None else span.until_minute)


def derived(raw: pd.DataFrame, zone: str, day_start_minute: int = 0) -> pd.DataFrame:
    """Rows of RAW → rows of the incidents table: newest version of each, with days, kind, intervals and cell."""
    rows = raw.reindex(columns=RAW.names).copy()
    rows["version"] = rows["version"].fillna(1)
    rows = rows.sort_values("version", kind="stable").drop_duplicates("incident_id", keep="last").sort_index()
    for name in WORDS:
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "")
    rows[TIMES] = rows[TIMES].astype(float)
    later = rows[["dispatched_ms", "accepted_ms", "enroute_ms", "on_scene_ms"]].min(axis=1)
    rows["received_ms"] = rows.call_received_ms.fillna(later).fillna(rows.closed_ms)
    rows = rows[rows.received_ms.notna()].reset_index(drop=True)
    times = pd.to_datetime(rows.received_ms.astype("int64"), unit="ms", utc=True)
    wall = times.dt.tz_convert(zone).dt.tz_localize(None)
    business = wall - pd.Timedelta(minutes=day_start_minute)
    rows["local_date"], rows["weekday"] = business.dt.date, business.dt.day_of_week + 1
    rows["minute"], rows["hour"] = business.dt.hour * 60 + business.dt.minute, wall.dt.hour
    rows["kind"] = [kind_of(row) for row in rows.itertuples()]
    for name, (begin, end) in FROM_TO.items():
        took = (rows[end] - rows[begin]) / 1000.0
        rows[f"{name}_s"] = took.where(took >= 0)
    placed = rows.lat.notna() & rows.lon.notna()
    cells = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in zip(rows.lat[placed], rows.lon[placed], strict=True)]
    rows["h3_9"] = pd.Series(cells, index=rows.index[placed], dtype="UInt64").reindex(rows.index)
    return rows


def kind_of(row) -> str:
    """The first of exercise, invalid, diverted that holds, else counted."""
    if row.exercise is True or row.exercise == 1:
        return "exercise"
    if row.valid is False or row.valid == 0:
        return "invalid"
    return "diverted" if row.diverted is True or row.diverted == 1 else "counted"


def beyond(rows: pd.DataFrame, targets: dict[str, int]) -> pd.Series:
    """Which responses took longer than the target of their place class."""
    return rows.response_s > rows.place_class.map(lambda place: targets.get(place, np.inf)).astype(float)


def passes(rows: pd.DataFrame, where: Filters) -> pd.Series:
    """Which rows pass: every condition that is given."""
    keep = pd.Series(True, index=rows.index)
    if where.scope not in ("", "city"):
        keep &= rows[["branch", "station", "zone"]].eq(where.scope).any(axis=1)
    for column, wanted in (
        ("kind", where.kinds), ("category", where.categories), ("severity", where.severities),
        ("source", where.sources), ("place_class", where.place_classes), ("zone", where.zones), ("hour", where.hours),
        ("weekday", where.weekdays),
    ):  # fmt: skip
        if wanted:
            keep &= rows[column].isin(wanted)
    if where.cells:
        inside = [
            pd.notna(cell)
            and any(h3.cell_to_parent(int(cell), h3.get_resolution(wanted)) == wanted for wanted in where.cells)
            for cell in rows.h3_9
        ]
        keep &= pd.Series(inside, index=rows.index, dtype=bool)
    return keep


assert set(FROM_TO) == set(INTERVALS)
assert set(KINDS) == {"counted", "exercise", "invalid", "diverted"}
