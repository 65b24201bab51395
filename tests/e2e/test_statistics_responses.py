"""Responses and presence of the demo city's fourteen months, as the page shows them, beside pandas on their rows."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date

import numpy as np
import pandas as pd
import pytest

from data_feeds import roads
from tests import past_city, plain
from tests.e2e.server import running_wall
from tests.e2e.test_statistics_use import settled

JUNE, MAY = "2024-06", "2024-05"
MONTH = {"period": "month", "date": "2024-06-15"}
TARGETS = {"key_spot": 60, "centre": 180, "other": 300}
WAYS = {
    "answering": ("call_received", "answered"), "dispatch": ("call_received", "dispatched"),
    "turnout": ("dispatched", "enroute"), "travel": ("enroute", "on_scene"), "response": ("call_received", "on_scene"),
}  # fmt: skip
LATE = ("dispatch", "turnout", "travel")
CAUSES = ("Answering", "Dispatch", "Turnout", "Travel", "Unknown")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("past")


@pytest.fixture(scope="module")
def city(folder):
    with running_wall(**past_city.put(folder)) as wall:
        yield wall


@pytest.fixture(scope="module")
def rows(city, folder):
    """The counted incidents: with their month, and how long (s) everything took."""
    found = pd.read_parquet(folder / past_city.ROWS).rename(columns=lambda name: name.removesuffix("_ms"))
    found = found[found.valid & ~found.exercise & ~found.diverted]
    local = pd.to_datetime(found.call_received, unit="ms", utc=True).dt.tz_convert(past_city.ZONE)
    found = found.assign(month=local.dt.strftime("%Y-%m"), day=local.dt.date, hour=local.dt.hour,
                         place_class=found.place_class.str.lower())  # fmt: skip
    for name, (begin, end) in WAYS.items():
        found[name] = (found[end] - found[begin]) / 1000
        found.loc[found[name] < 0, name] = np.nan
    found["late"] = found.response > found.place_class.map(TARGETS)
    return found


@pytest.fixture(scope="module")
def page(city, open_shared):
    shown = open_shared(f"{city.url}/statistics", size=(1920, 1080), **MONTH, lang="en")
    settled(shown)
    return shown


def in_target(rows):
    """How many responses of places with a target took at most that, and of how many."""
    known = rows[rows.response.notna() & rows.place_class.isin(TARGETS)]
    return int((~known.late).sum()), len(known)


def table(page):
    """The lines of both tables: head, which place class it is of, cells."""
    return page.ask("""() => [...document.querySelectorAll('#response-body tbody tr')].map((line) => [
        line.querySelector('th').textContent, line.querySelector('[data-toggle]')?.dataset.toggle.split('=')[1] ?? '',
        [...line.querySelectorAll('td')].map((cell) => cell.textContent)])""")


def seconds(text):
    found = 0
    for part in text.split(":"):
        found = found * 60 + int(part)
    return found


def signed(points):
    text = f"{points:+.1f}".replace("-", "−")
    return ("±0.0" if text[1:] == "0.0" else text) + " points"


def check_line(rows, interval, cells, share):
    took = rows[interval].dropna()
    assert cells[0] == share
    assert cells[1:3] == [f"{len(took):,}", f"{len(rows) - len(took):,}" if len(took) < len(rows) else ""]
    for text, percent in zip(cells[3:6], (50, 90, 95), strict=True):
        assert seconds(text) == pytest.approx(np.percentile(took, percent), abs=0.501)
    assert cells[6:] == [f"{(took <= limit).mean():.1%}" for limit in (60, 180, 300)]


def test_the_intervals_are_those_of_the_rows(page, rows, city, open_wall):
    june = rows[rows.month == JUNE]
    shown = table(page)
    classes, steps = shown[: len(TARGETS)], shown[len(TARGETS) :]
    for (_, place, cells), (wanted, target) in zip(classes, TARGETS.items(), strict=True):
        mine = june[june.place_class == wanted]
        x, n = in_target(mine)
        assert (place, n > 300) == (wanted, True)
        check_line(mine, "response", cells, f"{x / n:.1%}")
        assert x == (mine.response <= target).sum()
    assert steps[0][2] == ["The source lacks: answered time"]
    x, n = in_target(june)
    for (_, _, cells), interval in zip(steps[1:], [*WAYS][1:], strict=True):
        check_line(june, interval, cells, f"{x / n:.1%}" if interval == "response" else "")
    chinese = open_wall(f"{city.url}/statistics", size=(1920, 1080), **MONTH, lang="zh")
    settled(chinese)
    assert [cells for _, _, cells in table(chinese)][:3] == [cells for _, _, cells in classes]


def test_the_share_in_target_stands_beside_the_month_before(page, rows):
    june, may = rows[rows.month == JUNE], rows[rows.month == MAY]
    now, before = in_target(june), in_target(may)
    assert page.text("#arrival-body .big") == f"{now[0] / now[1]:.1%}"
    points, _, verdict = plain.shares(now, before)
    told = {"up": "down", "down": "up"}.get(verdict, verdict)  # yellow is what asks for a person
    change = page.page.locator("#arrival-body .change")
    assert change.get_attribute("data-verdict") == told
    assert change.locator(".change-percent").inner_text() == signed(points)
    took = june.response.dropna()
    p90, n, missing = page.page.locator("#arrival-body .big-note").last.inner_text().split(" · ")
    assert seconds(p90.removeprefix("P90 ")) == pytest.approx(np.percentile(took, 90), abs=0.501)
    assert (n, missing) == (f"n {len(took):,}", f"missing {june.response.isna().sum():,}")


def test_a_days_share_stands_beside_the_day_before_though_counts_stand_beside_weekdays(city, rows, open_wall):
    page = open_wall(f"{city.url}/statistics", period="day", date="2024-06-15", lang="en")
    settled(page)
    now, before = (in_target(rows[rows.day == date(2024, 6, day)]) for day in (15, 14))
    points = plain.shares(now, before)[0]
    assert page.text("#arrival-body .big-change").startswith("Before")
    assert page.text("#arrival-body .change-percent") == signed(points)


def test_every_late_response_has_its_cause(page, rows):
    usual = rows[rows.month.isin(["2024-03", "2024-04", "2024-05"])].groupby("place_class")[list(LATE)].median()
    causes = Counter()
    for place, target in TARGETS.items():
        allowed = dict(zip(LATE, plain.divided(target, usual.loc[place].tolist()), strict=True))
        late = rows[(rows.month == JUNE) & rows.late & (rows.place_class == place)]
        over = late[list(LATE)] - pd.Series(allowed)
        worst = over.idxmax(axis=1).str.capitalize().where(over.max(axis=1) > 0, "Unknown")
        causes.update((place, cause) for cause in worst)
    total = Counter()
    for (place, _), n in causes.items():
        total[place] += n
    assert page.text("#breaches-note") == f"{total.total():,} breaches"
    blocks = page.page.locator("#breaches-body .causes")
    assert blocks.count() == len(TARGETS)
    for place, block in zip(TARGETS, blocks.all(), strict=True):
        assert block.locator(".cause-count").inner_text() == f"{total[place]:,} breaches"
        parts = [one.get_attribute("title") for one in block.locator(".cause").all()]
        wanted = [(cause, causes[place, cause]) for cause in CAUSES if causes[place, cause]]
        assert parts == [f"{cause} {n:,} · {n / total[place]:.1%}" for cause, n in wanted]
        most = max(wanted, key=lambda one: one[1])
        assert block.locator(".cause-main").inner_text() == f"{most[0]} {most[1] / total[place]:.1%}"


def test_fourteen_months_of_responses(city, rows):
    months = sorted(set(rows.month))
    assert len(months) == 14
    for month, before in zip(months, [None, *months], strict=False):
        mine = rows[rows.month == month]
        told = city.json(f"/api/figures?period=month&date={month}-15&part=response&compare=previous")["response"]
        by_line = {(one["interval"], one["place_class"]): one for one in told["intervals"]}
        for place in ("", *TARGETS):
            some = mine[(mine.place_class == place) | (not place)]
            for interval in [*WAYS][1:]:
                line, took = by_line[interval, place], some[interval].dropna()
                assert (line["n"], line["missing"]) == (len(took), len(some) - len(took))
                wanted = np.percentile(took, [50, 90, 95])
                assert [line["p50"], line["p90"], line["p95"]] == pytest.approx(wanted.tolist())
            x, n = in_target(some)
            line = by_line["response", place]
            assert (line["in_target"], line["with_target"]) == (x, n)
            if before:
                points, z, verdict = plain.shares((x, n), in_target(rows[(rows.month == before) & rows.index.isin(
                    rows.index[(rows.place_class == place) | (not place)])]))  # fmt: skip
                change = line["against"]["previous"]["change"]
                assert (change["points"], change["z"]) == (
                    pytest.approx(points, abs=0.051), pytest.approx(z, abs=0.0051)
                )  # fmt: skip
                assert change["verdict"] == verdict
        assert sum(one["n"] for one in told["breaches"]) == mine.late.sum()


def test_stations_are_judged_with_their_share_of_far_places(city, rows):
    """Mantel and Haenszel, place classes as strata."""
    june = rows[(rows.month == JUNE) & rows.response.notna() & rows.place_class.isin(TARGETS)]
    told = city.json("/api/figures?period=month&date=2024-06-15&part=response")["response"]["stations"]
    own = june.groupby(["station", "place_class"]).late.agg(n="size", x=lambda late: (~late).sum())
    everybody = june.groupby("place_class").late.agg(n="size", x=lambda late: (~late).sum())
    assert {one["key"] for one in told} == set(june.station)
    assert len(told) > 5
    for one in told:
        mine = own.loc[one["key"]]
        of = everybody.loc[mine.index]
        expected = (mine.n * of.x / of.n).sum()
        spread = (mine.n * (of.n - mine.n) * of.x * (of.n - of.x) / (of.n**2 * (of.n - 1))).sum()
        assert (one["with_target"], one["in_target"]) == (mine.n.sum(), mine.x.sum())
        assert one["expected"] == pytest.approx(expected)
        z = (mine.x.sum() - expected) / np.sqrt(spread)
        assert one["z"] is None or one["z"] == pytest.approx(z, abs=0.0051)
        few = mine.n.sum() < 10 or min(expected, mine.n.sum() - expected) < 5
        assert one["verdict"] == ("few" if few else "noise" if abs(z) <= 3 else "up" if z > 0 else "down")


@pytest.fixture(scope="module")
def zones(folder):
    """The outlines by zone: rings of (longitude, latitude)."""
    features = json.loads((folder / past_city.PLACES).read_bytes())["features"]
    return {
        one["properties"]["id"]: [ring for polygon in polygons(one["geometry"]) for ring in polygon]
        for one in features
        if one["properties"]["kind"] == "patrol_zone"
    }


def polygons(geometry):
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]


@pytest.fixture(scope="module")
def patrol(folder, zones):
    """Minutes by zone and hour of 30 June: the day on which tracks begin is not whole."""
    fixes = pd.read_parquet(folder / past_city.FIXES).sort_values(["unit_id", "t_ms"])
    gap = fixes.groupby("unit_id").t_ms.diff().shift(-1)
    local = pd.to_datetime(fixes.t_ms, unit="ms", utc=True).dt.tz_convert(past_city.ZONE)
    held = fixes.assign(minutes=gap / 60_000, hour=local.dt.hour)[
        (gap > 0) & (gap <= 180_000) & (local.dt.date == date(2024, 6, 30))
    ]  # fmt: skip
    found = pd.DataFrame(0.0, index=sorted(zones), columns=range(24))
    for zone, rings in zones.items():
        there = held[plain.inside(held.lat.to_numpy(), held.lon.to_numpy(), rings)]
        found.loc[zone] = there.groupby("hour").minutes.sum().reindex(range(24), fill_value=0.0)
    return found


@pytest.fixture(scope="module")
def road_km(folder, zones):
    """Kilometres of street by zone, each street once, cut into steps of at most 10 m."""
    graph, known, places = roads.load(folder / past_city.ROADS), set(), []
    for edge in range(len(graph.start)):
        lat, lon = graph.line(edge)
        points = list(zip(lat.tolist(), lon.tolist(), strict=True))
        street = tuple(min(points, points[::-1]))
        if street not in known:
            known.add(street)
            length = np.hypot(np.diff(lat) * 111.195, np.diff(lon) * 111.195 * np.cos(np.radians(lat[:-1])))
            at = np.concatenate([[0], np.cumsum(length)])
            steps = max(1, int(np.ceil(at[-1] / 0.010)))
            middle = (np.arange(steps) + 0.5) / steps * at[-1]
            places.append((np.interp(middle, at, lat), np.interp(middle, at, lon),
                           np.full(steps, graph.length_m[edge] / 1000 / steps)))  # fmt: skip
    lat, lon, km = (np.concatenate(part) for part in zip(*places, strict=True))
    found = {}
    for zone, rings in zones.items():
        (west, south), (east, north) = (f([c for ring in rings for c in np.array(ring)[:, :2]], axis=0)
                                        for f in (np.min, np.max))  # fmt: skip
        near = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
        found[zone] = km[near][plain.inside(lat[near], lon[near], rings)].sum()
    return found


def test_presence_is_that_of_the_fixes(page, rows, patrol, road_km):
    day = rows[(rows.day == date(2024, 6, 30)) & rows.zone.isin(patrol.index)]
    incidents = day.groupby(["zone", "hour"]).size().unstack(fill_value=0)
    incidents = incidents.reindex(index=patrol.index, columns=range(24), fill_value=0)
    minutes, n = patrol.sum(axis=1), incidents.sum(axis=1)
    lines = page.ask("""() => [...document.querySelectorAll('#sighting-body tbody tr')].map((line) => [
        line.querySelector('[data-toggle]').dataset.toggle.split('=')[1],
        [...line.querySelectorAll('td')].map((cell) => cell.querySelector('[title]')?.title ?? cell.textContent)])""")
    ordered = sorted(patrol.index, key=lambda zone: (-n[zone], -minutes[zone], zone))
    assert [zone for zone, _ in lines] == ordered[:60]
    words = Counter()
    for zone, (count, patrolled, per_km, both, word) in lines:
        assert (int(count), number(patrolled)) == (n[zone], pytest.approx(minutes[zone], abs=0.501))
        assert number(per_km) == pytest.approx(minutes[zone] / road_km[zone], rel=0.01, abs=0.051)
        assert both == f"{n[zone] / n.sum():.1%} / {minutes[zone] / minutes.sum():.1%}"
        usual = n.sum() * minutes[zone] / minutes.sum()
        z = 2 * (np.sqrt(n[zone]) - np.sqrt(usual))
        few = max(n[zone], usual) < 10
        wanted = "too few" if few else "fits" if abs(z) <= 3 else "too little" if z > 0 else "ample"
        assert word == wanted
        words[word] += 1
    assert len(words) > 1, words
    overlap, ceiling = plain.follows(patrol.to_numpy(), incidents.to_numpy())
    assert re.findall(r"[\d.]+%", page.text("#sighting-body .followed")) == [f"{overlap:.1%}", f"{ceiling:.1%}"]
    assert page.text("#sighting-body .followed").endswith(f"n {n.sum():,}")


def number(text):
    return float(text.replace(",", ""))
