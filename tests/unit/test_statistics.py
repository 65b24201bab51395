"""Reports are planned, asked through the cache and built, off the event loop and once for all who ask."""

import asyncio
import threading
from datetime import date

import pytest

from analytics.periods import PeriodError
from data_feeds.history.query import Counts, Filters, Span
from data_feeds.history.store import StoreBroken
from tests.unit.figures_story import NOW_MS, Story, StoryStore, at, incidents
from web import statistics as module
from web.statistics import Unavailable

WAIT_S = 30.0


@pytest.fixture
def story():
    story = Story()
    yield story
    story.statistics.close()


def test_a_report_is_computed_once_and_counts_what_the_rows_say(story):
    request = story.statistics.request("month", date(2025, 2, 15))
    report = story.statistics.report_now(request)
    rows = story.store.rows
    february = (rows.local_date >= date(2025, 2, 1)) & (rows.local_date <= date(2025, 2, 28))
    expected = (february & (rows.kind == "counted")).sum()
    assert (report.total.n, len(story.asked())) == (expected, 2)
    assert story.statistics.report_now(request) is report
    assert story.asked() == []


def test_filters_make_another_report(story):
    one, other = (
        story.statistics.report_now(story.statistics.request("month", date(2025, 2, 15), where=Filters(branch)))
        for branch in ("B1", "B2")
    )
    assert (
        one.total.n + other.total.n
        == story.statistics.report_now(story.statistics.request("month", date(2025, 2, 15))).total.n
    )


def test_a_past_month_stays_while_today_grows(story):
    past = story.statistics.request("month", date(2025, 2, 15))
    present = story.statistics.request("month", date(2025, 3, 15))
    for request in (past, present):
        story.statistics.report_now(request)
    story.asked()
    story.store.versions[date(2025, 3, 20)] = 2
    story.statistics.report_now(past)
    assert story.asked() == []
    story.statistics.report_now(present)
    assert len(story.asked()) == 2


def test_a_tag_moves_with_data_request_and_minute_only_where_it_matters(story):
    def tags():
        made = [story.statistics.answer(story.statistics.request("month", date(2025, month, 15))) for month in (2, 3)]
        return [answer.tag for answer in made]

    first = tags()
    story.clock.ms += 10_000
    assert tags() == first
    story.clock.ms += 60_000
    later = tags()
    assert (later[0] == first[0], later[1] == first[1]) == (True, False)
    story.store.versions[date(2025, 2, 3)] = 2
    assert tags()[0] != first[0]
    lang = story.statistics.request("month", date(2025, 2, 15), where=Filters(hours=(3,)))
    assert story.statistics.answer(lang).tag not in (first[0], tags()[0])


def test_who_has_it_already_costs_nothing(story):
    request = story.statistics.request("month", date(2025, 2, 15))
    tag = story.statistics.answer(request).tag
    story.asked()
    assert story.statistics.answer(request, tag) is None
    assert story.asked() == []


def test_the_newest_day_is_today_or_the_last_of_records_that_do_not_go_on(story):
    assert story.statistics.request("day").date == date(2025, 3, 20)
    story.clock.ms = at("2025-06-01 12:00")
    assert story.statistics.request("day").date == date(2025, 6, 1)
    ended = Story(recorded=False)
    ended.clock.ms = at("2025-06-01 12:00")
    assert ended.statistics.request("day").date == date(2025, 3, 20)
    assert ended.statistics.report_now(ended.statistics.request("day")).period.complete
    with pytest.raises(PeriodError, match="after the records end on 2025-03-20"):
        ended.statistics.report_now(ended.statistics.request("month", date(2025, 5, 1)))


def test_now_is_a_whole_minute_in_the_citys_zone(story):
    request = story.statistics.request("day")
    assert (request.now_ms, request.zone) == (NOW_MS - NOW_MS % 60_000, "America/Chicago")


@pytest.mark.parametrize("case", ["none", "broken", "clock"])
def test_without_history_it_says_why(story, case):
    if case == "none":
        story.store = None
    elif case == "clock":
        story.clock.ms = 0.0
    else:
        story.store.error = StoreBroken("history.duckdb is corrupt; move it aside")
    words = {"none": "no history: set it up", "broken": "is corrupt; move it aside", "clock": "has not been heard"}
    with pytest.raises(Unavailable, match=words[case]):
        story.statistics.report_now(story.statistics.request("day"))


def test_a_failure_is_not_kept(story):
    request = story.statistics.request("month", date(2025, 2, 15))
    story.store.error = StoreBroken("torn")
    with pytest.raises(Unavailable):
        story.statistics.report_now(request)
    story.store.error = None
    assert story.statistics.report_now(request).total.n > 0


def test_an_empty_history_has_no_periods():
    story = Story(StoryStore(incidents(0)))
    with pytest.raises(PeriodError) as told:
        story.statistics.report_now(story.statistics.request("day"))
    assert told.value.code == "empty"


def test_nothing_is_asked_on_the_event_loop_and_all_who_ask_share_one_computation(story):
    asked_on, mine = set(), threading.current_thread()
    started, may_go = threading.Event(), threading.Event()

    def before(query):
        asked_on.add(threading.current_thread())
        started.set()
        assert may_go.wait(WAIT_S)

    story.store.before = before
    request = story.statistics.request("month", date(2025, 2, 15))

    async def main():
        asking = [asyncio.ensure_future(story.statistics.report(request)) for _ in range(20)]
        await asyncio.to_thread(started.wait, WAIT_S)
        assert not any(one.done() for one in asking)  # and the loop is free to say so
        may_go.set()
        return await asyncio.gather(*asking)

    reports = asyncio.run(main())
    assert all(report is reports[0] for report in reports)
    assert len(story.asked()) == 2
    assert mine not in asked_on
    assert len(asked_on) <= module.QUERY_THREADS


def test_too_many_who_wait_are_sent_away(story, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    may_go = threading.Event()

    async def main():
        waiting = [asyncio.ensure_future(story.statistics.off_loop(lambda: may_go.wait(WAIT_S))) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="3 others wait"):
            await story.statistics.off_loop(lambda: True)
        may_go.set()
        assert await asyncio.gather(*waiting) == [True] * 3
        return await story.statistics.off_loop(lambda: "well")

    assert asyncio.run(main()) == "well"


def test_a_query_that_takes_too_long_is_given_up(story, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    may_go = threading.Event()
    story.store.before = lambda query: may_go.wait(WAIT_S)
    try:
        with pytest.raises(Unavailable, match="took more than"):
            story.statistics.table(Counts((Span(date(2025, 1, 1), date(2025, 1, 31)),)))
    finally:
        may_go.set()


def test_reports_in_memory_are_few(story, monkeypatch):
    monkeypatch.setattr(module, "REPORTS_KEPT", 2)
    for day in range(1, 6):
        story.statistics.report_now(story.statistics.request("day", date(2025, 2, day)))
    assert len(story.statistics._kept) == 2


def test_nothing_runs_before_it_is_asked():
    before = set(threading.enumerate())
    Story()
    assert set(threading.enumerate()) <= before
