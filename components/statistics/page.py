"""The page: its head, its blocks with their places kept, the table of incidents, and the drawer."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from components.statistics import drawer, head, ids, rows
from components.statistics.blocks import counts, heat, hours, quiet, response, rhythm, sighting, totals, trend
from components.statistics.choices import Page
from components.statistics.frame import Block, frame, opener, told
from components.texts import LANGUAGES
from components.texts_statistics import STATISTICS_TEXTS

BLOCKS: tuple[Block, ...] = (
    totals.TOTAL, totals.ARRIVALS, totals.CALM, totals.APARTS,
    counts.CATEGORY, hours.BLOCK, trend.BLOCK, rhythm.BLOCK,
    counts.BRANCH, counts.STATION, counts.SEVERITY, counts.SOURCE, counts.PLACE_CLASS,
    heat.BLOCK, response.RESPONSE, response.BREACHES, sighting.BLOCK, quiet.BLOCK,
)  # fmt: skip
MANTINE_SCALE = 16 / 12  # Mantine counts in rem of 16 px; the page's rem is its smallest text, 12 px
GREYS = ["#d6dee8", "#b4c2d1", "#9fb0c3", "#7d8fa3", "#334456", "#263443", "#17222e", "#111a24", "#0d151e", "#0b1118"]
CALM = ["#e3f1fc", "#c5e1f8", "#a3cff3", "#8cc3ee", "#72b5ea", "#5aa9e6", "#4490cb", "#3577ab", "#285d88", "#1c4363"]
THEME: dict[str, Any] = {
    "fontFamily": "var(--font)", "fontFamilyMonospace": "var(--font)", "colors": {"dark": GREYS, "calm": CALM},
    "primaryColor": "calm", "primaryShade": 5, "scale": MANTINE_SCALE, "defaultRadius": "sm",
    "respectReducedMotion": True,
}  # fmt: skip


def build(page: Page) -> Component:
    """The layout: everything stands where it will stand, and nothing is filled in."""
    body = html.Div(
        [
            head.render(page),
            html.Main([*(frame(block) for block in BLOCKS), _table()], className="grid-page"),
            drawer.render(),
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Interval(id=ids.TICK, interval=page.refresh_s * 1000),
            dcc.Store(id=ids.SHOWN, data={}),
            *(dcc.Store(id=told(id)) for id in sized()),
            *(dcc.Store(id=ids.near(id)) for id in ids.TABLES),
            html.Div(id=ids.DONE, hidden=True),
            html.Div(id=ids.TEXTS, hidden=True, **{"data-texts": catalogue()}),
        ],
        id=ids.PAGE,
        className="statistics",
        **{"data-lang": page.lang, "data-busy": "true", "data-state": "new"},
    )
    return dmc.MantineProvider(body, theme=THEME, forceColorScheme="dark")


def sized() -> dict[str, str]:
    """What the browser draws in the sizes of its screen: id → the property that holds it."""
    charts = {chart: "figure" for block in BLOCKS for chart in block.charts}
    return charts | {ids.GRID: "columnDefs", ids.DRAWER_GRID: "columnDefs"}


def catalogue() -> str:
    """The words that stand in the layout itself, as JSON: ``{"zh": {key: text}, "en": {...}}``."""
    keys = {key for key in STATISTICS_TEXTS if key.endswith(".title") or key in LAYOUT_TEXTS}
    table = {lang: {key: STATISTICS_TEXTS[key][at] for key in keys} for at, lang in enumerate(LANGUAGES)}
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


LAYOUT_TEXTS = frozenset(
    "page.back page.copy page.copied page.language page.language.title period.label period.more vs.label total.apart "
    "response.causes formula.open rows.csv close".split()
) | {f"weekday.{day}" for day in range(1, 8)}


def _table() -> html.Section:
    titled = html.Header(
        [
            html.H2(id="rows-title", className="block-title", **{"data-t": "rows.title"}),
            html.Span(id=ids.GRID_COUNT, className="block-note"),
            html.Span(className="spring"),
            html.A(id=ids.GRID_CSV, className="plain", download="", **{"data-t": "rows.csv"}),
            opener("total"),
        ],
        className="block-head",
    )
    return html.Section([titled, rows.render(ids.GRID)], id="rows", className="block block-rows",
                        **{"aria-labelledby": "rows-title"})  # fmt: skip
