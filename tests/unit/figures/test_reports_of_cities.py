"""Whole reports from real files by way of the embedded store, every number against plain pandas on the file itself."""

from datetime import date
from math import sqrt

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analytics.figures import report
from analytics.figures.request import GROUPINGS, Context, PlaceFact, Request
from analytics.figures.result import OddHour, Report
from data_feeds.history.duckdb_store import open_store
from data_feeds.history.query import Filters, Gaps, Span
from data_feeds.history.store import Options
from tests.pandas_store import PandasStore
from tests.real_data import real_file
from tests.unit.figures.random_city import CHICAGO, at

EMPTY_DAYS = ("2024-07-15", "2024-07-16", "2024-08-10", "2024-08-11", "2025-01-05", "2025-03-08", "2025-03-09")
PARTS = ("by", "hours", "rhythm", "trend", "quiet")
NOW = at(2025, 4, 1)


class Past:
    """One file in the embedded store, and its own clock by pandas."""

    def __init__(self, folder, raw: pd.DataFrame) -> None:
        self.raw = raw
        times = pd.to_datetime(raw.call_received_ms, unit="ms", utc=True)
        self.clock = times.dt.tz_convert(CHICAGO).dt.tz_localize(None)
        self.day = self.clock.dt.strftime("%Y-%m-%d")
        self.store = open_store(folder, Options(time_zone=CHICAGO))
        self.store.put_table(pa.Table.from_pandas(raw, preserve_index=False), "file")

    def context(self, **more) -> Context:
        extent = self.store.extent()
        return Context(
            extent.first, extent.last, extent.n, extent.version, float(extent.last_ms), lacks=extent.lacks, **more
        )

    def report(self, kind, day, now=NOW, store=None, context=None, **more) -> Report:
        context = context or self.context()
        request = Request(kind, day, now, CHICAGO, **{"parts": PARTS, **more})
        asked = report.plan(request, context)
        return report.build(request, context, {name: (store or self.store).run(one) for name, one in asked.items()})

    def between(self, first: str, last: str) -> pd.Series:
        """Counted incidents of days ``first`` … ``last``."""
        return (self.day >= first) & (self.day <= last) & ~self.raw.get("diverted", False)


@pytest.fixture(scope="module")
def houston(tmp_path_factory):
    rows = pd.read_parquet(real_file("houston/incidents_2023-11_2025-03.parquet"))
    past = Past(tmp_path_factory.mktemp("houston"), pd.DataFrame({
        "incident_id": rows.incident_id.astype(str), "version": 1, "diverted": rows.agency == "F",
        "category": rows.type_last.astype(str).str.lower().str.replace(r"[ -]+", "_", regex=True),
        "zone": rows.keymap.astype(object).where(rows.keymap.notna(), ""),
        "call_received_ms": rows.call_time.astype("datetime64[ms, UTC]").astype("int64"),
    }))  # fmt: skip
    yield past
    past.store.close()


@pytest.fixture(scope="module")
def plain(houston):
    """The same file answered by pandas, with the gaps that the embedded store found."""
    gaps = houston.store.run(Gaps((Span(date(2023, 11, 1), date(2025, 3, 31)),))).to_pylist()
    return PandasStore(houston.raw, CHICAGO, gaps=[(gap["begin_ms"], gap["end_ms"], gap["how"]) for gap in gaps])


@pytest.fixture(scope="module")
def chicago(tmp_path_factory):
    rows = pd.read_csv(real_file("chicago/chicago_aggravated_assaults.csv.gz"))
    local = pd.to_datetime(rows.date, format="%Y-%m-%d %H:%M")
    times = local.dt.tz_localize(CHICAGO, ambiguous=np.ones(len(rows), bool), nonexistent="shift_forward")
    past = Past(tmp_path_factory.mktemp("chicago"), pd.DataFrame({
        "incident_id": [f"C{line}" for line in range(len(rows))], "version": 1, "category": "assault",
        "station": "D" + rows.district.astype(str),
        "call_received_ms": times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[ms]").astype("int64"),
    }))  # fmt: skip
    yield past
    past.store.close()


def check_change(found, n, other):
    z = (sqrt(n) - sqrt(other)) / sqrt(1 / 4 + 1 / 4)
    assert found.z == pytest.approx(z, abs=0.006)
    if max(n, other) >= 10:
        assert found.percent == (pytest.approx((n - other) / other * 100, abs=0.06) if other else None)
        assert found.verdict == ("noise" if abs(found.z) <= 3 else "up" if z > 0 else "down")
    else:
        assert (found.percent, found.verdict) == (None, "few")


class TestHouston:
    def test_march_against_february_and_the_march_before(self, houston):
        found = houston.report("month", date(2025, 3, 15))
        march, february, before = (
            houston.between(f"{month}-01", f"{month}-31") for month in ("2025-03", "2025-02", "2024-03")
        )
        assert found.period.complete
        assert found.total.n == march.sum()
        assert found.total.against["previous"].value == february.sum()
        assert found.total.against["last_year"].value == before.sum()
        assert "length" in found.total.against["previous"].why
        assert "length" not in found.total.against["last_year"].why
        # two days and a half of this March, one of the other and most of one in February were not recorded
        for beside in found.total.against.values():
            assert beside.gaps
            assert "gap" in beside.why
        for name, other in (("previous", february), ("last_year", before)):
            check_change(found.total.against[name].change, march.sum(), other.sum())
        assert found.apart["diverted"].n == int((houston.raw.diverted & houston.day.str.startswith("2025-03")).sum())
        for grouping in ("category", "zone"):
            tables = [houston.raw[grouping][mask].value_counts() for mask in (march, february, before)]
            rows = found.by[grouping]
            assert len(rows) + rows_left_out(found, grouping) == len(set().union(
                *(houston.raw[grouping][houston.between(str(span.first), str(span.last))].unique()
                  for span in (found.period.span, *(s for one in found.comparators for s in one.spans)))
            ) - {""})  # fmt: skip
            assert [row.key for row in rows] == [
                row.key for row in sorted(rows, key=lambda row: (-tables[0].get(row.key, 0), row.key))
            ]
            for row in rows:
                n, *others = (int(table.get(row.key, 0)) for table in tables)
                assert row.n == n
                for name, other in zip(("previous", "last_year"), others, strict=True):
                    assert row.against[name].value == other
                    check_change(row.against[name].change, n, other)

    def test_the_day_of_23_hours(self, houston):
        found = houston.report("day", date(2024, 3, 10))
        own = houston.between("2024-03-10", "2024-03-10")
        assert found.total.n == own.sum() > 0
        hours = houston.clock[own].dt.hour.value_counts()
        assert {hour.hour: hour.n for hour in found.hours} == {hour: int(hours.get(hour, 0)) for hour in range(24)}
        assert found.hours[2].n == 0
        assert OddHour(date(2024, 3, 10), 2, 0) in found.data.odd_hours
        yesterday = found.total.against["previous"]
        assert "clock" in yesterday.why
        assert yesterday.value == houston.between("2024-03-09", "2024-03-09").sum()
        assert yesterday.per_day.percent > yesterday.change.percent
        # the band: the same hour of the last eight Sundays, of which none was hollow
        sundays = [f"2024-{day}" for day in ("01-14", "01-21", "01-28", "02-04", "02-11", "02-18", "02-25", "03-03")]
        for hour in found.hours:
            counts = [int((houston.between(day, day) & (houston.clock.dt.hour == hour.hour)).sum()) for day in sundays]
            assert (found.band.k, found.band.method) == (8, "percentiles")
            assert (hour.low, hour.high) == (min(counts), max(counts))

    @pytest.mark.parametrize("day", EMPTY_DAYS)
    def test_a_day_without_rows_is_a_gap_and_no_quiet_day(self, houston, day):
        found = houston.report("day", date.fromisoformat(day))
        assert found.total.n == houston.between(day, day).sum() == 0
        assert found.data.recorded == 0.0
        assert {gap.how for gap in found.data.gaps} == {"silence"}
        assert all((beside.change, beside.per_day) == (None, None) for beside in found.total.against.values())
        assert found.trend[-1].gap
        assert found.trend[-1].verdict is None

    def test_a_mean_leaves_the_empty_sunday_out(self, houston):
        found = houston.report("day", date(2025, 3, 16))
        sundays = [houston.between(day, day).sum() for day in ("2025-03-02", "2025-02-23", "2025-02-16")]
        beside = found.total.against["weekdays4"]
        assert (beside.k, beside.value) == (3, pytest.approx(np.mean(sundays), abs=0.006))
        assert "gap" in beside.why
        assert found.band.method == "model"

    def test_the_trend_knows_what_a_weekday_usually_has(self, houston):
        found = houston.report("month", date(2024, 11, 1))
        base = houston.raw[houston.between("2024-09-06", "2024-10-31")].groupby(houston.day).size()
        weekday = base.groupby(pd.to_datetime(base.index).day_of_week).mean()
        assert (found.limits.span, found.limits.days) == (Span(date(2024, 9, 6), date(2024, 10, 31)), 56)
        for point in found.trend:
            assert point.n == houston.between(str(point.date), str(point.date)).sum()
            if point.gap:
                assert point.mean < weekday[point.date.weekday()]
                continue
            hours = 25 / 24 if point.date == date(2024, 11, 3) else 1.0
            assert point.mean == pytest.approx(weekday[point.date.weekday()] * hours, abs=0.006)

    def test_the_rhythm_of_a_quarter_with_a_day_of_23_hours(self, houston):
        found = houston.report("quarter", date(2024, 2, 1), parts=("rhythm",))
        own = houston.between("2024-01-01", "2024-03-31")
        table = pd.crosstab(houston.clock[own].dt.day_of_week, houston.clock[own].dt.hour)
        assert found.rhythm.counts == table.reindex(columns=range(24), fill_value=0).to_numpy().tolist()
        assert found.rhythm.days == [13] * 7
        # a Friday night was not recorded: it is no day of those hours
        assert min(min(row) for row in found.rhythm.exposure) < 13
        sunday = table.loc[6] / 13
        assert found.rhythm.mean[6][12] == pytest.approx(sunday[12], abs=0.001)

    @pytest.mark.parametrize(("kind", "day", "now"), [
        ("day", date(2025, 3, 31), at(2025, 3, 31, 17, 42)), ("week", date(2025, 3, 12), NOW),
        ("month", date(2024, 12, 1), NOW), ("quarter", date(2024, 3, 3), NOW), ("year", date(2024, 2, 29), NOW),
        ("week", date(2024, 11, 3), at(2024, 11, 8, 6, 5)),
    ])  # fmt: skip
    def test_both_stores_tell_the_same(self, houston, plain, kind, day, now):
        context = houston.context(zones=tuple(PlaceFact(key) for key in ("452K", "493P", "none")))
        found = houston.report(kind, day, now, context=context)
        assert found == houston.report(kind, day, now, plain, context)
        assert msgspec.json.decode(msgspec.json.encode(found), type=Report) == found

    def test_what_lies_outside_the_file(self, houston):
        with pytest.raises(ValueError, match="before the records"):
            houston.report("day", date(2023, 10, 31))
        late = houston.report("month", date(2025, 4, 1), at(2025, 5, 10))
        assert (late.total.n, late.data.recorded) == (0, 0.0)
        assert late.total.against["previous"].change is None


class TestChicago:
    @pytest.mark.parametrize("month", range(1, 13))
    def test_ten_years_of_a_month(self, chicago, month):
        counts = chicago.day.str[:7].value_counts()
        for year in range(2011, 2020):
            found = chicago.report("month", date(year, month, 9), at(2020, 6, 1), parts=("rhythm",))
            now, before = (int(counts[f"{of}-{month:02}"]) for of in (year, year - 1))
            assert (found.total.n, found.total.against["last_year"].value) == (now, before)
            assert found.total.against["last_year"].change.z == pytest.approx(
                (sqrt(now) - sqrt(before)) / sqrt(0.5), abs=0.006
            )
            assert ("length" in found.total.against["last_year"].why) == (month == 2 and year % 4 in (0, 1))

    def test_a_year_by_district(self, chicago):
        found = chicago.report("year", date(2019, 6, 1), at(2020, 1, 1), parts=("by", "rhythm"))
        years = [chicago.raw.station[chicago.day.str.startswith(str(year))].value_counts() for year in (2019, 2018)]
        # a district that had incidents in one of the years before stands there with none
        every = set(chicago.raw.station[chicago.day >= "2011-01-01"])
        assert [(row.key, row.n) for row in found.by["station"]] == sorted(
            ((key, int(years[0].get(key, 0))) for key in every), key=lambda row: (-row[1], row[0])
        )
        for row in found.by["station"]:
            assert row.against["previous"] == row.against["last_year"]
            check_change(row.against["previous"].change, row.n, years[1].get(row.key, 0))
        assert sum(found.rhythm.days) == 365
        assert sum(map(sum, found.rhythm.counts)) == found.total.n
        assert found.about["by.category"].missing == 0

    def test_the_29th_of_february_has_no_day_a_year_before(self, chicago):
        found = chicago.report("day", date(2016, 2, 29), at(2020, 1, 1))
        assert (found.total.against["last_year"].value, found.total.against["last_year"].why) == (None, ("absent",))
        mondays = [(chicago.day == f"2016-{day}").sum() for day in ("02-22", "02-15", "02-08", "02-01")]
        assert found.total.against["weekdays4"].value == pytest.approx(np.mean(mondays), abs=0.006)

    def test_week_53(self, chicago):
        found = chicago.report("week", date(2015, 12, 30), at(2020, 1, 1))
        assert found.total.n == ((chicago.day >= "2015-12-28") & (chicago.day <= "2016-01-03")).sum()
        before = ((chicago.day >= "2014-12-29") & (chicago.day <= "2015-01-04")).sum()
        assert found.total.against["last_year"].value == before
        assert "week53" in found.total.against["last_year"].why

    def test_so_far_is_the_same_part_of_all(self, chicago):
        found = chicago.report("month", date(2017, 8, 1), at(2017, 8, 16, 18, 30), parts=("by",))
        def part(month):
            return ((chicago.clock >= f"{month}-01") & (chicago.clock < f"{month}-16 18:30")).sum()

        assert (found.total.n, found.period.complete) == (part("2017-08"), False)
        assert found.total.against["previous"].value == part("2017-07")
        assert found.total.against["last_year"].value == part("2016-08")
        four = [part(f"2017-{month:02}") for month in (7, 6, 5, 4)]
        assert found.total.against["weekdays4"].value == pytest.approx(np.mean(four), abs=0.006)

    def test_filters_by_hour_and_weekday(self, chicago):
        where = Filters(scope="D11", hours=(22, 23, 0), weekdays=(5, 6))
        found = chicago.report("quarter", date(2018, 7, 1), at(2020, 1, 1), where=where)
        own = (chicago.raw.station == "D11") & (chicago.day >= "2018-07-01") & (chicago.day <= "2018-09-30")
        own &= chicago.clock.dt.hour.isin(where.hours) & chicago.clock.dt.day_of_week.isin([4, 5])
        assert found.total.n == own.sum() > 0
        assert {hour.hour for hour in found.hours if hour.n} <= set(where.hours)


def rows_left_out(found, grouping):
    return found.about[f"by.{grouping}"].more


assert set(GROUPINGS) >= {"category", "zone", "station"}
