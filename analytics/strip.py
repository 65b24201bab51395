"""The response strip: how soon somebody arrived, today and in the seven days before, by class of place. Pure.

A response runs from the call to the first unit on scene. Where either time is missing (also because nobody has arrived
yet) it is counted as missing and never as zero. Shares are of the responses that are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from analytics.figures import breaches
from analytics.figures.shares import two_shares
from analytics.response import Targets
from data_feeds.history.query import Breaches, Filters, Query, Span, Spreads
from data_feeds.model import PlaceClass

Body = dict[str, Any]
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
    """What the strip asks of the history. ``targets_s``: place class → s; what each interval of a response may take is
    found by the city's own usual (see figures.breaches)."""

    targets_s: Mapping[str, int]

    def usual(self, day: date) -> dict[str, Query]:
        """What to ask for ``allowances``; the answers hold for every scope and for the whole day."""
        return breaches.usual_queries(day)

    def allowances(self, answers: Mapping[str, pa.Table]) -> breaches.Allowances:
        """Interval → place class → s."""
        return breaches.allowances(self._targets(), answers)

    def today(self, day: date, scope: str, allowances: breaches.Allowances) -> dict[str, Query]:
        """What to ask for the business day ``day`` so far; ``scope`` "": the city."""
        return self._ask(Span(day, day), scope, allowances)

    def week(self, day: date, scope: str, allowances: breaches.Allowances) -> dict[str, Query]:
        """What to ask for the seven days before ``day``."""
        return self._ask(Span(day - timedelta(days=WEEK_DAYS), day - timedelta(days=1)), scope, allowances)

    def _targets(self) -> dict[str, int]:
        return {name.lower(): target_s for name, target_s in self.targets_s.items()}  # as a history keeps words

    def _ask(self, span: Span, scope: str, allowances: breaches.Allowances) -> dict[str, Query]:
        where, targets = Filters(scope=scope), self._targets()
        allowed = tuple(
            (name, place, seconds)
            for name in breaches.MEASURED if name in allowances
            for place, seconds in allowances[name].items()
        )  # fmt: skip
        return {
            "spreads": Spreads((span,), ("response",), ("place_class",), where, tuple(sorted(set(targets.values())))),
            "breaches": Breaches((span,), tuple(targets.items()), allowed, ("place_class",), where),
        }

    def figures(self, answers: Mapping[str, pa.Table]) -> dict[str, Body]:
        """By place class: responses known, missing, their median (s), how many within the target, and the causes of
        the others, most frequent first."""
        out = {}
        for row in answers["spreads"].to_pylist():
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
    to compare."""
    return two_shares(within, n, before, n_before).verdict if n and n_before else None
