"""A day and a month of the demo city by the command line: what only a city with responses has, against pandas."""

import csv
import io
import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests import past_city
from tests.unit.hand_clock import HandClock
from tests.unit.pages_story import squeezed, text_of
from web import briefing_command

PERIODS = {"day": (date(2024, 6, 28), date(2024, 6, 28)), "month": (date(2024, 5, 1), date(2024, 5, 31))}
NOW = HandClock(pd.Timestamp("2024-07-01 09:00", tz=past_city.ZONE).timestamp() * 1000, 1.0)
TARGETS = {"key_spot": 60, "centre": 180, "other": 300}
WAYS = {
    "answering": ("call_received", "answered"), "dispatch": ("call_received", "dispatched"),
    "accepting": ("dispatched", "accepted"), "turnout": ("dispatched", "enroute"), "travel": ("enroute", "on_scene"),
    "response": ("call_received", "on_scene"), "handling": ("on_scene", "closed"),
}  # fmt: skip
LIMITS = (30, 60, 120, 180, 300, 600)
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The settings' file of a wall of the demo city's past, and its rows with how long (s) everything took."""
    folder = tmp_path_factory.mktemp("past")
    told = past_city.put(folder)
    (folder / "wallboard.toml").write_text(
        "".join(f"{name} = {value}\n" if isinstance(value, int) else f'{name} = "{value}"\n'
                for name, value in told.items())
    )  # fmt: skip
    rows = pd.read_parquet(folder / past_city.ROWS).rename(columns=lambda name: name.removesuffix("_ms"))
    rows = rows[rows.valid & ~rows.exercise & ~rows.diverted]
    local = pd.to_datetime(rows.call_received, unit="ms", utc=True).dt.tz_convert(past_city.ZONE)
    rows = rows.assign(day=local.dt.date, place_class=rows.place_class.str.lower())
    for name, (begin, end) in WAYS.items():
        took = (rows[end].astype(float) - rows[begin].astype(float)) / 1000
        rows[name] = took.where(took >= 0)
    return folder / "wallboard.toml", rows


@pytest.fixture(scope="module", params=[(period, lang) for period in PERIODS for lang in LANGUAGES], ids="-".join)
def briefing(request, city, tmp_path_factory):
    """(tables by id, text of the pages, the period's rows, language)."""
    period, lang = request.param
    config, rows = city
    first, last = PERIODS[period]
    out = tmp_path_factory.mktemp("out")
    arguments = ["--config", str(config), "--period", period, "--date", str(last), "--lang", lang]
    assert briefing_command.main([*arguments, "--format", "pdf,csv", "--out", str(out)], NOW) == 0
    name = f"briefing_{period}_{first}_{lang}"
    tables = {path.stem.removeprefix(f"{name}_"): lines(path) for path in out.glob("*.csv")}
    read = text_of((out / f"{name}.pdf").read_bytes())
    return tables, read, rows[(rows.day >= first) & (rows.day <= last)], lang


def lines(path):
    """Every line but the head, its numbers as numbers."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))[1:]
    return [[number(cell) for cell in row] for row in rows]


def number(cell):
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def test_arrivals_by_place_class(briefing):
    tables, _, rows, _ = briefing
    told = {line[1]: line[2:] for line in tables["response"] if line[1]}
    for place, target in TARGETS.items():
        mine = rows[rows.place_class == place]
        known = mine.response.dropna()
        n, x, share, missing, p50, p90, p95 = told[float(target)]
        assert (n, x, missing) == (len(known), (known <= target).sum(), mine.response.isna().sum())
        assert share == pytest.approx((known <= target).mean())
        assert (p50, p90, p95) == pytest.approx(tuple(np.percentile(known, (50, 90, 95))))


def test_how_long_things_took_in_classes(briefing):
    tables, _, rows, _ = briefing
    for name, (_, n, missing, *classes) in zip(WAYS, tables["took"], strict=True):
        known = rows[name].dropna()
        edges = [-math.inf, *LIMITS, math.inf]
        assert classes == pd.cut(known, edges).value_counts(sort=False).tolist()
        assert (n, missing) == (len(known), rows[name].isna().sum())


def test_the_slowest_responses_and_who_went(briefing):
    tables, read, rows, _ = briefing
    slow = rows[rows.response.notna()].sort_values(["response", "call_received"], ascending=False).head(20)
    assert [line[-1] for line in tables["slowest"]] == pytest.approx(slow.response.tolist())
    assert [line[0] for line in tables["slowest"]] == slow.incident_id.tolist()
    assert [line[-2] or "" for line in tables["slowest"]] == slow.unit_id.tolist()
    assert slow.unit_id.iloc[0] in read


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # scipy, of a class of two responses
def test_the_units_beside_each_other(briefing):
    tables, read, rows, lang = briefing
    alone = rows[rows.unit_id != ""]
    assert set(alone.units) == {1}
    told = {line[0]: line[1:] for line in tables["units"]}
    assert set(told) == set(alone[alone.response.notna()].unit_id)
    judged = alone.dropna(subset=["response"])
    judged = judged.assign(hit=judged.response <= judged.place_class.map(TARGETS))
    verdicts = []
    for unit, (n, x, share, expected, z, verdict, p50, turnout, travel, missing) in told.items():
        own, all_own = judged[judged.unit_id == unit], alone[alone.unit_id == unit]
        assert (n, x, missing) == (len(own), own.hit.sum(), all_own.response.isna().sum())
        assert share == pytest.approx(own.hit.mean())
        assert (p50, turnout, travel) == pytest.approx(
            tuple(all_own[name].median() for name in ("response", "turnout", "travel"))
        )
        parts = [(part, stats.hypergeom(len(part), part.hit.sum(), (part.unit_id == unit).sum()))
                 for _, part in judged.groupby("place_class")]  # fmt: skip
        mean, variance = (sum(getattr(chance, what)() for _, chance in parts) for what in ("mean", "var"))
        assert expected == pytest.approx(mean)
        if len(own) >= 10 and variance:
            assert z == pytest.approx((x - mean) / math.sqrt(variance), abs=0.006)
        verdicts.append((verdict, len(own), mean))
    few = {verdict for verdict, n, mean in verdicts if n < 10 or min(mean, n - mean) < 5}
    assert len(few) == 1
    assert tables["units"][0][0] in read  # the slowest stands on the page
    count = f"{len(judged):,}"
    said = f"Of {rows.response.notna().sum():,} responses {count} are of one unit alone and count for {len(told)} units"
    if lang == "zh":
        said = f"{rows.response.notna().sum():,} 起到场中，{count} 起只派一组警力，计入 {len(told)} 个警力单元"
    assert squeezed(said) in squeezed(read)


def test_incidents_open_at_the_change_of_duty(city, tmp_path):
    config, rows = city
    first, last = PERIODS["month"]
    out = tmp_path / "out"
    arguments = ["--config", str(config), "--period", "month", "--date", str(last), "--format", "csv"]
    assert briefing_command.main([*arguments, "--out", str(out)], NOW) == 0
    at_ms = pd.Timestamp(last + timedelta(days=1), tz=past_city.ZONE).timestamp() * 1000 + 8 * 3_600_000
    known = rows[(rows.day >= last) & (rows.call_received < at_ms) & ~(rows.closed <= at_ms)]
    path = out / f"briefing_month_{first}_zh_open.csv"
    assert [line[0] for line in lines(path)] == known.sort_values("call_received").incident_id.tolist()
    assert len(known)
