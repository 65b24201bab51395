"""The incidents behind a figure: pages that add up, and a file that no spreadsheet runs anything of."""

import asyncio
import csv
import io
import threading
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefings.harmless import FORMULA, harmless
from components.texts_rows import COLUMN_TEXTS, CUT, HEADS
from data_feeds.history.query import Rows
from data_feeds.history.store import StoreBroken
from tests.unit.figures_story import HERE, StoryStore, at, client_of, counted, incidents, wall
from web import figures_answers, figures_rows

WAIT_S = 30.0


def test_rows_come_by_pages_and_add_up(story, client):
    asked = "/api/figures/rows?period=month&date=2025-02-10&limit=100"
    expected = counted(story, date(2025, 2, 1), date(2025, 2, 28)).sort_values("received_ms", ascending=False)
    found = []
    while True:
        told = client.get(f"{asked}&offset={len(found)}").json()
        assert told["total"] == len(expected)
        found += told["rows"]
        if not told["rows"]:
            break
    assert [row["incident_id"] for row in found] == expected.incident_id.tolist()
    first = found[0]
    assert (first["place"], first["closed_ms"], type(first["received_ms"])) == ("@Market", None, int)
    assert not {"summary", "version", "told_branch"} & set(first)


def test_rows_of_a_figure(story, client):
    asked = "/api/figures/rows?period=month&date=2025-02-10"
    told = client.get(f"{asked}&figure=breaches&direction=asc").json()
    assert (told["query"]["breaching"], told["query"]["order"], told["total"]) == ([["CENTRE", 180]], "response", 7)
    seconds = [row["response_s"] for row in told["rows"]]
    assert seconds == sorted(seconds)
    assert min(seconds) > 180
    exercises = client.get(f"{asked}&kind=exercise").json()
    assert {row["kind"] for row in exercises["rows"]} == {"exercise"}
    assert exercises["total"] == len(exercises["rows"])
    assert client.get(f"{asked}&order=category&limit=1").json()["query"]["order"] == "category"


@pytest.mark.parametrize(
    ("query", "name", "why"),
    [
        ("figure=everything", "figure", "there are breaches, sighting, total"),
        ("figure=sighting", "figure", "not counts of incidents"),
        ("limit=0", "limit", "from 1 to 500"),
        ("limit=501", "limit", "from 1 to 500"),
        ("offset=1000001", "offset", "from 0 to 1000000"),
        ("order=summary", "order", "received, response, category, severity"),
        ("direction=up", "direction", "asc, desc"),
        ("kind=secret", "kind", "counted, exercise, invalid, diverted"),
        ("part=by", "part", "is no parameter here"),
    ],
)
def test_bad_parameters_of_rows(shared, query, name, why):
    (problem,) = shared.get(f"/api/figures/rows?{query}").json()["detail"]
    assert (problem["loc"][1], why in problem["msg"]) == (name, True)


def sheet(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_spreadsheet_gets_every_row_and_no_formula(story, client):
    answer = client.get("/api/figures/rows.csv?period=month&date=2025-02-10&lang=en")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="incidents_2025-02-01_2025-02-28.csv"'
    assert (answer.headers["x-rows-cut"], answer.headers["cache-control"]) == ("false", "no-store")
    heads, *rows = sheet(answer.content)
    expected = counted(story, date(2025, 2, 1), date(2025, 2, 28))
    assert len(rows) == len(expected) == int(answer.headers["x-total-rows"])
    column = {name: [row[heads.index(name)] for row in rows] for name in ("incident", "category", "place", "longitude")}
    assert set(column["incident"]) == set(expected.incident_id)
    assert "'=cmd|'/C calc'!A0" in column["category"]
    assert set(column["place"]) == {"'@Market"}
    assert set(column["longitude"]) == {"-95.37"}  # a number stays one
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    received = rows[0][heads.index("became known")]
    assert received[:10] == "2025-02-28"
    assert received.endswith("-06:00")
    assert "分局" in sheet(client.get("/api/figures/rows.csv").content)[0]


def test_a_long_download_comes_in_pieces_and_says_where_it_is_cut(story, client, monkeypatch):
    monkeypatch.setattr(figures_answers, "CSV_CHUNK", 25)
    monkeypatch.setattr(figures_answers, "CSV_ROWS", 50)
    answer = client.get("/api/figures/rows.csv?period=month&date=2025-02-10")
    total = len(counted(story, date(2025, 2, 1), date(2025, 2, 28)))
    assert (answer.headers["x-rows-cut"], answer.headers["x-total-rows"]) == ("true", str(total))
    assert "_first-50.csv" in answer.headers["content-disposition"]
    _, *rows, note = sheet(answer.content)
    assert len(rows) == 50
    assert note == [f"…… 仅含前 50 行，共 {total} 行；请缩短时段或增加筛选条件"]
    asked = [query for query in story.asked() if isinstance(query, Rows)]
    assert [(query.offset, query.limit) for query in asked] == [(0, 25), (25, 25)]


def test_rows_that_move_on_meanwhile_come_once(story, client, monkeypatch):
    monkeypatch.setattr(figures_answers, "CSV_CHUNK", 25)
    raw = incidents()
    late = raw.tail(5).assign(incident_id=[f"B-{n}" for n in range(5)], call_received_ms=at("2025-02-28 23:59:59"))
    grown = StoryStore(pd.concat([raw, late], ignore_index=True))
    moved = []

    def before(query):
        if isinstance(query, Rows) and not query.offset:
            story.store = grown  # the next piece comes from here

    story.store.before = before
    grown.before = moved.append
    expected = set(counted(story, date(2025, 2, 1), date(2025, 2, 28)).incident_id)
    assert len(expected) > 50
    heads, *rows = sheet(client.get("/api/figures/rows.csv?period=month&date=2025-02-10&lang=en").content)
    ids = [row[heads.index("incident")] for row in rows]
    assert len(ids) == len(set(ids))
    assert expected <= set(ids)
    assert moved


def test_a_download_that_fails_on_its_way_does_not_end_as_a_short_file(story, monkeypatch):
    monkeypatch.setattr(figures_answers, "CSV_CHUNK", 25)

    def before(query):
        if isinstance(query, Rows) and query.offset:
            raise StoreBroken("torn")

    story.store.before = before
    client = client_of(story)
    for _ in range(figures_answers.MAX_DOWNLOADS + 1):
        with pytest.raises(Exception, match="torn"):
            client.get("/api/figures/rows.csv?period=month&date=2025-02-10")
    story.store.before = lambda query: None
    assert client.get("/api/figures/rows.csv?period=month&date=2025-02-10").status_code == 200


def test_downloads_are_few_at_a_time_and_end_with_those_who_left(story):
    may_go = threading.Event()
    story.store.before = lambda query: may_go.wait(WAIT_S) if isinstance(query, Rows) else None
    app = wall(story)

    async def asked(events):
        sent = []

        async def receive():
            return await events.get()

        async def send(message):
            sent.append(message)

        query = b"period=month&date=2025-02-10"
        scope = {
            "type": "http", "method": "GET", "path": "/api/figures/rows.csv", "raw_path": b"/api/figures/rows.csv",
            "query_string": query, "headers": [(b"host", b"127.0.0.1:8050")], "client": HERE, "http_version": "1.1",
            "scheme": "http", "server": ("127.0.0.1", 8050), "root_path": "", "asgi": {"version": "3.0"},
        }  # fmt: skip
        await app(scope, receive, send)
        return sent[0]["status"]

    async def main():
        lines = [asyncio.Queue() for _ in range(figures_answers.MAX_DOWNLOADS)]
        for line in lines:
            line.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        under_way = [asyncio.ensure_future(asked(line)) for line in lines]
        refused = asyncio.Queue()
        refused.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        while story.statistics._waiting < figures_answers.MAX_DOWNLOADS:
            await asyncio.sleep(0.01)
        assert await asked(refused) == 503
        for line in lines:
            line.put_nowait({"type": "http.disconnect"})
        may_go.set()
        assert set(await asyncio.gather(*under_way)) == {200}
        again = asyncio.Queue()
        again.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        return await asked(again)

    assert asyncio.run(main()) == 200


@given(st.text(max_size=30))
def test_no_text_is_taken_for_a_formula(text):
    mended = harmless(text)
    assert not mended.lstrip().startswith(FORMULA)
    assert all(letter.isprintable() for letter in mended)
    assert len(mended) - len(text) in (0, 1)


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1", "＋1", "－1", "＠A",
           "\ufeff=1", "=HYPERLINK(\"http://x\")", "-2+3+cmd|' /C calc'!A0"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_formulas_are_neutralised(text):
    table = pa.table({"incident_id": [text], "category": [text], "lat": [-1.5], "lon": [None]})
    ((*cells,),) = csv.reader(io.StringIO(figures_rows.lines(table, ZoneInfo("UTC")).decode(), newline=""))
    said = dict(zip(figures_rows.COLUMNS, cells, strict=True))
    assert said["incident_id"].startswith("'")
    assert said["category"].startswith("'")
    assert (said["lat"], said["lon"]) == ("-1.5", "")


def test_the_hour_that_comes_twice_can_be_told_apart():
    zone = ZoneInfo("America/Chicago")
    table = pa.table({"incident_id": ["a", "b"], "received_ms": [1_730_615_400_000, 1_730_619_000_500]})
    rows = list(csv.reader(io.StringIO(figures_rows.lines(table, zone).decode(), newline="")))
    column = figures_rows.COLUMNS.index("received_ms")
    assert [row[column] for row in rows] == ["2024-11-03 01:30:00-05:00", "2024-11-03 01:30:00.500-06:00"]


def test_every_column_has_a_head_in_both_languages():
    assert tuple(COLUMN_TEXTS) == figures_rows.COLUMNS
    assert all(len(set(heads)) == len(heads) and all(heads) for heads in HEADS.values())
    assert set(HEADS) == set(CUT)
