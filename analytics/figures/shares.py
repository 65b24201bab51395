"""Two shares beside each other, and one station beside all others. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from analytics.changes import FEW, SIGNIFICANT_Z
from analytics.figures.parts import ShareChange, Verdict

FEW_EXPECTED = 5.0  # Cochran's rule: below it the normal curve is no measure


def share(part: int, n: int) -> float | None:
    """``part`` of ``n``, 0–1; None of none."""
    return part / n if n else None


def two_shares(part: int, n: int, before_part: int, before_n: int) -> ShareChange:
    """``part`` of ``n`` against ``before_part`` of ``before_n``, by the test of two proportions.

    z = (p₁ − p₂) / √(p̂·(1 − p̂)·(1/n₁ + 1/n₂)) with p̂ = (x₁ + x₂)/(n₁ + n₂). Few: either has fewer than FEW cases, or
    one of the four kinds of case would be expected less than five times.
    """
    if not n or not before_n:
        return ShareChange(None, None, "few")
    points = round(100.0 * (part / n - before_part / before_n), 1)
    pooled = (part + before_part) / (n + before_n)
    if pooled in (0.0, 1.0):
        return ShareChange(points, 0.0, "noise" if min(n, before_n) >= FEW else "few")
    z = (part / n - before_part / before_n) / sqrt(pooled * (1 - pooled) * (1 / n + 1 / before_n))
    few = min(n, before_n) < FEW or min(n, before_n) * min(pooled, 1 - pooled) < FEW_EXPECTED
    return ShareChange(points, round(z, 2), "few" if few else verdict(z))


def beside_all(strata: Iterable[tuple[int, int, int, int]]) -> tuple[float, float | None, Verdict]:
    """(expected, z, verdict) of one station among all, with the place classes as strata (Mantel & Haenszel 1959).

    A stratum: its cases in target, its cases, the same of all stations together (x, n, X, N). Expected are Σ n·X/N;
    z = (Σ x − Σ n·X/N) / √Σ n·(N−n)·X·(N−X) / (N²·(N−1)). None, few, where chance cannot be told from more.
    """
    known = [row for row in strata if row[1]]
    own, n = sum(row[0] for row in known), sum(row[1] for row in known)
    expected = sum(n_c * x_all / n_all for _, n_c, x_all, n_all in known)
    variance = sum(
        n_c * (n_all - n_c) * x_all * (n_all - x_all) / (n_all**2 * (n_all - 1))
        for _, n_c, x_all, n_all in known
        if n_all > 1
    )
    if n < FEW or variance <= 0:
        return expected, None, "few"
    z = (own - expected) / sqrt(variance)
    return expected, round(z, 2), "few" if min(expected, n - expected) < FEW_EXPECTED else verdict(z)


def verdict(z: float) -> Verdict:
    if abs(z) <= SIGNIFICANT_Z:
        return "noise"
    return "up" if z > 0 else "down"
