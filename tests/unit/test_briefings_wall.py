"""Briefings of a wall: what is due and when, the job from the press to the file, the page that lists them."""

import hashlib
import time as clock_time
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError, changed
from tests.unit.briefings_story import a_document
from tests.unit.figures_story import BASE, FORMULAS, HERE, ZONE, Story, at
from web import briefing_clerk, briefings
from web.briefing_clerk import Clerk, Job, Schedule
from web.briefing_desk import StatisticsDesk, city_of
from web.briefing_schedule import due, run_at
from web.briefing_shelf import Shelf
from web.figures_answers import FigureParts
from web.figures_choices import ChoiceBook

CITY = ZoneInfo(ZONE)
MORNING, ONE = time(7, 30), timedelta(days=1)
WAIT_S, STEP_S = 60.0, 0.02
ORIGIN = {"origin": BASE}
NEVER = lambda kind, first, run_ms: False  # noqa: E731


def test_after_half_past_seven_the_last_complete_periods_are_due():
    now = at("2025-04-01 07:30:00")  # a Tuesday, the first of a month
    assert due(now, CITY, 0, MORNING, 0.0, NEVER) == [
        ("day", date(2025, 3, 31)), ("week", date(2025, 3, 24)), ("month", date(2025, 3, 1)),
    ]  # fmt: skip
    before = due(at("2025-04-01 07:29:59"), CITY, 0, MORNING, 0.0, NEVER)
    assert before == [("week", date(2025, 3, 24))]  # it has been due since Monday
    assert due(now, CITY, 0, MORNING, now + 1, NEVER) == []  # a wall that was not there has missed nothing


def test_a_day_that_begins_later_than_the_run_is_due_on_the_next_morning():
    assert run_at(date(2025, 3, 31), CITY, 480, MORNING) == at("2025-04-02 07:30:00")
    assert run_at(date(2025, 3, 31), CITY, 420, MORNING) == at("2025-04-01 07:30:00")


@pytest.mark.parametrize(("last", "run", "utc"), [
    ("2025-03-08", time(7, 30), "2025-03-09T12:30"), ("2025-11-01", time(7, 30), "2025-11-02T13:30"),
    ("2025-03-08", time(2, 30), "2025-03-09T08:00"),  # the clocks skip it: when they are past it
    ("2025-11-01", time(1, 30), "2025-11-02T06:30"),  # it comes twice: the first
])  # fmt: skip
def test_when_clocks_change_the_run_comes_once_at_the_citys_time(last, run, utc):
    zone, day = ZoneInfo("America/Chicago"), date.fromisoformat(last)
    at_ms = datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp() * 1000
    assert run_at(day, zone, 0, run) == at_ms
    made: set[date] = set()

    def done(kind, first, run_ms):
        return first in made

    for minute in range(0, 60 * 24, 10):
        found = due(at_ms + (minute - 60 * 10) * 60_000, zone, 0, run, at_ms - 1, done)
        assert minute >= 60 * 10 or not found
        made |= {first for kind, first in found if kind == "day"}
    assert made == {day}


@given(st.integers(0, 800), st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_what_was_made_is_not_due_and_nothing_is_due_before_its_period_has_ended(days, minute, starts, run):
    now = datetime(2024, 1, 1, tzinfo=CITY) + timedelta(days=days, minutes=minute)
    told = time(run // 60, run % 60)
    found = due(now.timestamp() * 1000, CITY, starts, told, 0.0, NEVER)
    assert len({kind for kind, _ in found}) == len(found)
    for kind, first in found:
        last = {"day": first, "week": first + 6 * ONE}.get(kind) or (first + 31 * ONE).replace(day=1) - ONE
        assert run_at(last, CITY, starts, told) <= now.timestamp() * 1000
        assert now.date() > last
    made = {(kind, first) for kind, first in found}
    assert due(now.timestamp() * 1000, CITY, starts, told, 0.0, lambda kind, first, ms: (kind, first) in made) == []


@pytest.fixture
def story():
    told = Story()
    yield told
    told.statistics.close()


def a_clerk(story, folder, schedule=None):
    book = ChoiceBook(story.statistics, Scopes(), story.clock)
    parts = FigureParts(story.statistics, book, FORMULAS.__getitem__, "zh")
    return Clerk(lambda: StatisticsDesk(parts, Scopes(), ("城", "City")), Shelf(folder), story.clock, schedule)


@pytest.fixture
def client(story, tmp_path):
    clerk, api = a_clerk(story, tmp_path), FastAPI()
    briefings.register(api, Settings(time_zone=ZONE), clerk)
    clerk.start()
    yield TestClient(api, base_url=BASE, client=HERE)
    clerk.stop()


def done(client, job):
    end_s = clock_time.monotonic() + WAIT_S
    while job["state"] in ("waiting", "working") and clock_time.monotonic() < end_s:
        clock_time.sleep(STEP_S)
        job = client.get(f"/api/briefings/{job['id']}").json()
    return job


def test_a_press_gives_a_file_that_is_listed_with_its_checksum(client):
    answer = client.post("/api/briefings?period=month&date=2025-02-10&lang=en&format=csv&format=xlsx", headers=ORIGIN)
    assert answer.status_code == 202
    job = done(client, answer.json())
    assert (job["state"], job["share"], job["why"]) == ("done", 1.0, "")
    assert {one["format"] for one in job["files"]} == {"csv", "xlsx"}
    page = client.get("/briefings/?lang=en").text
    for one in job["files"]:
        fetched = client.get(f"/briefings/{one['name']}")
        assert fetched.headers["content-disposition"].startswith("attachment")
        assert hashlib.sha256(fetched.content).hexdigest() == one["sha256"]
        assert one["sha256"] in page
        assert one["name"] in page
    assert "Monthly bulletin" in page
    assert [one["name"] for one in client.get("/api/briefings").json()] == ["briefing_month_2025-02-01_en"]


@pytest.mark.parametrize(("query", "why"), [
    ("period=month&date=2031-01-01&lang=en", "has not begun"), ("period=month&date=2031-01-01&lang=zh", "尚未开始"),
    ("period=month&date=2020-01-01&lang=en", "before the records begin"),
    ("scope=nowhere&lang=en", "No jurisdiction is called “nowhere”"), ("scope=nowhere&lang=zh", "没有名为“nowhere”"),
])  # fmt: skip
def test_what_cannot_be_written_says_why(client, query, why):
    job = done(client, client.post(f"/api/briefings?format=csv&{query}", headers=ORIGIN).json())
    assert job["state"] == "failed"
    assert why in job["why"]


def test_strangers_and_nonsense_are_refused(client):
    assert client.post("/api/briefings").status_code == 403
    assert client.post("/api/briefings", headers={"origin": "http://evil.example"}).status_code == 403
    refused = client.post("/api/briefings?format=doc&date=x&category=theft", headers=ORIGIN)
    assert refused.status_code == 422
    assert {one["loc"][1] for one in refused.json()["detail"]} == {"format", "date", "category"}
    assert client.get("/api/briefings/nobody").status_code == 404
    for name in ("..%2f..%2fetc%2fpasswd", "since", "x.pdf"):
        assert client.get(f"/briefings/{name}").status_code == 404


def test_a_wall_without_history_says_so():
    api = FastAPI()
    briefings.register(api, Settings(), None)
    client = TestClient(api, base_url=BASE, client=HERE)
    assert client.post("/api/briefings", headers=ORIGIN).status_code == 503
    assert client.get("/api/briefings").json() == []
    assert "还没有生成过通报" in client.get("/briefings/").text


def test_no_more_wait_than_may_wait(story, tmp_path):
    clerk = a_clerk(story, tmp_path)  # it is not started
    for _ in range(briefing_clerk.MAX_WAITING):
        clerk.ask(lambda desk: None, "zh", ("pdf",))
    with pytest.raises(briefing_clerk.Full):
        clerk.ask(lambda desk: None, "zh", ("pdf",))


def test_what_is_due_is_written_once_and_a_missed_run_is_caught_up_once(story, tmp_path):
    schedule = Schedule(MORNING, CITY, 0, "en", ("csv",))
    story.clock.ms = at("2025-03-10 12:00:00")
    clerk = a_clerk(story, tmp_path, schedule)
    clerk.write_due()
    assert clerk.shelf.all() == []  # the first start has missed nothing
    story.clock.ms = at("2025-03-18 09:00:00")  # a Tuesday: off for a week
    clerk.write_due()
    names = {one.name for one in clerk.shelf.all()}
    assert names == {"briefing_day_2025-03-17_en", "briefing_week_2025-03-10_en"}
    made = {one.name: one.made_ms for one in clerk.shelf.all()}
    story.clock.ms += 60_000
    a_clerk(story, tmp_path, schedule).write_due()  # after another start, too
    assert {one.name: one.made_ms for one in clerk.shelf.all()} == made


def test_after_a_failure_it_is_tried_again_but_not_at_once(story, tmp_path):
    clerk = a_clerk(story, tmp_path, Schedule(MORNING, CITY, 0, "en", ("csv",)))
    story.clock.ms = at("2025-03-18 07:00:00")
    clerk.write_due()
    story.clock.ms = at("2025-03-18 09:00:00")
    story.store.error = RuntimeError("broken")
    clerk.write_due()
    story.store.error = None
    clerk.write_due()
    assert clerk.shelf.all() == []
    story.clock.s += briefing_clerk.AGAIN_S
    clerk.write_due()
    assert [one.name for one in clerk.shelf.all()] == ["briefing_day_2025-03-17_en"]


def test_a_history_that_is_being_opened_is_waited_for(story, tmp_path, caplog):
    clerk = a_clerk(story, tmp_path, Schedule(MORNING, CITY, 0, "en", ("csv",)))
    story.clock.ms = at("2025-03-18 07:00:00")
    clerk.write_due()
    story.clock.ms = at("2025-03-18 09:00:00")
    store, story.store = story.store, None
    clerk.write_due()
    story.store = store
    story.clock.s += briefing_clerk.EVERY_S
    clerk.write_due()
    assert [one.name for one in clerk.shelf.all()] == ["briefing_day_2025-03-17_en"]
    assert caplog.records == []


def test_a_full_disk_fails_the_job_and_keeps_what_was_there(story, tmp_path, monkeypatch):
    clerk = a_clerk(story, tmp_path)

    def asked():
        job = Job(lambda desk: desk.parts.statistics.request("day", date(2025, 3, 1)), "en", ("csv",))
        clerk.write(job)
        return job

    first = asked()
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr("os.fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    again = asked()
    assert (first.state, again.state) == ("done", "failed")
    assert "No space left" in again.why
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_another_format_of_the_same_data_joins_and_of_newer_data_replaces(tmp_path):
    shelf, told = Shelf(tmp_path), a_document()
    shelf.keep(told, {"pdf": ("a.pdf", b"1")}, 1.0)
    both = shelf.keep(told, {"csv": ("a.zip", b"2")}, 2.0)
    assert [one.format for one in both.files] == ["csv", "pdf"]
    newer = type(told)(**{name: getattr(told, name) for name in told.__struct_fields__} | {"stamp_ms": 5.0})
    assert [one.format for one in shelf.keep(newer, {"csv": ("a.zip", b"3")}, 3.0).files] == ["csv"]
    assert not (tmp_path / "a.pdf").exists()
    (tmp_path / "damaged.json").write_text("{")
    assert len(shelf.all()) == 1


def test_settings_of_briefings_are_checked():
    for wrong in ({"briefings_at": "7"}, {"briefings_formats": ["doc"]}, {"briefings_formats": []}):
        with pytest.raises(SettingsError):
            changed(Settings(), wrong, "test")
    assert changed(Settings(), {"briefings_at": ""}, "test").briefings_at == ""


def test_a_city_is_called_as_the_wall_is():
    assert city_of(Settings(history_dir="")) == ("云岭市公安局", "Yunling Police")


