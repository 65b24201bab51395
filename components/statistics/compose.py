"""From an address to everything that stands on the page: asked of the service, drawn by the blocks. Blocking."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from dash import html
from plotly.utils import PlotlyJSONEncoder

from analytics.figures.request import Grouping, Request
from analytics.figures.result import Report, Row
from components.statistics import drawer, head, ids, rows
from components.statistics.choices import Choices, Page, Service, Unanswered
from components.statistics.frame import Block, Drawn, Sight, nothing, sets, told
from components.statistics.page import BLOCKS
from components.statistics.state import View
from components.statistics.template import blank
from components.statistics.words import Words
from data_feeds.history.query import Rows

log = logging.getLogger("wallboard.statistics")

DIGITS = 12
ELSEWHERE = ("said.scope", "said.period.")  # an address that leads nowhere, while others do
NARROWED: tuple[Grouping, ...] = ("category", "severity", "source", "place_class")  # by a click on a row of theirs


@dataclass(frozen=True, slots=True)
class Asked:
    """A state with its report, in its language."""

    view: View
    choices: Choices
    report: Report
    words: Words
    request: Request


def ask(service: Service, page: Page, view: View) -> Asked:
    """The report of a state. Raises Unanswered."""
    choices = service.choices()
    words = Words(view.lang or page.lang, choices.names())
    scope = service.scope(view.scope)
    if scope is None:
        raise Unanswered("said.scope", name=view.scope)
    view = replace(view, scope=scope)
    request = service.request(view.period, view.date or choices.latest, view.key, view.filters())
    return Asked(view, choices, service.report(request), words, request)


def beside(service: Service, asked: Asked) -> dict[Grouping, list[Row]]:
    """The rows of what the state itself narrows, as they were without that: what else there is to choose."""
    view, place = asked.view, asked.choices.place(asked.view.scope)
    wider: dict[Grouping, dict[str, Any]] = {by: {by: ()} for by in NARROWED if getattr(view, by)}
    if place and place.level in ("branch", "station"):
        wider["branch"] = {"scope": ""}
    if place and place.level == "station":
        wider["station"] = {"scope": place.parent}
    found: dict[Grouping, list[Row]] = {}
    for by, change in wider.items():
        where = replace(view, **change).filters()
        found[by] = service.report(msgspec.structs.replace(asked.request, where=where, parts=("by",))).by.get(by, [])
    return found


def draw(asked: Asked, page: Page, others: Mapping[Grouping, list[Row]]) -> Drawn:
    """Every output of the page by its name; ``others``: see ``beside``. A block that fails says so, the rest stand."""
    report, view, words = asked.report, asked.view, asked.words
    zone, today = asked.choices.zone, asked.choices.today
    sight = Sight(report, view, words, zone, today, tuple(page.outlines), beside=others)
    drawn: Drawn = {}
    for block in BLOCKS:
        try:
            drawn |= block.draw(sight)
        except Exception:
            log.exception("block %s could not be drawn", block.name)
            drawn |= broken(block, words)
    drawn |= head.draw(report, view, asked.choices, words)
    drawn[f"{ids.GRID_COUNT}.children"] = words("rows.count", n=words.number(report.total.value))
    drawn[f"{ids.GRID_CSV}.href"] = drawer.csv(replace(view, figure="total"), page)
    drawn[f"{told(ids.GRID)}.data"] = rows.columns(words, report.data.lacks)
    return drawn


OUTPUTS = [
    *(output for block in BLOCKS for output in block.outputs()), *head.OUTPUTS,
    f"{ids.GRID_COUNT}.children", f"{ids.GRID_CSV}.href", f"{told(ids.GRID)}.data",
]  # fmt: skip


def broken(block: Block, words: Words) -> Drawn:
    """What stands in a block that could not be drawn."""
    drawn: Drawn = dict.fromkeys(block.outputs(), "")
    drawn |= {f"{told(chart)}.data": blank() for chart in block.charts}
    return drawn | {f"{block.name}-body.children": nothing(words, "block.broken")}


def digest(value: Any) -> str:
    """A short word that changes with what is drawn."""
    text = json.dumps(value, cls=PlotlyJSONEncoder, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=DIGITS).hexdigest()


def changed(drawn: Drawn, before: Mapping[str, Any]) -> tuple[Drawn, dict[str, str]]:
    """The outputs whose digest is another than ``before``, and the digests of all."""
    digests = {name: digest(value) for name, value in drawn.items()}
    return {name: value for name, value in drawn.items() if before.get(name) != digests[name]}, digests


def said(error: Unanswered, words: Words) -> list[Any]:
    """Why there is nothing to show."""
    told = html.Span(words(error.code, **{name: str(value) for name, value in error.values.items()}))
    if not error.code.startswith(ELSEWHERE):
        return [told]
    go = sets(period="", date="", key="", scope="")
    return [told, html.Button(words("said.latest"), type="button", className="plain", **go)]


def incidents_of(asked: Asked, figure: str) -> Rows | None:
    """The question of the incidents behind a figure; None where it does not rest on a list of them."""
    about = asked.report.about.get(figure or "total")
    return about.rows if about is not None and isinstance(about.rows, Rows) else None
