"""Cells of a table → values: numbers, words, lists and times, with everything that real tables hold."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.cells import NO_TIME, Bad, moments, reader_of, times
from data_feeds.mapping import ColumnRule, Field, ValueMap

NEW_YORK = ZoneInfo("America/New_York")


def read(kind: str, cell: object, factor: float = 1.0, values: ValueMap | None = None, **rule: object) -> object:
    field = Field("f", kind, columns=(ColumnRule("c", **rule),), factor=factor, values=values)
    return reader_of(field)([[cell]])[0]


def us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def read_times(cells: list, dtype: object = object, **rule: object) -> tuple[list[int], dict[int, Bad]]:
    found, bad = times(np.array(cells, dtype=dtype), ColumnRule("t", **rule), aware=False)
    return found.tolist(), bad


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1.5", 1.5), (" -2 ", -2.0), (3, 3.0), (2.5, 2.5), ("1e3", 1000.0), ("", None), ("  ", None), (None, None),
     (float("nan"), None), ("NaN", None)],
)  # fmt: skip
def test_numbers(cell, value):
    assert read("number", cell) == value


@pytest.mark.parametrize("cell", ["north", "1_000", "1,5", float("inf"), "inf", "1e999", [1]])
def test_what_is_not_a_number_says_so(cell):
    bad = read("number", cell)
    assert isinstance(bad, Bad)
    assert "column c is not a number" in bad.cause


def test_a_decimal_comma_a_factor_and_words_for_nothing():
    assert read("number", "1,5", decimal=",") == 1.5
    assert read("number", "36", factor=1 / 3.6) == pytest.approx(10.0)
    assert read("number", "n/a", missing=frozenset({"n/a"})) is None
    assert read("number", -1.0, missing=frozenset({"-1"})) is None


@pytest.mark.parametrize(("cell", "value"), [("7", 7), (7.0, 7), ("7.0", 7), (2**70, 2**70), ("", None), (None, None)])
def test_whole_numbers(cell, value):
    assert read("integer", cell) == value


@pytest.mark.parametrize("cell", ["7.5", 7.5, "seven", float("inf"), "9" * 5000])
def test_what_is_not_whole_says_so(cell):
    assert isinstance(read("integer", cell), Bad)


@pytest.mark.parametrize(("cell", "value"), [(" M07 ", "M07"), (12.0, "12"), (12, "12"), ("", None), (None, None)])
def test_words(cell, value):
    assert read("text", cell) == value


@pytest.mark.parametrize(("cell", "value"), [("Yes", True), (0, False), (1.0, True), (True, True), ("", None)])
def test_flags(cell, value):
    assert read("flag", cell) is value


def test_a_flag_that_is_none_says_so():
    assert isinstance(read("flag", "maybe"), Bad)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("M078,E078", ["M078", "E078"]), ("M078, ,E078,", ["M078", "E078"]), ("", None), (["a", None, " b "], ["a", "b"])],
)
def test_lists(cell, value):
    assert read("list", cell) == value


def test_templates_and_joins():
    columns = (ColumnRule("cab"), ColumnRule("town"))
    template = Field("f", "text", columns=columns, parts=(("T", "cab", "03d"), ("-", "town", "")))
    assert reader_of(template)([[7, "8", 9, "x"], ["A", " B ", None, "C"]])[:3] == ["T007-A", "T008-B", None]
    assert isinstance(reader_of(template)([["x"], ["C"]])[0], Bad)
    join = Field("f", "text", columns=columns, separator=" / ")
    assert reader_of(join)([["MAIN ST", "", None], ["ELM ST", "ELM ST", ""]]) == ["MAIN ST / ELM ST", "ELM ST", None]


def test_a_word_without_a_rule_is_bad():
    values = ValueMap("m", (("free", "AVAILABLE"),))
    assert read("text", "Free", values=values) == "AVAILABLE"
    bad = read("text", "gone", values=values)
    assert isinstance(bad, Bad)
    assert "maps.m" in bad.cause


def test_iso_times_with_and_without_offset():
    cells = ["2024-06-03T08:00:00Z", "2024-06-03 08:00:00+08:00", "2024-06-03 08:00", "20240603", "", None]
    found, bad = read_times(cells, zone=ZoneInfo("Asia/Shanghai"))
    assert found == [us("2024-06-03T08:00:00Z"), us("2024-06-03T00:00:00Z"), us("2024-06-03T00:00:00Z"),
                     us("2024-06-02T16:00:00Z"), NO_TIME, NO_TIME]  # fmt: skip
    assert bad == {}


def test_formats_are_tried_in_order():
    found, bad = read_times(["03/06/2024 08:00", "2024-06-03T08:00", "soon"], formats=("%d/%m/%Y %H:%M", "iso"))
    assert found == [us("2024-06-03T08:00:00Z")] * 2 + [NO_TIME]
    assert "not a time of format %d/%m/%Y %H:%M or iso" in bad[2].cause


def test_a_format_with_an_offset():
    assert read_times(["03/06/2024 08:00 +0200"], formats=("%d/%m/%Y %H:%M %z",))[0] == [us("2024-06-03T06:00:00Z")]


@pytest.mark.parametrize(
    ("form", "cell"), [("unix_s", 1717401600), ("unix_s", "1717401600.0"), ("unix_ms", "1717401600000"),
                       ("unix_us", 1717401600000000)],
)  # fmt: skip
def test_unix_times(form, cell):
    assert read_times([cell], formats=(form,))[0] == [us("2024-06-03T08:00:00Z")]


@pytest.mark.parametrize("cell", [1717401600, "1717401600"])
def test_a_bare_number_is_not_an_iso_time(cell):
    found, bad = read_times([cell])
    assert found == [NO_TIME]
    assert 0 in bad


@pytest.mark.parametrize("cell", [10**30, -5, "9" * 400, "1e400"])
def test_unix_times_out_of_all_bounds_are_bad(cell):
    found, bad = read_times([cell], formats=("unix_s",))
    assert found == [NO_TIME]
    assert 0 in bad


def test_an_hour_that_comes_twice_goes_by_the_rule():
    cells = ["2024-11-03 01:30"]
    found, bad = read_times(cells, zone=NEW_YORK)
    assert found == [NO_TIME]
    assert "comes twice" in bad[0].cause
    assert 'dst = "first"' in bad[0].cause
    assert read_times(cells, zone=NEW_YORK, dst="first")[0] == [us("2024-11-03T05:30:00Z")]
    assert read_times(cells, zone=NEW_YORK, dst="second")[0] == [us("2024-11-03T06:30:00Z")]


@pytest.mark.parametrize("dst", ["reject", "first", "second"])
def test_an_hour_that_never_was_is_bad(dst):
    found, bad = read_times(["2024-03-10 02:30"], zone=NEW_YORK, dst=dst)
    assert found == [NO_TIME]
    assert "does not exist" in bad[0].cause


def test_datetime_columns_are_local_unless_aware():
    cells = np.array(["2024-06-03T08:00:00", "NaT"], dtype="M8[us]")
    rule = ColumnRule("t", zone=ZoneInfo("Asia/Shanghai"))
    assert times(cells, rule, aware=True)[0].tolist() == [us("2024-06-03T08:00:00Z"), NO_TIME]
    assert times(cells, rule, aware=False)[0].tolist() == [us("2024-06-03T00:00:00Z"), NO_TIME]


@given(st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)), min_size=1, max_size=30))
def test_local_times_agree_with_zoneinfo(naive):
    found, bad = read_times([moment.isoformat() for moment in naive], zone=NEW_YORK, dst="first")
    for index, moment in enumerate(naive):
        local = moment.replace(tzinfo=NEW_YORK)
        exists = local.astimezone(UTC).astimezone(NEW_YORK).replace(tzinfo=None) == moment
        assert (index in bad) is not exists
        expected = (local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        assert found[index] == (expected if exists else NO_TIME)


def test_moments_are_aware():
    assert moments(np.array([us("2024-06-03T08:00:00Z"), NO_TIME])) == [datetime(2024, 6, 3, 8, tzinfo=UTC), None]
