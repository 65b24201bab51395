"""The command that imports past incidents, into a real history: counted against plain pandas, and how it refuses."""

from __future__ import annotations

import re
import stat
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from data_feeds import import_history
from data_feeds.history import sets
from data_feeds.history.query import Counts, Filters, Gaps, Rows, Span
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from tests import kept
from tests.real_data import real_file
from web.history import OwnerServer

MAPPINGS = Path(__file__).parents[2] / "mappings"
JULY, AUGUST = "charlottesville/crime_snapshot_2018-07-21.csv.gz", "charlottesville/crime_snapshot_2018-08-28.csv.gz"
ALL = (Span(date(2010, 1, 1), date(2030, 1, 1)),)
EVERYTHING = Filters(kinds=("counted", "exercise", "invalid", "diverted"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of its own: no wallboard.toml, no settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in ("FEED", "HISTORY_DIR", "HISTORY_NAME", "TIME_ZONE", "CONFIG", "PLACES"):
        monkeypatch.delenv(f"WALLBOARD_{name}", raising=False)
    return tmp_path


def imported(*words: object) -> int:
    return import_history.main([str(word) for word in words])


def open_set(name: str):
    settings = Settings(history_name=name, feed="none")
    return sets.open_store(sets.fitted(settings), Scopes())


def test_houston_against_plain_pandas(here, capsys):
    said = kept.houston(here / "history")
    frame = pd.read_parquet(real_file(kept.HOUSTON))
    local = frame.call_time.dt.tz_convert("America/Chicago")
    assert f"{len(frame):,} rows read, 0 left out, 0 merged" in said
    assert f"{len(frame):,} new, 0 replaced" in said
    assert "time zone America/Chicago" in said
    assert "WALLBOARD_HISTORY_NAME=houston" in said
    store = open_set("houston")
    try:
        table = store.run(Counts(ALL, ("date", "kind"), EVERYTHING)).to_pandas()
        found = {(str(day)[:10], kind): n for day, kind, n in zip(table.date, table.kind, table.n, strict=True)}
        kinds = frame.agency.map({"F": "diverted"}).astype(object).where(frame.agency == "F", "counted")
        expected = frame.groupby([local.dt.date.astype(str), kinds]).size()
        assert found == expected.to_dict()
        hours = store.run(Counts((Span(date(2024, 3, 1), date(2024, 3, 31)),), ("hour",), EVERYTHING)).to_pandas()
        march = local[(local >= "2024-03-01") & (local < "2024-04-01")]
        assert dict(zip(hours.hour, hours.n, strict=True)) == march.dt.hour.value_counts().to_dict()
        looks = pd.to_datetime(pd.read_csv(real_file(kept.HOUSTON_LOOKS)).snapshot)
        away = looks.diff()[looks.diff() > pd.Timedelta(hours=1)]
        gaps = store.run(Gaps(ALL)).to_pandas()
        given = gaps[gaps.how == "given"]
        assert len(given) == len(away) == 34
        assert (given.end_ms - given.begin_ms).sum() / 1000 == pytest.approx(away.dt.total_seconds().sum())
        one = store.run(Rows(Span(date(2023, 11, 1), date(2023, 11, 1)), EVERYTHING, descending=False, limit=1))
        assert one.to_pylist()[0]["incident_id"] == "H339"
    finally:
        store.close()
    assert imported("--mapping", kept.HOUSTON_MAPPING, real_file(kept.HOUSTON), "--name", "houston") == 0
    assert f"0 new, 0 replaced, {len(frame):,} known already" in capsys.readouterr().out


def test_the_later_export_of_charlottesville_over_the_first(here, capsys):
    july, august = (pd.read_csv(real_file(name), dtype={"IncidentID": str}) for name in (JULY, AUGUST))
    never_was = july.DateReported.str.startswith("2016/03/13 02:")  # an hour that the clocks left out
    told, later = set(july.IncidentID[~never_was]), set(august.IncidentID)
    assert imported("--mapping", MAPPINGS / "charlottesville_2018-07.toml", real_file(JULY), "--name", "cv") == 0
    first = capsys.readouterr()
    assert f"{len(july):,} rows read, {never_was.sum()} left out" in first.out
    assert f"{len(told):,} new" in first.out
    assert "does not exist" in first.err
    assert imported("--mapping", MAPPINGS / "charlottesville_2018-08.toml", real_file(AUGUST), "--name", "cv") == 0
    said = capsys.readouterr().out
    # most say the same under a new RecordID: what counts as replaced is what really reads otherwise
    new, replaced, same = (int(found.replace(",", "")) for found in
                           re.search(r": ([\d,]+) new, ([\d,]+) replaced, ([\d,]+) known already", said).groups())
    columns = ["Offense", "BlockNumber", "StreetName"]
    pairs = july[~never_was].merge(august, on="IncidentID", suffixes=("_a", "_b"))
    changed = sum(not pairs[f"{c}_a"].equals(pairs[f"{c}_b"]) for c in columns)
    assert (new, replaced + same) == (len(later - told), len(later & told))
    assert replaced > 0 or not changed
    store = open_set("cv")
    try:
        counted = store.run(Counts(ALL, (), EVERYTHING)).to_pylist()
        assert sum(row["n"] for row in counted) == len(told | later) == store.extent().n
    finally:
        store.close()
    assert imported("--mapping", MAPPINGS / "charlottesville_2018-07.toml", real_file(JULY), "--name", "cv") == 0
    again = capsys.readouterr().out
    assert f"{len(told & later):,} known in a later version" in again
    assert " 0 new, 0 replaced" in again


def test_both_exports_at_once_are_merged_before(here, capsys):
    words = ["--mapping", MAPPINGS / "charlottesville_2018-07.toml", real_file(JULY),
             "--mapping", MAPPINGS / "charlottesville_2018-08.toml", real_file(AUGUST)]  # fmt: skip
    assert imported(*words, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "1 left out, 28,643 merged: 32,685 incidents" in said, "of 28,644 in both one is of an hour that never was"
    assert "nothing was written" in said
    assert not (here / "history").exists()


CSV = "no,time,what\n1,2024-06-03 08:00,theft\n2,2024-06-03 08:05,crash\n3,never,theft\n"
TOML = """
source = "Our calls"
time_zone = "Asia/Shanghai"
[[emit]]
topic = "incident"
at = "time"
fields = { incident_id = "no", version = { value = 1 }, category = "what", call_received = "time" }
"""


@pytest.fixture
def calls(here):
    (here / "calls.toml").write_text(TOML)
    (here / "calls.csv").write_text(CSV)
    return ["--mapping", "calls.toml", "calls.csv"]


def test_without_a_name_the_set_is_called_like_the_mapping(calls, here, capsys):
    assert imported(*calls) == 0
    assert (here / "history/calls/history.duckdb").exists()
    assert sets.facts_of(here / "history/calls").time_zone == "Asia/Shanghai"
    assert "WALLBOARD_HISTORY_NAME=calls" in capsys.readouterr().out


def test_refused_rows_go_to_the_screen_and_to_a_file(calls, here, capsys):
    (here / "calls.csv").write_text(CSV + "".join(f"{n},never,theft\n" for n in range(4, 50)))
    assert imported(*calls, "--rejects", "refused.txt", "--dry-run") == 0
    said = capsys.readouterr()
    assert sum("row left out" in line for line in said.err.splitlines()) == import_history.SHOWN
    assert "--rejects FILE names all" in said.err
    lines = (here / "refused.txt").read_text().splitlines()
    assert len(lines) == 47
    assert lines[0].startswith("calls.csv:4: row left out: column time: not a time")
    assert stat.S_IMODE((here / "refused.txt").stat().st_mode) == 0o600
    assert "47 rows left out of calls.csv: column time" in said.out


def test_a_wall_that_owns_the_set_takes_the_import(calls, here, capsys):
    assert imported(*calls) == 0
    capsys.readouterr()
    store = open_set("calls")
    server = OwnerServer(store, here / "history/calls")
    try:
        (here / "calls.csv").write_text("no,time,what\n9,2024-06-04 08:00,theft\n")
        assert imported(*calls) == 0
        assert "1 new" in capsys.readouterr().out
        assert store.extent().n == 3
    finally:
        server.close()
        store.close()


def test_an_owner_that_does_not_answer_is_named(calls, capsys):
    assert imported(*calls) == 0
    store = open_set("calls")
    try:
        assert imported(*calls) == 2
        assert "import: " in capsys.readouterr().err
    finally:
        store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mapping", "calls.toml", "missing.csv"], "no such file"),
        (["--mapping", "missing.toml", "calls.csv"], "no such mapping"),
        (["--mapping", "calls.toml"], "name at least one file"),
        (["--mapping", "calls.toml", "calls.csv", "--name", "../x"], "plain folder name"),
        (["--mapping", "calls.toml", "calls.csv", "--name", "demo"], "made-up"),
        (["--mapping", "calls.toml", "calls.csv", "--rejects", "no/such/folder"], "cannot be written"),
        (["--mapping", "calls.toml", "calls.csv", "--config", "no.toml"], "does not exist"),
        (["--mapping", "taxis.toml", "calls.csv"], "nothing to import"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(calls, here, capsys, words, said):
    (here / "taxis.toml").write_text(TOML.replace('"incident"\nat', '"position"\nat').replace(
        "incident_id = \"no\", version = { value = 1 }, category = \"what\", call_received = \"time\"",
        "unit_id = \"no\", lat = \"no\", lon = \"no\", fix_time = \"time\""))  # fmt: skip
    assert imported(*words) == 2
    assert said in capsys.readouterr().err
    assert not (here / "history").exists()


def test_one_set_has_one_time_zone(calls, here, capsys, monkeypatch):
    assert imported(*calls) == 0
    other = TOML.replace("Asia/Shanghai", "America/Chicago")
    (here / "calls.toml").write_text(other)
    assert imported(*calls) == 2
    assert "kept in the time zone Asia/Shanghai" in capsys.readouterr().err
    (here / "b.toml").write_text(TOML)
    assert imported("--mapping", "calls.toml", "calls.csv", "--mapping", "b.toml", "calls.csv", "--name", "n") == 2
    assert "one set has one time zone" in capsys.readouterr().err
    monkeypatch.setenv("WALLBOARD_FEED", "kafka")
    assert imported(*calls) == 2, "the live wall's records are of another zone"
    assert "kept in the time zone Asia/Shanghai" in capsys.readouterr().err


def test_a_live_walls_past_can_be_given(calls, here, monkeypatch, capsys):
    monkeypatch.setenv("WALLBOARD_FEED", "kafka")
    assert imported(*calls) == 0
    assert (here / "history/live/history.duckdb").exists()
    assert sets.facts_of(here / "history/live") is None, "the wall's settings name its zone"
    assert "2 new" in capsys.readouterr().out
