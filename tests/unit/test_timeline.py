"""Mapped files as one timeline: order, window, what is left out, and what two fixes tell."""

import json
import math
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.encoding import movement
from data_feeds.mapping import Mapping
from data_feeds.mapping_file import parse
from data_feeds.messages import Decoder
from data_feeds.model import Topic
from data_feeds.reading import ReadError, Report
from data_feeds.timeline import Event, Timeline, Window, load

ALWAYS = Window()
START_US = 1_717_401_600_000_000  # 2024-06-03T08:00:00Z
POSITION = {"topic": "position", "at": "t", "fields": {"unit_id": "u", "lat": "lat", "lon": "lon", "fix_time": "t"}}
STATUS = {"topic": "status", "at": "t", "on_change": True, "fields": {"unit_id": "u", "status": "s", "since": "t"}}
ROSTER = {"topic": "roster", "at": "start", "fields": {"unit_id": "u"}}
OPENED = {"topic": "incident", "at": "t", "fields": {"incident_id": "u", "version": {"value": 1},
          "call_received": "t", "lat": "lat", "lon": "lon"}}  # fmt: skip
CLOSED = {"topic": "incident", "at": "end", "fields": {"incident_id": "u", "version": {"value": 2}, "closed": "end"}}


def mapping(*blocks: dict, **top: object) -> Mapping:
    columns = {"t": {"format": "unix_s"}}
    if any(block.get("at") == "end" for block in blocks):
        columns["end"] = {"format": "unix_s"}
    return parse({"source": "T", "columns": columns, "emit": list(blocks), **top}, Path("m.toml"))


def played(tmp_path: Path, text: str, *blocks: dict, window: Window = ALWAYS, report: Report | None = None,
           **top: object) -> list[Event]:  # fmt: skip
    """The events of a CSV whose times are seconds after START_US."""
    path = tmp_path / "f.csv"
    path.write_text(text)
    line = load([(mapping(*blocks, **top), [path])], window, report if report is not None else Report())
    return events_of(line)


def events_of(line: Timeline) -> list[Event]:
    return [event for _, events in line.play() for event in events]


def seconds(events: list[Event]) -> list[float]:
    return [(event.at_us - START_US) / 1e6 for event in events]


def bodies(events: list[Event]) -> list[dict]:
    return [json.loads(event.value) for event in events]


def table(*rows: tuple, header: str = "t,u,lat,lon,s") -> str:
    """CSV text; the first cell of a row is seconds after START_US."""
    lines = [",".join([str(START_US // 1_000_000 + row[0]), *map(str, row[1:])]) for row in rows]
    return "\n".join([header, *lines]) + "\n"


def test_events_come_in_the_order_of_their_times(tmp_path):
    events = played(tmp_path, table((9, "b", 1, 1, "x"), (3, "a", 1, 1, "x"), (6, "c", 1, 1, "x")), POSITION)
    assert [event.key for event in events] == [b"a", b"c", b"b"]
    assert seconds(events) == [3, 6, 9]


row = st.tuples(st.integers(0, 20), st.sampled_from("abc"), st.sampled_from(["free", "busy"]))
rows = st.lists(row, min_size=1, max_size=12)


@given(rows, rows, st.integers(1, 5))
def test_every_row_of_every_file_once_in_order_whatever_the_chunk(tmp_path_factory, one, other, chunk):
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for name, part in (("a", one), ("b", other)):
        paths.append(folder / name)
        paths[-1].write_text(table(*[(t, u, 1, 1, s) for t, u, s in part]))
    line = load([(mapping(ROSTER, STATUS, POSITION), paths)], Window(), Report())
    walked, events = 0, []
    for count, part in line.play(chunk=chunk):
        walked += count
        events += part
    assert walked == len(line)
    assert [e.at_us for e in events] == sorted(e.at_us for e in events)
    fixes = [(e.at_us, e.key) for e in events if e.topic is Topic.POSITION]
    assert sorted(fixes) == sorted((START_US + t * 1_000_000, u.encode()) for t, u, _ in one + other)
    roster = [e.key for e in events if e.topic is Topic.ROSTER]
    assert sorted(roster) == sorted({u.encode() for _, u, _ in one + other})
    assert all(e.topic is Topic.ROSTER for e in events[: len(roster)])
    for unit in (b"a", b"b", b"c"):
        said = [json.loads(e.value)["status"] for e in events if e.topic is Topic.STATUS and e.key == unit]
        assert all(before != after for before, after in pairwise(said))


def test_the_window_has_its_beginning_and_not_its_end(tmp_path):
    text = table(*[(n, "a", 1, 1, "x") for n in range(6)])
    window = Window(START_US + 2_000_000, START_US + 4_000_000)
    assert seconds(played(tmp_path, text, POSITION, window=window)) == [2, 3]


def test_what_was_open_when_the_window_begins_is_told_then(tmp_path):
    text = "t,u,lat,lon,end\n" + "".join(
        f"{START_US // 1_000_000 + begin},{name},1,1,{START_US // 1_000_000 + end if end else ''}\n"
        for name, begin, end in [("over", 0, 5), ("open", 1, 15), ("new", 12, 30), ("never", 2, None)]
    )
    events = played(tmp_path, text, OPENED, CLOSED, window=Window(START_US + 10_000_000, START_US + 20_000_000))
    assert [(e.key, s) for e, s in zip(events, seconds(events), strict=True)] == [
        (b"open", 10), (b"new", 12), (b"open", 15)
    ]  # fmt: skip
    assert [body["version"] for body in bodies(events)] == [1, 1, 2]
    assert bodies(events)[0]["call_received"] == "2024-06-03T08:00:01Z"


def test_an_open_incident_has_no_closing_message(tmp_path):
    text = f"t,u,lat,lon,end\n{START_US // 1_000_000},a,1,1,\n"
    assert [body["version"] for body in bodies(played(tmp_path, text, OPENED, CLOSED))] == [1]


def test_rows_that_cannot_be_mapped_are_named_counted_and_left_out(tmp_path):
    report = Report()
    text = table((0, "a", 1, 1, "x"), (1, "", 1, 1, "x"), (2, "a", "north", 1, "x"), (3, "a", 95, 1, "x"),
                 (4, "a", "", 1, "x"), (5, "a", 0, 0, "x"), (6, "a" * 70, 1, 1, "x"), (7, "a", 2, 2, "x"))  # fmt: skip
    events = played(tmp_path, text + "soon,a,1,1,x\n,a,1,1,x\n", POSITION, report=report)
    assert seconds(events) == [0, 7]
    fresh = {line.split(": ")[0].rsplit(":", 1)[1]: line for line in report.take_fresh()}
    assert sorted(fresh, key=int) == ["3", "4", "5", "6", "7", "8", "10", "11"]
    for line, said in {"3": "unit_id is empty", "4": "lat: column lat is not a number", "5": "lat: Expected",
                       "6": "no coordinates", "7": "lat and lon are 0", "8": "unit_id: Expected",
                       "10": "not a time of format unix_s", "11": "column t is empty"}.items():  # fmt: skip
        assert said in fresh[line]
    assert report.total_refused == 8
    assert report.rows == 10


def test_a_row_left_out_once_is_left_out_of_every_block_and_reported_once(tmp_path):
    report = Report()
    path = tmp_path / "f.csv"
    path.write_text(table((0, "a", 1, 1, "x"), (1, "b", 99, 1, "x")))
    line = load([(mapping(POSITION, {**STATUS, "plus_s": 5.0}), [path])], Window(), report)
    assert {event.key for event in events_of(line)} == {b"a"}
    assert {event.key for _, events in line.play(quiet=True) for event in events} == {b"a"}
    assert report.total_refused == 1


def test_bad_times_outside_of_what_is_asked_for_are_not_reported(tmp_path):
    report = Report()
    text = f"t,u,lat,lon,end\n{START_US // 1_000_000},a,1,1,never\n{START_US // 1_000_000 + 50},b,1,1,\n"
    played(tmp_path, text, OPENED, CLOSED, window=Window(START_US + 40_000_000), report=report)
    assert report.total_refused == 0


def test_an_incident_without_a_place_is_still_an_incident(tmp_path):
    report = Report()
    places = ("a,0,0", "b,1,", "c,,")
    text = "t,u,lat,lon\n" + "".join(f"{START_US // 1_000_000},{place}\n" for place in places)
    found = bodies(played(tmp_path, text, OPENED, report=report))
    assert len(found) == 3
    assert not any("lat" in body or "lon" in body for body in found)
    assert report.total_refused == 0
    assert "2 times: incident without its place" in report.summary()[0]


def test_where_takes_only_the_rows_it_names(tmp_path):
    text = table((0, "a", 1, 1, "P"), (1, "b", 1, 1, "F"), (2, "c", 1, 1, " P "))
    assert [e.key for e in played(tmp_path, text, {**POSITION, "where": {"s": ["P"]}})] == [b"a", b"c"]


def test_the_datum_is_declared_in_every_placed_message(tmp_path):
    events = played(tmp_path, table((0, "a", 1, 1, "x")), ROSTER, POSITION, datum="GCJ02")
    assert [body.get("datum") for body in bodies(events)] == [None, "GCJ02"]


def test_messages_decode_as_the_wall_decodes_them(tmp_path):
    text = table((0, "a", 30.5, 104.1, "free"), (1, "b", 30.6, 104.2, "busy"))
    for event in played(tmp_path, text, ROSTER, STATUS, POSITION):
        Decoder().decode(event.topic, event.key, event.value, event.at_us / 1000)


def test_speed_and_course_come_from_two_near_fixes(tmp_path):
    derive = {**POSITION, "derive": {"fields": ["speed_mps", "course"], "max_gap_s": 60}}
    text = table((0, "a", 30, 104, ""), (10, "a", 30.001, 104, ""), (20, "a", 30.001, 104.001, ""),
                 (30, "a", 30.001, 104.00101, ""), (40, "a", 31, 104, ""), (200, "a", 31, 104.001, ""),
                 (201, "b", 31, 104.001, ""))  # fmt: skip
    first, north, east, still, jump, late, other = bodies(played(tmp_path, text, derive))
    assert "speed_mps" not in first
    assert north["speed_mps"] == pytest.approx(11.12, abs=0.01)
    assert north["course"] == 0.0
    assert east["course"] == pytest.approx(90.0, abs=0.1)
    assert "course" not in still
    assert still["speed_mps"] < 1
    for body in (jump, late, other):
        assert "speed_mps" not in body
        assert "course" not in body


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0.0001, 0.01), st.sampled_from([0, 90, 180, 270]))
def test_movement_agrees_with_the_flat_earth_nearby(lat, lon, step, bearing):
    east = step / math.cos(math.radians(lat))
    there = {0: (lat + step, lon), 90: (lat, lon + east), 180: (lat - step, lon), 270: (lat, lon - east)}[bearing]
    now = datetime(2024, 1, 1, tzinfo=UTC)
    metres, course, seconds = movement((lat, lon, now), (*there, now))
    assert metres == pytest.approx(math.radians(step) * 6_371_008.8, rel=1e-3)
    assert abs((course - bearing + 180) % 360 - 180) < 0.1
    assert seconds == 0


def test_nothing_to_replay_says_what_was_read(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(table((0, "a", 1, 1, "x")))
    with pytest.raises(ReadError, match="nothing to replay: .*f.csv hold 1 rows"):
        load([(mapping(POSITION), [path])], Window(START_US + 10**12), Report())


def test_keys_are_those_of_the_topics_asked_for(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(table((0, "b", 1, 1, "x"), (1, "a", 1, 1, "x"), (2, "b", 1, 1, "x")))
    line = load([(mapping(STATUS, POSITION), [path, path])], Window(), Report())
    assert line.keys((Topic.STATUS, Topic.INCIDENT)) == {Topic.STATUS: [b"b", b"a"], Topic.INCIDENT: []}


def test_a_file_without_ids_takes_them_from_its_lines(tmp_path):
    numbered = {**OPENED, "fields": {**OPENED["fields"], "incident_id": {"template": "C{@line}"}}}
    events = played(tmp_path, table((5, "a", 1, 1, "x"), (0, "a", 1, 1, "x")), numbered)
    assert [event.key for event in events] == [b"C3", b"C2"]
