"""The page's address is its state: it comes from outside, and it goes out and in again without loss."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from analytics.figures.request import COMPARATORS, PERIODS
from components.statistics.state import View, parse, search_of
from data_feeds.history.query import Filters

words = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf", "Co", "Cn")), max_size=20)
several = st.lists(words.filter(bool), unique=True, max_size=4).map(tuple)
cells = st.lists(st.integers(1, 2**63 - 1).map(lambda n: f"{n:x}"), unique=True, max_size=3).map(tuple)
views = st.builds(
    View, period=st.sampled_from(PERIODS), date=st.none() | st.dates(), key=words, scope=words, category=several,
    severity=several, source=several, place_class=several, zone=several,
    hour=st.sets(st.integers(0, 23)).map(lambda hours: tuple(sorted(hours))),
    weekday=st.sets(st.integers(1, 7)).map(lambda days: tuple(sorted(days))), cell=cells,
    vs=st.sampled_from(["", *COMPARATORS]),
    figure=words, lang=st.sampled_from(["", "zh", "en"]),
)  # fmt: skip


@given(views)
def test_a_state_survives_its_address(view):
    assert parse(search_of(view)) == view


@given(st.text(max_size=300))
def test_any_address_gives_a_state(text):
    view = parse(text)
    assert view.period in PERIODS
    view.filters()
    assert parse(search_of(view)) == view


def test_an_empty_address_is_the_latest_day():
    assert parse("") == parse(None) == parse("?") == View()
    assert search_of(View()) == ""


def test_an_address_as_people_send_it():
    view = parse("?period=month&date=2025-03-15&category=theft&category=Theft,%20from%20car&hour=23&hour=0&lang=en")
    assert view.period == "month"
    assert view.date == date(2025, 3, 15)
    assert view.category == ("theft", "Theft, from car")
    assert view.hour == (0, 23)
    assert view.filters() == Filters(categories=view.category, hours=(0, 23))


def test_what_cannot_be_read_is_left_out():
    view = parse("?period=century&date=2025-02-30&hour=24&hour=-1&hour=²&weekday=0&cell=xyz&cell=-5&lang=fr&vs=mars")
    assert view == View()
    assert parse("?scope=" + "x" * 65) == View()
    assert parse("&".join(f"category=c{n}" for n in range(1000))) == View()
    assert parse("?category=a%00b&category=%E2%80%AEx") == View()


def test_a_cell_is_hexadecimal_in_the_address_and_a_number_in_the_filters():
    assert parse("?cell=8a2a1072b59ffff").filters().cells == (0x8A2A1072B59FFFF,)


def test_what_is_chosen_is_told_as_the_address_writes_it():
    assert parse("?hour=0&hour=7").chosen("hour") == ("0", "7")


def test_a_day_is_compared_with_its_weekdays_and_a_month_with_the_month_before():
    assert parse("").main == "weekdays4"
    assert parse("?period=month").main == "previous"
    assert parse("?period=month&vs=last_year").main == "last_year"
