"""What is behind a figure: its formula in words, filters, period and comparators, gaps, and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analytics.figures.result import About, Comparison, Report
from briefings.said import named
from components.statistics import head, ids, rows
from components.statistics.choices import Choices, Page
from components.statistics.frame import lacking
from components.statistics.state import View, search_of
from components.statistics.words import Words
from components.texts import LANGUAGES
from components.texts_formulas import FORMULAS
from data_feeds.history.query import Span


def render() -> dmc.Drawer:
    """Closed, and there from the beginning."""
    grid = rows.render(ids.DRAWER_GRID)
    return dmc.Drawer(
        [html.Div(id=ids.DRAWER_BODY, className="drawer-facts"), grid],
        id=ids.DRAWER, opened=False, position="right", size="min(96vw, 62rem)", keepMounted=True,
        overlayProps={"backgroundOpacity": 0.35}, className="drawer", closeOnEscape=True, trapFocus=True,
    )  # fmt: skip


def facts(report: Report, view: View, choices: Choices, words: Words, page: Page) -> list[Component]:
    """Everything about the figure that the address has opened."""
    about = report.about.get(view.figure)
    if about is None:
        return [html.P(words("formula.unknown", name=view.figure), className="block-empty")]
    filters = rows.told(about.where, words) or [words("formula.all")]
    comparators = [_comparator(one, report, words) for one in report.comparators]
    gaps = head.gap_lines([*report.data.gaps, *report.data.gaps_before], words, choices) or [words("formula.nogaps")]
    missing = [words("formula.missing", n=words.number(about.missing))] if about.missing else []
    if about.lacks:
        missing.append(lacking(words, about.lacks))
    if about.note:
        missing.append(words(f"note.{about.note}"))
    parts = [
        _part("formula.title", formula(about, words).split("\n"), words),
        _part("formula.filters", filters, words),
        _part("formula.period", [_span(report.period.span, words)], words),
        _part("formula.against", comparators, words),
        _part("formula.gaps", gaps, words),
        _part("formula.missing.title", missing, words),
    ]
    return [*_download(view, words, page), *(part for part in parts if part)]


def formula(about: About, words: Words) -> str:
    """The formula in words."""
    pair = FORMULAS.get(about.formula)
    return pair[LANGUAGES.index(words.lang)] if pair else about.formula


def title(view: View, words: Words) -> str:
    """What the drawer is about."""
    key = f"{view.figure.removeprefix('by.')}.title"
    return words(DRAWER_TITLES.get(view.figure, key))


def csv(view: View, page: Page) -> str:
    """Where the rows of a state are to be had as CSV."""
    asked = replace(view, vs="", key=view.key if view.period == "key" else "")  # the address knows no other words
    query = search_of(asked).removeprefix("?")
    return f"{page.csv}?{query}" if page.csv else ""


DRAWER_TITLES = {"apart": "total.apart", "breaches": "response.causes"}


def _part(key: str, lines: Sequence[str], words: Words) -> Component | None:
    if not any(lines):
        return None
    return html.Section([html.H3(words(key)), *(html.P(line) for line in lines if line)], className="fact")


def _span(span: Span, words: Words) -> str:
    until = f" {span.until_minute // 60:02d}:{span.until_minute % 60:02d}" if span.until_minute is not None else ""
    return words.span(span.first, span.last) + (f" ({words('drawer.until', time=until.strip())})" if until else "")


def _comparator(one: Comparison, report: Report, words: Words) -> str:
    used = [_span(one.spans[at], words) for at in one.used]
    dropped = len(one.spans) - len(used)
    parts = [words.list(used) or words("vs.none")]
    if dropped:
        parts.append(words("drawer.dropped", n=dropped))
    if one.aligned:
        parts.append(words(f"vs.{one.aligned}"))
    parts += [words(f"vs.why.{why}") for why in one.why]
    return f"{words(named(one.id, report.period.kind))}: {' · '.join(parts)}"


def _download(view: View, words: Words, page: Page) -> list[Component]:
    address: Any = csv(view, page)
    if not address:
        return []
    return [html.A(words("rows.csv"), href=address, download="", className="plain download")]
