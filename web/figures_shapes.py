"""What the figures' addresses answer, beside the report itself."""

from __future__ import annotations

from datetime import date

from msgspec import Struct, field

from analytics.figures.request import KeyDate
from analytics.figures.result import Report
from data_feeds.history.query import Rows
from web.figures_params import Problem


class Figures(Report, frozen=True):
    """A report with the texts of the formulas that it names."""

    formulas: dict[str, str] = field(default_factory=dict)


class IncidentRow(Struct, frozen=True):
    """One incident as the lists show it. Times Unix ms, intervals s, WGS-84 degrees; null is unknown, texts "".
    ``local_date``: its business day; ``units``: how many were sent; ``origin``: which import or topic told it."""

    incident_id: str
    local_date: date
    received_ms: int
    category: str
    severity: str
    source: str
    kind: str
    place_class: str
    place: str
    branch: str
    station: str
    zone: str
    lat: float | None
    lon: float | None
    call_received_ms: int | None
    answered_ms: int | None
    dispatched_ms: int | None
    accepted_ms: int | None
    enroute_ms: int | None
    on_scene_ms: int | None
    closed_ms: int | None
    answering_s: float | None
    dispatch_s: float | None
    turnout_s: float | None
    travel_s: float | None
    response_s: float | None
    handling_s: float | None
    units: int
    disposition: str
    origin: str


class RowsAnswer(Struct, frozen=True):
    """``total``: how many there are in all; ``rows``: those from ``offset`` on. ``query``: what history was asked;
    ``version``: of the data of its days."""

    total: int
    offset: int
    limit: int
    version: int
    query: Rows
    rows: list[IncidentRow]


class Word(Struct, frozen=True):
    """A word of the records and how many incidents carry it, over the whole history, counted ones or not."""

    key: str
    n: int


class Jurisdiction(Struct, frozen=True):
    """A branch, station or zone. ``parent``: the code of what holds it, "" the city. ``n``: as in Word."""

    code: str
    level: str
    parent: str
    name_zh: str
    name_en: str
    n: int


class Choices(Struct, frozen=True):
    """What may be asked for. ``first``, ``last``: business days of the first and last incident; ``today``: the one of
    now; ``recorded``: whether records go on arriving; ``lacks``: fields that no record has."""

    first: date | None
    last: date | None
    today: date
    n: int
    version: int
    data_time_ms: float | None
    recorded: bool
    time_zone: str
    day_start_minute: int
    tracks_since: date | None
    origins: tuple[str, ...]
    lacks: tuple[str, ...]
    periods: tuple[str, ...]
    comparators: tuple[str, ...]
    parts: tuple[str, ...]
    categories: list[Word]
    severities: list[Word]
    sources: list[Word]
    place_classes: list[Word]
    branches: list[Jurisdiction]
    stations: list[Jurisdiction]
    zones: list[Jurisdiction]
    key_dates: tuple[KeyDate, ...]


class Refused(Struct, frozen=True):
    """Every parameter that is wrong, and what is allowed."""

    detail: list[Problem]


class Away(Struct, frozen=True):
    """Why there are no figures just now."""

    detail: str
