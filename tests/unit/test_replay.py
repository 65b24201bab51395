"""The command: what it answers, what it refuses, and the example of the documentation."""

import io
import re
from pathlib import Path

import pytest

from data_feeds import replay
from data_feeds.clock import SystemClock
from data_feeds.mapping_file import parse
from data_feeds.progress import Lines
from data_feeds.settings import Settings, SettingsError

DOCUMENT = Path(__file__).parents[2] / "docs" / "replay.md"
MAPPING = """
source = "T"
[[emit]]
topic = "position"
at = "t"
fields = { unit_id = "u", lat = "lat", lon = "lat", fix_time = "t" }
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with m.toml and f.csv, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "f.csv").write_text("t,u,lat\n2024-06-03T08:00Z,a,1\n2024-06-03T09:00Z,a,2\n2024-06-03T10:00Z,a,x\n")
    return tmp_path


def block(kind: str, number: int = 0) -> str:
    """The ``number``-th fenced block of ``kind`` in the documentation."""
    return re.findall(rf"```{kind}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)[number]


def test_the_documented_example_answers_what_is_documented(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("patrol.csv").write_text(block("csv"))
    Path("patrol.toml").write_text(block("toml"))
    assert replay.main(["--mapping", "patrol.toml", "patrol.csv", "--dry-run"]) == 0
    said = capsys.readouterr()
    assert said.out == block("text", 0)
    for line in block("text", 1).splitlines():
        assert line in said.err


def test_the_documented_cameras_are_understood(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("cameras.csv").write_text(block("csv", 1))
    Path("cameras.toml").write_text(block("toml", 1))
    assert replay.main(["--mapping", "cameras.toml", "cameras.csv", "--dry-run"]) == 0
    assert "3 rows read, 0 left out\n3 messages: device" in capsys.readouterr().out


def test_the_documented_options_are_the_options():
    options = set(re.findall(r"`(--[a-z-]+)", DOCUMENT.read_text(encoding="utf-8")))
    assert set(re.findall(r"--[a-z-]+", replay.parser().format_help())) - {"--help"} == options - {"--schema"}


def test_a_dry_run_reports(files, capsys):
    assert replay.main(["--mapping", "m.toml", "f.csv", "--dry-run", "--max-logged", "0"]) == 0
    said = capsys.readouterr()
    assert "3 rows read, 1 left out" in said.out
    assert "2 messages: position" in said.out
    assert "row left out" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [["--mapping", "m.toml", "f.csv", "f.csv", "--dry-run"], ["f.csv", "f.csv", "--mapping", "m.toml", "--dry-run"],
     ["--mapping", "m.toml", "--dry-run", "f.csv", "f.csv"],
     ["--mapping", "m.toml", "f.csv", "--mapping", "m.toml", "f.csv", "--dry-run"]],
)  # fmt: skip
def test_files_go_with_their_mapping(files, capsys, arguments):
    assert replay.main(arguments) == 0
    assert "4 messages: position" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("window", "count"),
    [(["--from", "2024-06-03T09:00Z"], 1), (["--until", "2024-06-03T09:00Z"], 1), (["--from", "2024-06-03T08:30"], 1)],
)
def test_a_window(files, capsys, window, count):
    assert replay.main(["--mapping", "m.toml", "f.csv", "--dry-run", *window]) == 0
    assert f"{count} messages: position" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mapping", "none.toml", "f.csv"], "none.toml: no such mapping file"),
        (["--mapping", "m.toml"], "m.toml: name at least one file"),
        (["--mapping", "f.csv", "m.toml"], "the first name must be the mapping"),
        (["--mapping", "m.toml", "none.csv"], "none.csv: no such file"),
        (["--mapping", "m.toml", "f.csv", "--from", "soon"], "--from soon: must be an ISO time"),
        (["--mapping", "m.toml", "f.csv", "--from", "2024-06-04", "--until", "2024-06-03"], "--from must lie before"),
        (["--mapping", "m.toml", "f.csv", "--from", "2025-01-01"], "nothing to replay"),
        (["f.csv", "--mapping", "m.toml", "f.csv", "--mapping", "m.toml", "f.csv"], "right after theirs"),
    ],
)
def test_a_mistake_ends_it_with_code_2_and_a_line(files, capsys, arguments, said):
    assert replay.main([*arguments, "--dry-run"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--speed", "-1", "--dry-run"], ["--speed", "nan", "--dry-run"], []])
def test_a_wrong_command_line_is_refused(files, capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        replay.main(["--mapping", "m.toml", "f.csv", *arguments])
    assert caught.value.code == 2
    assert "--" in capsys.readouterr().err


def test_the_embedded_wall_takes_what_the_mapping_suggests_unless_told_otherwise():
    wall = {"stale_after_s": 150, "offline_after_s": 600, "time_zone": "America/Chicago"}
    made = replay.embedded_settings(Settings(offline_after_s=900.0), wall)
    assert (made.clock, made.stale_after_s, made.offline_after_s) == ("replay", 150.0, 900.0)
    assert made.time_zone == "America/Chicago"
    with pytest.raises(SettingsError, match="offline_after_s"):
        replay.embedded_settings(Settings(offline_after_s=100.0), wall)


def test_the_hint_is_an_environment():
    assert replay.hint({"map_center": [1.0, 2.0], "stale_after_s": 150}) == (
        "WALLBOARD_FEED=kafka WALLBOARD_CLOCK=replay WALLBOARD_MAP_CENTER='[1.0, 2.0]' WALLBOARD_STALE_AFTER_S=150"
    )


def test_sources_are_named_once():
    table = {"source": "T", "emit": [{"topic": "device", "at": "t", "fields": {"device_id": "d"}}]}
    one, other = (parse(table | {"source": name}, Path("m.toml")) for name in ("T", "x" * 127))
    assert replay.Recording((one, one), None, None).source == "T"
    assert len(replay.Recording((one, other), None, None).source) == 128


def test_progress_in_a_log_is_sparse():
    log = io.StringIO()
    lines = Lines(100, log, SystemClock())
    for _ in range(100):
        lines.advance(1, 1_717_401_600_000_000)
    lines.close()
    lines.close()
    assert log.getvalue() == "replay: 100 of 100 events, at 2024-06-03 08:00:00Z\n"


def test_the_csv_of_the_readme_becomes_what_it_says(tmp_path, monkeypatch, capsys):
    readme = (DOCUMENT.parents[1] / "README.md").read_text(encoding="utf-8")
    readme = readme[readme.index("### Your own CSV") :]
    monkeypatch.chdir(tmp_path)
    for kind in ("csv", "toml"):
        Path(f"calls.{kind}").write_text(re.search(rf"```{kind}\n(.*?)```", readme, re.S)[1])
    command = re.search(r"data_feeds\.replay (--mapping calls.*--dry-run)", readme)[1]
    assert replay.main(command.split()) == 0
    said = capsys.readouterr().out
    assert "from 2024-06-03 08:00:00+08:00 to 2024-06-03 08:02:30+08:00" in said
    assert "2 rows read, 0 left out\n2 messages: incident" in said
