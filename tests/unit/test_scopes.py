"""Scopes: which jurisdictions there are, and what belongs to them."""

from data_feeds.scopes import CITY, Scopes


def test_the_city_holds_everything_and_a_word_its_own():
    scopes = Scopes()
    assert scopes.find("") is scopes.find("city") is CITY
    assert CITY.holds("", "")
    assert CITY.holds("a", "b")
    south = scopes.find("南")
    assert (south.holds("南", ""), south.holds("", "南"), south.holds("北", ""), south.holds("", "")) == (
        True, True, False, False,
    )  # fmt: skip
    assert scopes.find("x" * 65) is None
