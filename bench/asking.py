"""How punctual the hub's ticks are while dispatch works beside them: the cover every ten seconds, and candidates and
rings that are asked for without a pause."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench import processes
from bench.asker import incident_ids
from bench.cluster import cluster, environ_for
from bench.dispatch import BLOCK_DEG, grid
from bench.moving import HALF_M, MovingUnits
from bench.report import Check, Result, Table
from bench.stats import lateness, percentile
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.messages import encode
from data_feeds.model import Incident, Topic
from data_feeds.roads_import import geojson_of
from data_feeds.settings import Settings
from data_feeds.simulator.frame import CENTRE, METRES_PER_DEGREE

NAME = "asking"
UNITS, FIXES_PER_S = 10_000, 2_000
SPOTS, INCIDENTS = 42, 40
MOST_P99_MS = 50.0
TICK_MS = 1000 * Settings().tick_s
WARM_S = 15.0
COLUMNS = ["beside the ticks", "fixes/s sent", "answers/s", "an answer's ms, p50", "p99", "server, cores", "ticks",
           "late ms, p50", "p99", "latest"]  # fmt: skip
ALONE, ASKED = "cover every 10 s", "and candidates and rings without a pause"


def run(quick: bool) -> Result:
    seconds, side = (20.0, 120) if quick else (100.0, 224)
    rows: list[list[Any]] = []
    checks: list[Check] = []
    with tempfile.TemporaryDirectory() as folder, cluster() as (settings, _):
        ground = _ground(Path(folder), side)
        _tell(settings)
        port = processes.free_port()
        with processes.running("app.py", environ={**environ_for(settings, port, folder), **ground}) as server:
            processes.await_ready(port, server)
            for name in (ALONE, ASKED):
                print(f"  {name}", flush=True)
                row, p99 = _phase(settings, port, server, name, seconds)
                rows.append(row)
                checks.append(Check(f"p99 of a tick's lateness, {name}", p99, "ms", f"< {MOST_P99_MS:g} ms",
                                    p99 < MOST_P99_MS))  # fmt: skip
    return Result(NAME, "Asking: the hub's ticks beside dispatch", checks, [Table("Ticks", COLUMNS, rows)], [
        f"{UNITS:,} units on {side * side:,} nodes, {FIXES_PER_S:,} fixes a second over Kafka, {SPOTS} key spots; one "
        "viewer. Lateness as in the jitter benchmark.",
        "Broker, producer, viewer and who asks share the machine with the wall.",
    ])  # fmt: skip


def _ground(folder: Path, side: int) -> dict[str, str]:
    """Streets and key spots as files; the settings that name them."""
    roads = grid(side, CENTRE[0] - side * BLOCK_DEG / 2, CENTRE[1] - side * BLOCK_DEG / 2)
    (folder / "grid.geojson").write_bytes(geojson_of(roads))
    roads.save(folder / "grid.roads.npz")
    lat, lon = _places(SPOTS, 3)
    features = [
        {"type": "Feature", "properties": {"id": f"K{k}", "kind": "key_spot", "name_en": f"Spot {k}"},
         "geometry": {"type": "Point", "coordinates": [float(lon[k]), float(lat[k])]}}
        for k in range(SPOTS)
    ]  # fmt: skip
    (folder / "places.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return {"WALLBOARD_BASEMAP": str(folder / "grid.geojson"), "WALLBOARD_PLACES": str(folder / "places.geojson")}


def _tell(settings: Settings) -> None:
    """Who is on duty, what they do, where they are, and the incidents."""
    units, now_s = MovingUnits(UNITS), time.time()
    lat, lon = _places(INCIDENTS, 4)
    with KafkaWriter(settings) as writer:
        for topic, pairs in (
            (Topic.ROSTER, units.rosters()), (Topic.STATUS, units.statuses(now_s)),
            (Topic.POSITION, units.positions(slice(None), now_s)),
        ):  # fmt: skip
            for key, value in pairs:
                writer.send(topic, key, value)
        for k, incident_id in enumerate(incident_ids(INCIDENTS)):
            told = Incident(incident_id, 1, category="theft", lat=float(lat[k]), lon=float(lon[k]),
                            call_received=datetime.fromtimestamp(now_s, UTC))  # fmt: skip
            writer.send(Topic.INCIDENT, incident_id.encode(), encode(told))
        writer.flush()


def _phase(
    settings: Settings, port: int, server: subprocess.Popen, name: str, seconds: float
) -> tuple[list[Any], float]:
    """(row, p99 of the lateness in ms)."""
    fixes = ("-m", "bench.torrent", settings.kafka_bootstrap_servers, settings.topic_name(Topic.POSITION),
             str(FIXES_PER_S), str(seconds + WARM_S + 4))  # fmt: skip
    questions = ("-m", "bench.asker", str(port), str(INCIDENTS), str(seconds + WARM_S + 4))
    with (
        processes.running(*fixes, stdout=subprocess.PIPE, text=True) as producer,
        processes.running(*questions, stdout=subprocess.PIPE, text=True) as asker,
    ):
        if name != ASKED:
            processes.end(asker)
        time.sleep(WARM_S)
        cpu_s, begin_s = processes.cpu_s(server.pid), time.monotonic()
        told = processes.answer("-m", "bench.watching", str(port), "1", str(seconds), deadline_s=seconds + 60)
        cores = (processes.cpu_s(server.pid) - cpu_s) / (time.monotonic() - begin_s)
        if not told["alive"]:
            raise RuntimeError("the viewer was let go")
        took_ms = json.loads(asker.communicate(timeout=120)[0])["took_ms"] if name == ASKED else []
        sent = json.loads(producer.communicate(timeout=120)[0])["rate"]
    late_ms = lateness(told["stamps"], TICK_MS)
    p99 = percentile(late_ms, 0.99)
    return [
        name, sent, len(took_ms) / (seconds + WARM_S + 4), percentile(took_ms, 0.5), percentile(took_ms, 0.99), cores,
        len(late_ms), percentile(late_ms, 0.5), p99, max(late_ms),
    ], p99  # fmt: skip


def _places(count: int, seed: int) -> np.ndarray:
    """(2, count) latitudes and longitudes where the units are."""
    half = HALF_M / METRES_PER_DEGREE
    return np.random.default_rng(seed).uniform(-half, half, (2, count)) + np.array(CENTRE)[:, None]
