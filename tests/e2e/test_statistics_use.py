"""The statistics page as a chief uses it: every number is known, because the test wrote the history."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pyarrow as pa
import pypdfium2
import pytest

from data_feeds.history.duckdb_store import open_store
from data_feeds.history.store import RAW, Options
from tests.e2e.pages import Wall
from tests.e2e.server import get, running_wall

FIRST, LAST = date(2024, 12, 1), date(2025, 3, 31)
MARCH = {"period": "month", "date": "2025-03-15"}
THEFTS, FRAUDS = 31 * 24, 31 * 12  # of March: a theft every hour, a fraud every hour before noon
LATE_S, IN_TIME_S = 240, 120
SIZES = [(1366, 768), (1920, 1080), (3840, 2160)]


def pdf_text(path):
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def xlsx_text(path):
    with path.open("rb") as file:
        return "\n".join(str(cell) for row in openpyxl.load_workbook(file).worksheets[0].values for cell in row if cell)


READERS = {"pdf": pdf_text, "xlsx": xlsx_text}


def history_of(folder):
    """A theft at ten past every hour, answered in time; a fraud at half past every hour before noon, answered late."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    rows = [(day, hour, "theft") for day in days for hour in range(24)]
    rows += [(day, hour, "fraud") for day in days for hour in range(12)]
    calls = [
        round(datetime(day.year, day.month, day.day, hour, 10 if kind == "theft" else 30, tzinfo=UTC).timestamp() * 1e3)
        for day, hour, kind in rows
    ]
    late = [LATE_S if kind == "fraud" else IN_TIME_S for _, _, kind in rows]
    columns = {
        "incident_id": [f"A-{n:05d}" for n in range(len(rows))], "version": [1] * len(rows),
        "category": [kind for _, _, kind in rows], "severity": ["low"] * len(rows), "source": ["call"] * len(rows),
        "place_class": ["centre"] * len(rows), "branch": ["North" if hour % 2 else "South" for _, hour, _ in rows],
        "lat": [31.2 + hour / 500 for _, hour, _ in rows], "lon": [121.4 + hour / 700 for _, hour, _ in rows],
        "call_received_ms": calls, "dispatched_ms": [ms + 20_000 for ms in calls],
        "enroute_ms": [ms + 40_000 for ms in calls],
        "on_scene_ms": [ms + s * 1000 for ms, s in zip(calls, late, strict=True)],
        "disposition": ["=1+1"] * len(rows),
    }  # fmt: skip
    store = open_store(folder, Options("UTC"))
    store.put_table(pa.table({name: pa.array(told, RAW.field(name).type) for name, told in columns.items()}), "test")
    store.close()


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    history_of(folder / "chief")
    settings = {"feed": "none", "history_dir": str(folder), "history_name": "chief", "time_zone": "UTC"}
    with running_wall(**settings) as wall:
        yield wall


@pytest.fixture
def statistics(past, open_wall):
    def opened(**query):
        page = open_wall(f"{past.url}/statistics", **query)
        settled(page)
        return page

    return opened


def settled(page: Wall) -> None:
    """Until what the address asks for is drawn."""
    page.until(lambda: page.ask("() => document.getElementById('statistics')?.dataset.state"), "the page",
               lambda state: state == "shown")  # fmt: skip
    unbusied(page)


def unbusied(page: Wall) -> None:
    """Until all that the last answer brought is drawn, but for its charts."""
    page.page.wait_for_function("() => document.getElementById('statistics').dataset.busy !== 'true'")


def plotted(page: Wall, chart: str, traces: int = 1) -> None:
    """Until a chart is there, with so many traces at least: what draws charts comes after the page."""
    page.page.wait_for_function(
        "([id, n]) => document.querySelector(`#${id} .js-plotly-plot`)?.data?.length >= n", arg=[chart, traces]
    )


def total(page: Wall) -> str:
    return page.text("#total-body .big")


def query(page: Wall) -> str:
    return page.ask("() => location.search")


def awaited(page: Wall, count: int) -> None:
    page.until(lambda: total(page), f"a total of {count}", lambda text: text == f"{count:,}")
    unbusied(page)


def test_the_figures_are_those_of_the_history(statistics):
    page = statistics(**MARCH, lang="en")
    assert total(page) == f"{THEFTS + FRAUDS:,}"
    assert page.text("#period-name") == "Mar 2025"
    rows = page.page.locator("#category-body .bar-row")
    assert [" ".join(row.split()[:2]) for row in rows.all_inner_texts()] == ["Theft 744", "Fraud 372"]
    assert page.text("#arrival-body .big") == f"{THEFTS / (THEFTS + FRAUDS):.1%}"
    assert page.text("#breaches-note") == f"{FRAUDS} breaches"
    assert "The source lacks: answered time" in page.text("#response-body")
    plotted(page, "heat-chart")


def test_a_click_filters_everything_and_back_comes_back(statistics):
    page = statistics(**MARCH, lang="en")
    page.page.locator("#category-body .bar-row", has_text="Theft").click()
    awaited(page, THEFTS)
    assert "category=theft" in query(page)
    assert page.text("#chips .chip-name") == "Theft"
    assert page.text("#branch-body .bar-row .bar-count") == f"{THEFTS // 2}"
    page.page.locator("#hours-body .hour", has_text="05").click()
    awaited(page, 31)
    assert page.page.locator("#hours-body .hour[aria-pressed=true]").inner_text() == "05"
    page.page.locator("#branch-body .bar-row", has_text="North").click()
    page.until(lambda: query(page), "the branch", lambda search: "scope=North" in search)
    page.page.go_back()
    page.page.go_back()
    awaited(page, THEFTS)
    page.page.go_back()
    awaited(page, THEFTS + FRAUDS)
    assert page.page.locator("#chips .chip").count() == 0


def test_an_address_that_was_sent_shows_the_same(statistics):
    page = statistics(**MARCH, category="theft", hour=5, weekday=6, vs="last_year", lang="zh")
    assert total(page) == "5"
    page.page.locator(".category .mantine-Pill-root").wait_for()
    before = page.text(".head"), page.text("#category-body")
    page.page.reload()
    settled(page)
    page.until(lambda: (page.text(".head"), page.text("#category-body")), "the same", lambda shown: shown == before)
    assert page.page.locator("#against [aria-pressed=true]").inner_text() == "同比"
    page.page.locator("#chips .chip", has_text="时段").click()
    awaited(page, 5 * 24)


def test_controls_are_the_address_too(statistics):
    page = statistics(**MARCH, lang="en")
    page.page.locator("#period-kinds .segment", has_text="Week").click()
    page.until(lambda: page.text("#period-name"), "the week", lambda text: text == "Week 11, 2025")
    page.page.locator("#period-steps .step").first.click()
    page.until(lambda: page.text("#period-name"), "the week before", lambda text: text == "Week 10, 2025")
    page.page.locator("#choose-category").click()
    page.page.get_by_role("option", name="Fraud").click()
    awaited(page, 7 * 12)
    assert "category=fraud" in query(page)
    page.page.locator("#choose-date").click()
    page.page.get_by_role("button", name="4 March 2025", exact=True).click()
    page.until(lambda: query(page), "the day in the address", lambda search: "date=2025-03-04" in search)
    page.page.locator(".more").click()
    page.page.get_by_role("menuitem", name="Quarter").click()
    page.until(lambda: page.text("#period-name"), "the quarter", lambda text: text == "Q1 2025")


def test_a_figure_tells_its_formula_and_its_rows(statistics, past):
    page = statistics(**MARCH, category="theft", hour=5, lang="en")
    page.page.locator("#hours .formula-open").click()
    page.until(lambda: query(page), "the drawer in the address", lambda search: "figure=hours" in search)
    drawer = page.page.get_by_role("dialog")
    drawer.get_by_text("Formula", exact=True).wait_for()
    facts = page.text("#drawer-body")
    for part in ("Category: Theft", "Hour: 05:00", "1 Mar – 31 Mar 2025", "Feed gaps"):
        assert part in facts
    page.page.locator("#drawer-grid [row-index='0'] [col-id=category]", has_text="Theft").wait_for()
    page.until(lambda: page.text("#drawer-grid [row-index='0'] [col-id=received]"), "the latest first",
               lambda text: text == "2025-03-31 05:10:00")  # fmt: skip
    link = drawer.get_by_text("Download CSV").get_attribute("href")
    csv = get(past.url + link).decode("utf-8-sig").splitlines()
    assert len(csv) == 1 + 31
    assert not any(cell.startswith("=") for line in csv for cell in line.split(","))
    page.page.keyboard.press("Escape")
    page.until(lambda: query(page), "the drawer gone from the address", lambda search: "figure" not in search)
    drawer.wait_for(state="hidden")


def test_the_table_is_of_the_selection_and_goes_on_as_it_is_scrolled(statistics):
    page = statistics(**MARCH, lang="en")
    page.page.locator("#rows").scroll_into_view_if_needed()
    grid = page.page.locator("#grid")
    assert page.text("#grid-count") == "1,116 in all"
    grid.locator(".ag-header-cell[col-id=response_s]").click()
    page.until(lambda: page.text("#grid [row-index='0'] [col-id=response_s]"), "the slowest first",
               lambda text: text == "4:00")  # fmt: skip
    grid.locator(".ag-body-viewport").hover()
    page.page.mouse.wheel(0, 400 * 30)
    page.until(lambda: page.ask("() => Math.max(...[...document.querySelectorAll('#grid [row-index]')]"
                                ".map((row) => Number(row.getAttribute('row-index'))))"),
               "rows of a later page", lambda last: last > 150)  # fmt: skip


def test_a_chart_leads_to_the_day(statistics):
    page = statistics(**MARCH, lang="en")
    chart = page.page.locator("#trend-chart .nsewdrag")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    page.page.locator("#trend-chart .hoverlayer text").first.wait_for()
    page.page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    page.until(lambda: query(page), "a day", lambda search: "period=day" in search)
    awaited(page, 36)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_overflows_and_nothing_jumps(past, open_wall, size, lang):
    page = open_wall(f"{past.url}/statistics", size=size, **MARCH, lang=lang)
    boxes = """() => [...document.querySelectorAll('.block')].map((block) => {
        const box = block.getBoundingClientRect();
        return [block.id, Math.round(box.x), Math.round(box.y), Math.round(box.width), Math.round(box.height)];
    })"""
    page.page.wait_for_selector(".block-total")
    empty = page.ask(boxes)
    settled(page)
    filled = page.ask(boxes)
    page.page.locator("#category-body .bar-row").first.click()
    awaited(page, THEFTS)
    assert empty == filled == page.ask(boxes)
    assert page.ask("() => document.documentElement.scrollWidth - innerWidth") <= 0
    rem = page.ask("() => parseFloat(getComputedStyle(document.documentElement).fontSize)")
    assert rem == pytest.approx(12 * max(1, size[0] / 1920))
    cut = """() => [...document.querySelectorAll('.head *, .block-title, .big, .againsts *, .spreads *')]
        .filter((one) => one.childElementCount === 0 && one.textContent.trim() && one.offsetParent
            && !one.closest('.for-readers') && one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).overflow !== 'visible')
        .map((one) => one.textContent)"""
    assert page.ask(cut) == []


def test_charts_are_as_large_as_the_screen_that_the_window_is_moved_to(statistics):
    page = statistics(**MARCH, lang="en")
    drawn = """() => document.querySelector('#trend-chart .js-plotly-plot')?._fullLayout?.xaxis.tickfont.size"""
    for size, wanted in (((3840, 2160), 24), ((2880, 1620), 18), ((1366, 768), 12)):
        page.page.set_viewport_size({"width": size[0], "height": size[1]})
        page.until(lambda: page.ask(drawn), f"texts of {wanted} px", lambda px, wanted=wanted: px == wanted)


def test_the_language_changes_without_losing_anything(statistics):
    page = statistics(**MARCH, category="fraud", lang="zh")
    assert page.text("#total-title") == "警情总量"
    page.page.locator("#language").click()
    page.until(lambda: page.text("#total-title"), "English", lambda text: text == "Incidents")
    chosen = "#category-body [aria-pressed=true] .bar-name"
    page.until(lambda: page.text(chosen), "the row in English", lambda text: text == "Fraud")
    assert total(page) == str(FRAUDS)
    chinese = "no Chinese, in charts neither"
    page.until(lambda: page.text("main"), chinese, lambda text: re.search(r"[一-鿿]", text) is None)


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"date": "2031-01-01"}, "所选时段尚未开始"), ({"date": "1990-01-01"}, "所选时段早于最早的记录"),
     ({"scope": "Atlantis"}, "没有名为“Atlantis”的辖区")],
)  # fmt: skip
def test_what_cannot_be_shown_is_said(past, open_wall, asked, told):
    page = open_wall(f"{past.url}/statistics", **asked, lang="zh")
    page.until(lambda: page.text("#said span"), "a word about it", lambda text: text == told)
    page.until(lambda: page.ask("() => document.getElementById('statistics').dataset.state"), "its state",
               lambda state: state == "none")  # fmt: skip


def test_a_press_brings_the_briefing_of_what_is_shown(statistics):
    page = statistics(**MARCH, lang="en")
    page.page.locator(".export > summary").click()
    for form, text_of in READERS.items():
        with page.page.expect_download() as bringing:
            page.page.locator(f"[data-export={form}]").click()
            page.page.locator(".export-bar progress").wait_for()
        assert bringing.value.suggested_filename == f"briefing_month_2025-03-01_en.{form}"
        told = text_of(bringing.value.path())
        assert "Mar 2025" in told
        assert f"{THEFTS + FRAUDS:,}" in told
        page.page.locator(".export-done", has_text="Download").wait_for()


def test_a_briefing_that_cannot_be_written_says_why(past, open_wall):
    page = open_wall(f"{past.url}/statistics", date="2031-01-01", lang="zh")
    page.page.locator(".export > summary").click()
    page.page.locator("[data-export=pdf]").click()
    page.page.locator(".export-failed", has_text="未能生成").wait_for()
    assert page.text(".export-why") == "所选时段尚未开始"


def test_keys_reach_it(statistics):
    page = statistics(**MARCH, lang="en")
    first = page.page.locator(".rhythm-cell").first
    first.focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    page.until(lambda: query(page), "the cell", lambda search: "weekday=2" in search and "hour=1" in search)
    awaited(page, 8)


def test_the_way_from_the_wall_and_back_and_the_wall_pays_nothing(past, open_wall):
    wall = open_wall(past.url, lang="en")
    link = wall.page.locator("#to-statistics")
    link.wait_for()
    paid = [url for url in wall.requests if re.search("plotly|mantine|ag_grid|/stats/", url)]
    assert paid == []
    link.click()
    wall.page.wait_for_url("**/statistics/**")
    settled(wall)
    assert "lang=en" in query(wall)
    wall.page.locator("#back").click()
    wall.page.locator("#to-statistics").wait_for()
    kiosk = open_wall(past.url, kiosk=1)
    kiosk.page.locator("#wall-clock").wait_for()
    assert not kiosk.page.locator("#to-statistics").is_visible()
