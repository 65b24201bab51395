"""Charts of rows: lying bars, parts of one whole, and the matrix of hours and weekdays."""

from __future__ import annotations

from briefings.axes import GAP, SMALL, USUAL, LegendItem, Sign, Write, labels_below, legend, legend_height, sign_area
from briefings.document import Chart, Series
from briefings.palette import BAR, BEFORE, DARK_PARTS, INK, INK_2, INK_3, LINE, LINE_STRONG, ORANGE, PARTS, RHYTHM, WELL
from briefings.svg import Picture
from briefings.typeface import fitted, width

ROW, BAR_HIGH, NAMES = 15.0, 8.5, 0.36  # NAMES: the most of the width that names may take
LEAST_IN_PART = 4.0
DARK_FROM = 3  # shades from which words on them are white


def bars(chart: Chart, write: Write, wide: float) -> str:
    """A bar for each label, the value behind it; the comparator is a mark across."""
    values = [one for one in chart.series if one.role in ("value", "part")]
    before = [one for one in chart.series if one.role in ("before", "mean")]
    items: list[LegendItem] = []
    if before:
        items = [(one.name, sign_area(BAR)) for one in values]
        items += [(one.name, _sign_upright(BEFORE if k else INK)) for k, one in enumerate(before)]
    if chart.marked and any(one.marks for one in values):
        items.append((chart.marked, sign_area(INK_2)))
    top = legend_height(items, wide) + 2
    drawn = Picture(wide, top + ROW * len(chart.labels) + 2)
    legend(drawn, items, 0, 8)
    left = _names(drawn, chart, wide, top)
    told = [[write(chart.kind, value, chart.digits) for value in one.values] for one in values]
    room = wide - left - max((width(word, USUAL, True) for words in told for word in words), default=0.0) - 2 * GAP
    most = max((v for one in (*values, *before) for v in one.values if v is not None), default=0.0) or 1.0
    for k in range(len(chart.labels)):
        y = top + ROW * k + ROW / 2
        high = BAR_HIGH / max(1, len(values))
        for j, series in enumerate(values):
            value = series.values[k]
            out = k in series.marks
            at = y - BAR_HIGH / 2 + j * high
            drawn.rect(left, at, max(0.0, value or 0.0) / most * room, high, INK_2 if out else BAR)
            end = left + max(0.0, value or 0.0) / most * room
            x = _free(end, [left + one / most * room for one in _here(before, k)], width(told[j][k], USUAL, out))
            drawn.text(x, at + high / 2 + 2.6, told[j][k], USUAL, INK, heavy=out)
        for j, value in enumerate(_here(before, k)):
            x = left + value / most * room
            drawn.line([(x, y - 6), (x, y + 6)], "#ffffff", 2.6)
            drawn.line([(x, y - 6), (x, y + 6)], BEFORE if j else INK, 1.1)
    drawn.line([(left, top), (left, top + ROW * len(chart.labels))], LINE_STRONG)
    return drawn.svg()


def _free(end: float, marks: list[float], wide: float) -> float:
    """Where words of a bar that ends at ``end`` may begin: behind it, and behind the marks that they would meet."""
    x = end + GAP
    for mark in sorted(marks):
        if end - GAP < mark < x + wide + GAP:
            x = max(x, mark + GAP)
    return x


def stacked(chart: Chart, write: Write, wide: float) -> str:
    """A bar for each label, divided into its parts."""
    parts = [one for one in chart.series if one.role in ("part", "value")]
    fills = [PARTS[k % len(PARTS)] for k in range(len(parts))]
    items: list[LegendItem] = [(one.name, sign_area(fill)) for one, fill in zip(parts, fills, strict=True)]
    top = legend_height(items, wide) + 4
    drawn = Picture(wide, top + (ROW + 3) * len(chart.labels) + 2)
    legend(drawn, items, 0, 8)
    left = _names(drawn, chart, wide, top, ROW + 3)
    totals = [sum(one.values[k] or 0.0 for one in parts) for k in range(len(chart.labels))]
    most = max(totals, default=0.0) or 1.0
    for k in range(len(chart.labels)):
        x, y = left, top + (ROW + 3) * k + 2
        for j, series in enumerate(parts):
            value = series.values[k]
            if not value or value < 0:
                continue
            long = value / most * (wide - left - 1)
            drawn.rect(x, y, long, ROW - 2, fills[j], "#ffffff", 0.6)
            told = write(chart.kind, value, chart.digits)
            if width(told, SMALL) + LEAST_IN_PART <= long:
                ink = "#ffffff" if j % len(PARTS) in DARK_PARTS else INK
                drawn.text(x + long / 2, y + ROW / 2 + 1.6, told, SMALL, ink, "middle")
            x += long
    return drawn.svg()


def matrix(chart: Chart, write: Write, wide: float) -> str:
    """A row for each series, a column for each label, shaded by value; the scale stands below."""
    rows = [one for one in chart.series if one.role in ("part", "value")]
    left = max((min(width(one.name, USUAL), wide * NAMES) for one in rows), default=0.0) + GAP + 2
    column = (wide - left) / max(1, len(chart.labels))
    high = 16.0
    drawn = Picture(wide, 12 + high * len(rows) + 22)
    labels_below(drawn, [left + column * (k + 0.5) for k in range(len(chart.labels))], chart.labels, 8)
    most = max((v for one in rows for v in one.values if v is not None), default=0.0)
    words = [[write(chart.kind, value, chart.digits) for value in one.values] for one in rows]
    widest = max((width(word, SMALL) for line in words for word in line), default=0.0)
    size = min(SMALL, SMALL * (column - 2.4) / widest) if widest else SMALL
    for j, series in enumerate(rows):
        y = 12 + high * j
        drawn.text(left - GAP - 1, y + high / 2 + 2.6, fitted(series.name, USUAL, left - GAP), USUAL, INK_2, "end")
        for k in range(len(chart.labels)):
            value, x = series.values[k], left + column * k
            if value is None:
                drawn.rect(x + 0.5, y + 0.5, column - 1, high - 1, "#ffffff", LINE)
                drawn.line([(x + 1, y + high - 1), (x + column - 1, y + 1)], LINE_STRONG, 0.4)
                continue
            shade = _shade(value, most)
            drawn.rect(x + 0.4, y + 0.4, column - 0.8, high - 0.8, RHYTHM[shade])
            if k in series.marks:
                drawn.rect(x + 1, y + 1, column - 2, high - 2, "none", ORANGE, 1.2)
            if size >= 5:
                ink = "#ffffff" if shade >= DARK_FROM else INK_2
                drawn.text(x + column / 2, y + high / 2 + size * 0.36, words[j][k], round(size, 2), ink, "middle")
    _scale(drawn, left, 12 + high * len(rows) + 6, most, chart, write)
    return drawn.svg()


def _scale(drawn: Picture, x: float, y: float, most: float, chart: Chart, write: Write) -> None:
    low, high = write(chart.kind, 0, 0), write(chart.kind, most, chart.digits)
    drawn.text(x, y + 7, low, SMALL, INK_3)
    x += width(low, SMALL) + GAP
    for shade in RHYTHM:
        drawn.rect(x, y, 16, 8, shade, LINE, 0.3)
        x += 16
    drawn.text(x + GAP, y + 7, f"{high}  {chart.axis}", SMALL, INK_3)


def _shade(value: float, most: float) -> int:
    return min(len(RHYTHM) - 1, int(value / most * len(RHYTHM))) if most > 0 and value > 0 else 0


def _names(drawn: Picture, chart: Chart, wide: float, top: float, row: float = ROW) -> float:
    """Writes the labels at the left; returns where bars begin."""
    left = min(wide * NAMES, max((width(label, USUAL) for label in chart.labels), default=0.0) + GAP + 2)
    for k, label in enumerate(chart.labels):
        y = top + row * k
        if k in chart.missing:
            drawn.rect(0, y + 1, wide, row - 2, WELL)
        drawn.text(left - GAP, y + row / 2 + 2.6, fitted(label, USUAL, left - GAP), USUAL, INK_2, "end")
    return left


def _here(series: list[Series], k: int) -> list[float]:
    found = (one.values[k] for one in series)
    return [value for value in found if value is not None]


def _sign_upright(stroke: str) -> Sign:
    return lambda picture, x, y: picture.line([(x + 8, y - 4.5), (x + 8, y + 4.5)], stroke, 1.1)
