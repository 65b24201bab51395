"""The shipped mappings on exports of two cities, against what pandas finds by itself."""

from pathlib import Path

import pandas as pd
import pytest

from data_feeds.incidents import IncidentBook
from data_feeds.mapping_file import load as load_mapping
from data_feeds.messages import Decoder
from data_feeds.model import Incident
from data_feeds.reading import Report
from data_feeds.timeline import Window, load
from tests.real_data import real_file

MAPPINGS = Path(__file__).parents[2] / "mappings"
JULY, AUGUST = "charlottesville/crime_snapshot_2018-07-21.csv.gz", "charlottesville/crime_snapshot_2018-08-28.csv.gz"
EXTENT = load_mapping(MAPPINGS / "charlottesville_2018-07.toml").extent


def told(*jobs: tuple[str, str]) -> tuple[list[Incident], Report]:
    report, decode = Report(), Decoder(max_skew_s=0.001).decode
    line = load([(load_mapping(MAPPINGS / mapping), [real_file(name)]) for mapping, name in jobs], Window(), report)
    events = [event for _, part in line.play() for event in part]
    return [decode(e.topic, e.key, e.value, e.at_us / 1e3) for e in events], report


@pytest.fixture(scope="module")
def both():
    return told(("charlottesville_2018-07.toml", JULY), ("charlottesville_2018-08.toml", AUGUST))


def export(name: str) -> pd.DataFrame:
    return pd.read_csv(real_file(name), dtype={"IncidentID": str}).set_index("IncidentID")


def test_a_report_of_both_exports_is_one_incident_in_the_later_wording(both, monkeypatch):
    monkeypatch.setattr("data_feeds.incidents.MAX_OPEN", 10**6)
    messages, report = both
    july, august = export(JULY), export(AUGUST)
    lost = [i for i in july.index if i not in august.index and july.DateReported[i].startswith("2016/03/13 02:")]
    assert report.rows == len(july) + len(august)
    assert report.total_refused == 1  # an hour that never was
    book = IncidentBook()
    for message in messages:
        book.apply(message)
    found = {placed.incident.incident_id: placed.incident for placed in book.open()}
    assert found.keys() == set(july.index) | set(august.index) - set(lost)
    shared = set(july.index) & set(august.index)
    assert (len(found), len(shared)) == (32_685, 28_644)
    assert (july.RecordID[list(shared)] != august.RecordID[list(shared)]).any()
    assert {found[i].version for i in shared} == {20180828}
    assert {found[i].version for i in set(july.index) - shared} == {20180721}


def test_both_exports_mean_the_same_moments_though_they_write_them_differently(both):
    times = {}
    for message in both[0]:
        times.setdefault(message.incident_id, {})[message.version] = message.call_received
    twice = [at for at in times.values() if len(at) == 2]
    same = sum(at[20180721] == at[20180828] for at in twice)
    assert len(twice) - same <= 20  # hours that come twice in autumn
    august = export(AUGUST)
    late = pd.to_datetime(august.DateReported, format="%Y/%m/%d %H:%M:%S%z")
    assert all(late[i] == at[20180828] for i, at in times.items() if 20180828 in at)


def test_places_are_those_of_the_blocks_within_the_city(both):
    blocks = pd.read_csv(real_file("charlottesville/block_geocodes.csv.gz")).set_index("address")
    south, west, north, east = EXTENT
    august = export(AUGUST)
    number = august.BlockNumber.map(lambda n: "" if pd.isna(n) else str(int(n)))
    known = blocks.reindex(number + " " + august.StreetName.fillna("?") + " Charlottesville VA")
    inside = known.lat.between(south, north) & known.lon.between(west, east)
    assert 0.9 < inside.mean() < 1
    expected = dict(zip(august.index, zip(known.lat.where(inside.to_numpy()), known.lon, strict=True), strict=True))
    for message in both[0]:
        if message.version == 20180828:
            lat, lon = expected[message.incident_id]
            assert (message.lat, message.lon) == ((None, None) if pd.isna(lat) else (lat, lon))


def test_most_offences_have_a_considered_category(both):
    words = pd.Series([m.category for m in both[0]])
    assert (words == "other").mean() < 0.2
    assert {"assault", "theft", "traffic accident", "drugs"} <= set(words)


def test_chicago_is_whole():
    frame = pd.read_csv(real_file("chicago/chicago_aggravated_assaults.csv.gz"))
    messages, report = told(("chicago_assaults.toml", "chicago/chicago_aggravated_assaults.csv.gz"))
    local = pd.to_datetime(frame.date, format="%Y-%m-%d %H:%M")
    utc = local.dt.tz_localize("America/Chicago", ambiguous=[True] * len(frame), nonexistent="NaT").dt.tz_convert("UTC")
    kept = frame[utc.notna().to_numpy()]
    assert (report.rows, report.total_refused) == (148_636, int(utc.isna().sum()))
    by_id = {m.incident_id: m for m in messages}
    assert len(by_id) == len(messages) == len(kept)
    for row, when in zip(kept.itertuples(), utc.dropna(), strict=True):
        message = by_id[f"C{row.Index + 2}"]  # the header is line 1
        assert (message.lat, message.lon, message.station) == (row.latitude, row.longitude, f"D{row.district}")
        assert message.call_received == when
