"""Two counts beside each other: by how much they differ, and whether that is more than chance. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

FEW = 10  # below it a count says little
SIGNIFICANT_Z = 3.0


@dataclass(frozen=True, slots=True)
class Change:
    """``percent``: None where it would be of zero or of few. ``verdict``: few, noise, up or down."""

    percent: float | None
    z: float
    verdict: str


def z_score(count: float, mean: float, periods: float = 1) -> float:
    """How many standard deviations ``count`` lies above ``mean``, the mean count of so many like periods.

    Square roots make the variance of Poisson counts ¼ (Bartlett 1936): z = (√a − √b) / √(¼ + 1/(4k)).
    """
    return (sqrt(count) - sqrt(mean)) / sqrt(0.25 + 0.25 / periods)


@lru_cache(maxsize=16_384)  # a city's zones have the same few counts over and over: a third of a report's time
def change(count: float, mean: float, periods: float = 1) -> Change:
    """``count`` against the ``mean`` of ``periods`` like periods."""
    z = round(z_score(count, mean, periods), 2)
    if max(count, mean) < FEW:
        return Change(None, z, "few")
    percent = round((count - mean) / mean * 100.0, 1) + 0.0 if mean > 0 else None  # + 0.0: never "-0.0"
    if abs(z) <= SIGNIFICANT_Z:
        return Change(percent, z, "noise")
    return Change(percent, z, "up" if z > 0 else "down")


def change_per_day(count: float, days: float, other: float, other_days: float) -> Change | None:
    """``count`` in so many days against ``other`` in ``other_days``, for periods of different length.

    The same test: ``other_days`` are as many periods as ``days`` go into them, and their mean is what as many days as
    ``days`` would have had. None where either has no days.
    """
    if days <= 0 or other_days <= 0:
        return None
    return change(count, other * days / other_days, other_days / days)
