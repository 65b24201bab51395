"""How the calls of a city swell and shrink over the years: seasons, feasts, weather, slow trends. Pure and repeatable.

Everything follows from (seed, date) alone: a day of the past is the same whoever asks, and whenever.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from lunar_python import Lunar
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIDDLE = date(2026, 6, 30)  # trends are 1 here
MOST_YEARS = 4.0  # and stay what they are so far before and after
WARMEST = 200  # day of the year
SUNDAY, SATURDAY = 6, 5
FEAST_FROM, FEAST_UNTIL = -1, 7  # days around New Year's Day of the lunar calendar: families are at home, many away
BEFORE_FEAST, AFTER_FEAST = range(-20, -1), range(7, 15)  # debts are settled, people travel; they come back
FEAST_OF_EACH = (0.75, 0.95, 1.0, 1.0, 0.95, 0.85, 0.7, 0.5)  # how much of it is felt on each of its days
AWAY_ON = range(-1, 1)  # days around a holiday's first on which all drive out
# rain: how far above its mean the weather must be, from January; summers are wet
DRY_UP_TO = (0.85, 0.75, 0.5, 0.35, 0.2, 0.05, 0.2, 0.3, 0.5, 0.7, 0.85, 0.95)
STILL_FELT = (1.0, 0.8, 0.5)  # of the weather of today, yesterday and the day before
WET_TRAVEL = 0.15  # so much longer are the ways in heavy rain


class Swing(NamedTuple):
    """How one category moves. ``summer``: amplitude of the year's wave; ``feast``, ``holiday``, ``rain``: times the
    usual number when it is; ``trend``: growth a year; ``before``: times the usual in the weeks before the feast."""

    summer: float = 0.0
    feast: float = 0.8
    holiday: float = 1.0
    rain: float = 1.0
    trend: float = 0.0
    before: float = 1.0


SWINGS = {
    "dispute": Swing(0.14, 0.75, 1.05, 0.90, -0.01, 1.12),
    "traffic_accident": Swing(0.0, 0.55, 0.85, 1.35, -0.03, 1.08),
    "help": Swing(0.05, 0.85, 1.0, 1.10, 0.01),
    "consultation": Swing(0.0, 0.50, 0.60, 1.0, 0.03, 1.10),
    "theft": Swing(0.10, 0.55, 1.05, 0.85, -0.10, 1.18),
    "fraud": Swing(0.0, 0.45, 0.70, 1.0, 0.12, 1.08),
    "public_order": Swing(0.18, 0.70, 1.15, 0.75),
    "noise": Swing(0.32, 1.60, 1.10, 0.60, 0.02),
    "congestion": Swing(0.0, 0.30, 1.10, 1.40, -0.02, 1.15),
    "utility": Swing(0.10, 0.80, 0.90, 1.50),
    "domestic": Swing(0.10, 1.30, 1.05, 1.10),
    "disturbance": Swing(0.20, 0.90, 1.20, 0.70),
    "suspicious": Swing(0.05, 1.0, 1.05, 0.80),
    "assault": Swing(0.22, 0.80, 1.10, 0.70, -0.05),
    "missing_person": Swing(0.15, 0.70, 1.40, 0.90, -0.04),
    "medical": Swing(-0.10, 1.0, 1.0, 1.0, 0.02),
    "vehicle_theft": Swing(0.10, 0.50, 0.90, 0.80, -0.15),
    "alarm": Swing(0.0, 1.15, 1.10, 1.20),
    "fire": Swing(-0.25, 2.20, 1.0, 0.60, -0.03),
    "burglary": Swing(0.05, 1.10, 1.20, 0.90, -0.10, 1.10),
    "gathering": Swing(0.0, 0.40, 0.90, 0.60, 0.0, 1.25),
}


class Mood(NamedTuple):
    """What is special about a day. ``times``: (C,) the usual number of each category, times this; ``weekday``: whose
    rhythm it has; ``rest``: whether most do not work; ``wet`` 0…1: how heavily it rains."""

    times: Floats
    weekday: int
    rest: bool
    wet: float


def mood(of: date, seed: int, words: tuple[str, ...]) -> Mood:
    """The mood of a local day for categories ``words``."""
    swings = [SWINGS.get(word, Swing()) for word in words]
    wave = math.cos((of.timetuple().tm_yday - WARMEST) / 365.25 * 2 * math.pi)
    years = min(max((of - MIDDLE).days / 365.25, -MOST_YEARS), MOST_YEARS)
    away, first = from_new_year(of), first_of_holiday(of)
    wet = wetness(of, seed)
    feast = FEAST_OF_EACH[away - FEAST_FROM] if FEAST_FROM <= away < FEAST_UNTIL else 0.0
    times = []
    for word, swing in zip(words, swings, strict=True):
        much = (1.0 + swing.summer * wave) * math.exp(swing.trend * years) * swing.rain**wet * swing.feast**feast
        if away in BEFORE_FEAST:
            much *= swing.before
        elif first is not None and not feast:
            much *= swing.holiday
        if word in ("traffic_accident", "congestion") and (away in AFTER_FEAST or _all_drive(of)):
            much *= 1.2
        times.append(much)
    rest = bool(feast) or first is not None or of.weekday() >= SATURDAY
    return Mood(np.array(times), SUNDAY if feast or first is not None else of.weekday(), rest, wet)


def from_new_year(of: date) -> int:
    """Days since the nearest lunar New Year's Day; far away where the calendar does not reach."""
    days = [(of - day).days for day in (_lunar(of.year, 1, 1), _lunar(of.year + 1, 1, 1)) if day is not None]
    return min(days, key=abs, default=9_999)


def first_of_holiday(of: date) -> date | None:
    """The first day of the public holiday that ``of`` belongs to, Spring Festival apart; None on other days."""
    for first, days in _holidays(of.year):
        if first <= of < first + timedelta(days=days):
            return first
    return None


def wetness(of: date, seed: int) -> float:
    """How heavily it rains, 0 to 1; rain comes in spells."""
    weather = sum(
        share * float(np.random.default_rng([seed, 31, of.toordinal() - back]).normal())
        for back, share in enumerate(STILL_FELT)
    )
    above = weather / math.hypot(*STILL_FELT) - DRY_UP_TO[of.month - 1]
    return min(max(above, 0.0), 1.0)


def _all_drive(of: date) -> bool:
    return any((of - first).days in AWAY_ON for first, days in _holidays(of.year) if days >= 3)


@lru_cache(maxsize=64)
def _holidays(year: int) -> tuple[tuple[date, int], ...]:
    """First day and days of each."""
    fixed = [(date(year, 1, 1), 1), (date(year, 4, 4), 3), (date(year, 5, 1), 5), (date(year, 10, 1), 7)]
    lunar = [(day, 1) for day in (_lunar(year, 5, 5), _lunar(year, 8, 15)) if day is not None]
    return (*fixed, *lunar)


@lru_cache(maxsize=256)
def _lunar(year: int, month: int, day: int) -> date | None:
    if not 1900 <= year <= 2099:
        return None
    return date.fromisoformat(Lunar.fromYmd(year, month, day).getSolar().toYmd())
