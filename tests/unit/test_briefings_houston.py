"""A day, a week and a month of Houston by the command line: figures compared with the file's own, by pandas."""

import csv
import io
from datetime import date

import openpyxl
import pandas as pd
import pytest

from tests import kept
from tests.real_data import real_file
from tests.unit.hand_clock import HandClock
from tests.unit.pages_story import drawn, squeezed, text_of
from web import briefing_command

ZONE = "America/Chicago"
PERIODS = {
    "day": ("2025-03-15", date(2025, 3, 15), date(2025, 3, 15)),
    "week": ("2025-03-15", date(2025, 3, 10), date(2025, 3, 16)),
    "month": ("2025-01-20", date(2025, 1, 1), date(2025, 1, 31)),  # its period before lies in the year before
}
NOW = HandClock(pd.Timestamp("2026-01-05 09:00", tz=ZONE).timestamp() * 1000, 1.0)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("houston")
    kept.houston(folder / "history")
    path = folder / "wallboard.toml"
    told = {"feed": "none", "history_dir": folder / "history", "history_name": "houston"}
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in told.items()))
    return path


@pytest.fixture(scope="module")
def counted():
    """Received times in the city of what the mapping counts: the fire department's are diverted."""
    file = pd.read_parquet(real_file(kept.HOUSTON))
    return file.assign(at=file.call_time.dt.tz_convert(ZONE))


def lines(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def pairs(rows):
    """The first column and the second, a count."""
    return {first: int(n) for first, n, *_ in (row.values() for row in rows)}


def between(frame, first, last):
    days = frame["at"].dt.date
    return frame[(days >= first) & (days <= last)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("period", PERIODS)
def test_a_briefing_of_houston_tells_the_files_own_figures(config, counted, tmp_path, period, lang, capsys):
    day, first, last = PERIODS[period]
    arguments = ["--config", str(config), "--period", period, "--date", day, "--lang", lang]
    assert briefing_command.main([*arguments, "--format", "xlsx,csv", "--out", str(tmp_path)], NOW) == 0
    name = f"briefing_{period}_{first}_{lang}"
    assert str(tmp_path / f"{name}.xlsx") in capsys.readouterr().out
    mine = between(counted, first, last)
    mine = mine[mine.agency != "F"]
    previous = next(iter(lines(tmp_path / f"{name}_comparators.csv")))
    trend = lines(tmp_path / f"{name}_trend.csv")
    by_day = pairs(trend)
    wanted = mine["at"].dt.date.astype(str).value_counts().to_dict()
    assert {one: by_day[one] for one in wanted} == wanted
    hours = pairs(lines(tmp_path / f"{name}_hours.csv"))
    by_hour = mine["at"].dt.hour.value_counts().to_dict()
    assert hours == {f"{hour:02d}:00": by_hour.get(hour, 0) for hour in range(24)}
    book = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
    categories = list(book["警情类别" if lang == "zh" else "Categories"].iter_rows(2, values_only=True))
    assert sum(row[2] for row in categories) == len(mine)
    length = (last - first).days + 1
    before = {"day": (pd.Timedelta(days=1),) * 2, "week": (pd.Timedelta(days=7),) * 2}.get(period)
    span = (first - before[0], last - before[1]) if before else (date(2024, 12, 1), date(2024, 12, 31))
    then = between(counted, *span)
    assert float(list(previous.values())[2]) == len(then[then.agency != "F"])
    assert length == len(set(by_day) & {str(one.date()) for one in pd.date_range(first, last)})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("period", PERIODS)
def test_the_pages_of_houston_tell_them_too(config, counted, tmp_path, period, lang):
    day, first, last = PERIODS[period]
    arguments = ["--config", str(config), "--period", period, "--date", day, "--lang", lang]
    assert briefing_command.main([*arguments, "--format", "pdf", "--out", str(tmp_path)], NOW) == 0
    made = (tmp_path / f"briefing_{period}_{first}_{lang}.pdf").read_bytes()
    mine, read = between(counted, first, last), text_of(made)
    mine = mine[mine.agency != "F"]
    busiest = mine["at"].dt.hour.value_counts()
    for told in (len(mine), busiest.max()):
        assert f"{told:,}" in read
    assert f"{busiest.idxmax():02d}:00" in read
    assert "〓" not in read
    for page in drawn(made)[1:]:
        assert page[:, :80].min() > 250
        assert page[:, -80:].min() > 250


def test_the_same_command_makes_the_same_bytes(config, tmp_path):
    made = []
    for folder in ("once", "again"):
        arguments = ["--config", str(config), "--period", "day", "--date", "2025-03-15"]
        assert briefing_command.main([*arguments, "--out", str(tmp_path / folder)], NOW) == 0
        made.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert made[0] == made[1]


@pytest.mark.parametrize(("more", "why"), [
    (["--date", "2030-01-01"], "in the future"), (["--date", "2020-01-01"], "before the records begin"),
    (["--date", "2025-06-01"], "after the records end"), (["--scope", "nowhere"], "no jurisdiction is called"),
])  # fmt: skip
def test_what_cannot_be_written_is_said_and_nothing_is_left(config, tmp_path, capsys, more, why):
    out = tmp_path / "out"
    assert briefing_command.main(["--config", str(config), *more, "--format", "csv", "--out", str(out)], NOW) == 2
    assert why in capsys.readouterr().err
    assert not out.exists()


def test_without_a_date_it_is_the_last_complete_period(config, tmp_path, capsys):
    for period, first in (("day", "2025-03-31"), ("week", "2025-03-24"), ("month", "2025-03-01")):
        arguments = ["--config", str(config), "--period", period, "--lang", "en", "--format", "csv"]
        assert briefing_command.main([*arguments, "--out", str(tmp_path)], NOW) == 0
        assert f"briefing_{period}_{first}_en_" in capsys.readouterr().out


def test_a_file_in_the_way_is_said_and_stays(config, tmp_path, capsys):
    out = tmp_path / "out"
    out.write_text("mine")
    arguments = ["--config", str(config), "--date", "2025-03-15", "--format", "csv", "--out", str(out)]
    assert briefing_command.main(arguments, NOW) == 1
    assert capsys.readouterr().err == f"briefings: nothing was written to {out}: a file is in the way; name a folder\n"
    assert out.read_text() == "mine"


@pytest.mark.parametrize(("more", "why"), [
    (["--date", "2025-02-30"], "'2025-02-30' is no date"), (["--format", "doc"], "no format is called 'doc'"),
    (["--period", "fortnight"], "invalid choice: 'fortnight'"),
])  # fmt: skip
def test_nonsense_is_told_in_one_line(tmp_path, capsys, more, why):
    with pytest.raises(SystemExit) as ended:
        briefing_command.main([*more, "--out", str(tmp_path)], NOW)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert why in said
    assert said.count("\n") == 1


def test_a_history_that_there_is_not_is_named_and_not_made(config, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WALLBOARD_HISTORY_NAME", "huoston")
    arguments = ["--config", str(config), "--date", "2025-03-15", "--format", "csv", "--out", str(tmp_path / "out")]
    assert briefing_command.main(arguments, NOW) == 2
    said = capsys.readouterr().err
    assert said.startswith("briefings: there is no history in ")
    assert said.endswith("huoston; history_name may be houston\n")
    assert not (config.parent / "history" / "huoston").exists()


def test_of_a_day_without_records_nothing_is_drawn_as_nothing_happening(config, tmp_path):
    arguments = ["--config", str(config), "--date", "2025-03-08", "--lang", "en", "--format", "pdf,xlsx,csv"]
    assert briefing_command.main([*arguments, "--out", str(tmp_path)], NOW) == 0
    read = text_of((tmp_path / "briefing_day_2025-03-08_en.pdf").read_bytes())
    assert squeezed("100.0% of the period was not recorded") in read
    assert squeezed("No day of the period was wholly recorded") in read
    assert "hasmost" not in read
    book = openpyxl.load_workbook(tmp_path / "briefing_day_2025-03-08_en.xlsx")
    assert {row[1] for row in book["Chart By hour"].iter_rows(2, 25, values_only=True)} == {None}
