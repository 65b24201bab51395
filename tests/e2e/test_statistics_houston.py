"""March 2025 of Houston as a chief reads it: every number on the screen beside pandas on the source's own file."""

from __future__ import annotations

import fnmatch
import itertools
import re
import tomllib
from datetime import date, timedelta

import h3.api.basic_str as h3
import numpy as np
import pandas as pd
import pytest

from tests import kept, plain
from tests.e2e.pages import Wall
from tests.e2e.server import get, running_wall
from tests.e2e.test_statistics_use import awaited, plotted, query, settled
from tests.real_data import real_file

ZONE, LONGEST_LOOK_S = "America/Chicago", 3600
MARCH = {"period": "month", "date": "2025-03-15", "lang": "en"}
PERIODS = {  # of 15 March: its own first day and days, those before, those a year before
    "day": [(date(2025, 3, 15), 1), (date(2025, 3, 14), 1), (date(2024, 3, 15), 1)],
    "week": [(date(2025, 3, 10), 7), (date(2025, 3, 3), 7), (date(2024, 3, 11), 7)],
    "month": [(date(2025, 3, 1), 31), (date(2025, 2, 1), 28), (date(2024, 3, 1), 31)],
}
LIKE = {  # the eight like periods before 15 March; of a day the same weekdays
    "day": [(date(2025, 3, 15) - timedelta(weeks=k), 1) for k in range(1, 9)],
    "week": [(date(2025, 3, 10) - timedelta(weeks=k), 7) for k in range(1, 9)],
    "month": [(first.date(), first.days_in_month) for first in pd.date_range("2024-07-01", "2025-02-01", freq="MS")],
}
VERDICTS = {"up": "significantly up", "down": "significantly down", "noise": "within noise", "few": "too few"}


@pytest.fixture(scope="module")
def file():
    """The counted incidents (the fire department's are another's) with local times and the mapping's categories."""
    found = pd.read_parquet(real_file(kept.HOUSTON))
    maps = tomllib.loads(kept.HOUSTON_MAPPING.read_text(encoding="utf-8"))["maps"]
    last = found.type_last.astype(str)
    for word, texts in (("category", last), ("severity", found.alarm.astype("Int64").astype(str) + " " + last)):
        rules, otherwise = maps[word]["rules"], maps[word]["otherwise"]
        told = {
            text: next((to for rule, to in rules.items() if fnmatch.fnmatchcase(text.upper(), rule.upper())), otherwise)
            for text in texts.unique()
        }
        found[word] = texts.map(told)
    found["local"] = found.call_time.dt.tz_convert(ZONE)
    found["day"] = found.local.dt.date
    return found


@pytest.fixture(scope="module")
def looks():
    return pd.to_datetime(pd.read_csv(real_file(kept.HOUSTON_LOOKS)).snapshot, utc=True).sort_values(ignore_index=True)


@pytest.fixture(scope="module")
def houston(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    kept.houston(folder)
    with running_wall(feed="none", history_dir=str(folder), history_name="houston") as wall:
        yield wall


@pytest.fixture
def statistics(houston, open_wall):
    def opened(**asked: object) -> Wall:
        page = open_wall(f"{houston.url}/statistics", size=(1920, 1080), **asked)
        settled(page)
        return page

    return opened


def within(file, first, days, counted=True):
    chosen = file[(file.day >= first) & (file.day < first + timedelta(days=days))]
    return chosen[chosen.agency == "P"] if counted else chosen


@pytest.fixture(scope="module")
def gaps(houston, looks):
    """When nothing was recorded: between two looks at the source that lie too far apart, and what was too silent."""
    told = []
    for year in (2024, 2025):
        answer = houston.json(f"/api/figures?period=year&date={year}-03-15&part=rhythm&compare=previous")
        told += [
            tuple(pd.to_datetime([gap["begin_ms"], gap["end_ms"]], unit="ms", utc=True))
            for gap in answer["data"]["gaps"]
        ]
    for before, after in itertools.pairwise(looks[looks >= f"{PERIODS['month'][2][0] - timedelta(days=60)}"]):
        if after - before > pd.Timedelta(seconds=LONGEST_LOOK_S):
            assert plain.missed(told, before, after) == pytest.approx((after - before) / pd.Timedelta(days=1))
    return told


def bounds(first, days):
    return (pd.Timestamp(day, tz=ZONE) for day in (first, first + timedelta(days=days)))


def part(rows, gaps, first, days):
    """How many of ``rows`` came in so many days, and how many of these days were recorded."""
    begin, end = bounds(first, days)
    length = (end - begin) / pd.Timedelta(days=1)
    return plain.Part(len(within(rows, first, days)), length - plain.missed(gaps, begin, end))


def hollow(gaps, first, days):
    begin, end = bounds(first, days)
    return plain.missed(gaps, begin, end) / ((end - begin) / pd.Timedelta(days=1)) > plain.HOLLOW


def usable(gaps, spans):
    return [span for span in spans if not hollow(gaps, *span)]


def compared(gaps, period):
    """The spans of each comparator in the order of the page."""
    like = sorted(LIKE[period], reverse=True)
    return [*([span] for span in PERIODS[period][1:]), *(usable(gaps, like[:k]) for k in (4, 8))]


def z_of(title):
    return float(re.search(r"z = ([+−][\d.]+)", title)[1].replace("−", "-"))


def check_changes(page, block, rows, gaps, own, others):
    """The changes shown in the rows of a block; ``rows``: the incidents of each row."""
    shown = page.ask(f"() => [...document.querySelectorAll('#{block}-body .change')].map((one) => [one.title,"
                     " one.dataset.verdict, one.querySelector('.change-percent').textContent])")  # fmt: skip
    assert len(shown) == len(rows)
    for (title, verdict, percent), some in zip(shown, rows, strict=True):
        told = plain.judged(part(some, gaps, *own), [part(some, gaps, *span) for span in others])
        assert (z_of(title), verdict) == (pytest.approx(told.z, abs=0.0051), told.verdict)
        assert number(percent) == (None if told.percent is None else pytest.approx(told.percent, abs=0.051))


def number(text):
    found = re.search(r"[+−±]?[\d,]+\.?\d*", text)
    return float(found[0].replace("−", "-").replace(",", "").strip("±")) if found else None


def numbers(page, selector):
    return [int(text.replace(",", "")) for text in page.page.locator(selector).all_inner_texts()]


@pytest.mark.parametrize("period", PERIODS)
def test_counts_and_comparators_are_those_of_the_file(statistics, file, gaps, period):
    page = statistics(**MARCH | {"period": period})
    own = PERIODS[period][0]
    mine, counts = part(file, gaps, *own), within(file, *own).category.value_counts()
    assert page.text("#total-body .big") == f"{mine.n:,}"
    lines = page.ask("() => [...document.querySelectorAll('#total-body .againsts li')].map((line) =>"
                     " ['.against-count', '.change', '.change-percent'].map((part) => line.querySelector(part))"
                     " .map((one, at) => at === 1 ? [one.title, one.dataset.verdict] : one.textContent))")  # fmt: skip
    assert len(lines) == 4
    for (count, (title, verdict), percent), spans in zip(lines, compared(gaps, period), strict=True):
        others = [part(file, gaps, *span) for span in spans]
        told = plain.judged(mine, others)
        assert number(count) == pytest.approx(np.mean([one.n for one in others]), abs=0.501)
        assert number(percent) == pytest.approx(told.percent, abs=0.051)
        assert (z_of(title), verdict) == (pytest.approx(told.z, abs=0.0051), told.verdict)
    apart = within(file, *own, counted=False)
    assert f"Diverted {(apart.agency == 'F').sum():,}" in page.text("#apart-body")
    rows = page.page.locator("#category-body .bar-row").all_inner_texts()
    assert [int(row.split("\n")[1].replace(",", "")) for row in rows] == counts.tolist()
    assert page.text("#grid-count") == f"{mine.n:,} in all"
    severities = within(file, *own).severity.value_counts()
    told = [re.split(r"\s+", row)[:2] for row in page.page.locator("#severity-body .bar-row").all_inner_texts()]
    assert {name.upper(): int(n.replace(",", "")) for name, n in told} == severities.to_dict()
    rows = [file[file.severity == name.upper()] for name, _ in told]
    main = 2 if period == "day" else 0  # a day stands beside its weekday, until somebody chooses otherwise
    check_changes(page, "severity", rows, gaps, own, compared(gaps, period)[main])


@pytest.mark.parametrize("vs", ["previous", "last_year"])
def test_categories_stand_beside_the_comparator_that_was_chosen(statistics, file, gaps, vs):
    page = statistics(**MARCH, vs=vs)
    span = PERIODS["month"][1 if vs == "previous" else 2]
    then = within(file, *span).category.value_counts()
    now = within(file, *PERIODS["month"][0]).category.value_counts()
    titles = page.ask("() => [...document.querySelectorAll('#category-body .change')].map((one) => one.title)")
    assert [title.split(" · ")[0] for title in titles] == [f"{then[kind]:,}" for kind in now.index]
    check_changes(page, "category", [file[file.category == kind] for kind in now.index], gaps, PERIODS["month"][0],
                  [span])  # fmt: skip


def test_the_matrix_the_hours_and_the_trend_are_those_of_the_file(statistics, file):
    page = statistics(**MARCH)
    month = within(file, *PERIODS["month"][0])
    cells = page.ask("""() => [...document.querySelectorAll('#rhythm-body .rhythm-cell')]
        .map((one) => Number(one.textContent || 0))""")
    grid = month.groupby([month.local.dt.day_of_week, month.local.dt.hour]).size()
    assert cells == [int(grid.get((day, hour), 0)) for day in range(7) for hour in range(24)]
    plotted(page, "trend-chart", 6)
    plotted(page, "hours-chart")
    drawn = """(id) => document.querySelector(`#${id} .js-plotly-plot`).data
        .filter((one) => (one.mode ?? '').includes('lines+markers')).map((one) => [...one.y])[0]"""
    assert page.ask(drawn, "hours-chart") == month.groupby(month.local.dt.hour).size().tolist()
    days = month.groupby("day").size()
    told = dict(enumerate(page.ask(drawn, "trend-chart"), start=1))
    assert len(told) == 31
    assert {day for day, n in told.items() if n is None} == {7, 8, 9, 10, 31}, "days with a gap are no fall"
    assert all(n == days[date(2025, 3, day)] for day, n in told.items() if n is not None)


DRAWN = "(id) => document.querySelector(`#${id} .js-plotly-plot`).data.map((one) => ({...one}))"


@pytest.mark.parametrize(
    ("asked", "like", "shown"),
    [(MARCH, LIKE["month"], (date(2025, 3, 1), 31)),  # July 2024 was not recorded for days: seven are left, a model
     (MARCH | {"period": "day", "date": "2025-03-05"},
      [(date(2025, 3, 5) - timedelta(weeks=k), 1) for k in range(1, 9)], (date(2025, 2, 6), 28))],
)  # fmt: skip
def test_the_band_and_the_control_limits_are_those_of_the_file(statistics, file, gaps, asked, like, shown):
    page = statistics(**asked)
    plotted(page, "trend-chart", 6)
    plotted(page, "hours-chart", 3)
    used = usable(gaps, like)
    assert page.text("#hours-note").startswith(f"band: 80 % of {len(used)} comparable periods")
    hours = [within(file, *span).local.dt.hour.value_counts() for span in used]
    low, high, mean = page.ask(DRAWN, "hours-chart")[:3]
    for hour, told in enumerate(plain.band([[of.get(hour, 0) for of in hours] for hour in range(24)])):
        assert (low["y"][hour], high["y"][hour], mean["y"][hour]) == pytest.approx(told, abs=0.0051)
    days = pd.DataFrame(
        {day: part(file, gaps, day.date(), 1) for day in pd.date_range(shown[0] - timedelta(days=56), periods=56)},
        index=["n", "days"],
    ).T  # fmt: skip
    days = days[[not hollow(gaps, day.date(), 1) for day in days.index]]
    own = {day: part(file, gaps, day.date(), 1) for day in pd.date_range(shown[0], periods=shown[1])
           if not hollow(gaps, day.date(), 1)}  # fmt: skip
    own = pd.DataFrame(own, index=["n", "days"]).T
    assert f"3σ of {len(days)} days before" in page.text("#trend-note")
    check_limits(page.ask(DRAWN, "trend-chart"), own, plain.limits(days, own))


def check_limits(traces, own, limits):
    """The band's polygons, the line of means and the marks of what lies outside, as they are drawn."""
    area, means = traces[0], dict(zip(traces[1]["x"], traces[1]["y"], strict=True))
    drawn = {}
    for is_none, points in itertools.groupby(zip(area["x"], area["y"], strict=True), lambda point: point[0] is None):
        if not is_none:
            there, back = np.split(np.array(list(points), object), 2)
            for (x, high), (_, low) in zip(there[::2], back[::-2], strict=True):
                drawn[str((pd.Timestamp(x) + pd.Timedelta(hours=12)).date())] = (low, high)
    assert drawn.keys() == {str(day.date()) for day in limits.index}
    for day, (mean, low, high) in zip(drawn, limits[["mean", "low", "high"]].to_numpy(), strict=True):
        assert (means[day], *drawn[day]) == pytest.approx((mean, low, high), abs=0.0051)
    for trace, out in ((traces[4], own.n > limits.high), (traces[5], own.n < limits.low)):
        marked = {day for day, n in zip(trace["x"], trace["y"], strict=True) if n is not None}
        assert marked == {str(day.date()) for day in own.index[out]}


def test_hexagons_and_hot_spots_are_those_of_the_file(statistics, file, gaps, houston):
    own, before, year = PERIODS["month"]
    counts = [plain.cells(some.lat, some.lon) for some in (within(file, *span) for span in (own, before, year))]
    hot = plain.gi_star({near for some in counts for cell in some.index for near in h3.grid_disk(cell, 1)}, counts[0])
    days = [part(file, gaps, *span).days for span in (own, before)]
    page = statistics(**MARCH)
    assert page.text("#heat-body .heat-hot") == f"{hot.hot.sum()} hot cells"
    plotted(page, "heat-chart")
    points = next(one for one in page.ask(DRAWN, "heat-chart") if one.get("customdata"))
    shown = dict(zip([one.removeprefix("toggle:cell=") for one in points["customdata"]], points["hovertext"],
                     strict=True))  # fmt: skip
    assert shown.keys() == set(counts[0].index)
    for cell, text in shown.items():
        n, then = counts[0][cell], counts[1].get(cell, 0)
        told = plain.judged(plain.Part(n, days[0]), [plain.Part(then, days[1])])
        lines = [f"{n:,} · ", f"{then} in the period before · {VERDICTS[told.verdict]}"]
        first, *others = text.split("<br>")
        if hot.hot[cell]:
            assert number(others.pop().removeprefix("hot spot, z = ")) == pytest.approx(hot.z[cell], abs=0.0051)
        assert [first[: len(lines[0])], *others] == lines
        assert number(first.split(" · ")[1]) == pytest.approx(n / h3.cell_area(cell, "km^2"), abs=0.051)
    answer = houston.json("/api/figures?period=month&date=2025-03-15&part=heat")["heat"]
    given = {one["cell"]: one["n"] for one in answer["cells"]}
    assert given == {cell: n for cell, n in counts[0].items() if n >= 3}, "few incidents of a cell are not given out"
    found = {one["cell"]: one for one in answer["hot"]}
    assert found.keys() == set(hot.index[hot.hot]) & given.keys()
    for cell, one in found.items():
        assert (one["z"], one["p"], one["q"]) == (
            pytest.approx(hot.z[cell], abs=0.0051), pytest.approx(hot.p[cell], rel=1e-6, abs=1e-15),
            pytest.approx(hot.q[cell], rel=1e-6, abs=1e-15),
        )  # fmt: skip


def test_a_click_leads_to_the_rows_and_the_csv(statistics, file, houston):
    page = statistics(**MARCH)
    month = within(file, *PERIODS["month"][0])
    crashes = month[month.category == "traffic accident"]
    page.page.locator("#category-body .bar-row").first.click()
    awaited(page, len(crashes))
    assert page.page.locator("#category-body .bar-row").count() == month.category.nunique(), "others can be chosen"
    page.page.locator("#hours-body .hour", has_text="16").click()
    chosen = crashes[crashes.local.dt.hour == 16]
    awaited(page, len(chosen))
    page.page.locator("#hours .formula-open").click()
    page.until(lambda: query(page), "the drawer in the address", lambda search: "figure=hours" in search)
    first = page.page.locator("#drawer-grid [row-index='0'] [col-id=received]")
    first.filter(has_text=f"{chosen.local.max():%Y-%m-%d %H:%M:%S}").wait_for()
    link = page.page.get_by_role("dialog").get_by_text("Download CSV").get_attribute("href")
    head, *lines = get(houston.url + str(link)).decode("utf-8-sig").splitlines()
    ids = {next(cell for cell in line.split(",") if cell.startswith("H")) for line in lines}
    assert len(lines) == len(chosen), head
    assert ids == {f"H{one}" for one in chosen.incident_id}
