"""What the figures' addresses answer, beside the report itself."""

from __future__ import annotations

from msgspec import Struct, field

from analytics.figures.result import Report
from data_feeds.history.query import Rows
from web.figures_params import Problem
from web.figures_rows import IncidentRow


class Figures(Report, frozen=True):
    """A report with the texts of the formulas that it names."""

    formulas: dict[str, str] = field(default_factory=dict)


class RowsAnswer(Struct, frozen=True):
    """``total``: how many there are in all; ``rows``: those from ``offset`` on. ``query``: what history was asked;
    ``version``: of the data of its days."""

    total: int
    offset: int
    limit: int
    version: int
    query: Rows
    rows: list[IncidentRow]


class Refused(Struct, frozen=True):
    """Every parameter that is wrong, and what is allowed."""

    detail: list[Problem]


class Away(Struct, frozen=True):
    """Why there are no figures just now."""

    detail: str
