"""Killed at any moment, a history has everything that it acknowledged, and nothing twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Counts, Detected, Flown, Patrol, Rows, Span

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 6
EVER = Span(date(2025, 1, 1), date(2025, 12, 31))
BEGIN_S = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())

# goes on where the store says, as a recorder does, and tells what was acknowledged
CHILD = """
import sys
from datetime import UTC, datetime
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import Options
from data_feeds.model import Detection, DroneTelemetry, Incident, VehiclePosition
store = open_store(sys.argv[1], Options(part_s=0.02))
begin = int(sys.argv[2])
moment = lambda s: datetime.fromtimestamp(begin + s, UTC)
at = store.offsets("t").get(("incident", 0), 0)
fix = store.offsets("t").get(("position", 0), 0)
tel, seen = (store.offsets("t").get((topic, 0), 0) for topic in ("telemetry", "detection"))
while True:
    # every incident is told twice: open, then with its end
    told = [Incident(f"i{k // 2}", k % 2, call_received=moment(k), closed=moment(k + 60) if k % 2 else None)
            for k in range(at, at + 40)]
    at += 40
    store.put_incidents(told, "t", {("incident", 0): at})
    print("incident", at, flush=True)
    store.put_positions([VehiclePosition(f"u{k % 3}", 26.0, 105.0, moment(k * 5)) for k in range(fix, fix + 60)], "t",
                        {("position", 0): fix + 60})
    fix += 60
    store.put_telemetry([DroneTelemetry(f"D{k % 2}", 26.0, 105.0, moment(k * 20), height_m=80) for k in
                         range(tel, tel + 30)], "t", {("telemetry", 0): tel + 30})
    tel += 30
    print("telemetry", tel, flush=True)
    store.put_detections([Detection(f"X{k // 2}", "D0", "crowd", moment(k // 2)) for k in range(seen, seen + 20)], "t",
                         {("detection", 0): seen + 20})
    seen += 20
    print("detection", seen, flush=True)
    if at % 400 == 0:
        store.tidy((begin + fix * 5) * 1000.0)
    print("position", store.offsets("t").get(("position", 0), 0), flush=True)
"""


def run_and_kill(folder, chance):
    """What a child acknowledged until it was killed: topic → offset."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CHILD, str(folder), str(BEGIN_S)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as child:
        lines = [child.stdout.readline() for _ in range(chance.randrange(2, 60))]
        time.sleep(chance.random() / 20)  # a moment that has nothing to do with what is written
        child.kill()
        lines += child.stdout.readlines()
    whole = [line.split() for line in lines if line.endswith("\n")]
    assert whole, "the child said nothing"
    return {topic: int(offset) for topic, offset in whole}


def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(tmp_path):
    chance = random.Random(4)
    for _ in range(ROUNDS):
        told = run_and_kill(tmp_path, chance)
        store = open_store(tmp_path)
        kept = store.offsets("t")
        n, fixes = kept["incident", 0], kept.get(("position", 0), 0)
        # on disk may be what could not be told any more, never less than what was
        assert n >= told["incident"]
        assert fixes >= told.get("position", 0)
        # as many as the offset says: all of what lies before it, each once, in its last version
        assert sum(store.run(Counts((EVER,)))["n"].to_pylist()) == store.extent().n == n // 2
        rows = store.run(Rows(EVER, limit=10_000)).to_pylist()
        assert {row["incident_id"] for row in rows} == {f"i{k}" for k in range(n // 2)}
        assert all(row["version"] == 1 and row["handling_s"] is None and row["closed_ms"] for row in rows)
        for unit in range(3):
            trail = store.trail(f"u{unit}", 0, 2**50)["t_ms"].to_pylist()
            assert trail == [(BEGIN_S + k * 5) * 1000 for k in range(unit, fixes, 3)]
        tellings, sights = (kept.get((topic, 0), 0) for topic in ("telemetry", "detection"))
        assert tellings >= told.get("telemetry", 0)
        assert sights >= told.get("detection", 0)
        minutes = {(k % 2, (BEGIN_S + k * 20) // 60) for k in range(tellings)}
        assert sum(store.run(Flown((EVER,), ("date",)))["minutes"].to_pylist()) == len(minutes)
        assert sum(store.run(Detected((EVER,)))["n"].to_pylist()) == sights // 2
        # each unit is there from its first fix to its last: nothing is counted twice
        store.tidy((BEGIN_S + 30 * 86_400) * 1000.0)
        wanted = sum(max(0, len(range(unit, fixes, 3)) - 1) * 15 / 60 for unit in range(3))
        got = store.run(Patrol((EVER,)))["minutes"].to_pylist()
        assert round(sum(got), 6) == round(wanted, 6)
        store.close()
