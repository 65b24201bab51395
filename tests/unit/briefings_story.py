"""Material for briefings from the report that the statistics page's tests use, and a desk that answers with it."""

import pyarrow as pa
from msgspec.structs import replace

from analytics.figures.parts import Heat, HotCell, StationResponse
from analytics.figures.units import BY_CHANCE, UnitResponse, Units
from briefings.content import document
from briefings.material import DIVIDED_S, Material, OneIncident, Open, Surroundings, Took
from briefings.texts import BRIEFING_TEXTS
from briefings.words import Words
from components.texts import TEXTS
from components.texts_formulas import FORMULAS
from components.texts_statistics import STATISTICS_TEXTS
from data_feeds.history.query import Detected, DronesKnown, Flown, Present, Spreads
from tests.unit.statistics_story import HOT, NOW_MS, a_report, row

NAMES = {"B1": ("江南分局", "Jiangnan Branch"), "S1": ("亭江派出所", "Tingjiang Station"), "Z1": ("一号巡区", "Zone 1")}
AROUND = Surroundings(("云岭市公安局", "Yunling Police"), ("全市", "Whole city"), "", NAMES, (), 3)
LATE = OneIncident("A-1", NOW_MS, "theft", "low", "S1", "U-7", 725.0)
SLOW = UnitResponse(StationResponse("U-7", 40, 2, 410.0, 38, 20, 20 / 38, 30.25, -4.5, "down"), 45.0, 320.0)
QUICK = UnitResponse(StationResponse("U-8", 30, 0, 150.0, 30, 29, 29 / 30, 24.5, 2.1, "noise"), 30.0, 110.0)
UNITS = Units(90, 70, (SLOW, QUICK), 2, 1, 2 * BY_CHANCE)
BEFORE = Heat(8, [], [HotCell("8841ae2b25fffff", 40, None, 4.0, 0.0, 0.01)])
HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", '=HYPERLINK("http://x")',
           "𠮷\u0000\u202e<b>&", "'x")  # fmt: skip


def words_of(lang="zh"):
    return Words(lang, TEXTS, {**STATISTICS_TEXTS, **BRIEFING_TEXTS}, NAMES)


def a_material(report=None, **changes):
    took = (Took("response", 90, 10, (5, 10, 30, 20, 20, 3, 2)), Took("answering", 0, 100, (0,) * (len(DIVIDED_S) + 1)))
    told = Material(report or a_report(), BEFORE, took, (LATE,), UNITS, Open(NOW_MS, (LATE,), 2), AROUND, {HOT: "S1"})
    return replace(told, **changes)


def a_document(lang="zh", material=None):
    at = lang == "en"
    return document(material or a_material(), words_of(lang), {name: pair[at] for name, pair in FORMULAS.items()})


def hostile_report():
    """Every word that comes from outside begins as a formula would, or cannot be written."""
    report = a_report()
    rows = {dim: [row(word, 400 - at, 200, at + 1) for at, word in enumerate(HOSTILE)] for dim in report.by}
    data = replace(report.data, origins=HOSTILE)
    return replace(report, by=rows, data=data)


def blocks_of(told, kind):
    return [block for section in told.sections for block in section.blocks if isinstance(block, kind)]


def texts_of(value):
    """Every text of a plain value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_of(one)]
    return [text for one in value for text in texts_of(one)] if isinstance(value, list | tuple) else []


class ADesk:
    """Answers as a history would; remembers what it was asked."""

    def __init__(self, report=None, rows=()):
        self.told, self.rows, self.asked = report or a_report(), list(rows), []

    def report(self, request):
        self.asked.append(request)
        return self.told

    def table(self, query):
        self.asked.append(query)
        if isinstance(query, Spreads) and query.by:
            return pa.table({"unit": [], "place_class": [], "interval": [], "n": []})
        if isinstance(query, Spreads):
            limits = {f"within_{limit}": [at + 1] for at, limit in enumerate(DIVIDED_S)}
            return pa.table({"span": [0], "interval": ["response"], "n": [9], "missing": [1], **limits})
        if isinstance(query, DronesKnown):
            return pa.table({"flown": [None], "detected": [None]})
        if isinstance(query, Flown | Detected):
            return pa.table({name: [] for name in ("span", *query.by, "n", "minutes", "sorties", "drones")})
        if isinstance(query, Present):
            return pa.table({"span": [0], "n": [100], "closed": [97]})
        return pa.Table.from_pylist(self.rows[query.offset : query.offset + query.limit], ROWS)

    def surroundings(self, scope, lang):
        return AROUND

    def located(self, cells):
        return dict.fromkeys(cells, "S1")


ROWS = pa.schema([("incident_id", pa.string()), ("received_ms", pa.int64()), ("category", pa.string()),
                  ("severity", pa.string()), ("station", pa.string()), ("response_s", pa.float64()),
                  ("unit_id", pa.string()), ("closed_ms", pa.int64())])  # fmt: skip
