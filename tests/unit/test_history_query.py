from datetime import date

import msgspec
import pytest

from data_feeds.history.query import Breaches, Counts, Filters, Gaps, LastSeen, Rows, Span, decode, encode, spans_of

MARCH = Span(date(2025, 3, 1), date(2025, 3, 31), 600)
QUERIES = [
    Counts((MARCH,), ("category", "cell"), Filters(categories=("警情", "a'b"), cells=(0x89283082803FFFF,))),
    Breaches((MARCH,), (("key_spot", 60),), (("turnout", "key_spot", 20),)),
    Rows(MARCH, Filters(kinds=())),
    LastSeen("zone", date(2025, 3, 31)),
    Gaps((MARCH, MARCH)),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
def test_a_query_travels_and_is_a_key(query):
    assert decode(encode(query)) == query
    assert encode(decode(encode(query))) == encode(query)
    assert hash(query) == hash(decode(encode(query)))


@pytest.mark.parametrize("data", [b"", b"{}", b'{"type":"rows"}', b'{"type":"drop table"}',
                                  b'{"type":"counts","spans":[],"by":["summary"]}'])  # fmt: skip
def test_what_is_no_query_is_refused(data):
    with pytest.raises(msgspec.MsgspecError):
        decode(data)


def test_the_spans_of_a_query_tell_which_days_its_answer_depends_on():
    assert spans_of(QUERIES[0]) == (MARCH,)
    assert spans_of(QUERIES[2]) == (MARCH,)
    assert spans_of(QUERIES[3])[0].last == date(2025, 3, 31)
    assert spans_of(QUERIES[3])[0].first == date.min
