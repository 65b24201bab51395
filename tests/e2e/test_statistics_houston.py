"""March 2025 of Houston as a chief reads it: every number on the screen beside pandas on the source's own file."""

from __future__ import annotations

import fnmatch
import itertools
import tomllib
from datetime import date, timedelta

import pandas as pd
import pytest

from tests import kept
from tests.e2e.pages import Wall
from tests.e2e.server import get, running_wall
from tests.e2e.test_statistics import awaited, query, settled
from tests.real_data import real_file

ZONE, LONGEST_LOOK_S = "America/Chicago", 3600
MARCH = {"period": "month", "date": "2025-03-15", "lang": "en"}
PERIODS = {  # of 15 March: its own first day and days, those before, those a year before
    "day": [(date(2025, 3, 15), 1), (date(2025, 3, 14), 1), (date(2024, 3, 15), 1)],
    "week": [(date(2025, 3, 10), 7), (date(2025, 3, 3), 7), (date(2024, 3, 11), 7)],
    "month": [(date(2025, 3, 1), 31), (date(2025, 2, 1), 28), (date(2024, 3, 1), 31)],
}


@pytest.fixture(scope="module")
def file():
    """The counted incidents (the fire department's are another's) with local times and the mapping's categories."""
    found = pd.read_parquet(real_file(kept.HOUSTON))
    rules = tomllib.loads(kept.HOUSTON_MAPPING.read_text(encoding="utf-8"))["maps"]["category"]["rules"]
    kinds = {
        text: next((to for rule, to in rules.items() if fnmatch.fnmatchcase(text.upper(), rule.upper())), "other")
        for text in found.type_last.astype(str).unique()
    }
    found["category"] = found.type_last.astype(str).map(kinds)
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


def recorded_days(looks, first, days):
    """Days of a period during which somebody looked at the source."""
    begin, end = (pd.Timestamp(day, tz=ZONE) for day in (first, first + timedelta(days=days)))
    away = pd.Timedelta(0)
    for before, after in itertools.pairwise(looks):
        if after - before > pd.Timedelta(seconds=LONGEST_LOOK_S):
            away += max(min(after, end) - max(before, begin), pd.Timedelta(0))
    return (end - begin - away) / pd.Timedelta(days=1)


def numbers(page, selector):
    return [int(text.replace(",", "")) for text in page.page.locator(selector).all_inner_texts()]


@pytest.mark.parametrize("period", PERIODS)
def test_counts_and_comparators_are_those_of_the_file(statistics, file, looks, period):
    page = statistics(**MARCH | {"period": period})
    own, *others = [(len(within(file, *span)), span) for span in PERIODS[period]]
    assert page.text("#total-body .big") == f"{own[0]:,}"
    assert numbers(page, "#total-body .against-count")[:2] == [n for n, _ in others]
    shown = page.page.locator("#total-body .againsts li").all_inner_texts()
    for line, (n, span) in zip(shown, others, strict=False):
        rate, before = own[0] / recorded_days(looks, *own[1]), n / recorded_days(looks, *span)
        percent = float(line.split("%")[0].split()[-1].replace("−", "-"))
        assert percent == pytest.approx((rate / before - 1) * 100, abs=0.35), "its last minutes of silence apart"
    apart = within(file, *own[1], counted=False)
    assert f"Diverted {(apart.agency == 'F').sum():,}" in page.text("#apart-body")
    rows = page.page.locator("#category-body .bar-row").all_inner_texts()
    counts = within(file, *own[1]).category.value_counts()
    assert [int(row.split("\n")[1].replace(",", "")) for row in rows] == counts.tolist()
    assert page.text("#grid-count") == f"{own[0]:,} in all"


@pytest.mark.parametrize("vs", ["previous", "last_year"])
def test_categories_stand_beside_the_comparator_that_was_chosen(statistics, file, vs):
    page = statistics(**MARCH, vs=vs)
    span = PERIODS["month"][1 if vs == "previous" else 2]
    then = within(file, *span).category.value_counts()
    now = within(file, *PERIODS["month"][0]).category.value_counts()
    titles = page.ask("() => [...document.querySelectorAll('#category-body .change')].map((one) => one.title)")
    assert [title.split(" · ")[0] for title in titles] == [f"{then[kind]:,}" for kind in now.index]


def test_the_matrix_the_hours_and_the_trend_are_those_of_the_file(statistics, file):
    page = statistics(**MARCH)
    month = within(file, *PERIODS["month"][0])
    cells = page.ask("""() => [...document.querySelectorAll('#rhythm-body .rhythm-cell')]
        .map((one) => Number(one.textContent || 0))""")
    grid = month.groupby([month.local.dt.day_of_week, month.local.dt.hour]).size()
    assert cells == [int(grid.get((day, hour), 0)) for day in range(7) for hour in range(24)]
    page.page.wait_for_function("() => document.querySelector('#trend-chart .js-plotly-plot')?.data?.length > 5")
    drawn = """(id) => document.querySelector(`#${id} .js-plotly-plot`).data
        .filter((one) => (one.mode ?? '').includes('lines+markers')).map((one) => [...one.y])[0]"""
    assert page.ask(drawn, "hours-chart") == month.groupby(month.local.dt.hour).size().tolist()
    days = month.groupby("day").size()
    told = dict(enumerate(page.ask(drawn, "trend-chart"), start=1))
    assert len(told) == 31
    assert {day for day, n in told.items() if n is None} == {7, 8, 9, 10, 31}, "days with a gap are no fall"
    assert all(n == days[date(2025, 3, day)] for day, n in told.items() if n is not None)


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
