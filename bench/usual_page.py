"""The usual ways to build such a page in Dash, to compare with.

``pins`` and ``dots``: a ``dcc.Interval`` asks once a second for all units as GeoJSON, ``dl.GeoJSON`` shows them, as
Leaflet's markers or as circles on a canvas. ``charts``: a chart, a map and Mantine on one page, as Dash serves them.
"""

from __future__ import annotations

import time
from typing import Any

import dash_leaflet as dl
import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI

from bench.moving import MovingUnits
from data_feeds.model import UnitStatus
from data_feeds.simulator.frame import CENTRE

DOTS = {"variable": "bench.dot"}  # assets/dot.js


def build(page: str, count: int) -> FastAPI:
    """The page as an ASGI application."""
    api = FastAPI()
    dash = Dash(__name__, server=api, assets_folder="usual_assets", serve_locally=True, update_title="")
    if page == "charts":
        dash.layout = dmc.MantineProvider([
            dmc.Title("One Map"), dmc.Select(data=["a", "b"]),
            dcc.Graph(id="chart", figure={"data": [{"type": "bar", "x": [1, 2, 3], "y": [2, 4, 3]}]}),
            dl.Map(id="map", center=list(CENTRE), zoom=12, style={"height": "50vh"}),
        ])  # fmt: skip
        return api
    units = MovingUnits(count)
    show = {"pointToLayer": DOTS} if page == "dots" else {}
    dash.layout = html.Div([
        dl.Map([dl.GeoJSON(id="units", **show)], id="map", center=list(CENTRE), zoom=12, preferCanvas=True,
               style={"height": "100vh"}),
        dcc.Interval(id="clock", interval=1000),
    ])  # fmt: skip

    @dash.callback(Output("units", "data"), Input("clock", "n_intervals"))
    def _refresh(_: int) -> dict[str, Any]:
        return features(units, time.time())

    return api


def features(units: MovingUnits, now_s: float) -> dict[str, Any]:
    """All units at one time as a GeoJSON FeatureCollection with what a tooltip needs."""
    lat, lon, course, speed = (column.round(6).tolist() for column in units.places(slice(None), now_s))
    statuses = [status.name for status in UnitStatus]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]},
             "properties": {"id": f"P-{k:05d}", "status": statuses[1 + k % 7], "course": c, "speed": v}}
            for k, (y, x, c, v) in enumerate(zip(lat, lon, course, speed, strict=True))
        ],
    }  # fmt: skip
