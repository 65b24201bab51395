"""The questions of history in plain pandas, as somebody would write them who knows pandas well: the baseline.

One DataFrame in memory, a row an incident, words as categoricals, numbers as small as they go; a mask a span, a
groupby a figure. Columns are named as in data_feeds/history/schema.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import pandas as pd
import pyarrow as pa

from data_feeds.history.query import (
    OPTIONAL,
    Breaches,
    Counts,
    Dim,
    Filters,
    LastSeen,
    Present,
    Query,
    Rows,
    Span,
    Spreads,
    Tallies,
)  # fmt: skip

WORDS = ("category", "severity", "source", "kind", "place_class", "branch", "station", "zone")
CAUSES = ("answering", "dispatch", "turnout", "travel")
SHARES = [0.5, 0.9, 0.95]


def answer(rows: pd.DataFrame, query: Query) -> pd.DataFrame:
    """What the store answers to ``query``, in the same order of rows. Raises KeyError for what has no baseline."""
    return _ANSWERS[type(query)](rows, query)


def compare(answer: pa.Table, baseline: pd.DataFrame, query: Query) -> None:
    """Raises RuntimeError where the two do not tell the same."""
    if len(answer) != len(baseline):
        raise RuntimeError(f"{len(answer)} rows, {len(baseline)} in pandas: {query}")
    for name in set(answer.column_names) & {"n", "missing", "p50", "p90", "p95", "mean", "position", "on_scene"}:
        mine, other = (np.asarray(values, dtype=float) for values in (answer[name].to_pandas(), baseline[name]))
        if not np.allclose(mine, other, rtol=1e-6, equal_nan=True):
            raise RuntimeError(f"{name} is not the same as in pandas: {query}")


def _within(rows: pd.DataFrame, span: Span, where: Filters, columns: Sequence[str]) -> pd.DataFrame:
    first, last = (np.datetime64(max(day.isoformat(), "1900-01-01"), "s") for day in (span.first, span.last))
    dates = rows["local_date"].to_numpy()
    keep = (dates >= first) & (dates <= last)
    if span.until_minute is not None:
        keep &= (dates < last) | (rows["minute"].to_numpy() < span.until_minute)
    if where.scope:
        keep &= (rows["branch"] == where.scope) | (rows["station"] == where.scope) | (rows["zone"] == where.scope)
    for column, wanted in (
        ("kind", where.kinds), ("category", where.categories), ("severity", where.severities),
        ("source", where.sources), ("place_class", where.place_classes), ("zone", where.zones), ("hour", where.hours),
        ("weekday", where.weekdays),
    ):  # fmt: skip
        if len(wanted) == 1:
            keep &= rows[column] == wanted[0]
        elif wanted:
            keep &= rows[column].isin(wanted)
    for cell in where.cells:
        keep &= _parents(rows["h3_9"].to_numpy(), h3.get_resolution(cell)) == cell
    return rows.loc[keep, list(dict.fromkeys(columns))]


def _parents(cells: np.ndarray, resolution: int) -> np.ndarray:
    rest = np.uint64((1 << (3 * (15 - resolution))) - 1)
    return (cells & np.uint64(~(15 << 52) & (2**64 - 1))) | np.uint64(resolution << 52) | rest


def _keys(part: pd.DataFrame, by: Sequence[Dim], resolution: int = 8) -> list[Any]:
    made = {
        "date": lambda: part["local_date"], "month": lambda: part["local_date"].dt.to_period("M").dt.to_timestamp(),
        "cell": lambda: pd.Series(_parents(part["h3_9"].to_numpy(), resolution), part.index, name="cell"),
        "unit": lambda: part["unit_id"],
    }  # fmt: skip
    return [made[dim]().rename(dim) if dim in made else part[dim] for dim in by]


def _columns(by: Sequence[Dim]) -> list[str]:
    columns = {"date": "local_date", "month": "local_date", "cell": "h3_9", "unit": "unit_id"}
    return [columns.get(dim, dim) for dim in by] or ["kind"]


def _each(parts: list[pd.DataFrame]) -> pd.DataFrame:
    for span, part in enumerate(parts):
        part.insert(0, "span", span)
    return pd.concat(parts, ignore_index=True)


def _counts(rows: pd.DataFrame, query: Counts) -> pd.DataFrame:
    found = []
    for span in query.spans:
        part = _within(rows, span, query.where, _columns(query.by))
        keys = _keys(part, query.by, query.resolution)
        if keys:
            found.append(part.groupby(keys, observed=True, sort=True).size().rename("n").reset_index())
        else:
            found.append(pd.DataFrame({"n": [len(part)]}))
    return _each(found)


def _tallies(rows: pd.DataFrame, query: Tallies) -> pd.DataFrame:
    found = []
    for span in query.spans:
        part = _within(rows, span, query.where, list(query.words))
        sizes = {word: part[word].value_counts(sort=False) for word in sorted(query.words)}
        told = pd.concat({word: n[n > 0] for word, n in sizes.items()}, names=["word", "key"])
        found.append(told.rename("n").reset_index())
    return _each(found)


def _spreads(rows: pd.DataFrame, query: Spreads) -> pd.DataFrame:
    took = [f"{name}_s" for name in query.intervals]
    wanted = [query.by[:depth] for depth in (len(query.by), *sorted(query.prefixes, reverse=True))]
    found = []
    for index, span in enumerate(query.spans):
        part = _within(rows, span, query.where, [*_columns(query.by), *took])
        for by in wanted:
            keys = _keys(part, by) or [np.zeros(len(part), np.int8)]
            groups = part.groupby(keys, observed=True, sort=True)[took]
            size, count, mean, quantiles = groups.size(), groups.count(), groups.mean(), groups.quantile(SHARES)
            for name, column in zip(query.intervals, took, strict=True):
                told = pd.DataFrame({"interval": name, "n": count[column], "missing": size - count[column]})
                told[["p50", "p90", "p95"]] = quantiles[column].unstack()
                told["mean"] = mean[column]
                for limit in query.within_s:
                    told[f"within_{limit}"] = (part[column] <= limit).groupby(keys, observed=True, sort=True).sum()
                found.append(told.reset_index(drop=not by).assign(span=index, left_out=-len(by), place=len(found)))
    order = ["span", "left_out", *query.by, "place"]
    return pd.concat(found, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)


def _breaches(rows: pd.DataFrame, query: Breaches) -> pd.DataFrame:
    columns = [*_columns(query.by), "place_class", "response_s", *(f"{name}_s" for name in CAUSES)]
    found = []
    for span in query.spans:
        part = _within(rows, span, query.where, columns)
        late = part[part["response_s"] > part["place_class"].map(dict(query.targets)).astype(float)]
        over = pd.DataFrame({
            name: late[f"{name}_s"] - late["place_class"].map(
                {place: s for interval, place, s in query.allowances if interval == name}
            ).astype(float)
            for name in CAUSES
        })  # fmt: skip
        known = over[over.max(axis=1) > 0]
        cause = known.idxmax(axis=1).reindex(late.index, fill_value="unknown").rename("cause")
        found.append(late.groupby([*_keys(late, query.by), cause], observed=True).size().rename("n").reset_index())
    return _each(found)


def _rows(rows: pd.DataFrame, query: Rows) -> pd.DataFrame:
    part = _within(rows, query.span, query.where, rows.columns)
    if query.breaching:
        part = part[part["response_s"] > part["place_class"].map(dict(query.breaching)).astype(float)]
    column = {"received": "received_ms", "response": "response_s"}.get(query.order, query.order)
    ordered = part.sort_values([column, "incident_id"], ascending=[not query.descending, True])
    return ordered.iloc[query.offset : query.offset + query.limit]


def _last_seen(rows: pd.DataFrame, query: LastSeen) -> pd.DataFrame:
    part = _within(rows, Span(query.until.min, query.until), query.where, [query.by, "local_date"])
    days = part.groupby(query.by, observed=True)["local_date"]
    return days.agg(["max", "size"]).set_axis(["last", "n"], axis=1).reset_index()


def _present(rows: pd.DataFrame, query: Present) -> pd.DataFrame:
    names = {name: {"position": "h3_9"}.get(name, name if name in rows else f"{name}_ms") for name in OPTIONAL}
    found = []
    for span in query.spans:
        part = _within(rows, span, query.where, list(names.values()))
        told = {
            name: int((part[column] != "").sum() if column in WORDS else part[column].notna().sum())
            for name, column in names.items()
        }
        found.append(pd.DataFrame([{"n": len(part), **told}]))
    return _each(found)


_ANSWERS: dict[type, Any] = {
    Counts: _counts, Tallies: _tallies, Spreads: _spreads, Breaches: _breaches, Rows: _rows, LastSeen: _last_seen,
    Present: _present,
}  # fmt: skip
