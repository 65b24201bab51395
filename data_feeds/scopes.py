"""Scopes: what one wall shows. The city's shows everything, a branch's or a station's what is theirs.

What belongs where follows from the words of a message (ids or names of jurisdictions) and, where these say nothing,
from the place on the map.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from data_feeds.areas import Area, Box
from data_feeds.places import LEVELS, NO_PLACES, Place, Places, key

MAX_CODE = 64
PAIRS_KEPT = 65_536
Codes = frozenset[str]
NOTHING: Codes = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """A jurisdiction and its parts. ``level``: city, branch, station, "" where no places tell, or unknown.

    ``words``: what messages may call it and its parts: ids and names.
    """

    code: str
    level: str
    words: frozenset[str] = NOTHING
    place: Place | None = field(default=None, compare=False)
    _scopes: Scopes | None = field(default=None, compare=False, repr=False)
    spelling: str = field(default="", compare=False)  # as it was asked for, where no place has a name for it

    @property
    def is_city(self) -> bool:
        return self.level == "city"

    def holds(self, branch: str, station: str, zone: str = "") -> bool:
        """Whether what names this ``branch``, ``station`` or ``zone`` belongs to the scope."""
        if self.is_city:
            return True
        return self._scopes is not None and self.code in self._scopes.codes(branch, station, zone)


CITY = Scope("city", "city")
NOWHERE = Scope("", "unknown")  # the scope of a code that no jurisdiction has: it holds nothing


class Scopes:
    """Which scopes there are, and to which of them things belong.

    Without places every word is a scope of its own and holds what carries it as branch or station.
    """

    def __init__(self, places: Places = NO_PLACES) -> None:
        self.places = places
        self.known = bool(places.jurisdictions())
        self._by_word: dict[str, defaultdict[str, list[str]]] = {}  # level → word → ids
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        for level in LEVELS:
            words = self._by_word[level] = defaultdict(list)
            for place in self._of_kind(level):
                for word in sorted({key(w) for w in place.words()}):
                    words[word].append(place.id)
                if place.parent:
                    self._children[place.parent].append(place.id)
        self._zones: defaultdict[str, list[str]] = defaultdict(list)  # word of a zone or spot → jurisdiction's id
        for place in places.by_id.values():
            if place.kind not in LEVELS and place.parent:
                for word in {key(w) for w in place.words()}:
                    self._zones[word].append(place.parent)
        self._areas = [(p.id, p.kind, places.areas[p.id]) for level in LEVELS[1:] for p in self._of_kind(level)]
        self._scopes = {p.id: self._scope(p) for level in LEVELS[1:] for p in self._of_kind(level)}
        self.codes = lru_cache(PAIRS_KEPT)(self._codes)

    def find(self, code: str) -> Scope | None:
        """The scope that ``code`` (an id, or a name that only one jurisdiction has) names; None where none has it."""
        word = key(code)
        if word in ("", CITY.code):
            return CITY
        if len(code) > MAX_CODE:
            return None
        if not self.known:
            return Scope(word, "", frozenset({word}), None, self, code.strip())
        found = {one for level in LEVELS for one in self._by_word[level].get(word, ())}
        exact = {one for one in found if key(one) == word}
        if len(exact or found) != 1:
            return None
        return self._scopes.get(next(iter(exact or found)), CITY)  # what is no branch and no station is the city

    def all(self) -> list[Scope]:
        """Every branch with its stations after it; empty without places."""
        branches = [scope for scope in self._scopes.values() if scope.level == "branch"]
        return [one for b in branches for one in (b, *(self._scopes[s] for s in self._children[b.code]))]

    def box(self, scope: Scope) -> Box | None:
        """South, west, north, east in degrees; None where no outline tells."""
        if scope.is_city:
            return self.places.extent()
        area = self.places.areas.get(scope.code)
        return area.box if area else None

    def is_strange(self, word: str) -> bool:
        """Whether a message's ``word`` for a branch or a station is none that the places have."""
        if not self.known or not word:
            return False
        wanted = key(word)
        return not any(wanted in words for words in self._by_word.values())

    def codes_at(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> list[frozenset[str]]:
        """The branches and stations whose areas hold each point (WGS-84 degrees), a station's branch included."""
        found: list[set[str]] = [set() for _ in range(len(lat))]
        for code, _, area in self._near(lat, lon):
            for index in np.flatnonzero(area.holds(lat, lon)).tolist():
                found[index].update(self._with_branch(code))
        return [frozenset(codes) for codes in found]

    def refined(self, named: frozenset[str], at: frozenset[str]) -> frozenset[str]:
        """Where something belongs whose words say ``named`` and whose place lies in ``at``.

        Words go before places. Words that say nothing leave it to the place; words that say the branch only leave the
        station to it, as long as that is one of the branch's.
        """
        if not named:
            return at
        if any(self._level(code) == "station" for code in named):
            return named
        return named | {code for code in at if self._parent(code) in named}

    def homes(
        self, words: Sequence[tuple[str, str, str]], lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> list[Codes]:
        """The branches and stations that hold things with these words (branch, station, zone) at these places (WGS-84
        degrees, NaN: none)."""
        named = [self.codes(*one) for one in words]
        # where the words name a station the place says nothing, and most words do
        told = {codes: any(self._level(code) == "station" for code in codes) for codes in set(named)}
        placed = np.flatnonzero(~np.isnan(lat) & ~np.array([told[codes] for codes in named], dtype=bool))
        for index, at in zip(placed.tolist(), self.codes_at(lat[placed], lon[placed]), strict=True):
            named[index] = self.refined(named[index], at)
        return named

    def _codes(self, branch: str, station: str, zone: str = "") -> frozenset[str]:
        """The ids of the branches and stations that something with these words belongs to."""
        if not self.known:
            return frozenset({key(branch), key(station)} - {""})
        stations = self._ids(station, ("station", "branch"))
        branches = self._ids(branch, ("branch", "station"))
        # a name that two branches' stations share means the one of the named branch; words that contradict each
        # other count both: better on two walls than on none
        kin = {(s, b) for s in stations for b in branches if s == b or self._parent(s) == b or self._parent(b) == s}
        if kin:
            stations, branches = [s for s, _ in kin], [b for _, b in kin]
        found = {*stations, *branches} or {code for code in self._zones.get(key(zone), ()) if code in self._scopes}
        return frozenset(one for code in found for one in self._with_branch(code))

    def _ids(self, word: str, levels: Iterable[str]) -> list[str]:
        """The jurisdictions that ``word`` names, at the first of ``levels`` where there are any."""
        wanted = key(word)
        return next((self._by_word[level][wanted] for level in levels if wanted in self._by_word[level]), [])

    def _with_branch(self, code: str) -> tuple[str, ...]:
        parent = self._parent(code)
        return (code, parent) if parent in self._scopes else (code,)

    def _parent(self, code: str) -> str:
        return self.places.by_id[code].parent or ""

    def _level(self, code: str) -> str:
        place = self.places.by_id.get(code)
        return place.kind if place else ""

    def _of_kind(self, kind: str) -> list[Place]:
        return [place for place in self.places.by_id.values() if place.kind == kind]

    def _near(self, lat: NDArray[np.float64], lon: NDArray[np.float64]) -> Sequence[tuple[str, str, Area]]:
        if not len(lat) or not self._areas:
            return []
        boxes = np.array([area.box for _, _, area in self._areas])
        south, west, north, east = np.nanmin(lat), np.nanmin(lon), np.nanmax(lat), np.nanmax(lon)
        near = (boxes[:, 0] <= north) & (boxes[:, 2] >= south) & (boxes[:, 1] <= east) & (boxes[:, 3] >= west)
        return [self._areas[index] for index in np.flatnonzero(near).tolist()]

    def _scope(self, place: Place) -> Scope:
        words = place.words()
        for child in self._children[place.id]:
            words |= self.places.by_id[child].words()
        return Scope(place.id, place.kind, frozenset(words), place, self)

