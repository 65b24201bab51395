"""Who answers what a briefing asks: the figures' service of a wall, or of a history that a command line opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import h3.api.basic_str as h3
import numpy as np
import pyarrow as pa

from analytics.figures.request import Request
from analytics.figures.result import Report
from analytics.periods import PeriodError
from briefings.content import document
from briefings.document import Document, Outline
from briefings.material import Pair, Surroundings, gathered
from briefings.texts import BRIEFING_TEXTS
from briefings.words import Words
from components.statistics.ground import middle
from components.texts import TEXTS
from components.texts_statistics import STATISTICS_TEXTS
from data_feeds.history import sets
from data_feeds.history.query import Query
from data_feeds.history.store import StoreBroken
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from web.figures_answers import FigureParts
from web.statistics import Unavailable
from web.statistics_service import outlines

OWN_TEXTS = {**STATISTICS_TEXTS, **BRIEFING_TEXTS}
SHOWN = ("city", "branch", "station")


@dataclass(frozen=True, slots=True)
class StatisticsDesk:
    """briefings.material.Desk over ``parts``. Blocking; raises PeriodError and Unavailable."""

    parts: FigureParts
    scopes: Scopes
    city: Pair

    def report(self, request: Request) -> Report:
        return self.parts.statistics.report_now(request)

    def table(self, query: Query) -> pa.Table:
        return self.parts.statistics.table(query)

    def surroundings(self, scope: str, lang: str) -> Surroundings:
        told = self.parts.choices.choices()
        names = {one.code: (one.name_zh, one.name_en) for one in (*told.zones, *told.stations, *told.branches)}
        en = lang == "en"
        drawn = tuple(
            Outline(names.get(one.code, self.city)[en], one.level, one.rings, middle(one))  # type: ignore[arg-type]
            for one in outlines(self.scopes.places)
            if one.level in SHOWN and self._within(one.code, scope)
        )
        whole = (TEXTS["scope.city"][0], TEXTS["scope.city"][1])
        below = self.parts.statistics.background().suppress_below
        return Surroundings(self.city, names.get(scope, (scope, scope)) if scope else whole, scope, names, drawn, below)

    def located(self, cells: Sequence[str]) -> Mapping[str, str]:
        if not cells:
            return {}
        places = np.array([h3.cell_to_latlng(cell) for cell in cells], dtype=np.float64)
        held = self.scopes.codes_at(places[:, 0], places[:, 1])
        return {cell: code for cell, codes in zip(cells, held, strict=True) if (code := self._nearest(codes))}

    def _nearest(self, codes: frozenset[str]) -> str:
        """The station, else the branch, of the places that hold a point."""
        kinds = {place.kind: code for code in sorted(codes) if (place := self.scopes.places.by_id.get(code))}
        return kinds.get("station") or kinds.get("branch") or ""

    def _within(self, code: str, scope: str) -> bool:
        places, at = self.scopes.places.by_id, code
        while scope and at != scope and at in places:
            at = places[at].parent or ""
        return not scope or at == scope


def written(desk: StatisticsDesk, request: Request, lang: str, tell: Callable[[float], object]) -> Document:
    """The document of ``request``. Blocking. ``tell``: how much is done, 0–1. Raises PeriodError, Unavailable."""
    material = gathered(desk, request, lang, tell)
    words = Words(lang, TEXTS, OWN_TEXTS, material.around.names)
    return document(material, words, desk.parts.formulas(lang))


def why(error: Exception, lang: str) -> str:
    """Why there is no briefing, in the words of the statistics page where it has some."""
    words = Words(lang, TEXTS, OWN_TEXTS)
    if isinstance(error, PeriodError):
        key = f"said.period.{error.code}"
        return words(key) if key in OWN_TEXTS else str(error)
    if isinstance(error, NoSuchScope):
        return words("said.scope", name=error.name)
    if isinstance(error, Unavailable):
        return words("said.unavailable", why=error)
    return str(error) or type(error).__name__


class NoSuchScope(Exception):
    """No jurisdiction and no zone is called ``name``."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no jurisdiction and no zone is called {name!r}")
        self.name = name


def city_of(settings: Settings) -> Pair:
    """What the documents call the city: the wall's titles up to the first dot; of an imported set that nobody gave a
    title its source."""
    plain = Settings()
    if (settings.title_zh, settings.title_en) == (plain.title_zh, plain.title_en):
        folder = sets.folder_of(settings)
        try:
            facts = sets.facts_of(folder) if folder else None
        except StoreBroken:
            facts = None
        if facts and facts.source:
            source = facts.source.split(";")[0].strip()
            return source, source
    return settings.title_zh.split("·")[0].strip(), settings.title_en.split("·")[0].strip()
