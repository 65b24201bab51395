"""What history says stands on the wall beside the live figures, and a history in trouble is told, not hidden."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Route

from analytics.past import asked_days
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import RAW, Options
from tests.e2e.scripted_wall import PLACE, ago, incident, scripted_wall

EACH_MIN = 20  # one incident every so many minutes of every day
READY = "() => wallboard.ui.body('heat_past')?.past === 'ready'"
SETTINGS = {"map_center": list(PLACE), "map_zoom": 13.0, "time_zone": "UTC", "history_name": "test"}


def history_of(folder: Path, days: list[date], now: datetime) -> int:
    """Incidents on ``days``, every one answered after two minutes; returns how many."""
    times = [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
        for day in days
        for minute in range(0, 1440, EACH_MIN)
    ]
    calls = [round(time.timestamp() * 1000) for time in times if time < now]
    columns = {
        "incident_id": [f"P-{n}" for n in range(len(calls))], "version": [1] * len(calls),
        "category": ["theft"] * len(calls), "place_class": ["centre"] * len(calls), "lat": [PLACE[0]] * len(calls),
        "lon": [PLACE[1]] * len(calls), "call_received_ms": calls, "dispatched_ms": [ms + 20_000 for ms in calls],
        "enroute_ms": [ms + 40_000 for ms in calls], "on_scene_ms": [ms + 120_000 for ms in calls],
    }  # fmt: skip
    store = open_store(folder, Options("UTC"))
    store.put_table(pa.table({name: pa.array(told, RAW.field(name).type) for name, told in columns.items()}), "test")
    store.close()
    return len(calls)


@pytest.fixture(scope="module")
def past_wall(tmp_path_factory):
    folder, now = tmp_path_factory.mktemp("history"), datetime.now(UTC)
    days = {now.date() - timedelta(days=n) for n in range(31)} | set(asked_days(now.date()))
    n = history_of(folder / "test", sorted(days), now)
    with scripted_wall(**SETTINGS, history_dir=str(folder)) as wall:
        # from a minute before midnight on without a hole, so that memory knows the whole of today
        since_s = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        ages = [*range(30, int(since_s), 60 * EACH_MIN), since_s + 60]
        wall.say(*(incident(f"T{n}", 10 * n, 0, age, closed=ago(1)) for n, age in enumerate(ages)))
        wall.taken()
        yield wall, n


def test_today_stands_beside_three_days_up_to_the_same_minute(past_wall, open_wall):
    wall, _ = past_wall
    shown = open_wall(wall.url, lang="en")
    shown.until(lambda: shown.text("#kinds .head-note"), "what is usual", lambda said: "4-week mean" in said)
    now = datetime.now(UTC)
    minutes = {now.hour * 60 + now.minute - late for late in (-1, 0, 1)}
    counts = {f"{-(-minute // EACH_MIN)}" for minute in minutes}
    assert shown.page.locator(".against").count() == 3
    for row in range(3):
        assert shown.page.locator(".against-count").nth(row).inner_text() in counts
    names = [shown.page.locator(".against-name").nth(row).inner_text() for row in range(3)]
    weekday = (now - timedelta(days=7)).strftime("%a")
    assert names == ["yesterday", f"last {weekday}", "last year"]
    assert shown.text("#kinds .row-beside").removeprefix("/ ") in counts
    shown.until(lambda: shown.page.locator(".hours-band").count(), "its band", lambda n: n == 1)


def test_the_strip_tells_responses_of_today_and_of_the_week(past_wall, open_wall):
    wall, _ = past_wall
    shown = open_wall(wall.url, lang="en")
    shown.until(lambda: shown.page.locator(".response-tile").count(), "three tiles", lambda n: n == 3)
    centre = shown.page.locator(".response-tile").nth(1)
    assert centre.locator(".response-name").inner_text() == "Centre 3′"
    assert centre.locator(".response-week").inner_text() == "7 d 100%"
    parts = "(tile) => ['counted', 'share'].map((part) => tile.querySelector(`.response-${part}`).innerText)"
    counted, share = centre.evaluate(parts)  # at one moment: there are more each twenty minutes
    n = int(counted.removeprefix("n "))
    assert share == (f"{n}/{n}" if 0 < n < 10 else "100%" if n else "–")
    assert shown.page.locator(".response-share").nth(0).inner_text() == "–"


def test_heat_of_thirty_days_counts_what_history_holds(past_wall, open_wall):
    wall, _ = past_wall
    shown = open_wall(wall.url, lang="en", heat="days30")
    shown.until(lambda: shown.text(".heat-total"), "a total", lambda said: " in all" in said)
    held = wall.json("/api/heat?window=days30")  # asked for by nobody it would not be there
    total = f"{sum(held['totals'][0]):,} in all"
    shown.until(lambda: shown.text(".heat-total"), "the total", lambda said: said.startswith(total))
    assert shown.text(".heat-said") == "Heat: incidents, last 30 days"
    first = datetime.now(UTC).date() - timedelta(days=29)
    assert sum(held["totals"][0]) >= 29 * 1440 // EACH_MIN
    assert held["first"] in (first.isoformat(), (first - timedelta(days=1)).isoformat())


def test_a_broken_history_is_told_and_yesterday_comes_from_memory(tmp_path, open_wall):
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "history.duckdb").write_bytes(b"no database" * 1000)
    with scripted_wall(**SETTINGS, history_dir=str(tmp_path)) as wall:
        wall.say(*(incident(f"T{n}", 10 * n, 0, 30 + 3600 * n, closed=ago(1)) for n in range(50)))
        wall.taken()
        shown = open_wall(wall.url, lang="en")
        shown.until(lambda: shown.text(".response-said"), "the trouble", lambda said: said == "history unavailable")
        assert shown.page.locator(".response-tile").count() == 0
        said = "history unavailable: yesterday only"
        shown.until(lambda: shown.text(".today-past"), "the same beside today", lambda text: text == said)
        assert shown.page.locator(".against").count() == 1


def test_heat_of_a_later_choice_is_asked_for_once(past_wall, open_wall):
    wall, _ = past_wall
    shown = open_wall(wall.url, lang="en", size=(1920, 1080))
    shown.until(lambda: shown.ask(READY), "history")
    asked: list[Route] = []
    shown.page.route("**/api/heat?*", lambda route: asked.append(route))
    shown.page.locator("#layers-open").click()
    for n, window in enumerate(("days30", "year"), 1):
        shown.page.locator(f"[data-window={window}]").click()
        shown.until(lambda: len(asked), "the question", lambda count, n=n: count == n)
    with shown.page.expect_response("**/api/heat?window=days30*"):
        asked[0].continue_()
    shown.page.wait_for_timeout(2500)
    assert len(asked) == 2
    asked[1].continue_()
    shown.until(lambda: shown.text(".heat-total"), "the total", lambda said: "in all" in said)


def test_heat_of_a_later_choice_does_not_wait_for_the_failure_of_another(past_wall, open_wall):
    wall, _ = past_wall
    shown = open_wall(wall.url, lang="en", size=(1920, 1080), outage=True)
    shown.until(lambda: shown.ask(READY), "history")
    asked: list[str] = []
    shown.page.route("**/api/heat?*", lambda route: (asked.append(route.request.url), route.abort()))
    shown.page.locator("#layers-open").click()
    for n, window in enumerate(("days30", "year"), 1):
        shown.page.locator(f"[data-window={window}]").click()
        shown.page.wait_for_timeout(2500)
        assert len(asked) == n
