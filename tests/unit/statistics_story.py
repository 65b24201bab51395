"""A report written by hand, with everything that a page may have to show: verdicts, gaps, lacks, missing, nothing."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa

from analytics.changes import change
from analytics.figures.parts import (
    Breach,
    Followed,
    Heat,
    HeatCell,
    HotCell,
    Response,
    ShareChange,
    Sighting,
    SightingZone,
    Spread,
    SpreadAgainst,
)
from analytics.figures.request import KeyDate, Request
from analytics.figures.result import (
    About,
    Against,
    Band,
    Comparison,
    Data,
    Figure,
    Gap,
    Hour,
    Limits,
    Period,
    Point,
    Quiet,
    QuietZone,
    Report,
    Rhythm,
    Row,
)
from components.statistics.choices import Choices, Jurisdiction, Page, Unanswered
from components.statistics.frame import Outline, Sight
from components.statistics.state import View
from components.statistics.words import Words
from data_feeds.history.query import Counts, Filters, Rows, Span

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)
NOW_MS = datetime(2025, 4, 2, 3, 0, tzinfo=UTC).timestamp() * 1000
CELL, HOT = "8841ae2b27fffff", "8841ae2b21fffff"
SPAN, BEFORE = Span(FIRST, LAST), Span(date(2025, 2, 1), date(2025, 2, 28))
JURISDICTIONS = (
    Jurisdiction("B1", "branch", "", "江南分局", "Jiangnan Branch"),
    Jurisdiction("S1", "station", "B1", "亭江派出所", "Tingjiang Station"),
    Jurisdiction("S9", "station", "", "水上派出所", "River Station"),
    Jurisdiction("Z1", "zone", "", "一号巡区", "Zone 1"),
)
CHOICES = Choices(
    date(2025, 4, 2), date(2025, 4, 2), date(2024, 1, 1), date(2025, 4, 2), ZONE, NOW_MS, 7,
    ("dispute", "theft", "a & b=c, d"), JURISDICTIONS,
    (KeyDate("两会 2025", date(2025, 3, 4), date(2025, 3, 11)),
     KeyDate("春节 2025", date(2025, 1, 28), date(2025, 2, 4))),
)  # fmt: skip
PAGE = Page("云岭 <b>", "Yunling", csv="/api/figures/rows.csv")


def against(n, mean, k=1, **changes):
    return Against(mean, k, change(n, mean, k), **changes)


def row(key, n, before, rank=1):
    return Row(key, n, n, rank, 0.25, {"previous": against(n, before), "weekdays4": against(n, before, 4)})


def counted():
    return {
        "category": [row("theft", 400, 200), row("dispute", 300, 301, 2), row("a & b=c, d", 4, 2, 3),
                     row("x", 0, 0, 4)],
        "severity": [row("low", 500, 900)], "source": [row("call", 700, 700)], "place_class": [row("centre", 20, 25)],
        "branch": [row("B1", 600, 610)], "station": [row("S1", 300, 300), row("S9", 300, 290)], "zone": [],
    }  # fmt: skip


def points():
    made = [Point(FIRST - timedelta(days=1), 20, lead=True)]
    for n in range(31):
        day = FIRST + timedelta(days=n)
        verdict = {3: "above", 4: "below"}.get(n, "inside")
        limits = (None,) * 3 if n == 7 else (25.0, 10.0, 40.0)
        made.append(Point(day, 20 + n, *limits, None if n == 7 else verdict, gap=n == 7, partial=n == 30))
    return made


def responses():
    told = {"n": 90, "missing": 10, "p50": 150.0, "p90": 290.0, "p95": 330.0}
    beside = SpreadAgainst(80, 2, 140.0, 280.0, 320.0, 70, 0.9, change=ShareChange(-6.5, -4.0, "down"))
    arrivals = {"within": {60: 5, 180: 60, 300: 85}, "with_target": 90, "in_target": 75, "share_in_target": 75 / 90}
    return Response(
        [
            Spread("response", "", **told, **arrivals, against={"previous": beside}),
            Spread("response", "centre", **told, **arrivals, target_s=180),
            Spread("answering", "", 0, 0, None, None, None, lacks=("answered",)),
            Spread("dispatch", "", 90, 10, 40.0, 60.0, 80.0),
        ],
        [Breach("centre", "travel", 10, 0.66), Breach("centre", "dispatch", 5, 0.33)],
    )


def a_report(**changes):
    """March 2025 of a city with a gap on the eighth; ``changes``: other fields of the Report."""
    where = Filters()
    rows = Rows(SPAN, where)
    about = {
        name: About("count", where, rows)
        for name in ("total", "apart", "hours", "rhythm", "trend", "response", "breaches", "sighting", "heat")
    }
    about |= {f"by.{name}": About("count", where, rows, missing=12) for name in counted()}
    about["quiet"] = About("quiet", where, lacks=("zone",))
    report = Report(
        Request("month", date(2025, 3, 15), NOW_MS, "Asia/Shanghai"),
        Period("month", FIRST, LAST, LAST),
        [Comparison("previous", (BEFORE,), (0,), why=("length",)), Comparison("last_year", (), (), aligned="lunar"),
         Comparison("weekdays4", (BEFORE, BEFORE), (0,))],
        Data(7, NOW_MS, ("demo",), ("answered",), (Gap(NOW_MS - 9e7, NOW_MS - 8e7, "recorder"),), recorded=0.97),
        Figure(1234, 1234, 0, {
            "previous": against(1234, 1000.0, why=("length",)), "last_year": Against(None, 0, why=("reach",)),
            "weekdays4": against(1234, 1230.0, 4, gaps=True),
        }),
        {kind: Figure(n, n) for kind, n in (("exercise", 3), ("invalid", 40), ("diverted", 0))},
        counted(),
        [Hour(h, None if h > 20 else 10 + h, 5.0, 30.0, 12.5, partial=h == 20) for h in range(24)],
        Band("percentiles", 8),
        Rhythm([[d * h for h in range(24)] for d in range(7)],
               [[None if d == 6 else d * h / 4 for h in range(24)] for d in range(7)], [4, 4, 4, 4, 5, 5, 0],
               [[4.0] * 24] * 7),
        points(), Limits(BEFORE, 56, 1.2),
        Quiet("zone", 20, 2, 0.1, [QuietZone("Z1", date(2025, 2, 1), 28), QuietZone("Z2", None, None)],
              {"previous": 0.2}),
        responses(),
        Sighting([SightingZone("Z1", 600.0, 3, 30, 12.5, 40.0, 0.2, 0.6, verdict="short")],
                 Followed(0.61, 0.9, 0.02, 900, 40)),
        Heat(8, [HeatCell(CELL, 30, 40.0, 10.0, change(30, 10)), HeatCell(HOT, 90, 120.0),
                 HeatCell("8841ae2b2bfffff", 0, 0.0, 3.0)],
             [HotCell(HOT, 90, 200, 6.1, 0.0, 0.001)], 120, 14),
        about,
    )  # fmt: skip
    return msgspec.structs.replace(report, **changes)


OUTLINES = (
    Outline("C", "city", (((25.0, 102.6), (25.1, 102.6), (25.1, 102.8), (25.0, 102.6)),)),
    Outline("B1", "branch", (((25.02, 102.62), (25.08, 102.62), (25.08, 102.7), (25.02, 102.62)),)),
)


def a_sight(lang="zh", view=None, **changes):
    view = view or View(period="month")
    return Sight(a_report(**changes), view, Words(lang, CHOICES.names()), ZONE, CHOICES.today, OUTLINES)


class AService:
    """Answers as the history would: one report, three rows, and whatever ``refused`` says instead."""

    def __init__(self, refused=None, **changes):
        self.refused, self.changes, self.asked = refused, changes, []

    async def off_loop(self, work):
        return work()

    def choices(self):
        if self.refused:
            raise self.refused
        return CHOICES

    def scope(self, word):
        return {"": "", "B1": "B1", "江南分局": "B1"}.get(word)

    def request(self, period, day, key, where):
        return Request(period, day, NOW_MS, "Asia/Shanghai", key, where)

    def report(self, request):
        self.asked.append(request)
        if request.date > CHOICES.today:
            raise Unanswered("said.period.future")
        return a_report(request=request, **self.changes)

    def table(self, query):
        self.asked.append(query)
        if isinstance(query, Counts):
            return pa.table({"span": [0], "n": [3]})
        return pa.table({
            "incident_id": ["A-1", "A-2", "A-3"], "received_ms": [NOW_MS, NOW_MS + 1000, None],
            "category": ["theft", "?", ""], "severity": ["low", "", "high"], "station": ["S1", "S1", ""],
            "response_s": [125.0, None, 3725.0], "units": [1, 0, 2], "summary": ["private", "private", "private"],
        })  # fmt: skip


def plain(component):
    """All texts of a component, in order."""
    if component is None:
        return []
    if isinstance(component, list | tuple):
        return [text for one in component for text in plain(one)]
    if hasattr(component, "children"):
        return plain(component.children)
    return [str(component)] if isinstance(component, str | int | float) else []


def everything(component):
    """The component, or all of a list, and what is below."""
    tops = component if isinstance(component, list | tuple) else [component]
    found = [one for top in tops if hasattr(top, "_traverse") for one in (top, *top._traverse())]
    return [one for one in found if hasattr(one, "to_plotly_json")]


def attribute(component, name):
    """The values of an attribute of all that has it."""
    props = [one.to_plotly_json()["props"] for one in everything(component)]
    return [one[name] for one in props if name in one]
