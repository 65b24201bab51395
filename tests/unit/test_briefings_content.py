"""What a briefing says: every figure is the report's, in both languages, with its comparator, and no key is left."""

import re
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from analytics.figures.result import Gap
from analytics.figures.units import Units
from analytics.periods import PeriodError
from briefings.cells import written
from briefings.document import Chart, Definitions, Document, HeatMap, Table, Text
from briefings.material import MAX_ROWS, gathered, handover_ms
from briefings.texts import BRIEFING_TEXTS
from components.texts_statistics import STATISTICS_TEXTS
from tests.unit.briefings_story import HOT, LATE, ADesk, a_document, a_material, blocks_of, texts_of
from tests.unit.statistics_story import NOW_MS, a_report

ROOT = Path(__file__).parents[2]
HOUR_MS, MINUTE_MS = 3_600_000.0, 60_000.0


def table(told, id):
    return next(one for one in blocks_of(told, Table) if one.id == id)


def sentences(told, section=""):
    return [sentence for one in told.sections if section in ("", one.id) for block in one.blocks
            if isinstance(block, Text) for sentence in block.sentences]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_figures_of_every_table_are_those_of_the_report(lang):
    told, report = a_document(lang), a_report()
    for line, row in zip(table(told, "category").rows, report.by["category"], strict=True):
        before = row.against["previous"]
        assert line[0] == row.rank
        assert line[2:4] == (row.value, row.share)
        assert line[4:7] == (before.value, before.change.percent, before.change.verdict)
        assert line[7:] == (None, None, "lack")  # it has no comparison with the year before
    assert [line[1] for line in table(told, "hours").rows] == [hour.n for hour in report.hours]
    assert [line[:2] for line in table(told, "trend").rows] == [(one.date.isoformat(), one.n) for one in report.trend]
    rhythm = [line[2] for line in table(told, "rhythm").rows]
    assert rhythm == [n for day in report.rhythm.counts for n in day]
    everything = report.response.intervals[0]
    assert table(told, "response_beside").rows[0][2:6] == (0.9, 80, -6.5, "bad")
    assert table(told, "response").rows[0][2:9] == (
        everything.with_target, everything.in_target, everything.share_in_target, everything.missing, everything.p50,
        everything.p90, everything.p95,
    )  # fmt: skip
    assert [line[2] for line in table(told, "breaches").rows] == [one.n for one in report.response.breaches]
    assert table(told, "took").rows[0][1:] == (90, 10, 5, 10, 30, 20, 20, 3, 2)
    zone = "一号巡区" if lang == "zh" else "Zone 1"
    assert table(told, "quiet").rows == ((zone, "2025-02-01", 28), ("Z2", None, None))
    assert [line[4:7] for line in table(told, "hot").rows] == [(90, 6.1, 0.001)]
    assert len(table(told, "open").rows) == 1
    assert told.sections[0].blocks[0].tiles[0].value == report.total.n


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_charts_show_what_the_tables_tell(lang):
    told, report = a_document(lang), a_report()
    charts = {one.id: one for one in blocks_of(told, Chart)}
    assert charts["chart_hours"].series[0].values == tuple(None if h.n is None else float(h.n) for h in report.hours)
    assert charts["chart_trend"].missing == tuple(at for at, one in enumerate(report.trend) if one.gap or one.partial)
    assert charts["chart_category"].series[0].marks == (0,)  # only theft has changed by more than chance
    for chart in charts.values():
        assert {len(series.values) for series in chart.series} == {len(chart.labels)}
    (heat,) = blocks_of(told, HeatMap)
    assert {one.cell: (one.n, one.hot) for one in heat.cells}[HOT] == (90, True)
    assert max(one.shade for one in heat.cells) == len(heat.legend) - 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_key_and_no_empty_place_is_left_in_any_text(lang):
    told = a_document(lang)
    for text in texts_of(msgspec.to_builtins(replace(told, page="", more=""))):
        assert not re.search(r"\{\w*\}", text), text
        assert not ("." in text and (text in BRIEFING_TEXTS or text in STATISTICS_TEXTS)), text
    if lang == "en":
        plain = replace(told, sections=tuple(one for one in told.sections if one.id != "ranking"))
        assert not [text for text in texts_of(msgspec.to_builtins(plain)) if "，" in text or "起" in text]


def test_every_text_is_used():
    paths = [path for path in (ROOT / "briefings").rglob("*.py") if "texts" not in path.name]
    source = "".join(path.read_text("utf-8") for path in paths)
    families = (*set(re.findall(r'f"([\w.]+\.)\{', source)), "brief.title.")
    unused = [key for key in BRIEFING_TEXTS if f'"{key}"' not in source and not key.startswith(families)]
    assert unused == []


def test_the_situation_names_comparators_counts_noise_gaps_and_lacks():
    said = {sentence.text: sentence.tone for sentence in sentences(a_document(), "situation")}
    text = "\n".join(said)
    assert "环比（2025年2月）1,000 起，+23.4%，显著上升" in text
    assert "同比不可比：记录不够早" in text
    assert "前 4 期均值 1,230 起，+0.3%，波动内（两期之一有数据缺口）" in text
    assert "演练 3 起，无效 40 起，分流 0 起" in text
    assert "盗窃 400 起，环比 200 起，+100.0%，显著上升" in text
    assert "83.3%（75 / 90 起），10 起没有可用的到场时间" in text
    assert "90.0%（n = 80），−6.5 个百分点" in text
    assert "热点 1 格" in text
    assert "消退 1 格，本期新增 1 格" in text
    assert "2 / 20 个区域零发案（10.0%）。环比 20.0%" in text
    assert {tone for line, tone in said.items() if "数据缺口：" in line} == {"gap"}
    assert "来源未提供：接听时间" in text


def test_a_message_is_not_said_twice():
    for section in a_document().sections:
        texts = [one.text for block in section.blocks if isinstance(block, Text) for one in block.sentences]
        assert section.message not in texts


def test_proposals_give_their_reasons_and_none_follows_from_noise():
    said = [one.text for one in sentences(a_document(), "proposals")] + [
        one.message for one in a_document().sections if one.id == "proposals"
    ]
    assert any("向一号巡区增加巡逻：警情 30 起" in text for text in said)
    assert any("针对盗窃部署专项防范" in text for text in said)
    assert any("亭江派出所" in text for text in said)
    calm = a_report(by={}, response=None, sighting=None, heat=None)
    (section,) = [one for one in a_document(material=a_material(calm, before=None)).sections if one.id == "proposals"]
    assert section.message == BRIEFING_TEXTS["propose.none"][0]


def test_what_nobody_can_tell_is_said_in_its_place():
    bare = a_report(by={}, hours=[], rhythm=None, trend=[], quiet=None, response=None, sighting=None, heat=None)
    nobody = Units(0, 0, (), 0, 0, 0.0)
    material = a_material(bare, before=None, took=(), slowest=(), units=nobody, open=None, lies={})
    told = a_document(material=material)
    assert {one.id for one in told.sections} >= {"response", "heat", "quiet", "presence", "drones", "appendix"}
    for id in ("response", "heat", "quiet", "presence", "drones"):
        (section,) = [one for one in told.sections if one.id == id]
        assert section.message or any(isinstance(block, Text) for block in section.blocks), id


@pytest.mark.parametrize(("lang", "note"), [
    ("zh", "90 起到场中，70 起只派一组警力，计入 2 个警力单元；派出多组的，到场时间不能归于其中一组，不计。"
           "可判断的 2 个单元中，1 个慢于其他单元且超出偶然波动；即使都一样快，偶然也会有约 0.0 个。"),
    ("en", "Of 90 responses 70 are of one unit alone and count for 2 units; where several went, the times cannot be "
           "told of one of them. Units with enough responses to judge: 2; slower than the others by more than chance: "
           "1 (about 0.0 would be if all were equally fast)."),
])  # fmt: skip
def test_units_stand_slowest_first_with_what_chance_would_do(lang, note):
    told = table(a_document(lang), "units")
    assert [line[0] for line in told.rows] == ["U-7", "U-8"]
    assert told.rows[0][1:] == (38, 20, 20 / 38, 30.25, -4.5, "bad", 410.0, 45.0, 320.0, 2)
    assert told.note == note
    assert table(a_document(lang), "slowest").rows[0][-2:] == ("U-7", 725.0)


def test_a_source_that_does_not_tell_who_went_is_said_to():
    told = a_document(material=a_material(units=Units(90, 0, (), 0, 0, 0.0)))
    assert not [one for one in blocks_of(told, Table) if one.id == "units"]
    (said,) = [one for one in sentences(told, "response") if one.text == BRIEFING_TEXTS["say.units.lacks"][0]]
    assert said.tone == "lack"
    bare = a_document(material=a_material(slowest=(replace(LATE, unit_id=""),)))
    assert "unit" not in [column.key for column in table(bare, "slowest").columns]
    assert table(bare, "slowest").rows[0][-2:] == ("亭江派出所", 725.0)


def test_gaps_beyond_a_few_are_counted_and_all_stand_in_the_appendix():
    gaps = tuple(Gap(NOW_MS - n * HOUR_MS, NOW_MS - n * HOUR_MS + 600_000, "given") for n in range(9, 0, -1))
    report = a_report()
    told = a_document(material=a_material(replace(report, data=replace(report.data, gaps=gaps))))
    assert any("另有 6 处数据缺口" in one.text for one in sentences(told, "situation"))
    assert len(table(told, "gaps").rows) == 9


def test_the_document_is_the_same_each_time_and_survives_json():
    once, again = (msgspec.json.encode(a_document("en")) for _ in range(2))
    assert once == again
    assert msgspec.json.decode(once, type=Document) == a_document("en")


def test_names_of_files_are_plain_ascii_and_differ_by_scope():
    around = a_material().around
    marks = ("", "B1", "江南", "江北")
    names = {a_document(material=a_material(around=replace(around, mark=mark))).name for mark in marks}
    assert len(names) == 4
    assert all(re.fullmatch(r"[\w-]+", name, re.ASCII) for name in names)


def test_every_kind_of_cell_is_written():
    told = a_document("en")
    cells = (("share", 0.123), ("percent", -1.25), ("seconds", 125.0), ("count", 1234), ("verdict", "noise"),
             ("points", 1.5), ("points", -0.04), ("chance", 0.0004),
             ("chance", 0.012), ("time", NOW_MS), ("number", 2.345, 2), ("text", None))  # fmt: skip
    shown = [written(told, *one) for one in cells]
    assert shown == ["12.3%", "−1.2%", "2:05", "1,234", "≈ within noise", "+1.5", "±0.0", "<0.001", "0.012",
                     "2025-04-02 11:00", "2.35", "—"]


def test_a_definition_stands_once_and_only_of_figures_that_there_are():
    texts = [one.text for one in blocks_of(a_document(), Definitions)[0].definitions]
    lines = [line for text in texts for line in text.split("\n")]
    assert len(lines) == len(set(lines))
    report = replace(a_report(), response=None)
    (bare,) = blocks_of(a_document(material=a_material(report)), Definitions)
    assert "各环节用时" not in {one.name for one in bare.definitions}


def test_what_cells_are_called_where_no_jurisdiction_is_known():
    told = a_document("en", a_material(lies={}))
    assert table(told, "hot").columns[0].key == "cell"
    said = [one.text for one in sentences(told, "proposals")]
    said += [one.message for one in told.sections if one.id == "proposals"]
    assert any(re.search(r"patrols: \(−?\d+\.\d{3}, −?\d+\.\d{3}\)", text) for text in said)


def test_of_records_that_have_ended_nothing_later_is_told():
    report = a_report()
    at_ms = handover_ms(report, NOW_MS)
    ended = replace(report, data=replace(report.data, data_time_ms=at_ms - HOUR_MS))
    assert gathered(ADesk(ended), ended.request, "zh").open.at_ms == at_ms - HOUR_MS
    assert gathered(ADesk(report), report.request, "zh").open.at_ms == at_ms
    lost = Gap(at_ms - 12 * HOUR_MS, at_ms - 8 * HOUR_MS, "recorder")  # until the period's end
    gone = replace(report, data=replace(report.data, gaps=(lost,)))
    assert gathered(ADesk(gone), gone.request, "zh").open.at_ms == lost.begin_ms
    none = replace(report, data=replace(report.data, recorded=0.0))
    material = gathered(ADesk(none), none.request, "zh")
    assert material.open is None
    said = sentences(a_document(material=material), "response")
    assert any("本期没有记录，无法列出未办结" in one.text for one in said)


def test_definitions_are_those_of_the_figures_that_the_report_names():
    (block,) = blocks_of(a_document("en"), Definitions)
    assert block.definitions[0].text.startswith("count = incidents that became known")


def a_row(number, received_ms, closed_ms=None):
    return {"incident_id": f"A-{number}", "received_ms": int(received_ms), "category": "theft", "severity": "low",
            "station": "S1", "unit_id": "", "response_s": 60.0, "closed_ms": closed_ms and int(closed_ms)}  # fmt: skip


def test_open_incidents_are_those_at_the_change_of_duty():
    report = a_report()
    at_ms = handover_ms(report, NOW_MS)  # 1 April 08:00 in the city
    assert at_ms == NOW_MS - 27 * HOUR_MS
    rows = [a_row(1, at_ms - HOUR_MS), a_row(2, at_ms - HOUR_MS, at_ms - 1), a_row(3, at_ms - HOUR_MS, at_ms + 1),
            a_row(4, at_ms + 1)]  # fmt: skip
    material = gathered(ADesk(report, rows), report.request, "zh")
    assert [one.number for one in material.open.recent] == ["A-1", "A-3"]
    assert material.open.older == 3
    assert handover_ms(report, at_ms - MINUTE_MS) == at_ms - MINUTE_MS  # who asks before 08:00


def test_more_open_incidents_than_one_answer_holds_are_all_counted():
    report = a_report()
    at_ms = handover_ms(report, NOW_MS)
    rows = [a_row(n, at_ms - HOUR_MS) for n in range(MAX_ROWS + 5)]
    assert len(gathered(ADesk(report, rows), report.request, "zh").open.recent) == MAX_ROWS + 5


def test_without_a_period_before_there_is_no_word_of_what_changed():
    report = a_report()

    class Fresh(ADesk):
        def report(self, request):
            if request.parts:
                raise PeriodError("before", "none")
            return self.told

    material = gathered(Fresh(report), report.request, "zh")
    assert material.before is None
    assert "新增" not in next(one for one in a_document(material=material).sections if one.id == "heat").message


def test_small_counts_do_not_leave_the_wall():
    report = a_report()
    few = replace(report.heat, cells=[replace(one, n=2) for one in report.heat.cells])
    material = gathered(ADesk(replace(report, heat=few)), report.request, "zh")
    assert material.report.heat.cells == []
    assert material.report.heat.suppressed == 3


def test_a_part_of_the_work_is_told():
    shares = []
    gathered(ADesk(), a_report().request, "zh", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


