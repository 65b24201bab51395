"""To which scopes incidents, drones and devices belong: worked out when somebody asks, for all that is new at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np

from data_feeds.scopes import NOTHING, Codes, Scope, Scopes

Thing = TypeVar("Thing")


class Belonging(Generic[Thing]):
    """Things by the code of every scope that holds them; what names no jurisdiction goes by its place.

    ``name``: the id of a thing. ``place``: latitude and longitude in WGS-84 degrees, or None. ``words``: the codes of
    the jurisdictions that it names. Not locked: the Board does that.
    """

    def __init__(
        self, scopes: Scopes, name: Callable[[Thing], str],
        place: Callable[[Thing], tuple[float | None, float | None]], words: Callable[[Thing], Codes],
    ) -> None:  # fmt: skip
        self._scopes, self._name, self._place, self._words = scopes, name, place, words
        self._at: dict[str, tuple[Thing, Codes]] = {}  # in whose areas each thing lies
        self._by_code: dict[str, list[Thing]] = {}
        self._state: object = None

    def of(self, scope: Scope, state: object, things: Callable[[], Sequence[Thing]]) -> list[Thing]:
        """The things of ``scope``, in the order of ``things``, which is called when ``state`` is not the last one."""
        if state != self._state:
            self._sort(things())
            self._state = state
        return list(self._by_code.get(scope.code, ()))

    def _sort(self, things: Sequence[Thing]) -> None:
        before = self._at
        # a thing that changes is another object: what is the same one lies where it lay
        self._at = {}
        new = []
        for thing in things:
            kept = before.get(self._name(thing))
            if kept is not None and kept[0] is thing:
                self._at[self._name(thing)] = kept
            else:
                new.append(thing)
        self._locate(new)
        by_code: defaultdict[str, list[Thing]] = defaultdict(list)
        for thing in things:
            for code in self._scopes.refined(self._words(thing), self._at[self._name(thing)][1]):
                by_code[code].append(thing)
        self._by_code = dict(by_code)

    def _locate(self, things: Sequence[Thing]) -> None:
        placed = []
        for thing in things:
            lat, lon = self._place(thing)
            self._at[self._name(thing)] = thing, NOTHING
            if lat is not None and lon is not None:
                placed.append((thing, lat, lon))
        if not placed:
            return
        lats, lons = (np.array([row[k] for row in placed], dtype=np.float64) for k in (1, 2))
        for (thing, _, _), codes in zip(placed, self._scopes.codes_at(lats, lons), strict=True):
            self._at[self._name(thing)] = thing, codes
