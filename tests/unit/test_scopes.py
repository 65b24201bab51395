"""Scopes: which jurisdictions there are, and what belongs to them."""

import numpy as np
import pytest

from data_feeds import places
from data_feeds.scopes import CITY, NOWHERE, Scopes
from tests.unit.places_story import document


@pytest.fixture(scope="module")
def scopes():
    return Scopes(places.from_geojson(document()))


def test_without_places_every_word_is_a_scope():
    free = Scopes()
    assert free.find("") is free.find("city") is CITY
    assert CITY.holds("", "")
    south = free.find("南")
    assert south.holds("南", "")
    assert south.holds("北", "南")
    assert not south.holds("北", "")
    assert not south.holds("", "")
    assert free.find("x" * 65) is None


def test_without_places_spelling_does_not_matter_either():
    free = Scopes()
    asked = free.find(" b１ ")
    assert asked == free.find("B1")
    assert asked.holds("B1", "")
    assert asked.holds("", "ｂ1 ")
    assert asked.spelling == "b１"


@pytest.mark.parametrize(
    ("code", "found"),
    [("A", "A"), (" a ", "A"), ("江南分局", "A"), ("jiangnan", "A"), ("A1", "A1"), ("桥南派出所", "A1"), ("C", "city"),
     ("云岭市", "city"), ("中心派出所", None), ("Z1", None), ("nowhere", None)],
)  # fmt: skip
def test_a_scope_is_found_by_its_id_or_by_a_name_that_it_has_alone(scopes, code, found):
    scope = scopes.find(code)
    assert (scope and scope.code) == found


@pytest.mark.parametrize(
    ("branch", "station", "zone", "codes"),
    [
        ("A", "A1", "", "A A1"), ("江南分局", "Bridge South", "", "A A1"), ("", "A1", "", "A A1"), ("A", "", "", "A"),
        ("B", "中心派出所", "", "B B1"),  # two have this name; the branch tells which
        ("", "中心派出所", "", "A A2 B B1"),  # and where nothing tells, both walls show it
        ("A", "B2", "", "A B B2"),  # words that contradict each other
        ("A", "unheard of", "", "A"), ("unheard of", "B2", "", "B B2"), ("unheard of", "", "", ""), ("", "", "", ""),
        ("", "A", "", "A"), ("A2", "", "", "A A2"), ("", "", "Z1", "A A1"), ("", "", "一小", "A A1"),
        ("B", "", "Z1", "B"),
    ],
)  # fmt: skip
def test_words_say_where_something_belongs(scopes, branch, station, zone, codes):
    assert scopes.codes(branch, station, zone) == frozenset(codes.split())
    for scope in scopes.all():
        assert scope.holds(branch, station, zone) == (scope.code in codes.split())
    assert CITY.holds(branch, station, zone)
    assert not NOWHERE.holds(branch, station, zone)


@pytest.mark.parametrize("word", ["a1", "Ａ１", " Ａ1\u3000", "ＢＲＩＤＧＥ  south", "bridge\u3000SOUTH"])
def test_case_width_and_spaces_of_words_do_not_matter(scopes, word):
    assert scopes.codes("", word, "") == {"A", "A1"}
    assert scopes.find(word).code == "A1"
    assert not scopes.is_strange(word)


def test_a_place_says_where_something_belongs_whose_words_do_not(scopes):
    at = scopes.codes_at(np.array([26.05, 26.15, 26.15, 26.05, 27.0]), np.array([105.05, 105.1, 105.3, 105.2, 105.0]))
    assert at == [frozenset(codes.split()) for codes in ("A A1", "A A2", "B B2", "B B1", "")]
    assert scopes.refined(frozenset(), at[0]) == at[0]
    assert scopes.refined(frozenset({"A"}), at[0]) == {"A", "A1"}  # the words say the branch, the place the station
    assert scopes.refined(frozenset({"B"}), at[0]) == {"B"}
    assert scopes.refined(frozenset({"A", "A2"}), at[0]) == {"A", "A2"}
