"""How the page's Plotly charts look: the tokens of assets/css/tokens.css, and nothing that Plotly adds by itself.

Plotly counts in pixels; the browser multiplies them by the page's scale (assets/js/stats/charts.js), so that a chart at
3840×2160 is the one of 1920×1080, twice as large.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INK, INK_BRIGHT, INK_2, INK_3, INK_FAINT = "#d6dee8", "#e8eef5", "#9fb0c3", "#8194a8", "#5f7389"
LINE, LINE_STRONG, PANEL = "#1b2632", "#263443", "#111a24"
CALM, CALM_SOFT, BAR = "#5aa9e6", "#8cc3ee", "#4d657e"
YELLOW, ORANGE, RED = "#f2d14b", "#ff9f40", "#ff5a52"
BAND = "rgba(77, 101, 126, 0.28)"
FONT = '"Noto Sans SC Variable", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
TEXT_PX, SMALL_PX = 13, 12
AXIS: dict[str, Any] = {
    "gridcolor": LINE, "linecolor": LINE_STRONG, "zeroline": False, "ticks": "", "fixedrange": True,
    "automargin": False, "tickfont": {"size": SMALL_PX, "color": INK_3}, "title": {"text": ""},
}  # fmt: skip
TEMPLATE: dict[str, Any] = {
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": TEXT_PX, "color": INK_2},
        "colorway": [INK_BRIGHT, CALM, BAR, INK_3],
        "margin": {"l": 44, "r": 12, "t": 8, "b": 26, "pad": 0},
        "showlegend": False,
        "hoverlabel": {
            "bgcolor": "#17222e", "bordercolor": LINE_STRONG, "align": "left",
            "font": {"family": FONT, "size": TEXT_PX, "color": INK_BRIGHT},
        },
        "hovermode": "x",
        "dragmode": False,
        "xaxis": {**AXIS, "showgrid": False},
        "yaxis": {**AXIS, "rangemode": "tozero", "nticks": 5, "separatethousands": True},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": INK_FAINT, "activecolor": CALM_SOFT},
    }
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "displayModeBar": False, "displaylogo": False, "showTips": False, "doubleClick": False, "responsive": True,
}  # fmt: skip


def figure(traces: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:
    """A chart as plain values: Plotly's own classes check what a test checks, at a cost of milliseconds each."""
    return {"data": traces, "layout": {"template": TEMPLATE, "uirevision": "kept", "autosize": True, **layout}}


def runs(values: Sequence[float | None]) -> list[slice]:
    """Where values stand without a hole. Plotly fills between two lines straight across holes of both."""
    known = [at for at, value in enumerate(values) if value is not None]
    starts = [at for at in known if at - 1 not in known]
    ends = [at for at in known if at + 1 not in known]
    return [slice(start, end + 1) for start, end in zip(starts, ends, strict=True)]


def blank() -> dict[str, Any]:
    """A chart of which nothing is known yet: no axes."""
    hidden = {"visible": False}
    return figure([], xaxis=hidden, yaxis=hidden)
