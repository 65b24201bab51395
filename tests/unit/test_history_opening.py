"""A history that cannot be opened, or not as before: who has it, what is wrong with it, what a full disk costs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Counts, Filters, Rows, Span
from data_feeds.history.schema import ADDED_TEXT, TABLES
from data_feeds.history.store import Options, Put, StoreBroken, StoreBusy, StoreError
from data_feeds.model import Incident
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from tests.unit.history_story import CHICAGO, incidents, same, table
from tests.unit.places_story import document, feature, square

ROOT = Path(__file__).resolve().parents[2]
EVER = Span(date(1990, 1, 1), date(2030, 1, 1))
ALL = Filters(kinds=())


def python(script, *arguments, **more):
    """A child process of this project."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, env=environment,
                            stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, **more)  # fmt: skip


HOLDS = """
import sys
from data_feeds.history.duckdb_store import open_store
store = open_store(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
store.close()
"""


def test_a_history_that_another_process_has_names_it(tmp_path):
    with python(HOLDS, tmp_path) as child:
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy, match=f"process {child.pid}.*loopback") as told:
            open_store(tmp_path)
        assert told.value.pid == child.pid
        child.stdin.close()
    open_store(tmp_path).close()


def test_a_file_that_a_database_shell_has_open_is_busy_too(tmp_path):
    open_store(tmp_path).close()
    script = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with python(script, tmp_path / "history.duckdb") as child:
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy) as told:
            open_store(tmp_path)
        assert told.value.pid == child.pid
        child.stdin.close()


def test_nobody_opens_it_twice_in_one_process(tmp_path):
    store = open_store(tmp_path)
    with pytest.raises(StoreBusy) as told:
        open_store(tmp_path)
    assert told.value.pid == os.getpid()
    store.close()
    open_store(tmp_path).close()


def test_a_corrupt_file_is_named_with_the_way_out_and_left_alone(tmp_path):
    store = open_store(tmp_path)
    store.put_table(table(incidents(1, 500, *CHICAGO)), "t")
    store.close()
    path = tmp_path / "history.duckdb"
    whole = path.read_bytes()
    for wrong in (b"no database" * 1_000, b"\0" * 8_192 + whole[8_192:], whole[:5_000]):
        path.write_bytes(wrong)
        with pytest.raises(StoreBroken, match=r"history\.duckdb.*mv") as told:
            open_store(tmp_path)
        assert told.value.path == path
        assert path.read_bytes() == wrong
    path.write_bytes(whole)
    store = open_store(tmp_path)
    assert store.extent().n > 0
    store.close()


def test_a_file_of_a_newer_program_is_not_touched(tmp_path):
    open_store(tmp_path).close()
    with duckdb.connect(str(tmp_path / "history.duckdb")) as con:
        con.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(StoreBroken, match="newer program"):
        open_store(tmp_path)


def as_before_units(path):
    """Make the file one of schema 1, in which incidents do not say which unit went."""
    create = next(text for text in TABLES if " incidents (" in text)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE kept AS SELECT * EXCLUDE (unit_id) FROM incidents")
        con.execute("DROP TABLE incidents")
        con.execute(create.replace(f", unit_id {ADDED_TEXT}", ""))
        con.execute("INSERT INTO incidents SELECT * FROM kept")
        con.execute("DROP TABLE kept")
        con.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")


def test_a_file_of_an_older_program_gets_what_it_lacks_and_keeps_what_it_has(tmp_path):
    store = open_store(tmp_path, Options(time_zone=CHICAGO[0]))
    store.put_table(table(incidents(2, 400, *CHICAGO).drop(columns="unit_id")), "t")
    everything = Rows(EVER, ALL, limit=10_000)
    before, version = store.run(everything), store.version()
    store.close()
    as_before_units(tmp_path / "history.duckdb")
    for _ in range(2):
        store = open_store(tmp_path, Options(time_zone=CHICAGO[0]))
        assert store.run(everything).equals(before)
        assert store.version() == version
        store.close()
    store = open_store(tmp_path, Options(time_zone=CHICAGO[0]))
    one = before.to_pylist()[0]
    when = datetime.fromtimestamp(one["received_ms"] / 1000, UTC)
    again = Incident(one["incident_id"], one["version"] + 1, call_received=when, units=["U-1"])
    other = Incident("another", 1, call_received=when, units=["U-2", "U-3"])
    assert store.put_incidents([again, other], "t") == Put(new=1, replaced=1)
    told = {row["incident_id"]: row["unit_id"] for row in store.run(everything).to_pylist()}
    assert told.pop("another") == ""
    assert {key: unit for key, unit in told.items() if unit} == {one["incident_id"]: "U-1"}
    store.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="history_dir"):
        open_store(tmp_path / "file" / "history")


FULL = """
import resource, sys
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import *
from data_feeds.history.store import *
from tests.unit.history_story import *
store = open_store(sys.argv[1], Options(time_zone="America/Chicago"))
rows = [incidents(k, 1_000, *CHICAGO, first=f"r{k}-") for k in range(12)]
resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, resource.RLIM_INFINITY))
kept = failed = 0
for batch in rows:
    try:
        kept += store.put_table(table(batch), "t").new
    except StoreFull as error:
        failed += 1
        assert sys.argv[1] in str(error), error
assert kept and failed, (kept, failed)
assert store.extent().n == kept
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for batch in rows:
    kept += store.put_table(table(batch), "t").new
assert store.extent().n == kept
store.close()
print(kept, failed, flush=True)
"""


def test_a_full_disk_costs_the_put_and_nothing_else(tmp_path):
    with python(FULL, tmp_path) as child:
        kept, failed = map(int, child.communicate()[0].split())
    assert child.returncode == 0
    assert failed > 0
    store = open_store(tmp_path, Options(time_zone="America/Chicago"))
    assert store.extent().n == kept
    store.close()


def calls():
    places = [("in A1", 26.05, 105.15), ("in Z1", 26.05, 105.05), ("in B2", 26.15, 105.25), ("out", 26.5, 105.5)]
    made = [Incident(name, 1, lat=lat, lon=lon, closed="2025-03-01T00:00:00Z") for name, lat, lon in places]
    words = [("A1", "", "桥南派出所", ""), ("B?", "B", "", ""), ("Z1", "", "", "beat 1"),
             ("Centre of B", "江北分局", "Centre", ""), ("nobody's", "X", "Y", "Q")]  # fmt: skip
    made += [Incident(n, 1, branch=b, station=s, zone=z, closed="2025-03-01T00:00:00Z") for n, b, s, z in words]
    made.append(Incident("words first", 1, station="B2", zone="", lat=26.05, lon=105.05, closed="2025-03-01T00:00:00Z"))
    import msgspec

    return [msgspec.convert(msgspec.to_builtins(one), Incident) for one in made]


def homes_in(store):
    rows = store.run(Rows(EVER, ALL)).to_pylist()
    return {row["incident_id"]: (row["branch"], row["station"], row["zone"]) for row in rows}


def test_homes_come_from_words_and_else_from_places_and_follow_them_when_these_change(tmp_path, caplog):
    scopes = Scopes(from_geojson(document()))
    store = open_store(tmp_path, Options(scopes=scopes))
    store.put_incidents(calls(), "t")
    before = homes_in(store)
    assert before == {
        "in A1": ("A", "A1", ""), "in Z1": ("A", "A1", "Z1"), "in B2": ("B", "B2", ""), "out": ("", "", ""),
        "A1": ("A", "A1", ""), "B?": ("B", "", ""), "Z1": ("A", "A1", "Z1"), "Centre of B": ("B", "B1", ""),
        "nobody's": ("", "", ""), "words first": ("B", "B2", "Z1"),
    }  # fmt: skip
    count = lambda scope: sum(store.run(Counts((EVER,), where=Filters(scope, ())))["n"].to_pylist())  # noqa: E731
    assert (count("A"), count("江南分局"), count("Z1"), count("B2"), count("city"), count("?")) == (4, 4, 3, 2, 10, 0)
    store.close()

    changed = document()
    changed["features"].append(feature("Z2", "patrol_zone", square(105.2, 26.1, 105.3, 26.2), "B2"))
    store = open_store(tmp_path, Options(scopes=Scopes(from_geojson(changed))))
    assert "places changed" in caplog.text
    assert homes_in(store) == before | {"in B2": ("B", "B2", "Z2")}
    store.close()
    caplog.clear()
    store = open_store(tmp_path)  # without places a source's words are all there is
    assert homes_in(store)["nobody's"] == ("X", "Y", "Q")
    assert homes_in(store)["in A1"] == ("", "", "")
    store.close()
    caplog.clear()
    open_store(tmp_path).close()
    assert not caplog.text


def test_a_rebuild_that_breaks_off_is_done_again(tmp_path, monkeypatch):
    rows = incidents(3, 400, *CHICAGO)
    store = open_store(tmp_path, Options(time_zone="America/Chicago"))
    store.put_table(table(rows), "t")
    wanted = store.run(Counts((EVER,), ("date", "hour"), ALL))
    store.close()
    monkeypatch.setattr("data_feeds.history.opening.REBUILT_AT_ONCE", 100)
    turns = iter(range(3))
    rebuilt = __import__("data_feeds.history.opening", fromlist=["_slice"])._slice

    def breaks(*arguments):
        if next(turns) == 2:
            raise KeyboardInterrupt
        rebuilt(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr("data_feeds.history.opening._slice", breaks)
        with pytest.raises(KeyboardInterrupt):
            open_store(tmp_path, Options(time_zone="Asia/Tokyo"))
    store = open_store(tmp_path, Options(time_zone="America/Chicago"))
    same(store.run(Counts((EVER,), ("date", "hour"), ALL)), wanted)
    store.close()
