"""A place among several sorted lists, found without sorting them together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.history import spreads

PARTS = st.lists(st.lists(st.integers(0, 20), max_size=30), min_size=1, max_size=5).filter(any)


@given(PARTS, st.sampled_from([1, 8, spreads.FEW]))
def test_every_place_is_that_of_all_sorted_together(parts, few):
    wanted = sorted(value for part in parts for value in part)
    sorted_parts = [np.sort(np.array(part, np.float64)) for part in parts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreads, "FEW", few)
        assert [spreads.nth(sorted_parts, n) for n in range(len(wanted))] == wanted
