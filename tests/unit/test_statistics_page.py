"""The statistics page as a whole: from an address to its outputs, what is sent again, the drawer, the rows, the ids."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from dash import Dash, no_update

from components.statistics import callbacks, compose, drawer, head, ids, page, rows
from components.statistics.choices import Unanswered
from components.statistics.state import View, parse
from components.statistics.words import Words
from components.texts_statistics import STATISTICS_TEXTS
from data_feeds.history.query import Counts, Filters, Rows, Span
from tests.unit.statistics_story import (
    CHOICES,
    FIRST,
    LAST,
    PAGE,
    ZONE,
    AService,
    a_report,
    attribute,
    everything,
    plain,
)

MONTH = "?period=month&date=2025-03-15"
SCRIPTS = sorted((Path(__file__).parents[2] / "assets/js/stats").glob("*.js"))


def shown(search, service=None, before=None):
    outputs = callbacks._report(service or AService(), PAGE, search, before or {})
    return dict(zip([*compose.OUTPUTS, "shown", "said", "state"], outputs, strict=True))


def test_an_address_fills_every_output():
    drawn = shown(MONTH)
    assert drawn["state"] == "shown"
    assert drawn["said"] == []
    assert not [name for name, value in drawn.items() if value is no_update]
    assert drawn[f"{ids.NAME}.children"] == "2025年3月"
    assert shown(MONTH + "&lang=en")[f"{ids.NAME}.children"] == "Mar 2025"


def test_what_has_not_changed_is_not_sent_again():
    first = shown(MONTH)
    again = shown(MONTH, before=json.loads(json.dumps(first["shown"])))
    assert {name for name, value in again.items() if value is not no_update} == {"shown", "said", "state"}
    other = shown(MONTH + "&category=theft", before=first["shown"])
    sent = {name for name, value in other.items() if value is not no_update}
    assert {"category-body.children", f"{ids.CHIPS}.children", "shown"} <= sent
    assert "rhythm-body.children" not in sent
    assert "heat-chart-told.data" not in sent


def test_what_the_state_narrows_is_asked_once_more_without_that():
    service = AService()
    asked = compose.ask(service, PAGE, parse(MONTH + "&category=theft&scope=B1"))
    found = compose.beside(service, asked)
    assert set(found) == {"category", "branch"}
    wider = [(one.where.categories, one.where.scope, one.parts) for one in service.asked[-2:]]
    assert wider == [((), "B1", ("by",)), (("theft",), "", ("by",))]
    assert compose.beside(service, compose.ask(service, PAGE, parse(MONTH))) == {}


def test_filters_and_period_go_to_the_service_as_the_address_says():
    service = AService()
    callbacks._report(service, PAGE, MONTH + "&category=theft&hour=3&scope=江南分局", {})
    request = service.asked[0]
    assert (request.period, request.date) == ("month", date(2025, 3, 15))
    assert request.where == Filters(scope="B1", categories=("theft",), hours=(3,))


@pytest.mark.parametrize(
    ("search", "refused", "state", "text"),
    [
        ("?scope=<i>Nowhere", None, "none", "没有名为“<i>Nowhere”的辖区"),
        ("?date=2031-01-01", None, "none", "所选时段尚未开始"),
        ("?date=2031-01-01&lang=en", None, "none", "This period has not begun"),
        ("", Unanswered("said.unavailable", stale=True, why="disk full"), "stale", "统计暂不可用：disk full"),
        ("", ValueError("a bug"), "stale", "统计出错，页面上是先前的结果"),
    ],
)
def test_what_cannot_be_answered_is_said_and_the_old_picture_stays(search, refused, state, text):
    drawn = shown(search, AService(refused))
    assert drawn["state"] == state
    assert plain(drawn["said"])[0] == text
    assert ("period=&date=&key=&scope=" in attribute(drawn["said"], "data-set")) == (refused is None), "a way on"
    assert {value for name, value in drawn.items() if name in compose.OUTPUTS} == {no_update}


def test_a_block_that_fails_says_so_and_the_others_stand(monkeypatch):
    broken = replace(page.BLOCKS[5], draw=lambda sight: 1 / 0)
    monkeypatch.setattr(compose, "BLOCKS", (*page.BLOCKS[:5], broken, *page.BLOCKS[6:]))
    drawn = shown(MONTH)
    assert plain(drawn[f"{broken.name}-body.children"]) == ["此项暂时无法显示"]
    assert "1,234" in plain(drawn["total-body.children"])


def test_the_head_says_gaps_and_what_is_not_complete():
    told = a_report()
    words = Words("en")
    standing = plain(head._standing(told, words, CHOICES))
    assert standing == ["1 Mar – 31 Mar 2025", "feed gaps: 3.0% not recorded"]
    under_way = replace_period(told, complete=False, until_minute=600)
    assert "not complete: counted up to 2025-04-02 11:00" in plain(head._standing(under_way, words, CHOICES))


def replace_period(report, **changes):
    import msgspec

    return msgspec.structs.replace(report, period=msgspec.structs.replace(report.period, **changes))


def test_steps_go_to_the_periods_beside_and_not_into_the_future():
    march = a_report()
    assert head.before(march, ()) == {"data-set": "date=2025-02-28"}
    assert head.after(march, (), date(2025, 4, 2)) == {"data-set": "date=2025-04-01"}
    assert head.after(march, (), LAST) == {}
    two = sorted(CHOICES.key_dates, key=lambda one: one.first)
    congress = replace_period(march, kind="key", first=two[1].first, last=two[1].last)
    assert parse(head.before(congress, two)["data-set"]).key == "春节 2025"
    assert head.after(congress, two, CHOICES.latest) == {}


def test_every_filter_has_a_chip_that_drops_it():
    view = parse("?scope=B1&category=a %26 b%3Dc, d&hour=3&weekday=7&cell=8841ae2b27fffff")
    words = Words("zh", CHOICES.names())
    chips = head._chips(view, words)
    assert [plain(chip)[1] for chip in chips[:-1]] == ["江南分局", "a & b=c, d", "03 时", "周日", "…e2b27"]
    dropped = [value for chip in chips[1:-1] for value in attribute(chip, "data-toggle")]
    assert parse(dropped[0]).category == ("a & b=c, d",)
    assert attribute(chips[-1], "data-set")[0].count("=") == 9


def test_the_chooser_groups_stations_under_their_branch():
    groups = head._scopes(CHOICES, Words("en", CHOICES.names()))
    assert [(group["group"], [item["value"] for item in group["items"]]) for group in groups] == [
        ("Jiangnan Branch", ["B1", "S1"]), ("Others", ["S9"])]  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_drawer_tells_formula_filters_periods_gaps(lang):
    view = View(period="month", figure="by.category", lang=lang)
    facts = drawer.facts(a_report(), view, CHOICES, Words(lang, CHOICES.names()), PAGE)
    text = "\n".join(plain(facts))
    assert "|z| > 3" in text
    assert "2025" in text
    assert ("缺口" if lang == "zh" else "gap") in text
    assert attribute(facts, "href") == [f"/api/figures/rows.csv?period=month&figure=by.category&lang={lang}"]
    assert drawer.title(view, Words(lang)) == STATISTICS_TEXTS["category.title"][lang == "en"]


def test_the_download_is_asked_in_words_that_its_address_knows():
    view = parse("?vs=last_year&key=x&hour=3&figure=hours")
    assert drawer.csv(view, PAGE) == "/api/figures/rows.csv?hour=3&figure=hours"


def test_a_figure_that_nobody_knows_is_said():
    facts = drawer.facts(a_report(), View(figure="by.moon"), CHOICES, Words("zh"), PAGE)
    assert plain(facts) == ["没有名为“by.moon”的指标"]


def test_rows_are_told_in_the_viewers_words_without_free_text():
    service = AService()
    answer = callbacks._rows(service, PAGE, MONTH + "&lang=en", "total", {"startRow": 0, "endRow": 100})
    assert answer["rowCount"] == 3
    first, second, third = answer["rowData"]
    assert (first["category"], first["severity"], first["station"], first["response_s"]) == (
        "Theft", "Low", "Tingjiang Station", "2:05")  # fmt: skip
    assert (second["category"], second["response_s"]) == ("?", "")
    assert (third["response_s"], third["received"]) == ("1:02:05", "")
    assert "private" not in json.dumps(answer)
    assert "summary" not in first


@pytest.mark.parametrize(
    ("request_", "query"),
    [
        ({"startRow": 200, "sortModel": [{"colId": "response_s", "sort": "asc"}]}, ("response", False, 200)),
        ({"startRow": -5, "sortModel": [{"colId": "summary; drop", "sort": "desc"}]}, ("received", True, 0)),
        ({"startRow": "1", "sortModel": "x"}, ("received", True, 0)),
        ({"startRow": 10**12, "sortModel": [None]}, ("received", True, rows.MAX_OFFSET)),
        ({"startRow": True}, ("received", True, 0)),
    ],
)
def test_the_table_asks_for_pages_and_is_not_trusted(request_, query):
    ordered = rows.ordered(Rows(Span(FIRST, LAST)), request_)
    assert (ordered.order, ordered.descending, ordered.offset) == query
    assert ordered.limit == rows.PAGE_ROWS


def test_columns_of_what_the_source_lacks_are_left_out():
    heads = {one["field"] for one in rows.columns(Words("en"), ("branch", "on_scene"))}
    assert heads & {"branch", "response_s", "travel_s", "handling_s"} == set()
    assert {"station", "dispatch_s"} <= heads


def test_how_many_rows_there_are_is_counted_unless_only_they_know():
    assert rows.counting(Rows(Span(FIRST, LAST))) == Counts((Span(FIRST, LAST),), (), Filters())
    assert rows.counting(Rows(Span(FIRST, LAST), breaching=(("centre", 180),))) is None


def test_rows_of_what_has_none_are_none():
    assert callbacks._rows(AService(), PAGE, MONTH, "by.moon", {"startRow": 0}) == callbacks.NOTHING
    refused = AService(Unanswered("said.unavailable"))
    assert callbacks._rows(refused, PAGE, MONTH, "total", {"startRow": 0}) == callbacks.NOTHING


def test_no_id_stands_twice_and_every_callback_and_script_finds_its_own():
    layout = page.build(PAGE)
    found = [one.id for one in everything(layout) if getattr(one, "id", None)]
    assert {name for name in found if found.count(name) > 1} == set()
    constants = {name: value for name, value in vars(ids).items() if name.isupper() and name != "TABLES"}
    places = {name for table in ids.TABLES for name in (ids.place(table), ids.near(table))}
    assert {*constants.values(), *places} - set(ids.TABLES) <= set(found)
    app = Dash("test", assets_folder="", suppress_callback_exceptions=True)
    callbacks.register(app, AService(), PAGE)
    named = {part["id"] for callback in app._callback_list for part in callback["inputs"] + callback["state"]}
    named |= {id for one in app._callback_list for id in re.findall(r"([\w-]+)\.[\w-]+", one["output"])}
    assert named <= {*found, *ids.TABLES}  # the browser puts the tables into their places
    source = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    assert set(re.findall(r'getElementById\("([\w-]+)"\)', source)) <= {*found, "_dash-config"}
    assert set(re.findall(r'closest\("#([\w-]+)"\)', source)) <= set(found)


def test_words_of_the_layout_are_carried_with_it():
    layout = page.build(PAGE)
    carried = json.loads(next(getattr(one, "data-texts") for one in everything(layout) if hasattr(one, "data-texts")))
    wanted = {
        value
        for one in everything(layout)
        for name, value in one.to_plotly_json()["props"].items()
        if name in ("data-t", "data-t-label", "data-t-title")
    }
    assert wanted <= set(carried["zh"])
    assert set(carried["zh"]) == set(carried["en"])


def test_every_text_is_there_in_both_languages_with_the_same_places():
    for key, (zh, en) in STATISTICS_TEXTS.items():
        assert sorted(re.findall(r"\{(\w+)\}", zh)) == sorted(re.findall(r"\{(\w+)\}", en)), key
        assert bool(zh) == bool(en) or key == "hours.model", key


def test_every_text_is_used():
    root = Path(__file__).parents[2]
    sources = [*(root / "components/statistics").rglob("*.py"), *SCRIPTS, root / "web/statistics_service.py",
               root / "briefings/words.py"]  # fmt: skip
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    source = source.replace("'", '"')
    families = tuple(set(re.findall(r'f"([\w.]+\.)\{', source)))
    used = {key for key in STATISTICS_TEXTS if f'"{key}"' in source or key.startswith(families)}
    used |= {f"{block.title}" for block in page.BLOCKS} | set(page.LAYOUT_TEXTS) | {f"sighting.{n}" for n in SIGHTING}
    used |= {f"vs.{short}{name}" for short in ("", "short.") for name in COMPARED}
    assert sorted(set(STATISTICS_TEXTS) - used) == []


COMPARED = ("previous", "last_year", "weekdays4", "weekdays8", "periods4", "periods8")
SIGHTING = ("incidents", "minutes", "perkm", "shares", "verdict")


def test_numbers_and_times_are_written_as_people_read_them():
    zh, en = Words("zh"), Words("en")
    assert (zh.number(-1234567), zh.number(None), zh.mean(12.34), zh.mean(250.4)) == ("−1,234,567", "—", "12.3", "250")
    assert (zh.percent(3.14159), zh.percent(-0.5), zh.percent(0.0)) == ("+3.1%", "−0.5%", "±0.0%")
    assert (zh.took(59.6), zh.took(3725), zh.took(None)) == ("1:00", "1:02:05", "—")
    assert zh.period("week", date(2024, 12, 30), date(2025, 1, 5)) == "2025年第1周"
    assert en.period("quarter", date(2025, 4, 1), date(2025, 6, 30)) == "Q2 2025"
    assert zh.span(date(2024, 12, 30), date(2025, 1, 5)) == "2024年12月30日—2025年1月5日"
    assert en.span(date(2025, 1, 1), date(2025, 1, 1)) == "1 Jan 2025 Wed"
    assert (zh.name("severity", "critical"), zh.name("category", "Road accident!"), zh.name("source", None)) == (
        "特别重大", "Road accident!", "来源不明")  # fmt: skip
    assert zh.moment(CHOICES.data_time_ms, ZONE) == "2025-04-02 11:00"
