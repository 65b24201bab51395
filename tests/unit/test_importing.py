"""Files → past incidents in columns: the last state of each, once; refused rows by line; gaps of the source."""

from __future__ import annotations

import gzip
import textwrap
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.history.store import RAW
from data_feeds.importing import Gap, gather
from data_feeds.mapping_file import MappingError, parse
from data_feeds.reading import ReadError, Report

NOW_MS = datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1000.0
TWO_STATES = """
source = "test"
time_zone = "America/Chicago"
dst = "first"

[[emit]]
topic = "incident"
at = "begin"
fields = {{ incident_id = "id", version = {first}, category = "was", call_received = "begin" }}

[[emit]]
topic = "incident"
at = "end"
[emit.fields]
incident_id = "id"
version = {second}
category = "is"
lat = "lat"
lon = "lon"
call_received = "begin"
closed = "end"
units = "units"
"""


def mapping_of(text):
    return parse(tomllib.loads(textwrap.dedent(text)), Path("test.toml"))


def two_states(first="{ value = 1 }", second="{ value = 2 }"):
    return mapping_of(TWO_STATES.format(first=first, second=second))


def rows_of(gathered):
    return gathered.table.to_pylist()


@pytest.fixture
def write(tmp_path):
    def written(name, text):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return path

    return written


CSV = """
    id,begin,end,was,is,lat,lon,units,v
    a,2024-03-10 01:30,2024-03-10 03:10,theft,robbery,30.5,-95.5,"u1,u2",1
    b,2024-03-09 23:00,,dispute,,,,,2
    c,2024-03-11 00:00,2024-03-11 00:20,fire,fire,0,0,u3,3
"""


def test_of_each_incident_the_last_state_in_the_order_of_time(write):
    report = Report()
    gathered = gather([(two_states(), [write("a.csv", CSV)])], NOW_MS, report)
    assert gathered.table.schema.names == RAW.names
    b, a, c = rows_of(gathered)
    assert (a["incident_id"], a["version"], a["category"], a["units"]) == ("a", 2, "robbery", 2)
    assert a["closed_ms"] - a["call_received_ms"] == 40 * 60_000, "the clocks went forward in between"
    assert (b["incident_id"], b["version"], b["category"], b["closed_ms"], b["lat"]) == ("b", 1, "dispute", None, None)
    assert (c["incident_id"], c["lat"]) == ("c", None), "0, 0 is no place"
    assert (report.rows, report.total_refused, gathered.merged, gathered.gaps) == (3, 0, 0, [])


def test_versions_from_a_column_are_compared_too(write):
    gathered = gather([(two_states("\"v\"", "{ value = 2 }"), [write("a.csv", CSV)])], NOW_MS, Report())
    assert {row["incident_id"]: (row["version"], row["category"]) for row in rows_of(gathered)} == {
        "a": (2, "robbery"), "b": (2, "dispute"), "c": (3, "fire"),
    }  # fmt: skip


def test_equal_versions_go_by_time(write):
    same = two_states("{ value = 1 }", "{ value = 1 }")
    a = next(row for row in rows_of(gather([(same, [write("a.csv", CSV)])], NOW_MS, Report())) if row["closed_ms"])
    assert a["category"] in ("robbery", "fire")


def test_an_incident_of_several_rows_and_files_is_one(write):
    first = write("a.csv", CSV)
    second = write("b.csv", """
        id,begin,end,was,is,lat,lon,units,v
        a,2024-03-10 01:30,2024-03-10 05:00,theft,arson,30.5,-95.5,u1,1
        d,2024-03-12 01:30,,theft,,,,,1
        d,2024-03-12 01:30,2024-03-12 02:00,theft,fraud,,,,1
    """)
    gathered = gather([(two_states(), [first, second])], NOW_MS, Report())
    assert [(row["incident_id"], row["category"]) for row in rows_of(gathered)] == [
        ("b", "dispute"), ("a", "arson"), ("c", "fire"), ("d", "fraud"),
    ]  # fmt: skip
    assert gathered.merged == 2


def test_a_row_that_cannot_be_mapped_is_refused_by_line_and_cause(write):
    path = write("a.csv", """
        id,begin,end,was,is,lat,lon,units,v
        a,2024-03-10 01:30,2024-03-10 03:10,x,x,95.5,-95.5,,1
        ,2024-03-10 01:30,2024-03-10 03:10,x,x,,,,1
        c,yesterday,2024-03-10 03:10,x,x,,,,1
        d,2024-03-10 01:30,2031-03-10 03:10,x,x,,,,1
        e,2024-03-10 01:30,2024-03-10 03:10,x,x,,,,1
        f,,,x,x,,,,1
        g,2024-03-10 02:30,,x,x,,,,1
        h,2024-03-10,short
    """)
    report = Report(limit=100)
    gathered = gather([(two_states(), [path])], NOW_MS, report)
    assert [row["incident_id"] for row in rows_of(gathered)] == ["e"]
    told = [line.removeprefix(f"{path}:") for line in report.take_fresh() if "further" not in line]
    by_line = {int(line.split(":")[0]): line for line in told}
    assert set(by_line) == {2, 3, 4, 5, 7, 8, 9}
    for line, words in ((2, "lat"), (3, "incident_id is empty"), (4, "not a time"), (5, "has not come yet"),
                        (7, "no time"), (8, "does not exist"), (9, "number of cells")):  # fmt: skip
        assert words in by_line[line]
    assert (report.rows, report.total_refused) == (8, 7)


def test_a_file_without_any_good_row_is_an_error(write):
    path = write("a.csv", "id,begin,end,was,is,lat,lon,units,v\nx,?,?,,,,,,\n")
    with pytest.raises(ReadError, match="nothing to import"):
        gather([(two_states(), [path])], NOW_MS, Report())


def test_progress_is_told_by_share(write):
    told = []
    path = write("a.csv", CSV)
    gather([(two_states(), [path])], NOW_MS, Report(), lambda which, share: told.append((which, share)))
    assert told[-1] == (path, 1.0)
    assert all(0.0 <= share <= 1.0 for _, share in told)


COVERED = TWO_STATES.format(first="{ value = 1 }", second="{ value = 2 }") + """
[coverage]
file = "looked.csv.gz"
column = "looked"
max_gap_min = {most}
"""


def covered(most):
    return mapping_of(COVERED.replace("{most}", most))


def test_gaps_lie_between_two_looks_of_the_source(write, tmp_path):
    path = write("a.csv", CSV)
    looks = "looked\n2024-03-10 00:00\n2024-03-10 01:00\n2024-03-10 03:01\n?\n2024-03-10 04:30:00-05:00\n"
    (tmp_path / "looked.csv.gz").write_bytes(gzip.compress(looks.encode()))
    report = Report()
    gathered = gather([(covered("60"), [path]), (covered("60"), [path])], NOW_MS, report)
    begin, end = datetime(2024, 3, 10, 8, 1, tzinfo=UTC), datetime(2024, 3, 10, 9, 30, tzinfo=UTC)
    one_minute = datetime(2024, 3, 10, 7, tzinfo=UTC)  # an hour was left out by the clocks: 61 minutes
    assert gathered.gaps == [
        Gap(int(one_minute.timestamp() * 1000), int(begin.timestamp() * 1000)),
        Gap(int(begin.timestamp() * 1000), int(end.timestamp() * 1000)),
    ]
    assert sum(count for note, count in report.notes.items() if "looked" in note) == 2


def test_a_missing_coverage_file_is_an_error(write):
    with pytest.raises(ReadError, match=r"looked\.csv\.gz"):
        gather([(covered("60"), [write("a.csv", CSV)])], NOW_MS, Report())


@pytest.mark.parametrize(("most", "words"), [("0", "above 0"), ("\"1\"", "must be a number")])
def test_a_wrong_coverage_names_its_key(most, words):
    with pytest.raises(MappingError, match=words):
        covered(most)


def test_coverage_knows_only_its_keys():
    with pytest.raises(MappingError, match="unknown key"):
        mapping_of(COVERED.replace("max_gap_min = {most}", "max_gap = 1"))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1,
                max_size=30))  # fmt: skip
def test_merging_is_what_a_dictionary_would_do(tmp_path_factory, rows):
    """Whatever the order and however many rows an incident has: highest version, then latest time, then last row."""
    mapping = mapping_of("""
        source = "test"
        [[emit]]
        topic = "incident"
        at = "at"
        fields = { incident_id = "id", version = "v", category = "what", call_received = "at" }
    """)
    lines = ["id,v,at,what"] + [
        f"i{key},{version},2024-01-0{day + 1} 00:00,{'x' if flag else 'y'}{n}"
        for n, (key, version, day, flag) in enumerate(rows)
    ]
    path = tmp_path_factory.mktemp("merge") / "a.csv"
    path.write_text("\n".join(lines) + "\n")
    gathered = gather([(mapping, [path])], NOW_MS, Report())
    best = {}
    for n, (key, version, day, flag) in enumerate(rows):
        state = (version, day, n, f"{'x' if flag else 'y'}{n}")
        best[f"i{key}"] = max(best.get(f"i{key}", state), state)
    assert {row["incident_id"]: (row["version"], row["category"]) for row in rows_of(gathered)} == {
        key: (state[0], state[3]) for key, state in best.items()
    }
    assert gathered.merged == len(rows) - len(best)
    times = [row["call_received_ms"] for row in rows_of(gathered)]
    assert times == sorted(times)
