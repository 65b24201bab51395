"""The figures' addresses: what they answer, what they refuse and by which name."""

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.history.store import StoreBroken
from tests.unit.figures_story import Story, StoryStore, client_of, counted, incidents
from web import figures_params
from web.figures_shapes import Figures

ADDRESSES = ["/api/figures", "/api/figures/rows", "/api/figures/rows.csv", "/api/figures/choices"]


def test_figures_of_a_month(story, client):
    answer = client.get("/api/figures?period=month&date=2025-02-10")
    assert answer.headers["content-type"] == "application/json"
    told = msgspec.json.decode(answer.content, type=Figures)
    assert told.total.n == len(counted(story, date(2025, 2, 1), date(2025, 2, 28)))
    assert told.period.complete
    assert told.formulas == {"breach": "超时", "count": "本期警情数"}
    english = client.get("/api/figures?period=month&date=2025-02-10&lang=en").json()
    assert english["formulas"] == {"breach": "late", "count": "incidents"}


def test_filters_may_be_repeated_and_their_order_does_not_matter(story, client):
    asked = "/api/figures?period=month&date=2025-02-10"
    one = client.get(f"{asked}&category=theft&category=fight&hour=3&hour=2&hour=3&weekday=7&scope=B1")
    other = client.get(f"{asked}&scope=b1&hour=2&weekday=7&hour=3&category=fight&category=theft")
    assert one.content == other.content
    assert one.json()["request"]["where"] == {
        "scope": "B1", "kinds": ["counted"], "categories": ["fight", "theft"], "severities": [], "sources": [],
        "place_classes": [], "zones": [], "hours": [2, 3], "weekdays": [7], "cells": [],
    }  # fmt: skip
    rows = counted(story, date(2025, 2, 1), date(2025, 2, 28))
    rows = rows[(rows.branch == "B1") & rows.category.isin(["theft", "fight"]) & rows.hour.isin([2, 3])]
    assert one.json()["total"]["n"] == (rows.weekday == 7).sum()


def test_a_word_is_understood_however_it_is_written():
    known = figures_params.Known(lambda text: text, place_classes=frozenset({"key_spot"}))
    for text in ("key_spot", "KEY_SPOT", "Key Spot"):
        values = figures_params.read([("place_class", text)], figures_params.FIGURES, known)
        assert values == {"place_class": ("key_spot",)}


def test_without_parameters_it_is_today_in_all_the_city(client):
    told = client.get("/api/figures").json()
    assert (told["request"]["period"], told["request"]["date"]) == ("day", "2025-03-20")
    assert not told["period"]["complete"]


def test_a_key_date_needs_no_date(client):
    told = client.get("/api/figures", params={"period": "key", "key": "Rodeo 2025"}).json()
    assert (told["period"]["first"], told["period"]["last"]) == ("2025-03-04", "2025-03-09")


def test_parts_comparators_and_resolution_are_passed_on(client):
    told = client.get("/api/figures?part=hours&part=by&compare=weekdays4&compare=previous&resolution=7&lunar=true")
    request = told.json()["request"]
    assert (request["parts"], request["comparators"]) == (["by", "hours"], ["previous", "weekdays4"])
    assert (request["heat_resolution"], request["lunar"]) == (7, True)


REFUSED = [
    ("period=decade", "period", "must be one of day, week, month, quarter, year, key"),
    ("period=", "period", "text of 1 to 80"),
    ("date=2025-02-30", "date", "no day of the calendar"),
    ("date=15.3.2025", "date", "such as 2025-03-15"),
    ("date=20250315", "date", "such as 2025-03-15"),
    ("date=٢٠٢٥-03-15", "date", "such as 2025-03-15"),
    ("date=2025-03-15&date=2025-03-16", "date", "more than once"),
    ("date=0001-01-01", "date", "can be reported on"),
    ("date=9999-12-31", "date", "can be reported on"),
    ("date=2024-12-31", "date", "before the records begin on 2025-01-01"),
    ("date=2025-03-21", "date", "in the future"),
    ("scope=nowhere", "scope", "/api/figures/choices"),
    ("scope=" + "x" * 81, "scope", "1 to 80 characters"),
    ("category=murder", "category", "there are =cmd|'/C calc'!A0, fight, theft, 警情"),
    ("severity=LOW&severity=lowest", "severity", "there are HIGH, LOW"),
    ("source=%00", "source", "control characters"),
    ("source=%ff", "source", "control characters"),
    ("source=%E2%80%AEgnol", "source", "control characters"),
    ("place_class=KEY_SPOT", "place_class", "CENTRE, OTHER"),
    ("zone=Z1", "zone", "none: no incident has one"),
    ("hour=24", "hour", "from 0 to 23"),
    ("hour=-1", "hour", "from 0 to 23"),
    ("hour=3.0", "hour", "from 0 to 23"),
    ("hour=" + "9" * 70, "hour", "from 0 to 23"),
    ("weekday=0", "weekday", "from 1 to 7"),
    ("weekday=Monday", "weekday", "from 1 to 7"),
    ("&".join(["hour=1"] * 51), "hour", "51 values; at most 50"),
    ("&".join(f"hour={n}" for n in range(401)), "*", "at most 400"),
    ("cell=88283082b9fffffff", "cell", "H3 cell"),
    ("cell=8f283082b9f0000", "cell", "H3 cell"),
    ("key=Rodeo 2025", "key", "period=key only"),
    ("period=key&key=Easter", "key", "there are Rodeo 2025"),
    ("period=key&date=2025-01-01", "key", "Rodeo 2025: 2025-03-04"),
    ("period=key&key=Rodeo 2025&date=2025-01-01", "key", "lies in no such key date"),
    ("resolution=3", "resolution", "from 5 to 9"),
    ("lunar=maybe", "lunar", "one of 1, true, 0, false"),
    ("compare=yesterday", "compare", "previous, last_year, weekdays4, weekdays8"),
    ("part=everything", "part", "by, hours, rhythm"),
    ("lang=fr", "lang", "zh, en"),
    ("catagory=theft", "catagory", "is no parameter here; there are period, date, key, scope, category"),
    ("%3Cscript%3E=1", "<script>", "is no parameter here"),
]


@pytest.mark.parametrize(("query", "name", "why"), REFUSED, ids=[query[:40] for query, _, _ in REFUSED])
def test_a_bad_parameter_is_refused_by_name_with_what_is_allowed(shared, query, name, why):
    for address in ("/api/figures", "/api/figures/rows"):
        if address == "/api/figures/rows" and name in ("resolution", "lunar", "compare", "part"):
            continue
        answer = shared.get(f"{address}?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/json"), answer.text
        (problem,) = answer.json()["detail"]
        assert problem["loc"] == ["query", name]
        assert why in problem["msg"]


def test_everything_that_is_wrong_is_named_at_once(shared):
    problems = shared.get("/api/figures?period=x&date=y&hour=99&what=1").json()["detail"]
    assert [problem["loc"][1] for problem in problems] == ["period", "date", "hour", "what"]


names = st.sampled_from([parameter.name for parameter in figures_params.ROWS])
texts = st.one_of(st.text(max_size=100), st.sampled_from(["2025-02-03", "month", "B1", "theft", "3", "", "key", "asc"]))


@given(st.lists(st.tuples(st.one_of(names, st.text(max_size=20)), texts), max_size=8))
def test_no_parameters_break_the_addresses(shared, pairs):
    for address in ("/api/figures", "/api/figures/rows", "/api/figures/choices"):
        answer = shared.get(address, params=pairs)
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 422:
            given = {name for name, _ in pairs}
            for problem in answer.json()["detail"]:
                name = problem["loc"][1]
                assert name in ("date", "*") or any(name == figures_params.shown(one) for one in given)
                assert len(problem["msg"]) < 2000


@given(st.permutations([("category", "theft"), ("category", "fight"), ("hour", "3"), ("hour", "1"), ("scope", "B1")]))
def test_the_same_filters_are_the_same_question(pairs):
    known = figures_params.Known(lambda text: text, frozenset({"theft", "fight"}))
    values = figures_params.read(pairs, figures_params.FIGURES, known)
    filters = figures_params.filters_of(values)
    assert (filters.categories, filters.hours, filters.scope) == (("fight", "theft"), (1, 3), "B1")


def test_a_word_that_was_heard_a_moment_ago_is_known(story, client):
    assert client.get("/api/figures?category=flood").status_code == 422
    story.clock.s += 3
    assert client.get("/api/figures?category=flood").status_code == 422
    newer = incidents()
    newer.loc[0, "category"] = "flood"
    story.store = StoryStore(newer)
    story.store.versions[date(2025, 1, 1)] = 2
    assert client.get("/api/figures?category=flood").status_code == 422  # counted a moment ago
    story.clock.s += 3
    assert client.get("/api/figures?category=flood").status_code == 200


def test_the_tag_follows_the_data_of_the_days_that_are_looked_at(story, client):
    asked = "/api/figures?period=month&date=2025-02-10"
    first = client.get(asked)
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get(asked, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
    story.store.versions[date(2025, 3, 20)] = 2
    assert client.get(asked, headers={"if-none-match": tag}).status_code == 304
    assert client.get(f"{asked}&lang=en", headers={"if-none-match": tag}).status_code == 200
    story.store.versions[date(2025, 2, 28)] = 3
    changed = client.get(asked, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_history_it_says_why_and_when_to_ask_again(story, client, address):
    story.store.error = StoreBroken("history.duckdb is corrupt; move it aside")
    answer = client.get(address)
    assert (answer.status_code, answer.json()) == (503, {"detail": "history.duckdb is corrupt; move it aside"})
    assert int(answer.headers["retry-after"]) > 0
    story.store = None
    assert client.get(address).json() == {"detail": "no history: set it up"}


def test_an_empty_history_is_no_mistake_of_who_asks():
    client = client_of(Story(StoryStore(incidents(0))))
    answer = client.get("/api/figures")
    assert (answer.status_code, answer.json()) == (503, {"detail": "the history holds no incidents yet"})
    choices = client.get("/api/figures/choices").json()
    assert (choices["first"], choices["n"], choices["categories"]) == (None, 0, [])


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_hosts_are_refused(story, address):
    stranger = client_of(story, ("192.0.2.7", 5000))
    assert stranger.get(address).status_code == 403
    assert client_of(story).get(address, headers={"x-forwarded-for": "10.0.0.1"}).status_code == 403
    assert client_of(story).get(address, headers={"host": "evil.example"}).status_code == 403
    assert story.asked() == []


def test_what_may_be_asked_for(story, client):
    told = client.get("/api/figures/choices").json()
    assert (told["first"], told["last"], told["today"], told["n"]) == ("2025-01-01", "2025-03-20", "2025-03-20", 1200)
    assert {one["key"] for one in told["categories"]} == {"theft", "fight", "=cmd|'/C calc'!A0", "警情"}
    assert sum(one["n"] for one in told["categories"]) == 1200
    assert [one["n"] for one in told["severities"]] == sorted((one["n"] for one in told["severities"]), reverse=True)
    assert {one["code"]: one["level"] for one in told["branches"]} == {"B1": "branch", "B2": "branch"}
    assert told["key_dates"] == [{"name": "Rodeo 2025", "first": "2025-03-04", "last": "2025-03-09"}]
    assert told["lacks"] == ["closed"]
    story.asked()
    client.get("/api/figures/choices")
    assert story.asked() == []
