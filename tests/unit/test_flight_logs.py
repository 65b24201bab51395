"""The shipped mappings on the real flight logs, against what plain text search finds in them."""

import gzip
import math
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from analytics.documents import drones_body
from data_feeds.board import Board
from data_feeds.mapping import lacks
from data_feeds.mapping_file import load as load_mapping
from data_feeds.messages import Decoder
from data_feeds.model import DroneTelemetry
from data_feeds.reading import ReadError, Report, Shape, read
from data_feeds.replay import main
from data_feeds.timeline import Window, load
from tests.real_data import real_file

MAPPINGS = Path(__file__).parents[2] / "mappings"
# file → (where latitude and longitude stand, where the height stands)
PLACES = {
    "MAVIC3.srt.gz": (r"latitude: (?P<lat>[-\d.]+)\] \[longitude: (?P<lon>[-\d.]+)\]", r"rel_alt: ([-\d.]+)"),
    "mavic_air2.srt": (r"latitude: (?P<lat>[-\d.]+)\] \[longitude: (?P<lon>[-\d.]+)\]", r"altitude: ([-\d.]+)"),
    "mavic_pro.SRT": (r"GPS\((?P<lon>[-\d.]+),(?P<lat>[-\d.]+),", r"BAROMETER:([-\d.]+)"),
    "matrice_300.srt": (r"GPS\((?P<lat>[-\d.]+),(?P<lon>[-\d.]+),", r"BAROMETER:([-\d.]+)"),
    "mavic_mini.SRT": (r"GPS \((?P<lon>[-\d.]+), (?P<lat>[-\d.]+),", r" H ([-\d.]+)m"),
    "p4_rtk.SRT": (r"GPS \((?P<lon>[-\d.]+), (?P<lat>[-\d.]+),", r" H ([-\d.]+)m"),
}
# Where each flew, from a map: 1° around it.
GROUND = {
    "MAVIC3.srt.gz": (3.4, -3.4), "mavic_air2.srt": (41.4, 2.2), "mavic_pro.SRT": (-20.3, 149.0),
    "matrice_300.srt": (36.6, -6.1), "mavic_mini.SRT": (48.1, -121.7), "p4_rtk.SRT": (-34.2, -58.8),
}  # fmt: skip


def told(mapping: str, name: str) -> tuple[list[DroneTelemetry], Report]:
    """What a wall would decode of recording ``name``."""
    report, decode = Report(), Decoder(max_skew_s=0.001).decode
    line = load([(load_mapping(MAPPINGS / mapping), [real_file(name)])], Window(), report)
    events = [event for _, part in line.play() for event in part]
    return [decode(e.topic, e.key, e.value, e.at_us / 1e3) for e in events], report


def text_of(name: str) -> str:
    path = real_file(f"drones/{name}")
    return gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text()


def seconds_of(text: str, count: int) -> list[float]:
    """When each subtitle was: by the log's own clock, else by the film's time after the mapping's made-up start."""
    stamps = re.findall(r"(\d{4})[.-](\d\d)[.-](\d\d) (\d\d):(\d\d):(\d\d)(?:[.,](\d{3}))?", text)
    if stamps:
        return [datetime(*map(int, s[:6]), int(s[6] or 0) * 1000, UTC).timestamp() for s in stamps]
    film = re.findall(r"^(\d\d):(\d\d):(\d\d),(\d{3}) -->", text, re.M)
    start = datetime(2021, 5, 1, 10, tzinfo=UTC).timestamp()
    return [start + int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in film[:count]]


@pytest.mark.parametrize("name", PLACES)
def test_a_log_flies_as_it_is_written(name):
    text = text_of(name)
    place, height = PLACES[name]
    places = [(float(m["lat"]), float(m["lon"])) for m in re.finditer(place, text)]
    heights = [float(h) for h in re.findall(height, text)]
    seconds = seconds_of(text, len(places))
    messages, report = told("dji_srt.toml", f"drones/{name}")
    assert report.rows == text.count("-->") == len(places) == len(heights) == len(seconds)
    assert report.total_refused == 0
    # the first subtitle of every second
    firsts = {math.floor(s): n for n, s in reversed(list(enumerate(seconds)))}
    expected = [firsts[second] for second in sorted(firsts)]
    assert [(m.lat, m.lon, m.height_m) for m in messages] == [(*places[n], heights[n]) for n in expected]
    assert [m.time.timestamp() for m in messages] == pytest.approx([seconds[n] for n in expected], abs=1e-3)
    lat, lon = GROUND[name]
    assert all(abs(m.lat - lat) < 1 and abs(m.lon - lon) < 1 for m in messages)
    assert {m.drone_id for m in messages} == {name.split(".")[0]}


def test_only_the_log_with_gimbal_angles_has_a_footprint():
    for name in PLACES:
        messages, _ = told("dji_srt.toml", f"drones/{name}")
        board = Board(1, 60.0, 10.0)
        (row,) = drones_body([placed(board, messages[-1])], [], [], 0, 0.0, 300.0)["drones"]
        assert (row["footprint"] is not None) == (name == "p4_rtk.SRT"), name
        assert row["battery"] is None
    messages, _ = told("dji_srt.toml", "drones/p4_rtk.SRT")
    angles = re.findall(r"H\.S ([\d.]+)m/s.*F\.PRY .*, ([-\d.]+)°\), G\.PRY \(([-\d.]+)°, .*, ([-\d.]+)°\)",
                        text_of("p4_rtk.SRT"))  # fmt: skip
    assert [(m.speed_mps, m.heading, m.gimbal_pitch, m.gimbal_yaw) for m in messages] == [
        tuple(map(float, row)) for row in angles
    ]


def placed(board: Board, message: DroneTelemetry):
    from data_feeds.model import Topic

    board.apply([(Topic.TELEMETRY, message)], 0.0)
    return board.drones()[0][0]


def test_what_the_logs_lack_is_said():
    said = set(lacks([load_mapping(MAPPINGS / "dji_srt.toml")]))
    assert {"unit", "incident", "detection", "device", "drone.battery", "drone.mission", "drone.stream_url"} <= said


def test_the_empty_log_is_an_error_with_file_and_line():
    with pytest.raises(ReadError, match=r"broken_empty\.SRT:1: the file is empty"):
        told("dji_srt.toml", "drones/broken_empty.SRT")


def test_the_log_that_breaks_off_names_the_subtitle_and_flies_until_there():
    messages, report = told("dji_srt.toml", "drones/broken_incomplete.SRT")
    lines = text_of("broken_incomplete.SRT").split("\n")
    last = len(lines) - 1 - lines[::-1].index("20")
    assert not any("GPS" in line for line in lines[last:])
    assert (len(messages), report.rows, report.total_refused) == (19, 20, 1)
    (named,) = [line for line in report.fresh if "row left out" in line]
    assert f"broken_incomplete.SRT:{last + 1}: row left out: subtitle without coordinates: it breaks off" in named


def test_the_command_ends_with_a_mistake_for_the_empty_log(capsys):
    path = real_file("drones/broken_empty.SRT")
    assert main(["--mapping", str(MAPPINGS / "dji_srt.toml"), str(path), "--dry-run"]) == 2
    assert capsys.readouterr().err == f"replay: {path}:1: the file is empty\n"


def test_arducopter_csv():
    frame = pd.read_csv(real_file("drones/arducopter_log171.csv"))
    frame = frame[frame.fix == 3]
    frame["second"] = pd.to_datetime(frame.time, format="ISO8601").dt.floor("s")
    first = frame.groupby("second").first()
    messages, report = told("arducopter_csv.toml", "drones/arducopter_log171.csv")
    assert report.total_refused == 0
    assert [(m.lat, m.lon, m.speed_mps, m.heading) for m in messages] == list(
        zip(first.lat, first.lon, first.speed_ms, first.yaw, strict=True)
    )
    assert [m.height_m for m in messages] == pytest.approx((first.alt_m - 590.1).tolist())
    assert abs(frame.alt_m.iloc[:50].median() - 590.1) < 0.5
    assert {m.mission for m in messages} == {"loiter", "acro"}


@pytest.mark.parametrize(
    ("name", "said"),
    [("arducopter_log171.bin.gz", r"is a binary ArduPilot log.*mavlogdump\.py.*mappings/arducopter_gps\.toml"),
     ("px4_cubeorange_static.ulg.gz", r"is a binary PX4 log.*ulog2csv")],
)  # fmt: skip
def test_a_binary_log_is_named_with_the_way_to_a_table(tmp_path, name, said):
    path = real_file(f"drones/{name}")
    unpacked = tmp_path / path.stem
    unpacked.write_bytes(gzip.decompress(path.read_bytes()))
    for log in (path, unpacked):
        with pytest.raises(ReadError, match=said) as error:
            list(read(log, ["time"], Shape(), Report()))
        assert str(error.value).startswith(f"{log}: ")


# as mavlogdump.py wrote it of arducopter_log171.bin: before the first fix, at the start, in the air
DUMPED = """timestamp,Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T
1448149431.00100017,1,0,0,0,99.99,-35.3640332,149.1647457,0.0,517.97,0.0,0.0,0.0,11737
1448149464.40000010,3,603882400,1871,9,1.59,-35.3623714,149.1658533,-1.99,590.08,0.01,0.0,0.009999999776482582,45136
1448149593.35800028,3,604011400,1871,10,1.45,-35.3621516,149.1657488,1.22,593.22,4.64,340.32,-0.23999999463558197,174094
"""


def test_what_mavlogdump_writes_is_read(tmp_path):
    path = tmp_path / "gps.csv"
    path.write_text(DUMPED)
    messages, report = told("arducopter_gps.toml", str(path))
    assert report.total_refused == 0
    assert [(m.lat, m.lon, m.speed_mps) for m in messages] == [
        (-35.3623714, 149.1658533, 0.01), (-35.3621516, 149.1657488, 4.64)
    ]  # fmt: skip
    assert [m.height_m for m in messages] == pytest.approx([-0.02, 3.12])
    assert messages[0].time == datetime(2015, 11, 21, 23, 44, 24, 400_000, UTC)
