"""What charts have in common: their scale, their grid, the words below and above them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import floor, log10

from briefings.document import Cell, Chart, Kind
from briefings.palette import INK_2, INK_3, LINE, LINE_STRONG
from briefings.svg import Picture
from briefings.typeface import width

Write = Callable[[Kind, Cell, int], str]  # a value in the words of the document's language

SMALL, USUAL = 7.0, 7.5  # sizes of type
GAP = 5.0
SMALLEST = 1e-9  # less is nothing
CLOCK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
Sign = Callable[[Picture, float, float], None]
LegendItem = tuple[str, Sign]


def ticks(highest: float, kind: Kind, wanted: int = 4) -> list[float]:
    """Round values from 0 to ``highest`` or above."""
    if highest < SMALLEST:
        return [0.0, 1.0]
    rough = highest / wanted
    whole = kind in ("count", "rank")
    if kind == "seconds" and rough <= CLOCK_STEPS[-1]:
        step: float = next(one for one in CLOCK_STEPS if one >= rough)
    else:
        power = 10.0 ** floor(log10(rough))
        step = next(one * power for one in (1.0, 2.0, 2.5, 5.0, 10.0) if one * power >= rough * 0.999)
        step = max(1.0, float(round(step))) if whole else step
    count = int(-(-highest // step)) or 1
    return [step * k for k in range(count + 1)]


def tick_words(values: Sequence[float], chart: Chart, write: Write) -> list[str]:
    """``values`` as the axis names them: shares and the like without digits that are all zero."""
    if chart.kind == "share":
        return [f"{value * 100:g}%" for value in values]
    whole = all(float(value).is_integer() for value in values)
    return [write("count" if whole and chart.kind == "number" else chart.kind, value, chart.digits) for value in values]


def grid(picture: Picture, left: float, right: float, marks: Iterable[tuple[float, str]]) -> None:
    """Lines across, ``marks`` as (y, words); the first is the base."""
    for k, (y, words) in enumerate(marks):
        picture.line([(left, y), (right, y)], stroke=LINE if k else LINE_STRONG)
        picture.text(left - GAP, y + 2.4, words, SMALL, INK_3, "end")


def labels_below(
    picture: Picture, centres: Sequence[float], labels: Sequence[str], y: float, size: float = SMALL
) -> None:
    """As many of ``labels`` as have room, evenly spaced, the first among them."""
    if not labels:
        return
    space = (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else picture.width
    widest = max(width(label, size) for label in labels) + 6
    every = next((k for k in (1, 2, 3, 4, 6, 7, 12, 24) if k * space >= widest), max(1, int(widest / space) + 1))
    for k in range(0, len(labels), every):
        x = min(max(centres[k], width(labels[k], size) / 2), picture.width - width(labels[k], size) / 2)
        picture.text(x, y, labels[k], size, INK_3, "middle")


def legend(picture: Picture, items: Sequence[LegendItem], x: float, y: float) -> float:
    """The words of what is drawn, in lines from (x, y) on; returns the y below. A sign takes 16 points."""
    at = x
    for words, sign in items:
        wide = 20 + width(words, USUAL) + 12
        if at > x and at + wide > picture.width:
            at, y = x, y + 12
        sign(picture, at, y - 2.6)
        picture.text(at + 20, y, words, USUAL, INK_2)
        at += wide
    return y + 12 if items else y


def legend_height(items: Sequence[LegendItem], space: float) -> float:
    """How high ``legend`` will be in ``space``."""
    at, lines = 0.0, 1
    for words, _ in items:
        wide = 20 + width(words, USUAL) + 12
        if at and at + wide > space:
            at, lines = 0.0, lines + 1
        at += wide
    return 12.0 * lines if items else 0.0


def sign_line(stroke: str, thick: float, dashes: str = "") -> Sign:
    return lambda picture, x, y: picture.line([(x, y), (x + 16, y)], stroke, thick, dashes)


def sign_area(fill: str) -> Sign:
    return lambda picture, x, y: picture.rect(x, y - 3.5, 16, 7, fill)

