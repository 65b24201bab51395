"""The one branch, station and zone to which a figure counts an incident: by its words, else by its place. Pure.

A level of which the places have none keeps the words of the source. On the live map an incident whose words
contradict each other is on two walls; a figure counts it once, at the station that its word for the station names.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_feeds.history.zoning import Zoning
from data_feeds.places import Place, key
from data_feeds.scopes import Codes, Scopes

# the kind of zone that figures are about: the first of which the places have any
ZONE_KINDS = ("patrol_zone", "responsibility_area", "rapid_response_zone", "defence_zone")
Floats = NDArray[np.float64]
Home = tuple[str, str, str]  # branch, station, zone


class Homes:
    """Where things belong, by ``scopes`` and its places."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        places = scopes.places.by_id
        kinds = {place.kind for place in places.values()}
        self.has_branches, self.has_stations = "branch" in kinds, "station" in kinds
        kind = next((one for one in ZONE_KINDS if one in kinds), "")
        self.zones = [place for place in places.values() if kind and place.kind == kind]
        self._by_word: defaultdict[str, list[Place]] = defaultdict(list)
        for place in places.values():
            if place.kind in ZONE_KINDS:
                for word in sorted({key(word) for word in place.words()}):
                    self._by_word[word].append(place)
        areas = scopes.places.areas
        self._zone_areas = Zoning([areas[place.id] for place in self.zones])
        self._levels = {
            level: [place for place in places.values() if place.kind == level] for level in ("branch", "station")
        }
        self._level_areas = {
            level: Zoning([areas[place.id] for place in found]) for level, found in self._levels.items()
        }
        self._picked = lru_cache(65_536)(self._pick)

    def zone_named(self, word: str, station: str = "", branch: str = "") -> str:
        """The id of the zone that ``word`` names, of several the one within the station or branch; "" for none."""
        found = self._by_word.get(key(word), ())
        near = [place for place in found if place.parent and place.parent in (station, branch)]
        return next((place.id for place in (*near, *found)), "")

    def clause(self, scope: str) -> tuple[str, list[Any]]:
        """What holds for the rows of ``scope``, as SQL and its parameters: the code of any level, or a zone; "" holds
        everything, what nothing is called holds nothing."""
        found = self.scopes.find(scope)
        if found is not None and found.is_city:
            return "", []
        if found is not None and found.level in ("branch", "station"):
            return f"{found.level} = ?", [found.code]
        zone = self.zone_named(scope)
        if zone:
            return "zone = ?", [zone]
        levels = (("branch", self.has_branches), ("station", self.has_stations), ("zone", bool(self._by_word)))
        words = [level for level, has_places in levels if not has_places]
        # a level without places keeps the words of its source, however these are written
        return " OR ".join(f"lower({level}) = ?" for level in words) or "false", [key(scope)] * len(words)

    def of(self, branch: pa.Array, station: pa.Array, zone: pa.Array, lat: Floats, lon: Floats) -> tuple[pa.Array, ...]:
        """Branch, station and zone (text arrays) of things with these words (no nulls) at these places (NaN: none)."""
        columns = [column.dictionary_encode() for column in (branch, station, zone)]
        words = [column.dictionary.to_pylist() for column in columns]
        codes = [column.indices.to_numpy(zero_copy_only=False).astype(np.int64) for column in columns]
        packed = (codes[0] * max(len(words[1]), 1) + codes[1]) * max(len(words[2]), 1) + codes[2]
        _, first, at = np.unique(packed, return_index=True, return_inverse=True)
        told = [(words[0][codes[0][k]], words[1][codes[1][k]], words[2][codes[2][k]]) for k in first.tolist()]
        homes: dict[Home, int] = {}
        named = [self.scopes.codes(*one) for one in told]
        plain = [homes.setdefault(self._picked(codes, one), len(homes)) for codes, one in zip(named, told, strict=True)]
        rows = np.array(plain, np.int64)[at] if len(at) else np.zeros(0, np.int64)
        if self.scopes.known:
            open_ = np.array([not any(self._kind(code) == "station" for code in codes) for codes in named], bool)
            placed = np.flatnonzero(~np.isnan(lat) & open_[at]) if len(at) else np.zeros(0, np.intp)
            for row, here in zip(placed.tolist(), self.scopes.codes_at(lat[placed], lon[placed]), strict=True):
                home = self._picked(self.scopes.refined(named[at[row]], here), told[at[row]])
                rows[row] = homes.setdefault(home, len(homes))
        names = list(homes)
        texts = [pa.array([home[k] for home in names], pa.string()).take(pa.array(rows)) for k in range(3)]
        return texts[0], texts[1], self._placed_zones(texts[2], lat, lon)

    def at(self, lat: Floats, lon: Floats) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Branch, station and zone of places alone; "" outside of all."""
        branch, station = (self._named(self._levels[level], self._level_areas[level].at(lat, lon)) for level in
                           ("branch", "station"))  # fmt: skip
        return branch, station, self._named(self.zones, self._zone_areas.at(lat, lon))

    def _placed_zones(self, zone: pa.Array, lat: Floats, lon: Floats) -> pa.Array:
        if not self.zones:
            return zone
        lost = pc.equal(zone, "").to_numpy(zero_copy_only=False) & ~np.isnan(lat)
        if not lost.any():
            return zone
        found = self._named(self.zones, self._zone_areas.at(lat[lost], lon[lost]))
        return pc.replace_with_mask(zone, pa.array(lost), found)

    def _named(self, places: list[Place], index: NDArray[np.int32]) -> pa.Array:
        return pa.array([*(place.id for place in places), ""], pa.string()).take(pa.array(index % (len(places) + 1)))

    def _pick(self, codes: Codes, told: Home) -> Home:
        branch_word, station_word, zone_word = told
        stations = sorted(code for code in codes if self._kind(code) == "station")
        branches = sorted(code for code in codes if self._kind(code) == "branch")
        wanted = key(station_word)
        station = next((one for one in stations if wanted in self._words(one)), stations[0] if stations else "")
        parent = self._parent(station)
        branch = parent if parent in branches else branches[0] if branches else ""
        zone = self.zone_named(zone_word, station, branch)
        return (
            branch if self.has_branches else clean(branch_word),
            station if self.has_stations else clean(station_word),
            zone if self._by_word else clean(zone_word),
        )

    @lru_cache(4_096)  # noqa: B019 - one such object lives as long as its store
    def _words(self, code: str) -> frozenset[str]:
        return frozenset(key(word) for word in self.scopes.places.by_id[code].words())

    def _kind(self, code: str) -> str:
        place = self.scopes.places.by_id.get(code)
        return place.kind if place else ""

    def _parent(self, code: str) -> str:
        place = self.scopes.places.by_id.get(code)
        return (place.parent or "") if place else ""


def clean(word: str) -> str:
    """A word of a source that no place has: one width of letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", word).split())
