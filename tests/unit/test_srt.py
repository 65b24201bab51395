"""Subtitles of drones: the forms they come in, and what is no subtitle at all."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_feeds import srt
from data_feeds.mapping_file import load as load_mapping
from data_feeds.mapping_file import parse
from data_feeds.messages import Decoder
from data_feeds.reading import ReadError, Report
from data_feeds.timeline import Window, load

MAPPING = load_mapping(Path(__file__).parents[2] / "mappings" / "dji_srt.toml")
ALL = srt.COLUMNS
UNDATED = srt.Flight(start="2021-05-01 10:00:00")

NAMED = """1
00:00:00,000 --> 00:00:00,033
<font size="28">FrameCnt: 1, DiffTime: 33ms
2022-05-01 15:01:58.531
[iso: 220] [fnum: 3.2] [focal_len: 24.00] [latitude: 22.80] [longitude: 108.30] [rel_alt: 52.400 abs_alt: 130.401] \
[gb_yaw: -120.5 gb_pitch: -45.0 gb_roll: 0.0] </font>
"""
MISSPELT = NAMED.replace("longitude", "longtitude").replace("rel_alt: 52.400 abs_alt: 130.401", "altitude: 52.4")
SATELLITES = """1
00:00:01,000 --> 00:00:02,000
HOME(108.29,22.79) 2017.08.05 14:11:51
GPS(108.30,22.80,16) BAROMETER:52.4
"""
METRES = """1
00:00:00,000 --> 00:00:01,000
2022.06.21 16:06:17
GPS(22.80,108.30,0.0M) BAROMETER:52.4M
"""
LINE = """7
00:00:02,500 --> 00:00:03,000
F/5.6, SS 400, ISO 100, EV 0, GPS (108.30, 22.80, 15), HOME (108.29, 22.79, -57.98m), D 698.70m, \
H 52.4m, H.S 2.88m/s, V.S 0.00m/s, F.PRY (2.7°, -7.0°, 110.1°), G.PRY (-24.4°, 0.0°, 110.4°)
"""


def rows(tmp_path, text, flight=UNDATED, name="M1.SRT", columns=ALL):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = Report()
    batches = list(srt.read(path, columns, flight, report))
    found = [
        dict(zip(columns, cells, strict=True)) | {"line": int(line)}
        for b in batches
        for line, *cells in zip(b.lines, *(b.columns[name] for name in columns), strict=True)
    ]
    return found, report


@pytest.mark.parametrize(
    ("text", "time"),
    [
        (NAMED, "2022-05-01 15:01:58.531000"),
        (MISSPELT.replace("58.531", "58,531,716"), "2022-05-01 15:01:58.531716"),
        (SATELLITES, "2017-08-05 14:11:51.000000"),
        (METRES, "2022-06-21 16:06:17.000000"),
        (LINE, "2021-05-01 10:00:02.500000"),
    ],
)
def test_each_form_gives_the_same_place_height_and_time(tmp_path, text, time):
    (row,), report = rows(tmp_path, text)
    assert (float(row["lat"]), float(row["lon"]), float(row["height_m"])) == (22.80, 108.30, 52.4)
    assert (row["time"], row["drone"], row["line"], report.total_refused) == (time, "M1", 1, 0)


def test_angles_speed_home_and_field_of_view_where_they_are_told(tmp_path):
    (row,), _ = rows(tmp_path, NAMED)
    assert [row[n] for n in ("gimbal_pitch", "gimbal_yaw", "fov_deg")] == ["-45.0", "-120.5", 73.7]
    assert [row[n] for n in ("altitude_m", "speed_mps", "heading", "home_lat")] == ["130.401", None, None, None]
    (row,), _ = rows(tmp_path, LINE)
    names = ("gimbal_pitch", "gimbal_yaw", "heading", "speed_mps")
    assert [row[n] for n in names] == ["-24.4", "110.4", "110.1", "2.88"]
    assert [row[n] for n in ("home_lat", "home_lon", "fov_deg", "index", "at_s")] == ["22.79", "108.29", None, 7, 2.5]


@pytest.mark.parametrize(
    ("focal", "degrees"), [("24.00", 73.7), ("240", 73.7), ("162.00", 12.7), ("0", None), ("x", None)]
)
def test_the_field_of_view_follows_from_the_focal_length(tmp_path, focal, degrees):
    (row,), _ = rows(tmp_path, NAMED.replace("24.00", focal))
    assert row["fov_deg"] == degrees


@pytest.mark.parametrize("text", [NAMED, SATELLITES, METRES, LINE])
def test_line_ends_marks_and_missing_blank_lines_do_not_matter(tmp_path, text):
    whole = text + "\n" + text
    expected, _ = rows(tmp_path, whole)
    for other in (
        whole.replace("\n", "\r\n"), "\ufeff" + whole, text + text, whole.replace("\n\n", "\n \n\n\n"),
        whole.replace("\n", "\r"), whole.rstrip(), "\n\n" + whole,
    ):  # fmt: skip
        found, report = rows(tmp_path, other)
        assert [r | {"line": 0} for r in found] == [r | {"line": 0} for r in expected]
        assert (report.rows, report.total_refused) == (2, 0)
    packed, _ = rows(tmp_path, gzip.compress(whole.encode()), name="M1.srt.gz")
    assert packed == expected


def test_a_subtitle_that_breaks_off_is_named_with_its_line(tmp_path):
    cut = SATELLITES.replace("1\n", "2\n", 1).split("GPS")[0]
    found, report = rows(tmp_path, SATELLITES + "\n" + cut)
    assert (len(found), report.rows, report.total_refused) == (1, 2, 1)
    assert f"{tmp_path / 'M1.SRT'}:6: row left out: subtitle without coordinates" in report.fresh[0]


def test_swapped_coordinates_are_recognised_and_the_way_out_is_named(tmp_path):
    wrong = METRES.replace("22.80,108.30", "108.30,22.80")
    found, report = rows(tmp_path, wrong)
    assert found == []
    assert 'set order = "lon-lat" in [file]' in report.fresh[0]
    (row,), _ = rows(tmp_path, wrong, srt.Flight(order="lon-lat"))
    assert (row["lat"], row["lon"]) == ("22.80", "108.30")


def test_a_log_does_not_change_its_form_or_lose_its_clock(tmp_path):
    found, report = rows(tmp_path, SATELLITES + "\n" + METRES + "\n" + SATELLITES.replace("2017.08.05 14:11:51", ""))
    assert len(found) == 1
    assert sorted(cause for _, cause in report.refused) == [
        "subtitle of another form than the file's first", "subtitle without a date and time",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", ":1: the file is empty"),
        (b"\n\n  \n", ":1: not an SRT log"),
        (bytes(range(256)) * 64, ":1: not an SRT log"),
        (b"x" * 300_000, ":1: not an SRT log"),
        (gzip.compress(NAMED.encode() * 50)[:-30], "gzip data break off"),
        (LINE.encode(), ":1: the subtitles tell no date and time; give the first one's as start ="),
    ],
)
def test_what_is_no_log_is_said_with_file_and_line(tmp_path, data, said):
    with pytest.raises(ReadError, match=r"M1\.SRT") as caught:
        rows(tmp_path, data, srt.Flight())
    assert said in str(caught.value)


def test_an_unknown_column_is_named_with_those_that_exist(tmp_path):
    with pytest.raises(ReadError, match="no column 'latitude'; it has 'drone', 'index'"):
        rows(tmp_path, NAMED, columns=("latitude",))
    with pytest.raises(ReadError, match="no such file"):
        list(srt.read(tmp_path / "none.SRT", ALL, srt.Flight(), Report()))


def test_a_file_without_line_ends_is_not_kept_in_memory():
    class Endless(io.StringIO):
        most = 0

        def readline(self, size=-1):
            assert 0 < size <= srt.LINE_CHARS
            return super().readline(size)

    text = Endless("00:00:01,000 --> 00:00:02,000\n" + "GPS(1,2,3) " * 100_000 + "\n" + "y\n" * 50_000)
    (one,) = srt.subtitles(text)
    assert len(one.text) == srt.TEXT_CHARS


pieces = st.sampled_from(
    [NAMED, SATELLITES, METRES, LINE, "\n", "\r\n", "1\n", "00:00:01,000 --> 00:00:02,000\n", "GPS(nan,inf,1)\n",
     "GPS(,,)\n",
     "GPS(1e999,-1e999,2)\n", "[latitude: -91.5] [longitude: 400]\n", "99999-99-99 99:99:99\n", "2022-13-45 25:61:61\n",
     "\x00" * 40, "²³: [latitude: ٣.٤]", "HOME(a,b) GPS (c, d)", "<" * 500, "00:00:01,000 -->\n", "9" * 5000]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.lists(pieces | st.text(max_size=60), max_size=12).map("".join).map(str.encode) | st.binary(max_size=300),
       cut=st.integers(0, 4000))  # fmt: skip
def test_whatever_a_file_holds_every_row_is_sent_or_named(tmp_path, data, cut):
    """Hostile input ends in messages that a wall accepts, in rows that are named and counted, or in one clear error."""
    path = tmp_path / "hostile.srt"
    path.write_bytes(data[:cut])
    report, decode = Report(limit=10_000), Decoder(max_skew_s=0.001).decode
    try:
        events = [e for _, part in load([(MAPPING, [path])], Window(), report).play() for e in part]
    except ReadError as error:
        assert str(path) in str(error)
        return
    for event in events:
        message = decode(event.topic, event.key, event.value, event.at_us / 1e3)
        assert -90 <= message.lat <= 90
        assert -180 <= message.lon <= 180
    assert all(line.startswith(f"{path}:") for line in report.take_fresh())
    assert len(events) + report.total_refused <= report.rows


@given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-179, 179), st.floats(-100, 500)), min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_number_comes_back(tmp_path, points):
    texts = [f"{n}\n00:00:{n:02d},000 --> 00:00:{n:02d},900\n2022.06.21 16:06:{n:02d}\n"
             f"GPS({lat:.6f},{lon:.6f},0.0M) BAROMETER:{height:.1f}M\n"
             for n, (lat, lon, height) in enumerate(points)]  # fmt: skip
    found, report = rows(tmp_path, "\n".join(texts))
    assert report.total_refused == 0
    assert [(r["index"], float(r["lat"]), float(r["lon"]), float(r["height_m"])) for r in found] == [
        (n, round(lat, 6), round(lon, 6), round(height, 1)) for n, (lat, lon, height) in enumerate(points)
    ]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ({"format": "srt", "encoding": "utf-8"}, "file.encoding: unknown key"),
        ({"format": "pdf"}, "known: table, srt"),
        ({"format": "srt", "order": "lat"}, "file.order"),
        ({"format": "srt", "start": "yesterday"}, "file.start"),
        ({"format": "srt", "start": "9999-12-31"}, "file.start"),
        ({"start": "2020-01-01"}, "file.start: unknown key"),
    ],
)
def test_what_a_mapping_says_of_a_log_is_checked(file, said):
    table = {"source": "T", "file": file, "emit": [{"topic": "telemetry", "at": "time", "fields": {
        "drone_id": "drone", "lat": "lat", "lon": "lon", "time": "time"}}]}  # fmt: skip
    with pytest.raises(ValueError, match="t.toml") as caught:
        parse(table, Path("t.toml"))
    assert said in str(caught.value)
