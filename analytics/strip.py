"""The response strip: how soon somebody arrived, today and in the seven days before, by class of place. Pure.

A response runs from the call to the first unit on scene. Where either time is missing (also because nobody has arrived
yet) it is counted as missing and never as zero. Shares are of the responses that are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pyarrow as pa

from analytics.changes import FEW, SIGNIFICANT_Z
from analytics.response import Targets
from data_feeds.history.query import Breaches, Filters, Interval, Query, Span, Spreads
from data_feeds.model import PlaceClass

Body = dict[str, Any]
Allowances = tuple[tuple[Interval, str, int], ...]
CLASSES = (PlaceClass.KEY_SPOT, PlaceClass.CENTRE, PlaceClass.OTHER)
NEEDED = ("place_class", "call_received", "on_scene")  # fields of an incident without which nothing can be told
WEEK_DAYS = 7
EMPTY: Body = {"n": 0, "missing": 0, "p50": None, "within": 0, "breaches": 0, "causes": []}


def seconds_of(targets: Targets) -> dict[str, int]:
    """Place class → target in whole seconds."""
    known = {kind.name: targets.of(kind) for kind in CLASSES}
    return {name: round(target_s) for name, target_s in known.items() if target_s is not None}


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip asks of the history: targets by place class, and what each interval of a response may take."""

    targets_s: Mapping[str, int]
    allowances: Allowances

    def today(self, day: date, scope: str = "") -> dict[str, Query]:
        """What to ask for the business day ``day`` so far."""
        return self._ask(Span(day, day), scope)

    def week(self, day: date, scope: str = "") -> dict[str, Query]:
        """What to ask for the seven days before ``day``."""
        return self._ask(Span(day - timedelta(days=WEEK_DAYS), day - timedelta(days=1)), scope)

    def _ask(self, span: Span, scope: str) -> dict[str, Query]:
        where = Filters(scope=scope)
        within = tuple(sorted(set(self.targets_s.values())))
        targets = tuple((name.lower(), target_s) for name, target_s in self.targets_s.items())
        return {
            "spreads": Spreads((span,), ("response",), ("place_class",), where, within),
            "breaches": Breaches((span,), targets, self.allowances, ("place_class",), where),
        }

    def figures(self, answers: Mapping[str, pa.Table]) -> dict[str, Body]:
        """By place class: responses known, missing, their median (s), how many within the target, and the causes of
        the others, most frequent first."""
        out = {}
        for row in answers["spreads"].to_pylist():  # a history keeps words in lower case
            name = (row["place_class"] or "").upper()
            if name in self.targets_s:
                within = row[f"within_{self.targets_s[name]}"] or 0
                out[name] = {**EMPTY, "n": row["n"], "missing": row["missing"], "p50": row["p50"], "within": within}
        for row in sorted(answers["breaches"].to_pylist(), key=lambda row: (-row["n"], row["cause"])):
            figure = out.get((row["place_class"] or "").upper())
            if figure is not None and row["n"]:
                figure["causes"] = [*figure["causes"], (row["cause"], row["n"])]
                figure["breaches"] += row["n"]
        return out


def strip_body(
    strip: Strip, today: Mapping[str, Body] | None, week: Mapping[str, Body] | None, state: str, data_ms: float | None,
    lacks: tuple[str, ...] = (),
) -> Body:  # fmt: skip
    """The document. ``data_ms``: up to when history was asked; ``lacks``: fields that no source of it has."""
    classes = []
    for kind in CLASSES if today is not None and week is not None else ():
        now, before = (figures.get(kind.name, EMPTY) for figures in (today or {}, week or {}))
        classes.append({"class": kind.name, "target_s": strip.targets_s[kind.name], "today": now, "week": before,
                        "verdict": share_verdict(now["within"], now["n"], before["within"], before["n"])})  # fmt: skip
    missing = [field for field in NEEDED if field in lacks]
    return {"past": state, "data_ms": data_ms and round(data_ms), "classes": classes, "lacks": missing}


def share_verdict(within: int, n: int, before: int, n_before: int) -> str | None:
    """Whether the share within the target is another than before, beyond chance: few, noise, up, down; None: nothing
    to compare. Two proportions, pooled: z = (p − q) / √(r(1 − r)(1/n + 1/m)), significant beyond 3."""
    if not n or not n_before:
        return None
    if min(n, n_before) < FEW:
        return "few"
    pooled = (within + before) / (n + n_before)
    spread = sqrt(pooled * (1.0 - pooled) * (1.0 / n + 1.0 / n_before))
    z = (within / n - before / n_before) / spread if spread else 0.0
    if abs(z) <= SIGNIFICANT_Z:
        return "noise"
    return "up" if z > 0 else "down"
