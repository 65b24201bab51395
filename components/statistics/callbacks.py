"""What the page asks of the server: the report of an address, pages of rows, the drawer. Nothing runs on the loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dash import ClientsideFunction, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.statistics import drawer, ids, rows
from components.statistics.choices import Page, Service, Unanswered
from components.statistics.compose import OUTPUTS, Asked, ask, beside, changed, draw, incidents_of, said
from components.statistics.frame import told
from components.statistics.page import sized
from components.statistics.state import parse
from components.statistics.words import Words
from data_feeds.history.query import Rows

log = logging.getLogger("wallboard.statistics")
T = TypeVar("T")
NOTHING: dict[str, Any] = {"rowData": [], "rowCount": 0}


def output(name: str) -> Output:
    """``id.property`` as Dash's Output."""
    id, _, prop = name.rpartition(".")
    return Output(id, prop)


def register(app: Any, service: Service, page: Page) -> None:
    """Every callback of the page on the Dash instance ``app``."""

    async def report(search: str | None, _: int | None, shown: dict[str, Any] | None) -> list[Any]:
        return await service.off_loop(lambda: _report(service, page, search, shown or {}))

    async def behind(search: str | None, is_open: bool | None) -> Any:
        if not parse(search).figure:
            if not is_open:
                raise PreventUpdate
            return False, *[no_update] * 4
        return await service.off_loop(lambda: _behind(service, page, search))

    app.callback(
        [*map(output, OUTPUTS), Output(ids.SHOWN, "data"), Output(ids.SAID, "children"),
         Output(ids.PAGE, "data-state")],
        Input(ids.URL, "search"), Input(ids.TICK, "n_intervals"), State(ids.SHOWN, "data"),
        running=[(Output(ids.PAGE, "data-busy"), "true", "")],
    )(report)  # fmt: skip
    app.callback(
        Output(ids.DRAWER, "opened"), Output(ids.DRAWER, "title"), Output(ids.DRAWER_BODY, "children"),
        Output(told(ids.DRAWER_GRID), "data"), Output(ids.place(ids.DRAWER_GRID), "className"),
        Input(ids.URL, "search"), State(ids.DRAWER, "opened"),
    )(behind)  # fmt: skip
    _table(app, service, page, ids.GRID, lambda _: "total")
    _table(app, service, page, ids.DRAWER_GRID, lambda search: parse(search).figure)
    for name, inputs in IN_BROWSER.items():
        heard = [Input(*one) for one in inputs]
        function = ClientsideFunction("statistics", name)
        app.clientside_callback(function, Output(ids.DONE, f"data-{name}"), *heard, State(ids.SHOWN, "data"))
    app.clientside_callback(
        ClientsideFunction("statistics", "controls"), Output(ids.DATE, "value"), Output(ids.SCOPE, "value"),
        Output(ids.CATEGORY, "value"), Input(ids.SHOWN, "data"), prevent_initial_call=True,
    )  # fmt: skip
    for id, prop in sized().items():
        app.clientside_callback(ClientsideFunction("statistics", prop), Output(id, prop), Input(told(id), "data"))
    for id in ids.TABLES:
        app.clientside_callback(
            ClientsideFunction("statistics", "table"), Output(ids.place(id), "children"), Input(ids.near(id), "data"),
            prevent_initial_call=True,
        )  # fmt: skip


IN_BROWSER = {  # assets/js/stats/callbacks.js
    "address": [(ids.URL, "search")],
    "drawn": [(ids.SHOWN, "data")],
    "chosen": [(ids.DATE, "value"), (ids.SCOPE, "value"), (ids.CATEGORY, "value")],
    "closed": [(ids.DRAWER, "opened")],
}


def _table(app: Any, service: Service, page: Page, grid: str, figure_of: Callable[[str | None], str]) -> None:
    async def page_of_rows(request: dict[str, Any] | None, search: str | None) -> dict[str, Any]:
        if not request:
            raise PreventUpdate
        figure = figure_of(search)
        return await service.off_loop(lambda: _rows(service, page, search, figure, request))

    app.callback(
        Output(grid, "getRowsResponse"), Input(grid, "getRowsRequest"), State(ids.URL, "search"),
        prevent_initial_call=True,
    )(page_of_rows)  # fmt: skip


def _report(service: Service, page: Page, search: str | None, shown: Mapping[str, Any]) -> list[Any]:
    """The page's outputs in their order, then what was shown, what is said and the state of the page."""
    view = parse(search)
    lang = view.lang or page.lang
    try:
        asked = ask(service, page, view)
        drawn = draw(asked, page, beside(service, asked))
    except Unanswered as error:
        state = "stale" if error.stale else "none"
        return [*[no_update] * len(OUTPUTS), no_update, said(error, Words(lang)), state]
    except Exception:
        log.exception("the statistics of %r could not be made", search)
        return [*[no_update] * len(OUTPUTS), no_update, said(Unanswered("said.failed"), Words(lang)), "stale"]
    news, digests = changed(drawn, shown.get("digests") or {})
    told = {"digests": digests, "version": asked.report.data.version, "controls": _controls(asked)}
    return [*(news.get(name, no_update) for name in OUTPUTS), told, [], "shown"]


def _controls(asked: Asked) -> dict[str, Any]:
    """What the controls were set to, so that the browser can tell a person's choice from the page's own."""
    return {
        "date": str(asked.report.request.date), "scope": asked.view.scope, "category": list(asked.view.category),
        "lang": asked.words.lang,
    }  # fmt: skip


def _behind(service: Service, page: Page, search: str | None) -> tuple[Any, ...]:
    view = parse(search)
    try:
        asked = ask(service, page, view)
    except Unanswered as error:
        words = Words(view.lang or page.lang)
        return True, drawer.title(view, words), said(error, words), [], "grid grid-gone"
    words = asked.words
    facts = drawer.facts(asked.report, asked.view, asked.choices, words, page)
    has_rows = _listed(asked, view.figure) is not None
    heads = _heads(service, asked, view.figure) if has_rows else []
    return True, drawer.title(view, words), facts, heads, "grid" if has_rows else "grid grid-gone"


def _listed(asked: Asked, figure: str) -> Any:
    """The query behind a figure; None where it has none."""
    about = asked.report.about.get(figure)
    return about.rows if about is not None else None


def _heads(service: Service, asked: Asked, figure: str) -> list[dict[str, Any]]:
    query = _listed(asked, figure)
    if isinstance(query, Rows):
        return rows.columns(asked.words, asked.report.data.lacks)
    return rows.plain(service.table(query), asked.words)[0]


def _rows(service: Service, page: Page, search: str | None, figure: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the rows behind a figure."""
    try:
        asked = ask(service, page, parse(search))
        query = incidents_of(asked, figure)
        if query is None:
            other = _listed(asked, figure)
            if other is None:
                return NOTHING
            found = rows.plain(service.table(other), asked.words)[1]
            start = rows.ordered(Rows(asked.report.period.span), request).offset
            return {"rowData": found[start : start + rows.PAGE_ROWS], "rowCount": len(found)}
        query = rows.ordered(query, request)
        counting = rows.counting(query)
        total = sum(service.table(counting)["n"].to_pylist()) if counting else None
        return rows.answer(query, service.table(query), total, asked.words, asked.choices.zone)
    except Unanswered:
        return NOTHING
