"""Drones in a briefing of a demo city: every figure against plain Python over the rows, in the files themselves."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from pptx import Presentation

from analytics.changes import Change
from analytics.figures.drones import DroneRow, Drones, KindRow, Work
from analytics.figures.result import Against
from briefings.document import Chart, Definitions, Table
from components.texts import TEXTS
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.sets import Facts, write_facts
from data_feeds.history.store import Options
from data_feeds.places import from_geojson
from data_feeds.scopes import Scopes
from data_feeds.simulator.past import Past
from data_feeds.simulator.past_flights import PastFlights
from tests import plain
from tests.unit.briefings_story import HOSTILE, a_document, a_material, blocks_of
from tests.unit.hand_clock import HandClock
from tests.unit.pages_story import squeezed, text_of
from tests.unit.simulated import a_city
from tests.unit.statistics_story import a_report
from web import briefing_command

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 9, tzinfo=ZONE)
DAY = date(2026, 11, 21)
ONE = timedelta(days=1)
VERDICTS = {"noise": ("波动内", "within noise"), "few": ("样本少", "few")}


@pytest.fixture(scope="module")
def rows():
    """Minutes and detections of sixteen days, as the city's past tells them."""
    return PastFlights(a_city(), 400, 1).tables([DAY - ONE * n for n in range(16)], NOW.timestamp())


@pytest.fixture(scope="module")
def config(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("city")
    (folder / "places.json").write_text(json.dumps(a_city().places), encoding="utf-8")
    write_facts(folder / "history" / "city", Facts("Asia/Shanghai"))
    store = open_store(folder / "history" / "city", Options(scopes=Scopes(from_geojson(a_city().places))))
    days = [DAY - ONE * n for n in range(20)]
    store.put_table(Past(a_city(), 60, 1).table(days, NOW.timestamp()), "demo")
    store.put_flown(rows[0])
    store.put_seen(rows[1])
    store.close()
    path = folder / "wallboard.toml"
    told = {"feed": "none", "history_dir": folder / "history", "history_name": "city",
            "places": folder / "places.json"}  # fmt: skip
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in told.items()))
    return path


def day_of(at_ms):
    return datetime.fromtimestamp(at_ms / 1000, ZONE).date()


def flown(rows, days):
    """Minutes of each drone on ``days``, by a plain loop."""
    found = defaultdict(set)
    for drone, at_ms in zip(rows[0]["drone_id"].to_pylist(), rows[0]["at_ms"].to_pylist(), strict=True):
        if day_of(at_ms) in days:
            found[drone].add(at_ms // 60_000)
    return found


def sorties(minutes):
    own = sorted(minutes)
    return sum(n == 0 or minute - own[n - 1] > 3 for n, minute in enumerate(own))


def kinds(rows, days):
    told = zip(rows[1]["kind"].to_pylist(), rows[1]["at_ms"].to_pylist(), strict=True)
    return Counter(kind for kind, at_ms in told if day_of(at_ms) in days)


def lines(path):
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))[1:]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_day_of_drones_tells_what_the_rows_tell(config, rows, tmp_path, lang):
    arguments = ["--config", str(config), "--period", "day", "--date", str(DAY), "--lang", lang]
    clock = HandClock(NOW.timestamp() * 1000, 1.0)
    assert briefing_command.main([*arguments, "--format", "pdf,csv,pptx", "--out", str(tmp_path)], clock) == 0
    name = tmp_path / f"briefing_day_{DAY}_{lang}"
    own, before = flown(rows, {DAY}), flown(rows, {DAY - ONE})
    seen, then = kinds(rows, {DAY}), kinds(rows, {DAY - ONE})
    n, m = (sum(map(sorties, one.values())) for one in (own, before))
    minutes = sum(map(len, own.values()))
    read = squeezed(text_of(name.with_suffix(".pdf").read_bytes()))
    verdict = plain.judged(plain.Part(n, 1), [plain.Part(m, 1)])
    change = f"{'−' if verdict.percent < 0 else '+'}{abs(verdict.percent):.1f}%"
    if lang == "zh":
        said = [f"无人机出动 {n} 架次，用机 {len(own)} 架；环比 {m}，{change}，波动内",
                f"在空 {minutes / 60:.1f} 小时，平均每架次 {minutes / n:.1f} 分钟", f"识别 {sum(seen.values()):,} 次",
                "离地 2 米以上", "相隔不超过 3 分钟"]  # fmt: skip
    else:
        said = [f"Sorties: {n}, drones used: {len(own)}; period before: {m}, {change}, within noise",
                f"In the air for {minutes / 60:.1f} hours, {minutes / n:.1f} minutes a sortie",
                f"Detections: {sum(seen.values()):,}", "more than 2 m above ground", "more than 3 minutes"]  # fmt: skip
    for text in said:
        assert squeezed(text) in read
    at = lang == "en"
    told = {line[0]: line for line in lines(tmp_path / f"{name.name}_detections.csv")}
    assert {TEXTS[f"detection.{kind}"][at]: count for kind, count in seen.items()} == {
        kind: int(line[1]) for kind, line in told.items() if int(line[1])
    }  # fmt: skip
    for kind in seen | then:
        line = told[TEXTS[f"detection.{kind}"][at]]
        wanted = plain.judged(plain.Part(seen[kind], 1), [plain.Part(then[kind], 1)])
        assert float(line[3]) == then[kind]
        assert float(line[4]) == pytest.approx(wanted.percent, abs=0.06) if wanted.percent is not None else not line[4]
        assert VERDICTS.get(wanted.verdict, ("显著", "significant"))[at] in line[5]
    drones = {line[0]: [int(cell) for cell in line[1:]] for line in lines(tmp_path / f"{name.name}_drones.csv")}
    assert {drone: told[:2] for drone, told in drones.items()} == {
        drone: [sorties(minutes), len(minutes)] for drone, minutes in own.items()
    }  # fmt: skip
    assert sum(told[2] for told in drones.values()) == sum(seen.values())
    missions = lines(tmp_path / f"{name.name}_missions.csv")
    assert sum(int(line[2]) for line in missions) == minutes
    assert sum(int(line[3]) for line in missions) == sum(seen.values())
    charts = [shape.chart for slide in Presentation(name.with_suffix(".pptx")).slides for shape in slide.shapes
              if shape.has_chart and shape.name == "chart_detections"]  # fmt: skip
    values = list(charts[0].plots[0].series[0].values)
    assert values == [float(count) for _, count in sorted(seen.items(), key=lambda one: (-one[1], one[0]))[:12]]


def test_a_branch_has_its_own_minutes_and_the_city_all_of_them(config, rows, tmp_path):
    totals = []
    branches = [one["properties"]["id"] for one in a_city().places["features"] if
                one["properties"]["kind"] == "branch"]  # fmt: skip
    for scope in ("", *branches):
        out = tmp_path / (scope or "city")
        more = ["--scope", scope] if scope else []
        arguments = ["--config", str(config), "--date", str(DAY), "--format", "csv", "--out", str(out), *more]
        assert briefing_command.main(arguments, HandClock(NOW.timestamp() * 1000, 1.0)) == 0
        found = list(out.glob("*_drones.csv"))
        totals.append(sum(int(line[2]) for path in found for line in lines(path)))
    assert totals[0] == sum(map(len, flown(rows, {DAY}).values()))
    assert 0.95 * totals[0] <= sum(totals[1:]) <= totals[0]  # a few minutes over the edge of the city


def section(drones, lang="zh", **changes):
    told = a_document(lang, a_material(a_report(**changes), drones=drones))
    return next(one for one in told.sections if one.id == "drones"), told


def words_of(found):
    texts = [one.text for block in found.blocks for one in getattr(block, "sentences", ())]
    return "\n".join([found.message, *texts])


SINCE = date(2024, 1, 1)


def test_never_heard_of_not_recorded_not_flown_and_flown_are_different_things():
    for lang, never, gap, none in (("zh", "没有任何无人机", "本期没有记录", "没有无人机升空"),
                                   ("en", "no flight and no detection", "Nothing was recorded", "No drone was in the")):
        assert never in words_of(section(Drones(None, None), lang)[0])
        assert never in words_of(section(None, lang)[0])
        data = replace(a_report().data, recorded=0.0)
        assert gap in words_of(section(Drones(SINCE, SINCE), lang, data=data)[0])
        assert none in words_of(section(Drones(SINCE, SINCE), lang)[0])
    found, told = section(Drones(SINCE, None, Work(5, 100, 2), {"previous": Work(4, 90, 2)},
                                 {"previous": Against(4.0, 1)}))  # fmt: skip
    assert "5 架次，用机 2 架" in words_of(found)
    assert "没有无人机的识别记录" in words_of(found)
    assert "1.7 小时，平均每架次 20.0 分钟；环比 1.5 小时、用机 2 架" in words_of(found)
    (definitions,) = blocks_of(told, Definitions)
    assert any(one.name == "无人机" for one in definitions.definitions)
    late, _ = section(Drones(date(2025, 3, 9), date(2025, 3, 10), Work(5, 100, 2)))
    assert "飞行记录自 2025年3月9日 起" in words_of(late)
    assert "识别记录自 2025年3月10日 起" in words_of(late)
    assert "无可比数据" in words_of(late)


def test_what_changed_by_more_than_chance_is_named_and_strange_words_are_only_words():
    words = ("fire", *HOSTILE)
    kinds = tuple(KindRow(word, 90 - n, 0.1, {"previous": plainly(90 - n, 10)}) for n, word in enumerate(words))
    rows = tuple(DroneRow(word, 3, 40, 2) for word in (*HOSTILE, ""))
    drones = Drones(SINCE, SINCE, Work(20, 400, 3), {}, {}, 600, {"previous": plainly(600, 10)}, kinds, rows, rows)
    found, _ = section(drones)
    said = words_of(found)
    assert "明火 90 次，环比 10，+800.0%，显著上升" in said
    assert f"另有 {len(kinds) - 3} 类识别变化显著" in said
    chart = next(block for block in found.blocks if isinstance(block, Chart))
    assert chart.series[0].marks == tuple(range(len(chart.labels)))
    tables = {block.id: block for block in found.blocks if isinstance(block, Table)}
    assert [line[0] for line in tables["drones"].rows] == [row.key for row in rows]
    assert tables["missions"].rows[-1][0] == "无任务"
    calm = replace(drones, kinds=(KindRow("fire", 11, 1.0, {"previous": plainly(11, 10)}),))
    assert "1 类识别中，没有一类与环比之差超出偶然波动" in words_of(section(calm)[0])


def plainly(n, then):
    told = plain.judged(plain.Part(n, 1), [plain.Part(then, 1)])
    return Against(float(then), 1, Change(told.percent, math.floor(told.z * 100) / 100, told.verdict))
