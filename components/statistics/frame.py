"""What all blocks of the page share: their frame, and what each is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from analytics.figures.request import Grouping
from analytics.figures.result import About, Report, Row
from components.statistics.state import View
from components.statistics.words import Words

Drawn = dict[str, Any]  # "id.property" → its value
EMPTY = "block-empty"


@dataclass(frozen=True, slots=True)
class Block:
    """``name``: of its elements' ids and of its place in the grid; ``title``: key of its words; ``about``: the key of
    ``Report.about`` that its ƒ opens, "" for none; ``draw``: its outputs, pure; ``body``: what its frame holds, if not
    an empty element; ``charts``: ids of the Plotly charts in it."""

    name: str
    title: str
    about: str
    draw: Callable[[Sight], Drawn]
    body: Callable[[], Component] | None = None
    charts: tuple[str, ...] = ()

    def outputs(self) -> list[str]:
        """What its module draws."""
        return [f"{self.name}-note.children", f"{self.name}-body.children", f"{self.name}-marks.children",
                *(f"{told(chart)}.data" for chart in self.charts)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outline:
    """The border of a jurisdiction: rings of (lat, lon) in WGS-84 degrees."""

    code: str
    level: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What a block is drawn from: the report of a state, in one language, and what the city looks like. ``beside``:
    the rows of what the state narrows as they were without that, so that another can be chosen."""

    report: Report
    view: View
    words: Words
    zone: tzinfo
    today: date
    outlines: tuple[Outline, ...] = ()
    beside: Mapping[Grouping, list[Row]] = field(default_factory=dict)

    def about(self, block: Block) -> About | None:
        return self.report.about.get(block.about)


def frame(block: Block) -> html.Section:
    """A block of the page with its reserved place, before anything is known."""
    head = html.Header(
        [
            html.H2(id=f"{block.name}-title", className="block-title", **{"data-t": block.title}),
            html.Span(id=f"{block.name}-note", className="block-note"),
            html.Span(id=f"{block.name}-marks", className="block-marks"),
            opener(block.about) if block.about else None,
        ],
        className="block-head",
    )
    body = block.body() if block.body else html.Div(id=f"{block.name}-body", className="block-body")
    return html.Section(
        [head, body], id=block.name, className=f"block block-{block.name}",
        **{"aria-labelledby": f"{block.name}-title"},
    )  # fmt: skip


def opener(figure: str) -> html.Button:
    """The quiet ƒ that opens the drawer of a figure."""
    return html.Button(
        "ƒ", className="formula-open", type="button", **sets(figure=figure), **{"data-t-title": "formula.open"}
    )


def nothing(words: Words, key: str, **values: Any) -> html.P:
    """What stands where there is nothing to show."""
    return html.P(words(key, **values), className=EMPTY)


def without(sight: Sight, block: Block, key: str) -> html.P:
    """The same of a block, but a field that the source lacks is the better reason."""
    about = sight.about(block)
    if about and about.lacks:
        return html.P(lacking(sight.words, about.lacks), className=EMPTY)
    return nothing(sight.words, key)


def marks(sight: Sight, block: Block) -> list[Component]:
    """What weakens a block's figures: fields that the source lacks, incidents without them."""
    about, words = sight.about(block), sight.words
    if about is None:
        return []
    found: list[Component] = []
    if about.lacks:
        lacks = lacking(words, about.lacks)
        found.append(html.Span(lacks, className="mark mark-lacks", title=lacks))
    if about.more:
        found.append(html.Span(words("bars.more", n=words.number(about.more)), className="mark"))
    if about.missing:
        found.append(html.Span(words("bars.missing", n=words.number(about.missing)), className="mark"))
    return found


def lacking(words: Words, fields: Iterable[str]) -> str:
    """``The source lacks: arrival time``."""
    return words("lacks.field", fields=words.list([words(f"lacks.{field}") for field in fields]))


def told(id: str) -> str:
    """The store from which the browser draws a chart or a table's columns, in the sizes of its screen."""
    return f"{id}-told"


def toggles(parameter: str, value: object) -> dict[str, str]:
    """The attribute of an element that adds a value to a filter, or takes it out again."""
    return {"data-toggle": urlencode([(parameter, value)])}


def sets(**values: object) -> dict[str, str]:
    """The attribute of an element that sets parameters of the address; an empty value takes a parameter out."""
    return {"data-set": urlencode(values)}


def pressed(is_pressed: bool) -> str:
    return "true" if is_pressed else "false"
