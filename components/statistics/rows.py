"""The incidents behind a figure as a table: AG Grid asks for pages of rows, and gets them in the viewer's words.

Free text is never among them, and no private person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

import dash_ag_grid as dag
import msgspec
import pyarrow as pa
from dash import html
from plotly.utils import PlotlyJSONEncoder

from components.statistics import ids
from components.statistics.words import Words
from data_feeds.history.query import Counts, Filters, Rows

PAGE_ROWS = 100
MAX_OFFSET = 1_000_000
ORDERS = {"received": "received", "response": "response_s", "category": "category", "severity": "severity"}
NAMED = ("category", "severity", "source", "place_class", "branch", "station", "zone")
TOOK = ("dispatch_s", "turnout_s", "travel_s", "response_s", "handling_s")
NEEDS = {
    "response_s": {"call_received", "on_scene"}, "dispatch_s": {"call_received", "dispatched"},
    "turnout_s": {"dispatched", "enroute"}, "travel_s": {"enroute", "on_scene"}, "handling_s": {"on_scene", "closed"},
}  # fmt: skip
WIDEST = "place"  # takes the room that is left
COLUMNS = (
    ("received", 150), ("incident_id", 120), ("category", 130), ("severity", 80), ("source", 90), ("branch", 115),
    ("station", 140), ("zone", 125), ("place", 150), ("place_class", 90), ("response_s", 92), ("dispatch_s", 92),
    ("turnout_s", 92), ("travel_s", 92), ("handling_s", 92), ("units", 70), ("disposition", 160),
)  # fmt: skip


def render(id: str) -> html.Div:
    """The place of a table; the browser fills it when it comes into view (assets/js/stats/tables.js)."""
    table = json.dumps(_table(id), cls=PlotlyJSONEncoder, separators=(",", ":"))
    return html.Div(id=ids.place(id), className="grid", **{"data-table": table})


def _table(id: str) -> dag.AgGrid:
    """An empty table that asks for its rows as it is scrolled."""
    return dag.AgGrid(
        id=id,
        columnDefs=[],
        rowModelType="infinite",
        className="grid-inner",
        dashGridOptions={
            "theme": {"function": "statisticsTheme(themeQuartz)"},
            "cacheBlockSize": PAGE_ROWS, "maxBlocksInCache": 20, "infiniteInitialRowCount": 1,
            "maxConcurrentDatasourceRequests": 1, "blockLoadDebounceMillis": 60,
            "enableCellTextSelection": True, "animateRows": False,
            "suppressMovableColumns": True, "suppressCellFocus": False, "suppressDragLeaveHidesColumns": True,
        },
        defaultColDef={"resizable": True, "sortable": False, "suppressHeaderMenuButton": True},
        style={"height": None, "width": None},
    )  # fmt: skip


def columns(words: Words, lacks: Collection[str] = ()) -> list[dict[str, Any]]:
    """The columns in the viewer's language, without those that need what the source ``lacks`` (fields of
    query.OPTIONAL). Sorted is by what the history sorts by; results of handling are in the source's own words."""
    sortable = set(ORDERS.values())
    return [
        {
            "field": name, "headerName": words(f"row.{name}"),
            "headerTooltip": words(f"row.{name}"), "minWidth": width if name == WIDEST else 70,
            "width": width, "flex": 1 if name == WIDEST else None,
            "sortable": name in sortable, "sortingOrder": ["desc", "asc"],
            "type": "rightAligned" if name in (*TOOK, "units") else None, "tooltipField": name,
        }
        for name, width in COLUMNS
        if not NEEDS.get(name, {name}) & set(lacks)
    ]  # fmt: skip


def ordered(query: Rows, request: Mapping[str, Any]) -> Rows:
    """``query`` as the table asks for it: a page of rows in an order. What the browser sends is not trusted."""
    sort = request.get("sortModel")
    first = sort[0] if isinstance(sort, list) and sort and isinstance(sort[0], dict) else {}
    order = next((order for order, column in ORDERS.items() if column == first.get("colId")), None)
    offset = request.get("startRow")
    offset = offset if isinstance(offset, int) and not isinstance(offset, bool) else 0
    changes: dict[str, Any] = {"offset": max(0, min(offset, MAX_OFFSET)), "limit": PAGE_ROWS}
    if order:
        changes |= {"order": order, "descending": first.get("sort") != "asc"}
    return msgspec.structs.replace(query, **changes)


def answer(query: Rows, table: pa.Table, total: int | None, words: Words, zone: tzinfo) -> dict[str, Any]:
    """What the table is given: rows in the viewer's words, and how many there are, as soon as that is known."""
    rows = shown(table.to_pylist(), words, zone)
    end = query.offset + len(rows)
    count = total if total is not None else end if len(rows) < PAGE_ROWS else None
    return {"rowData": rows, "rowCount": count}


def counting(query: Rows) -> Counts | None:
    """The question of how many rows there are in all; None for those whose number only the rows themselves tell."""
    return None if query.breaching else Counts((query.span,), (), query.where)


def shown(rows: Sequence[Mapping[str, Any]], words: Words, zone: tzinfo) -> list[dict[str, Any]]:
    """The rows with names, times in the city's zone, and minutes and seconds."""
    made = []
    for row in rows:
        one: dict[str, Any] = {}
        for name, _ in COLUMNS:
            value = row.get("received_ms" if name == "received" else name)
            if name == "received":
                one[name] = "" if value is None else f"{datetime.fromtimestamp(value / 1000, zone):%Y-%m-%d %H:%M:%S}"
            elif name in TOOK:
                one[name] = "" if value is None else words.took(value)
            elif name in NAMED:
                one[name] = words.name(name, value) if value else ""
            else:
                one[name] = "" if value is None else value
        made.append(one)
    return made


def plain(table: pa.Table, words: Words) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Columns and rows of an answer that is no list of incidents: patrol minutes, when zones last had one."""
    names = [name for name in table.column_names if name != "span"]
    heads = [{"field": name, "headerName": words(f"row.{name}"), "width": 140} for name in names]
    rows = [
        {name: _plain(name, row[name], words) for name in names} for row in table.slice(0, PAGE_ROWS * 20).to_pylist()
    ]
    return heads, rows


def _plain(name: str, value: Any, words: Words) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return words.name(name, value) if isinstance(value, str) else value


def told(where: Filters, words: Words) -> list[str]:
    """Filters in words, one a kind."""
    parts = [("scope", (where.scope,) if where.scope else ()), ("category", where.categories),
             ("severity", where.severities), ("source", where.sources), ("place_class", where.place_classes),
             ("zone", where.zones), ("hour", where.hours), ("weekday", where.weekdays),
             ("cell", tuple(f"{cell:x}" for cell in where.cells))]  # fmt: skip
    lines = [
        f"{words(f'filter.{kind}')}: {words.list([words.name(kind, value) for value in values])}"
        for kind, values in parts
        if values
    ]
    if where.kinds != ("counted",):
        lines.append(words.list([words(f"kind.{kind}") for kind in where.kinds]) or words("kind.all"))
    return lines
