"""Heat of longer periods against a naive count, as the live heat's document is read."""

from collections import Counter
from datetime import date, timedelta

import h3
import msgspec
import pytest

from analytics.heat_past import body_of, questions, span_of, windows_body
from tests.unit.heat_story import cell_of, read
from tests.unit.past_story import FakeHistory, Row

DAY = date(2026, 3, 30)
CELLS = [h3.str_to_int(cell) for cell in h3.grid_disk(h3.latlng_to_cell(30.57, 104.06, 9), 6)]


def story():
    rows = []
    for n in range(400):
        cell = None if n % 13 == 5 else CELLS[n * n % len(CELLS)]
        category = ("theft", "Road accident", "fraud", "")[n * 7 % 11 % 4]
        rows.append(Row(DAY - timedelta(days=n), 60 * (n % 24), category, cell=cell))
        rows.append(Row(DAY - timedelta(days=n // 40), 7, category, cell=cell))
    return FakeHistory(rows)


def body(window, history=None, first=None):
    history = history or story()
    answers = {name: history.run(query) for name, query in questions(window, DAY, "").items()}
    return body_of(window, DAY, answers, first, 1000.4)


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [("days30", "2026-03-01", "2026-03-30"), ("month", "2026-03-01", "2026-03-30"),
     ("year", "2025-03-01", "2025-03-31")],
)  # fmt: skip
def test_every_cell_and_count_of_the_period_is_that_of_a_naive_recount(window, first, last):
    told = body(window)
    assert (told["first"], told["last"], told["data_ms"], told["window"]) == (first, last, 1000, window)
    cells, _ = read(told)
    expected, unplaced, placed = {}, Counter(), Counter()
    for row in story().rows:
        word = row.category.lower().replace(" ", "_")
        if not first <= row.day.isoformat() <= last:
            continue
        if row.cell is None:
            unplaced[word] += 1
        else:
            placed[word] += 1
            expected.setdefault(h3.int_to_str(row.cell), Counter())[word] += 1
    assert {cell_of(*key): counts for key, counts in cells["week"].items()} == expected
    assert told["totals"] == [[placed[name] for name in told["categories"]],
                              [unplaced[name] for name in told["categories"]]]  # fmt: skip
    both = [placed[name] + unplaced[name] for name in told["categories"]]
    assert both == sorted(both, reverse=True)


def test_last_years_month_is_whole_also_in_february():
    span = span_of("year", date(2025, 2, 3))
    assert (span.first, span.last) == (date(2024, 2, 1), date(2024, 2, 29))


def test_what_is_missing_is_told():
    history = story()
    history.gaps = [(0, 3_600_000), (1_800_000, 5_400_000)]
    assert body("month", history)["missing_min"] == 90
    assert body("month", first=date(2026, 3, 5))["since"] == "2026-03-05"
    assert body("month", first=date(2026, 3, 1))["since"] is None


def test_an_empty_period_is_an_empty_map():
    told = body("month", FakeHistory([]))
    assert (told["categories"], told["week"], told["totals"]) == ([], [], [[], []])


def test_a_month_of_a_city_stays_small():
    history = FakeHistory([
        Row(DAY - timedelta(days=n % 30), n % 1440, f"kind {n % 12}", cell=h3.str_to_int(h3.latlng_to_cell(
            30.57 + 0.06 * (n * n % 997 / 498 - 1), 104.06 + 0.06 * (n * 31 % 991 / 495 - 1), 9)))
        for n in range(30_000)
    ])  # fmt: skip
    assert len(msgspec.json.encode(body("days30", history))) < 150_000


def test_the_windows_are_told_with_what_tells_their_data_apart():
    told = windows_body("ready", DAY, {"days30": "a", "month": "b", "year": "c"})
    assert told["windows"]["year"] == {"first": "2025-03-01", "last": "2025-03-31", "key": "c"}
    assert windows_body("seeding", None, {}) == {"past": "seeding", "windows": {}}
