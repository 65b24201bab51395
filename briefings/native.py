"""A chart as office programs can draw it: what its picture tells by signs becomes series of their own. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from briefings.document import Chart, Series

LABELLED = 8  # so many bars have room for their values beside them
NEARLY_ALL = 0.6


def ends_at_one(chart: Chart) -> bool:
    """Whether the axis of ``chart`` ends at the whole: of shares that come near it."""
    highest = max((value for one in chart.series for value in one.values if value is not None), default=0.0)
    return chart.kind == "share" and (chart.shape == "stacked" or highest > NEARLY_ALL)


def native(chart: Chart) -> Chart:
    """A line leaves out what was not wholly recorded, which stands beside it, as does once more what stands out."""
    if chart.shape != "line":
        return chart
    series: list[Series] = []
    partly: list[float | None] = [None] * len(chart.labels)
    out = list(partly)
    for one in chart.series:
        if one.role not in ("value", "part"):
            series.append(one)
            continue
        for k in chart.missing:
            partly[k] = one.values[k] or None
        for k in one.marks:
            out[k] = one.values[k]
        series.append(replace(one, values=tuple(None if k in chart.missing else v for k, v in enumerate(one.values))))
    signs = ((chart.unrecorded, partly, "partly"), (chart.marked, out, "out"))
    series += [Series(name, tuple(values), role) for name, values, role in signs if any(values)]  # type: ignore[arg-type]
    return replace(chart, series=tuple(series))
