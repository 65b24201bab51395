"""Heat: incidents of the last hour, day and week by H3 cell and category, as one small document. Pure.

It goes to every viewer, so it is written tersely; assets/js/live/heat.js reads it. All are integers:

- ``categories``: words, most frequent first; a category is its index ``c`` of ``n``.
- ``patches``: [coarse cells, outline of a coarse cell, outline of a fine one, steps to its children]: see hexagons.
- ``coarse``: for each cell of resolution 8: x and y less those of the one before, fine cells in it.
- ``fine``: for each cell of resolution 9: digit + 7 · (pairs − 1), where a pair is a category with incidents.
- ``week``: for each pair: c + n · (count − 1); ``day`` and ``hour``: pair's number less the one before, count, ….
- ``totals``: for each window the incidents by category with a position, and those without one.
- ``reach_ms``, ``gap``: where the records do not reach back over the week, since when they do, and the hole before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import hexagons
from analytics.today import Reach
from data_feeds.incident_log import NO_CELL, LogView

Body = dict[str, Any]
HOUR_S, DAY_S, WEEK_S = 3_600.0, 86_400.0, 7 * 86_400.0
WINDOWS = {"hour": HOUR_S, "day": DAY_S, "week": WEEK_S}
Ints = NDArray[np.int64]
Cells = NDArray[np.uint64]


def heat_body(view: LogView, reach: Reach, now_ms: float) -> Body:
    """The document of ``view`` (one scope's records) at ``now_ms``."""
    rows = view.rows
    age_s = (now_ms - rows["received"]) / 1000.0
    wanted = (rows["flags"] == 0) & (age_s >= 0.0) & (age_s < WEEK_S)
    age_s, cells, words = age_s[wanted], rows["cell"][wanted], rows["category"][wanted].astype(np.int64)
    names, category = by_frequency(view.categories, words, np.ones(len(words), np.int64))
    placed = cells != NO_CELL
    fine, code = coded(cells[placed], category[placed], len(names))
    pairs, body = encoded(names, fine, code, np.ones(len(code), np.int64))
    recent = {name: np.unique(code[age_s[placed] < WINDOWS[name]], return_counts=True) for name in ("day", "hour")}
    totals = {
        name: [np.bincount(category[inside & (age_s < window)], minlength=len(names)).tolist()
               for inside in (placed, ~placed)]
        for name, window in WINDOWS.items()
    }  # fmt: skip
    return {
        **body, **{name: _recent(pairs, *recent[name]) for name in recent},
        "totals": totals, **reach.since(now_ms - WEEK_S * 1000.0),
    }  # fmt: skip


def coded(cells: Cells, category: Ints, n: int) -> tuple[Cells, Ints]:
    """The fine cells, and for each row the number of its pair of a cell and a category.

    Pairs are in the order of cells: neighbours stand together in H3's numbering.
    """
    fine, which = np.unique(cells, return_inverse=True)
    return fine, which.astype(np.int64) * max(1, n) + category


def encoded(names: list[str], fine: Cells, code: Ints, counts: Ints) -> tuple[Ints, Body]:
    """The numbers of the pairs that occur, and the document's categories, patches, coarse, fine and week."""
    n = max(1, len(names))
    pairs, at = np.unique(code, return_inverse=True)
    sums = np.bincount(at, weights=counts, minlength=len(pairs)).astype(np.int64)
    coarse, held = np.unique(hexagons.parents(fine, hexagons.COARSE), return_counts=True)
    per_cell = np.bincount(pairs // n, minlength=len(fine))
    patches, places = _places(coarse.tolist(), held.tolist())
    return pairs, {
        "categories": names, "patches": patches, "coarse": places,
        "fine": (hexagons.digits(fine, hexagons.FINE) + 7 * (per_cell - 1)).tolist(),
        "week": (pairs % n + n * (sums - 1)).tolist(),
    }  # fmt: skip


def by_frequency(words: Sequence[str], used: Ints, times: Ints) -> tuple[list[str], Ints]:
    """The categories that occur (so many ``times``), most frequent first, and ``used`` in their numbers."""
    counts = np.bincount(used, weights=times, minlength=len(words)).astype(np.int64)
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda c: (-counts[c], words[c]))
    number = np.zeros(max(1, len(words)), np.int64)
    number[order] = np.arange(len(order))
    return [words[c] for c in order], number[used]


def _places(coarse: list[int], held: list[int]) -> tuple[list[Any], list[int]]:
    patches: list[Any] = []
    last, x, y = 0, 0, 0
    out: list[int] = []
    for cell, children in zip(coarse, held, strict=True):
        to_x, to_y, patch = hexagons.place(cell)
        if patch != last:
            shapes = hexagons.shapes(patch)
            patches.append([0, shapes.coarse, shapes.fine, shapes.steps])
            last = patch
        patches[-1][0] += 1
        out += (to_x - x, to_y - y, children)
        x, y = to_x, to_y
    return patches, out


def _recent(pairs: Ints, codes: Ints, counts: Ints) -> list[int]:
    at = np.searchsorted(pairs, codes)
    out = np.empty(2 * len(at), np.int64)
    out[0::2], out[1::2] = np.diff(at, prepend=0), counts
    return out.tolist()
