"""From an address to a real embedded history and back, as the wall puts it together; every count against pandas."""

from __future__ import annotations

import csv
import io
import re
import threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from starlette.testclient import TestClient

from components.texts_formulas import FORMULAS
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import RAW, Options
from data_feeds.places import from_geojson
from data_feeds.roads import RoadsError
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from tests.pandas_store import PandasStore
from tests.unit.figures_story import BASE, HERE, NOW_MS, ZONE, at, incidents
from tests.unit.hand_clock import HandClock
from web import figures, ground, service
from web.background import background_of, program_mark
from web.guard import Guard
from web.metrics import EventsCollector
from web.static import CompressedStatic

MONTH = "period=month&date=2025-02-10"


def told():
    """Incidents as a source tells them, with words as the history keeps them."""
    raw = incidents(3000)
    return raw.assign(
        category=raw.category.str.lower().str.replace(" ", "_").str.replace("-", "_"),
        severity=raw.severity.str.lower(), source="call", place_class=raw.place_class.str.lower(),
        dispatched_ms=raw.call_received_ms + 20_000,
    )  # fmt: skip


def raw_table(raw) -> pa.Table:
    columns = [field for field in RAW if field.name in raw.columns]
    return pa.Table.from_pandas(raw, schema=pa.schema(columns), preserve_index=False)


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    store = open_store(folder, Options(time_zone=ZONE))
    store.put_table(raw_table(told()), "test")
    yield folder, store
    store.close()


@pytest.fixture(scope="module")
def plain():
    return PandasStore(told(), ZONE).rows


class Opened:
    """As web.archive.Archive to those who ask."""

    def __init__(self, store) -> None:
        self.store, self.state, self.trouble, self.past = store, "owner", None, False

    def growing(self) -> bool:
        return self.past


def wall(folder: Path | None, opened, **settings):
    api, clock = FastAPI(), HandClock(NOW_MS)
    plan = SimpleNamespace(folder=folder, record=object()) if folder else None
    known = Settings(time_zone=ZONE, lang="en", **settings)
    late = figures.late(known, Scopes(), clock, plan, opened, lambda: None)  # type: ignore[arg-type]
    figures.register(api, late)
    return TestClient(Guard(CompressedStatic(api), False), base_url=BASE, client=HERE), late


@pytest.fixture(scope="module")
def client(history):
    client, late = wall(history[0], Opened(history[1]))
    yield client
    late.close()


def february(plain, kind="counted"):
    days = (plain.local_date >= date(2025, 2, 1)) & (plain.local_date <= date(2025, 2, 28))
    return plain[days & (plain.kind == kind)]


def test_a_month_is_what_pandas_counts(client, plain):
    report = client.get(f"/api/figures?{MONTH}").json()
    rows = february(plain)
    assert report["total"]["n"] == len(rows)
    january = plain[(plain.local_date >= date(2025, 1, 1)) & (plain.local_date <= date(2025, 1, 31))]
    assert report["total"]["against"]["previous"]["value"] == (january.kind == "counted").sum()
    assert report["apart"]["exercise"]["n"] == len(february(plain, "exercise"))
    assert {row["key"]: row["n"] for row in report["by"]["category"]} == rows.category.value_counts().to_dict()
    assert {row["key"]: row["n"] for row in report["by"]["branch"]} == rows.branch.value_counts().to_dict()
    assert [one["n"] for one in report["hours"]] == [int((rows.hour == hour).sum()) for hour in range(24)]
    response = next(o for o in report["response"]["intervals"] if o["interval"] == "response" and not o["place_class"])
    assert response["p90"] == pytest.approx(rows.response_s.quantile(0.9))


def test_every_formula_that_is_named_is_told(client):
    report = client.get(f"/api/figures?{MONTH}").json()
    named = {about["formula"] for about in report["about"].values()}
    assert set(report["formulas"]) == named | {report["total"]["formula"]}
    assert report["formulas"]["count"] == FORMULAS["count"][1]


def test_filters_of_every_kind_are_what_pandas_counts(client, plain):
    asked = "scope=B1&category=theft&category=Fight&severity=LOW&place_class=centre&weekday=5&weekday=6&hour=20&hour=21"
    report = client.get(f"/api/figures?{MONTH}&{asked}").json()
    rows = february(plain)
    rows = rows[(rows.branch == "B1") & rows.category.isin(["theft", "fight"]) & (rows.severity == "low")]
    rows = rows[(rows.place_class == "centre") & rows.weekday.isin([5, 6]) & rows.hour.isin([20, 21])]
    assert 0 < report["total"]["n"] == len(rows)
    listed = client.get(f"/api/figures/rows?{MONTH}&{asked}&limit=500").json()
    assert {row["incident_id"] for row in listed["rows"]} == set(rows.incident_id)
    assert listed["total"] == len(rows)


def test_late_responses_are_those_that_pandas_finds(client, plain):
    told = client.get(f"/api/figures/rows?{MONTH}&figure=breaches&limit=500").json()
    rows = february(plain)
    targets = rows.place_class.map({"key_spot": 60, "centre": 180, "other": 300})
    late = rows[rows.response_s > targets]
    assert told["total"] == len(late)
    assert len(told["rows"]) == min(500, len(late))
    assert {row["incident_id"] for row in told["rows"]} <= set(late.incident_id)
    seconds = [row["response_s"] for row in told["rows"]]
    assert seconds == sorted(seconds, reverse=True)


def test_a_download_holds_what_pandas_finds(client, plain):
    content = client.get(f"/api/figures/rows.csv?{MONTH}&lang=en").content.decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(content, newline=""))
    expected = february(plain).sort_values("received_ms", ascending=False)
    assert [row[heads.index("incident")] for row in rows] == expected.incident_id.tolist()
    assert {row[heads.index("category")] for row in rows} == {"theft", "fight", "警情", "'=cmd|'/c_calc'!a0"}


def test_the_day_under_way_travels_as_json(client, plain):
    report = client.get("/api/figures?period=day").json()
    today = plain[(plain.local_date == date(2025, 3, 20)) & (plain.minute < 630) & (plain.kind == "counted")]
    assert (report["period"]["until_minute"], report["total"]["n"]) == (630, len(today))


def test_new_records_are_in_the_next_answer(tmp_path):
    store = open_store(tmp_path, Options(time_zone=ZONE))
    try:
        raw = told()
        store.put_table(raw_table(raw.head(2000)), "test")
        client, late = wall(tmp_path, Opened(store))
        first = client.get(f"/api/figures?{MONTH}")
        tag = first.headers["etag"]
        assert client.get(f"/api/figures?{MONTH}", headers={"if-none-match": tag}).status_code == 304
        misses = late.counts()["misses"]
        more = raw.head(1).assign(incident_id="new", call_received_ms=at("2025-02-10 12:00"), exercise=False)
        store.put_table(raw_table(more), "test")
        second = client.get(f"/api/figures?{MONTH}", headers={"if-none-match": tag})
        assert second.json()["total"]["n"] == first.json()["total"]["n"] + 1
        assert late.counts()["misses"] > misses
        assert client.get(f"/api/figures?{MONTH}&lang=zh").json()["total"] == second.json()["total"]
        late.close()
    finally:
        store.close()


def test_why_there_are_no_figures(history):
    opened = Opened(None)
    client, _ = wall(history[0], opened)

    def said():
        answer = client.get("/api/figures")
        assert answer.status_code == 503
        return answer.json()["detail"]

    opened.state = "opening"
    assert said() == "the history is being opened"
    opened.trouble = SimpleNamespace(text="the disk is full; make room")
    assert said() == "the disk is full; make room"
    opened.store, opened.past = history[1], True
    assert said() == "the demo city's past is being written"
    opened.state = "off"
    assert "history_dir" in wall(None, opened)[0].get("/api/figures").json()["detail"]


def test_the_service_is_made_once_however_many_ask_first(history):
    made, gate = [], threading.Barrier(8, timeout=30)

    def make():
        made.append(1)
        return SimpleNamespace(statistics=SimpleNamespace(counts=dict, close=lambda: made.append(2)))

    late = figures.LateParts(make)
    assert late.counts() == {}
    late.close()  # nothing was made, nothing is closed
    threads = [threading.Thread(target=lambda: (gate.wait(), late())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    late.close()
    assert made == [1, 2]


def test_histories_are_told_apart_and_processes_are_not(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "history.duckdb").write_bytes(b"")
    first = service.history_mark(one)
    assert service.history_mark(one) == first
    assert service.history_mark(other) != first
    (one / "history.duckdb").rename(one / "aside")
    (one / "history.duckdb").write_bytes(b"")
    assert service.history_mark(one) != first
    assert service.history_mark(None) == ""
    assert service.history_mark(tmp_path / "absent") == service.history_mark(tmp_path / "absent") != ""


def test_another_program_has_other_answers(tmp_path):
    (tmp_path / "sql.py").write_text("one")
    first = program_mark(tmp_path)
    (tmp_path / "sql.py").write_text("two")
    assert first != program_mark(tmp_path)


def square(west: float, size: float = 0.1) -> dict:
    ring = [[west, 30.0], [west + size, 30.0], [west + size, 30.0 + size], [west, 30.0 + size], [west, 30.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def test_places_tell_names_parents_sizes_and_cells():
    features = [
        {"id": "C", "kind": "city", "name_zh": "市"}, {"id": "B", "kind": "branch", "parent": "C", "name_en": "East"},
        {"id": "S", "kind": "station", "parent": "B"}, {"id": "Z", "kind": "patrol_zone", "parent": "S"},
        {"id": "Y", "kind": "defence_zone", "parent": "S"},
    ]  # fmt: skip
    sizes = {"city": 0.2, "branch": 0.2}
    document = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": square(104.0, sizes.get(one["kind"], 0.1)), "properties": one}
        for one in features
    ]}  # fmt: skip
    known = background_of(Settings(), Scopes(from_geojson(document)), None, True)
    assert [(one.code, one.name_zh, one.name_en) for one in known.branches] == [("B", "East", "East")]
    assert known.stations[0].parents == ("B", "C")
    assert [one.code for one in known.zones] == ["Z"]  # of one kind, as figures count them
    assert known.branches[0].km2 == pytest.approx(428, rel=0.01)
    assert known.branches[0].road_km is None
    assert len(known.study("", 8)) > len(known.study("S", 8)) > 50
    assert known.study("nowhere", 8) == ()
    assert known.resolution("") in range(5, 10)
    assert known.targets == {"key_spot": 60, "centre": 180, "other": 300}


def test_what_the_cache_did_is_in_the_metrics(history):
    client, late = wall(history[0], Opened(history[1]))
    own = CollectorRegistry()
    own.register(EventsCollector("figures_cache", "answers of history", late.counts))
    assert b"figures_cache_total{" not in generate_latest(own)  # nobody asked yet
    client.get(f"/api/figures/rows?{MONTH}")
    found = re.search(rb'wallboard_figures_cache_total{event="misses"} (\d+)', generate_latest(own))
    assert found is not None
    assert int(found[1]) == late.counts()["misses"] > 0
    late.close()


def test_a_road_file_that_cannot_be_read_costs_a_line_in_the_log(caplog):
    def broken():
        raise RoadsError("no graph")

    assert ground.known(broken, service.LOST) is None
    assert "no graph" in caplog.text
