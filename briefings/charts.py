"""A chart as a picture: own SVG, no library, the same bytes for the same values. Upright shapes; others in charts_rows.

Every shape draws what is there: a value that nobody can tell is a hole, a time that was not recorded is hatched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from briefings import charts_rows
from briefings.axes import (
    GAP,
    SMALL,
    LegendItem,
    Write,
    grid,
    labels_below,
    legend,
    legend_height,
    sign_area,
    sign_line,
    tick_words,
    ticks,
)
from briefings.document import Chart, Series
from briefings.palette import BAR, BEFORE, CALM, CHANCE, INK, INK_2, INK_3, LINE_STRONG, ORANGE, WELL
from briefings.svg import Picture, Spot, trail
from briefings.typeface import fitted, width

WIDE = 504.0  # points: between the margins of an A4 page
LINE_HIGH, COLUMNS_HIGH = 138.0, 120.0
BELOW, HATCH = 13.0, 6.0
SPARE, TIERS = 11.0, 2  # of words beside a mark: how far below it (half of that above), and in how many lines
MEAN_DASHES, BEFORE_DASHES = "0.4 2.4", "4 3"
Height = Callable[[float], float]  # a value → where it stands


def picture(chart: Chart, write: Write, wide: float = WIDE) -> str:
    """The SVG of ``chart``, ``wide`` points wide and as high as it needs. ``write``: how values are written."""
    chart = _even(chart)
    if chart.shape == "line":
        return _line(chart, write, wide)
    if chart.shape == "columns":
        return _columns(chart, write, wide)
    if chart.shape == "bars":
        return charts_rows.bars(chart, write, wide)
    if chart.shape == "stacked":
        return charts_rows.stacked(chart, write, wide)
    return charts_rows.matrix(chart, write, wide)


def _even(chart: Chart) -> Chart:
    """``chart`` with as many values in every series as it has labels."""
    count = len(chart.labels)
    series = tuple(
        replace(one, values=(*one.values[:count], *[None] * (count - len(one.values))),
                marks=tuple(k for k in one.marks if 0 <= k < min(count, len(one.values))))
        for one in chart.series
    )  # fmt: skip
    return replace(chart, series=series, missing=tuple(sorted({k for k in chart.missing if 0 <= k < count})))


def of_role(chart: Chart, *roles: str) -> list[Series]:
    return [one for one in chart.series if one.role in roles]


def _highest(chart: Chart) -> float:
    return max((value for one in chart.series for value in one.values if value is not None), default=0.0)


def _line(chart: Chart, write: Write, wide: float) -> str:
    items = _line_legend(chart)
    top = legend_height(items, wide) + 8
    drawn = Picture(wide, top + LINE_HIGH + BELOW)
    legend(drawn, items, 0, 8)
    marks = ticks(_highest(chart), chart.kind)
    words = tick_words(marks, chart, write)
    left = max(width(one, SMALL) for one in words) + GAP + 1
    right, base = wide - 4, top + LINE_HIGH
    step = (right - left) / max(1, len(chart.labels))
    xs = [left + step * (k + 0.5) for k in range(len(chart.labels))]
    _unrecorded(drawn, chart, xs, step, top, base)

    def height(value: float) -> float:
        return base - value / marks[-1] * LINE_HIGH

    for low, high in _bands(chart):
        _band(drawn, xs, low, high, height)
    grid(drawn, left, right, [(height(mark), told) for mark, told in zip(marks, words, strict=True)])
    for series in of_role(chart, "mean"):
        _trail(drawn, xs, series, height, INK_3, 1.0, MEAN_DASHES)
    for series in of_role(chart, "before"):
        _trail(drawn, xs, series, height, BEFORE, 1.2, BEFORE_DASHES)
    for series in of_role(chart, "value", "part"):
        _partly(drawn, xs, series, height, chart)
        _trail(drawn, xs, _whole(series, chart), height, CALM, 1.7)
        _stand_out(drawn, xs, series, height, chart, write)
    labels_below(drawn, xs, chart.labels, base + 10)
    return drawn.svg()


def _line_legend(chart: Chart) -> list[LegendItem]:
    signs = {
        "value": sign_line(CALM, 1.7), "part": sign_line(CALM, 1.7), "before": sign_line(BEFORE, 1.2, BEFORE_DASHES),
        "mean": sign_line(INK_3, 1.0, MEAN_DASHES),
    }  # fmt: skip
    items: list[LegendItem] = [(one.name, sign) for role, sign in signs.items() for one in of_role(chart, role)]
    if any(one.marks for one in of_role(chart, "value", "part")) and chart.marked:
        items.append((chart.marked, _sign_out))
    if chart.missing and chart.unrecorded:
        items.append((chart.unrecorded, _sign_hatched))
    bands = [low.name if low.name == high.name else f"{low.name} – {high.name}" for low, high in _bands(chart)]
    return items + [(name, sign_area(CHANCE)) for name in bands]


def _sign_out(drawn: Picture, x: float, y: float) -> None:
    drawn.diamond(x + 8, y, 3.4, ORANGE)


def _sign_hatched(drawn: Picture, x: float, y: float) -> None:
    drawn.rect(x, y - 3.5, 16, 7, WELL)
    drawn.clip(x, y - 3.5, 16, 7)
    for k in range(5):
        drawn.line([(x + 4 * k, y + 3.5), (x + 4 * k + 7, y - 3.5)], LINE_STRONG, 0.4)
    drawn.unclip()


def _bands(chart: Chart) -> Iterator[tuple[Series, Series]]:
    return zip(of_role(chart, "low"), of_role(chart, "high"), strict=False)


def _unrecorded(drawn: Picture, chart: Chart, xs: Sequence[float], step: float, top: float, base: float) -> None:
    """Hatches what was not recorded."""
    missing = chart.missing
    for k in missing:
        drawn.rect(xs[k] - step / 2, top, step, base - top, WELL)
    for first in (k for k in missing if k - 1 not in missing):
        last = first
        while last + 1 in missing:
            last += 1
        left, right = xs[first] - step / 2, xs[last] + step / 2
        drawn.clip(left, top, right - left, base - top)
        for k in range(int((base - top + right - left) / HATCH) + 1):
            drawn.line([(left, top + k * HATCH), (right, top + k * HATCH - (right - left))], LINE_STRONG, 0.4)
        drawn.unclip()


def _band(drawn: Picture, xs: Sequence[float], low: Series, high: Series, height: Height) -> None:
    run: list[tuple[float, float, float]] = []
    for x, least, most in [*zip(xs, low.values, high.values, strict=True), (0.0, None, None)]:
        if least is not None and most is not None:
            run.append((x, least, most))
        elif run:
            above = [(x, height(most)) for x, _, most in run]
            drawn.path(trail([*above, *[(x, height(least)) for x, least, _ in reversed(run)]], closed=True), CHANCE)
            run = []


def _trail(
    drawn: Picture, xs: Sequence[float], series: Series, height: Height, stroke: str, thick: float, dashes: str = ""
) -> None:
    run: list[Spot] = []
    for x, value in [*zip(xs, series.values, strict=True), (0.0, None)]:
        if value is not None:
            run.append((x, height(value)))
            continue
        if len(run) == 1:
            drawn.dot(*run[0], thick, stroke)
        elif run:
            drawn.line(run, stroke, thick, dashes)
        run = []


def _whole(series: Series, chart: Chart) -> Series:
    """``series`` without what was not wholly recorded: a line through it would tell a fall that nobody saw."""
    kept = (None if k in chart.missing else value for k, value in enumerate(series.values))
    return replace(series, values=tuple(kept))


def _partly(drawn: Picture, xs: Sequence[float], series: Series, height: Height, chart: Chart) -> None:
    """What was counted in times that were not wholly recorded, as rings."""
    for k in chart.missing:
        value = series.values[k]
        if value:
            drawn.dot(xs[k], height(value), 2.2, "#ffffff", CALM)


def _stand_out(
    drawn: Picture, xs: Sequence[float], series: Series, height: Height, chart: Chart, write: Write
) -> None:
    """Marks what stands out and tells it: on its side of the band, farther out where that would meet the words
    before."""
    lows = next((low.values for low, _ in _bands(chart)), ())
    ends, tiers = {True: 0.0, False: 0.0}, {True: 0, False: 0}
    for k in series.marks:
        value = series.values[k]
        if value is None:
            continue
        x, y = xs[k], height(value)
        drawn.diamond(x, y, 3.4, ORANGE)
        told = write(chart.kind, value, chart.digits)
        half = width(told, SMALL, True) / 2
        at = min(max(x, half), drawn.width - half)
        low = lows[k] if k < len(lows) else None
        below = low is not None and value < low and y + SPARE + SMALL * TIERS < drawn.height - BELOW
        tiers[below] = (tiers[below] + 1) % TIERS if at - half < ends[below] + 1 else 0
        away = SMALL * tiers[below]
        spot = y + SPARE + away if below else max(SMALL, y - SPARE / 2 - away)
        drawn.halo(at, spot, told, SMALL, INK, heavy=True)
        ends[below] = at + half


def _columns(chart: Chart, write: Write, wide: float) -> str:
    shown = of_role(chart, "value", "part", "before", "mean")
    fills = {"value": BAR, "part": BAR, "before": CHANCE, "mean": CHANCE}
    items: list[LegendItem] = [(one.name, sign_area(fills[one.role])) for one in shown] if len(shown) > 1 else []
    top = max(12.0, legend_height(items, wide)) + 14
    drawn = Picture(wide, top + COLUMNS_HIGH + BELOW)
    legend(drawn, items, 0, 8)
    most, base = max(_highest(chart), 1e-9), top + COLUMNS_HIGH
    room = wide / max(1, len(chart.labels))
    bar = min(34.0, room * 0.8 / max(1, len(shown)))
    for k, label in enumerate(chart.labels):
        centre = room * (k + 0.5)
        for j, series in enumerate(shown):
            value = series.values[k]
            if value is None:
                continue
            x, high = centre + (j - len(shown) / 2) * bar, value / most * COLUMNS_HIGH
            out = k in series.marks
            drawn.rect(x + 0.5, base - high, bar - 1, high, INK_2 if out else fills[series.role])
            told = write(chart.kind, value, chart.digits)
            if width(told, SMALL) <= room / len(shown):
                drawn.text(x + bar / 2, base - high - 3, told, SMALL, INK if j == 0 else INK_3, "middle", heavy=out)
        drawn.text(centre, base + 10, fitted(label, SMALL, room - 2), SMALL, INK_2, "middle")
    drawn.line([(0, base), (wide, base)], LINE_STRONG)
    return drawn.svg()
