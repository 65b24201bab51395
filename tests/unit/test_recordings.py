"""The shipped mappings on the real recordings, against what pandas counts by itself."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_feeds.mapping import lacks
from data_feeds.mapping_file import load as load_mapping
from data_feeds.mapping_file import parse
from data_feeds.messages import Decoder
from data_feeds.model import Incident, PlaceClass, Severity, Topic, UnitStatus, UnitType, enum_of
from data_feeds.reading import Report
from data_feeds.timeline import Window, load
from tests.real_data import real_file

MAPPINGS = Path(__file__).parents[2] / "mappings"
TAXIS = "cabspotting/points_2008-05-30_2008-06-01.parquet"
HOUSTON = "houston/incidents_2023-11_2025-03.parquet"


def window(begin: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp, Window]:
    first, last = pd.Timestamp(begin, tz="UTC"), pd.Timestamp(end, tz="UTC")
    return first, last, Window(first.value // 1000, last.value // 1000)


def decoded(mapping: str, path: Path, span: Window) -> tuple[list[tuple[int, Topic, object]], Report]:
    """(time in microseconds, topic, message) of every record, as a wall would decode it at that moment."""
    report, decode = Report(), Decoder(max_skew_s=0.001).decode
    line = load([(load_mapping(MAPPINGS / mapping), [path])], span, report)
    events = [event for _, part in line.play() for event in part]
    found = [(e.at_us, e.topic, decode(e.topic, e.key, e.value, e.at_us / 1e3)) for e in events]
    assert [at for at, _, _ in found] == sorted(at for at, _, _ in found)
    return found, report


def test_taxis():
    path = real_file(TAXIS)
    begin, end, span = window("2008-05-31T16:00", "2008-05-31T18:00")
    frame = pd.read_parquet(path)
    frame = frame[(frame.time >= begin) & (frame.time < end)].sort_values(["cab", "time"], kind="stable")
    found, report = decoded("sf_taxis.toml", path, span)
    count = Counter(topic for _, topic, _ in found)
    changes = frame.occupied.ne(frame.groupby("cab").occupied.shift()).sum()
    assert count == {Topic.POSITION: len(frame), Topic.STATUS: changes, Topic.ROSTER: frame.cab.nunique()}
    assert report.total_refused == 0

    fixes = [m for _, topic, m in found if topic is Topic.POSITION]
    table = pd.DataFrame([(m.unit_id, m.fix_time, m.lat, m.lon, m.speed_mps, m.course) for m in fixes],
                         columns=["unit", "time", "lat", "lon", "speed", "course"])  # fmt: skip
    table = table.sort_values(["unit", "time"], kind="stable").reset_index(drop=True)
    assert (table.unit == frame.cab.map("T{:03d}".format).to_numpy()).all()
    assert (table.time.to_numpy() == frame.time.to_numpy()).all()
    assert (table.lat == frame.lat.to_numpy()).all()
    assert (table.lon == frame.lon.to_numpy()).all()

    # speed by another formula: the chord between unit vectors
    lat, lon = np.radians(frame.lat.to_numpy()), np.radians(frame.lon.to_numpy())
    there = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    metres = 2 * 6_371_008.8 * np.arcsin(np.linalg.norm(np.diff(there, axis=0), axis=1) / 2)
    gap = np.diff(frame.time.dt.tz_convert(None).to_numpy()) / np.timedelta64(1, "s")
    same = np.diff(frame.cab.to_numpy()) == 0
    usable = same & (gap > 0) & (gap <= 180)
    speed = np.where(usable, metres / np.where(gap == 0, 1, gap), np.nan)
    speed[np.nan_to_num(speed) > 45] = np.nan
    ours = table.speed.to_numpy()[1:]
    assert np.isnan(table.speed[0])
    assert (np.isnan(ours) == np.isnan(speed)).all()
    assert np.nanmax(np.abs(ours - speed)) < 0.006
    assert (table.course.notna().to_numpy()[1:] == (~np.isnan(speed) & (metres >= 15))).all()

    assert {enum_of(UnitStatus, m.status) for _, topic, m in found if topic is Topic.STATUS} == {
        UnitStatus.AVAILABLE, UnitStatus.ENROUTE
    }  # fmt: skip
    assert {enum_of(UnitType, m.unit_type) for _, topic, m in found if topic is Topic.ROSTER} == {UnitType.CAR}


def test_houston():
    path = real_file(HOUSTON)
    begin, end, span = window("2024-05-13", "2024-05-27")
    frame = pd.read_parquet(path)
    opened = frame[(frame.call_time >= begin) & (frame.call_time < end)]
    carried = frame[(frame.call_time < begin) & (frame.last_seen >= begin)]
    closed = frame[(frame.last_seen >= begin) & (frame.last_seen < end)]
    found, report = decoded("houston_incidents.toml", path, span)
    assert report.total_refused == 0
    messages: list[Incident] = [message for _, _, message in found]
    assert Counter(m.version for m in messages) == {1: len(opened) + len(carried), 2: len(closed)}
    assert sum(at == span.from_us and m.call_received < begin for at, _, m in found) == len(carried)

    first = {m.incident_id: m for m in messages if m.version == 1}
    last = {m.incident_id: m for m in messages if m.version == 2}
    for row in opened.itertuples():
        message = first[f"H{row.incident_id}"]
        assert message.call_received == row.call_time
        assert message.units == row.units_first.split(",")
        assert (message.lat, message.lon) == (row.lat, row.lon)
        assert message.diverted == (row.agency == "F")
        assert message.closed is None
    assert {m.incident_id: m.closed for m in last.values()} == {
        f"H{row.incident_id}": row.last_seen.to_pydatetime() for row in closed.itertuples()
    }
    crashes = opened.type_first.astype(str).str.startswith("CRASH/")
    expected = {f"H{i}" for i in opened.incident_id[crashes]}
    assert all(first[i].category == "traffic accident" for i in expected)
    assert all(enum_of(Severity, m.severity) is not Severity.UNKNOWN for m in messages)
    # without a class of place there is no target, so no countdown
    assert {enum_of(PlaceClass, m.place_class) for m in messages} == {PlaceClass.UNKNOWN}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [("houston_incidents.toml", {"incident.place_class", "incident.on_scene", "incident.dispatched", "unit", "drone"}),
     ("sf_taxis.toml", {"unit.heading", "incident", "drone"})],
)  # fmt: skip
def test_what_they_lack_is_told(mapping, expected):
    assert expected <= set(lacks([load_mapping(MAPPINGS / mapping)]))


def test_every_type_of_incident_has_a_considered_category():
    kinds = pd.read_parquet(real_file(HOUSTON), columns=["type_last"]).type_last.value_counts()
    emit = load_mapping(MAPPINGS / "houston_incidents.toml").emits[1]
    category = next(field.values for field in emit.fields if field.name == "category")
    named = {kind: category.value_of(kind) for kind in kinds.index}
    assert kinds[[kind for kind, word in named.items() if word == "other"]].sum() < 0.04 * kinds.sum()
    assert (named["CRASH/MINOR"], named["HOUSE ON FIRE"], named["WATER RESCUE"], named["GAS LEAK"]) == (
        "traffic accident", "fire", "rescue", "hazardous material"
    )  # fmt: skip


def test_local_times_of_ten_years_lose_only_the_hours_that_come_twice():
    path = real_file("chicago/chicago_aggravated_assaults.csv.gz")
    mapping = parse({
        "source": "Chicago", "time_zone": "America/Chicago", "columns": {"date": {"format": "%Y-%m-%d %H:%M"}},
        "emit": [{"topic": "incident", "at": "date", "fields": {
            "incident_id": {"template": "C{@line}"}, "version": {"value": 1}, "call_received": "date",
            "lat": "latitude", "lon": "longitude"}}],
    }, Path("chicago.toml"))  # fmt: skip
    report = Report()
    line = load([(mapping, [path])], Window(), report)
    moments = pd.DatetimeIndex(pd.read_csv(path, usecols=["date"]).date)
    known = moments.tz_localize("America/Chicago", ambiguous="NaT", nonexistent="NaT").tz_convert("UTC")
    assert report.rows == len(moments)
    assert report.total_refused == known.isna().sum() > 0
    assert [e.at_us for _, part in line.play() for e in part] == sorted(t.value // 1000 for t in known.dropna())
