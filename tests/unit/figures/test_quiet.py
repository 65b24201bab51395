"""Places without incidents, against plain pandas."""

from datetime import date

import pytest

from analytics.figures.request import Request
from data_feeds.history.query import Filters
from tests.pandas_store import PandasStore
from tests.unit.figures.random_city import CHICAGO, ZONES, at, business, city, counted, days_of, inside, known, told

RAW = city(4, per_day=6.0)
STORE = PandasStore(RAW, CHICAGO)
CLOCK = business(RAW)


def report_of(kind, day, now=None, context=None, **more):
    now = at(2025, 4, 1) if now is None else now
    return told(STORE, Request(kind, day, now, CHICAGO, parts=("quiet",), **more), context or known(RAW))


@pytest.mark.parametrize(("kind", "now"), [
    ("day", None), ("week", None), ("month", None), ("week", at(2025, 3, 19, 15)),
])  # fmt: skip
@pytest.mark.parametrize("where", [Filters(), Filters(categories=("fire",))])
def test_zones_without_incidents_and_since_when(kind, now, where):
    report = report_of(kind, date(2025, 3, 19), now, where=where)
    usual = counted(RAW)
    if where.categories:
        usual &= RAW.category == "fire"
    now_in = set(RAW.zone[usual & inside(CLOCK, report.period.span)])
    quiet = [zone for zone in ZONES if zone not in now_in]
    assert {one.key for one in report.quiet.zones} == set(quiet)
    assert (report.quiet.by, report.quiet.known, report.quiet.quiet) == ("zone", 12, len(quiet))
    assert report.quiet.share == pytest.approx(len(quiet) / 12, abs=1e-4)
    days = days_of(RAW)
    for one in report.quiet.zones:
        before = days[usual & (RAW.zone == one.key) & (days < report.period.first)]
        last = max(before, default=None)
        assert one.last == last
        assert one.days == (None if last is None else (report.period.reached - last).days)
        assert one.name_en == one.key
    for comparison in report.comparators:
        shares = [
            sum(zone not in set(RAW.zone[usual & inside(CLOCK, comparison.spans[n])]) for zone in ZONES) / 12
            for n in comparison.used
        ]
        expected = sum(shares) / len(shares) if shares else None
        assert report.quiet.against[comparison.id] == (expected and pytest.approx(expected, abs=1e-4))


def test_those_without_any_record_come_first_then_the_longest_quiet():
    report = report_of("day", date(2025, 3, 19))
    keys = [one.key for one in report.quiet.zones]
    assert keys[:3] == ["Z09", "Z10", "Z11"]
    days = [one.days for one in report.quiet.zones[3:]]
    assert days == sorted(days, reverse=True)


def test_zones_of_the_scope_only():
    context = known(RAW)
    assert report_of("day", date(2025, 3, 19), context=context, where=Filters(scope="S0")).quiet.known == 12
    assert report_of("day", date(2025, 3, 19), context=context, where=Filters(zones=("Z01", "Z11"))).quiet.known == 2
    # nobody knows zones of this one: stations take their place
    other = report_of("day", date(2025, 3, 19), context=context, where=Filters(scope="B1"))
    assert (other.quiet.by, other.quiet.known) == ("station", 2)


def test_without_a_list_of_places_nothing_is_claimed():
    report = report_of("day", date(2025, 3, 19), context=known(RAW, zones=(), stations=()))
    assert report.quiet is None
    assert report.about["quiet"].note == "places"
