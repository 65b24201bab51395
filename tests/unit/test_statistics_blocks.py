"""What each block of the statistics page shows of a report, in both languages, without Dash or a browser."""

import json
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from msgspec import structs
from plotly.utils import PlotlyJSONEncoder

from analytics.figures.result import About, Gap, Period
from briefings.shades import classes
from components.statistics.blocks import counts, heat, hours, quiet, response, rhythm, sighting, totals, trend
from components.statistics.frame import told
from components.statistics.page import BLOCKS
from components.statistics.state import View
from components.texts import TEXTS
from components.texts_statistics import STATISTICS_TEXTS
from data_feeds.history.query import Filters
from tests.unit.statistics_story import CELL, HOT, ZONE, a_report, a_sight, attribute, counted, plain, row

NONE = dict.fromkeys(("rhythm", "quiet", "response", "sighting", "heat"))
EMPTY = {"by": {}, "hours": [], "trend": [], "about": {}, "apart": {}, **NONE}


def body(block, sight):
    return block.draw(sight)[f"{block.name}-body.children"]


def said(block, sight):
    return " ".join(plain(body(block, sight)))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_draws_its_outputs_and_nothing_else_in_words_that_are_known(block, lang):
    for sight in (a_sight(lang), a_sight(lang, **EMPTY)):
        drawn = block.draw(sight)
        assert set(drawn) == set(block.outputs())
        json.dumps(drawn, cls=PlotlyJSONEncoder)
        texts = plain(list(drawn.values()))
        assert not set(texts) & {*STATISTICS_TEXTS, *TEXTS}, "a key is no text"
        assert not any("{" in text for text in texts)
        for chart in block.charts:
            go.Figure(drawn[f"{told(chart)}.data"])  # raises for what Plotly does not know


def test_the_total_stands_beside_every_comparator_with_its_count_and_verdict():
    zh = said(totals.TOTAL, a_sight())
    assert "1,234" in zh
    assert "日均 41" in zh
    assert "环比 1,000" in zh
    assert "显著上升" in zh
    assert "同比 — 无可比数据" in zh
    assert "前 4 期均值 1,230" in zh
    assert "波动内" in zh
    assert "含缺口" in zh
    en = said(totals.TOTAL, a_sight("en"))
    assert "significantly up" in en
    assert "within noise" in en


def test_arrows_go_by_verdict_and_never_by_the_percentage_alone():
    rows = body(counts.CATEGORY, a_sight())
    assert attribute(rows, "data-toggle") == ["category=theft", "category=dispute", "category=a+%26+b%3Dc%2C+d"]
    assert attribute(rows, "data-verdict")[::2] == ["up", "noise", "few"]
    text = plain(rows)
    assert "+100.0%" in text
    assert "样本少" in text
    assert "▲" in text
    assert "≈" in text


def test_what_is_chosen_is_marked_and_a_branch_is_gone_to():
    sight = a_sight(view=View(period="month", category=("theft",), scope="B1"))
    assert attribute(body(counts.CATEGORY, sight), "aria-pressed") == ["true", "false", "false"]
    assert attribute(body(counts.BRANCH, sight), "data-set") == ["scope=B1"]
    assert attribute(body(counts.BRANCH, sight), "aria-pressed") == ["true"]
    assert "Jiangnan Branch" in said(counts.BRANCH, a_sight("en"))


def test_what_a_count_lacks_is_said_in_place():
    assert "12 起无此字段" in plain(counts.CATEGORY.draw(a_sight())["category-marks.children"])
    assert "来源未提供：区域" in plain(quiet.BLOCK.draw(a_sight())["quiet-marks.children"])


def test_the_hours_have_a_band_and_what_has_not_come_is_no_zero():
    chart = hours.chart(a_report().hours, (), a_sight().words)
    low, high, mean, line, partial, whole = chart["data"]
    assert (low["y"][0], high["y"][0], mean["y"][0]) == (5.0, 30.0, 12.5)
    assert line["y"][20:] == [None] * 4
    assert partial["y"][20] == 30
    assert partial["y"][21:] == [None] * 3
    assert whole["customdata"][5] == "toggle:hour=5"
    assert chart["layout"]["shapes"] == []
    one = hours.chart(a_report().hours, (5,), a_sight().words)
    assert len(one["layout"]["shapes"]) == 1
    assert [at for at, y in enumerate(one["data"][3]["y"]) if y is not None] == [5], "what is left out is no zero"
    assert one["data"][-1]["y"] == [5.0, 30.0]
    buttons = body(hours.BLOCK, a_sight(view=View(hour=(3,))))
    assert [b.to_plotly_json()["props"]["aria-pressed"] for b in buttons].index("true") == 3


def test_hours_of_a_day_that_were_not_recorded_have_no_count():
    day = date(2025, 3, 8)
    gap = Gap(*(datetime.combine(day, time(hour, 30), ZONE).timestamp() * 1000 for hour in (2, 6)), "given")
    whole = a_report()
    data = structs.replace(whole.data, gaps=(gap,))
    sight = a_sight(period=Period("day", day, day, day), data=data)
    assert [hour.hour for hour in hours.recorded(sight) if hour.n is None and hour.hour <= 20] == [3, 4, 5]
    nothing = a_sight(data=structs.replace(whole.data, recorded=0.0))
    assert plain(body(totals.TOTAL, nothing))[0] == "—"


def test_the_trend_marks_what_is_out_of_its_limits_and_hatches_gaps():
    traces = trend.chart(a_report().trend, a_sight().words)["data"]
    above, below = traces[4], traces[5]
    assert [at for at, y in enumerate(above["y"]) if y is not None] == [4]
    assert [at for at, y in enumerate(below["y"]) if y is not None] == [5]
    assert [at for at, y in enumerate(traces[8]["y"]) if y] == [8]
    assert traces[8]["marker"]["pattern"]["shape"] == "/"
    assert traces[9]["customdata"][1] == "set:period=day&date=2025-03-01&key="
    assert traces[3]["y"][-1] is None, "a day that is not over is a hollow point, not the end of the line"
    assert traces[6]["y"][-1] == 50
    assert traces[2]["y"][:3] == [20, 20, None], "the lead reaches the period's first point"
    assert traces[3]["y"][8] is None, "a day with a gap is no fall"
    assert traces[7]["y"][8] == 27
    assert len(body(trend.BLOCK, a_sight())) == 2, "those who hear the page are told the same two days"


def test_the_band_of_the_trend_is_as_wide_as_its_days_and_stops_at_a_gap():
    band = trend.chart(a_report().trend, a_sight().words)["data"][0]
    assert band["x"].count(None) == 2, "before the gap and after it"
    first = band["x"][: band["x"].index(None)]
    assert (min(first), max(first)) == ("2025-02-28 12:00", "2025-03-07 12:00")
    assert set(band["y"]) == {10.0, 40.0, None}


def test_what_stands_beside_is_kept_for_choosing():
    beside = {"category": counted()["category"]}
    narrowed = {"by": {**counted(), "category": [row("theft", 400, 200)]}}
    sight = replace(a_sight(view=View(period="month", category=("theft",)), **narrowed), beside=beside)
    assert attribute(body(counts.CATEGORY, sight), "aria-pressed") == ["true", "false", "false"]


def test_a_field_that_the_source_lacks_is_the_reason_why_a_block_is_empty():
    about = {"by.source": About("count", Filters(), lacks=("source",), missing=90)}
    drawn = counts.SOURCE.draw(a_sight(by={}, about=about))
    assert plain(drawn["source-body.children"]) == ["来源未提供：来源"]
    assert (drawn["source-note.children"], drawn["source-marks.children"]) == ("", [])


def test_the_matrix_filters_by_cell_and_day_and_tells_unknown_from_none():
    rows = body(rhythm.BLOCK, a_sight(view=View(hour=(23,), weekday=(6,))))
    cells = [one for one in rows._traverse() if getattr(one, "className", "") == "rhythm-cell"]
    assert len(cells) == 168
    assert getattr(cells[6 * 24], "data-level") == "none"
    assert getattr(cells[0], "data-level") == "0"
    assert getattr(cells[5 * 24 + 23], "data-level") == "7"
    assert getattr(cells[5 * 24 + 23], "data-set") == "weekday=6&hour=23"
    assert [getattr(cell, "aria-pressed") for cell in cells].count("true") == 1
    assert [cell.tabIndex for cell in cells].count(0) == 7


@pytest.mark.parametrize(("mean", "level"), [(None, 0), (0.0, 0), (0.01, 1), (5.0, 4), (10.0, 7)])
def test_shades_are_steps_of_the_largest(mean, level):
    assert rhythm.level(mean, 10.0) == level


def test_quiet_zones_tell_for_how_long():
    text = said(quiet.BLOCK, a_sight())
    assert "一号巡区 28 天" in text
    assert "记录内从未" in text
    assert attribute(body(quiet.BLOCK, a_sight()), "data-toggle") == ["zone=Z1", "zone=Z2"]


def test_responses_tell_missing_lacks_and_causes():
    text = said(response.RESPONSE, a_sight())
    assert "中心城区 3′" in text
    assert "83.3% 90 10 2:30 4:50 5:30 5.6% 66.7% 94.4%" in text
    assert "来源未提供：接听时间" in text
    causes = said(response.BREACHES, a_sight("en"))
    assert "15 breaches" in causes
    assert "Travel 66.7%" in causes


def test_a_share_in_target_that_falls_asks_for_a_look():
    drawn = body(totals.ARRIVALS, a_sight())
    assert "−6.5 个百分点" in plain(drawn)
    assert "up" in attribute(drawn, "data-verdict")


def test_presence_where_it_falls_short_is_marked():
    drawn = body(sighting.BLOCK, a_sight("en"))
    assert "too little" in plain(drawn)
    assert "61.0%" in plain(drawn)
    assert attribute(drawn, "data-toggle") == ["zone=Z1"]
    no_tracks = a_report().sighting.__class__(why="tracks")
    assert said(sighting.BLOCK, a_sight(sighting=no_tracks)) == "本期没有轨迹"


def test_the_map_has_its_cells_outlines_hot_spots_and_no_tiles():
    sight = a_sight(view=View(cell=(CELL,)))
    drawn = heat.BLOCK.draw(sight)
    chart = drawn[f"{told(heat.CHART)}.data"]
    assert {trace["type"] for trace in chart["data"]} == {"scatter"}
    assert chart["layout"]["yaxis"]["scaleanchor"] == "x"
    points = chart["data"][-1]
    assert points["customdata"] == [f"toggle:cell={CELL}", f"toggle:cell={HOT}"], "a cell without an incident has none"
    assert "热点 z = 6.1" in points["hovertext"][1]
    text = plain(drawn["heat-body.children"])
    assert "1 个热点格" in text
    assert "14 起无位置" in text


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0, 50.0, 60.0]])
def test_every_shade_of_the_map_stands_for_some_cell(values):
    edges = classes(values)
    assert edges == sorted(set(edges))
    for low, high in pairwise([*edges, float("inf")]):
        assert any(low <= value < high for value in values)
