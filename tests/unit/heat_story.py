"""Incidents for tests of the figures, and a slow reader of the heat document that shares nothing with its writer."""

import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import h3

from data_feeds.incident_log import IncidentLog
from data_feeds.model import Incident

PLACE_UNITS, SHAPE_UNITS = 2**24, 2**30


def ms(when):
    return when.timestamp() * 1000


def log_of(incidents):
    log = IncidentLog()
    for incident in incidents:
        log.apply(incident)
    return log


def incident(number, received, category="theft", at=(30.57, 104.06), **fields):
    lat, lon = at or (None, None)
    return Incident(f"I-{number}", 1, category=category, lat=lat, lon=lon, call_received=received, **fields)


def town(now, count=60):
    """A fixed small town's week: the fixture of the browser's tests is made of it."""
    out = []
    for n in range(count):
        at = None if n % 11 == 5 else (30.55 + (n * 7 % 13) * 0.004, 104.02 + (n * 5 % 17) * 0.005)
        category = ("theft", "dispute", "Road accident")[n * n % 3]
        out.append(incident(n, now - timedelta(minutes=n * n * 3), category, at, exercise=n % 20 == 19))
    return out


TOWN_NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def read(body):
    """({window: {(x, y) of the cell's centre, fine: {category: count}}}, outlines by that place)."""
    names, n = body["categories"], max(1, len(body["categories"]))
    recent = {}
    for window in ("day", "hour"):
        at, recent[window] = 0, {}
        for step, count in zip(body[window][::2], body[window][1::2], strict=True):
            at += step
            recent[window][at] = count
    cells = {"week": {}, "day": {}, "hour": {}}
    outlines = {}
    fine, pair = iter(body["fine"]), 0
    x = y = place = 0
    for count, coarse_outline, fine_outline, steps in body["patches"]:
        for _ in range(count):
            dx, dy, children = body["coarse"][3 * place : 3 * place + 3]
            x, y, place = x + dx, y + dy, place + 1
            outlines[x / PLACE_UNITS, y / PLACE_UNITS, False] = coarse_outline
            for _ in range(children):
                code = next(fine)
                digit, pairs = code % 7, code // 7 + 1
                key = (
                    x / PLACE_UNITS + steps[2 * digit] / SHAPE_UNITS,
                    y / PLACE_UNITS + steps[2 * digit + 1] / SHAPE_UNITS, True,
                )  # fmt: skip
                outlines[key] = fine_outline
                for _ in range(pairs):
                    told = body["week"][pair]
                    cells["week"].setdefault(key, Counter())[names[told % n]] += told // n + 1
                    for window in ("day", "hour"):
                        if pair in recent[window]:
                            cells[window].setdefault(key, Counter())[names[told % n]] += recent[window][pair]
                    pair += 1
    assert next(fine, None) is None
    assert pair == len(body["week"])
    return cells, outlines


def degrees(x, y):
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y)))), x * 360 - 180


def cell_of(x, y, fine):
    return h3.latlng_to_cell(*degrees(x, y), 9 if fine else 8)
