"""Rankings do not jump, and places without incidents are on them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures.frame import Marks, frame
from analytics.figures.ranking import ranked
from analytics.figures.request import Context, PlaceFact, Request
from tests.unit.figures.random_city import at
from tests.unit.figures.test_frame import no_gaps

OWN = frame(
    Request("day", date(2025, 3, 15), at(2025, 4, 1), "America/Chicago", comparators=("previous",), parts=("by",)),
    Context(first=date(2024, 1, 1), last=date(2025, 4, 1)),
)
MARKS = Marks(OWN, no_gaps())
groups = st.dictionaries(st.text("abc北", min_size=1, max_size=3), st.tuples(st.integers(0, 4), st.integers(0, 4)))


@given(groups, st.lists(st.text("abcd", min_size=1, max_size=2), unique=True), st.randoms())
def test_order_is_by_count_then_code_whatever_order_they_come_in(counts, codes, rng):
    places = [PlaceFact(code, code * 2) for code in codes]
    rows = ranked(counts, MARKS, places)
    shuffled = list(counts.items())
    rng.shuffle(shuffled)
    assert ranked(dict(shuffled), MARKS, rng.sample(places, len(places))) == rows
    assert {row.key for row in rows} == {*counts, *codes}
    assert [(-row.n, row.key) for row in rows] == sorted((-row.n, row.key) for row in rows)
    for row in rows:
        assert row.n == counts.get(row.key, (0, 0))[0]
        assert row.rank == 1 + sum(other.n > row.n for other in rows)
        assert row.against["previous"].value == counts.get(row.key, (0, 0))[1]
    total = sum(row.n for row in rows)
    for row in rows:
        assert row.share == (pytest.approx(row.n / total, abs=1e-4) if total else None)
