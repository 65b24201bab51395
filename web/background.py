"""What is known beside the incidents: from settings, places and roads, worked out once and for all reports."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from analytics.figures import heat, zones
from analytics.figures.request import KeyDate, PlaceFact
from data_feeds.history.homes import ZONE_KINDS
from data_feeds.incident_log import word_of
from data_feeds.model import PlaceClass
from data_feeds.places import Place
from data_feeds.roads import RoadGraph
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings

AREAS_KEPT = 256
LEVELS = ("branch", "station", "zone")


@dataclass(frozen=True, slots=True)
class Background:
    """``recorded``: records go on arriving. ``study``: (scope, resolution) → cells, see analytics.figures.heat;
    ``resolution``: scope → the one that suits its size."""

    time_zone: str
    day_start_minute: int = 0
    key_dates: tuple[KeyDate, ...] = ()
    targets: Mapping[str, int] = field(default_factory=dict)
    branches: tuple[PlaceFact, ...] = ()
    stations: tuple[PlaceFact, ...] = ()
    zones: tuple[PlaceFact, ...] = ()
    lunar: bool = False
    suppress_below: int = 3
    recorded: bool = True
    study: Callable[[str, int], tuple[int, ...]] = lambda scope, resolution: ()
    resolution: Callable[[str], int] = lambda scope: heat.USUAL


class Surroundings:
    """The background of a wall, made when it is first asked for: sizes and roads of areas take a second or two.

    ``roads``: gives the road graph, None without one. Blocking: never call it on the event loop.
    """

    def __init__(
        self, settings: Settings, scopes: Scopes, roads: Callable[[], RoadGraph | None], recorded: bool
    ) -> None:
        self._settings, self._scopes, self._roads, self._recorded = settings, scopes, roads, recorded
        self._lock = threading.Lock()
        self._made: Background | None = None

    def __call__(self) -> Background:
        with self._lock:
            if self._made is None:
                self._made = background_of(self._settings, self._scopes, self._roads(), self._recorded)
            return self._made


def background_of(settings: Settings, scopes: Scopes, roads: RoadGraph | None, recorded: bool) -> Background:
    """Everything that a report wants to know beside the incidents."""
    places, areas = scopes.places.by_id, scopes.places.areas
    by_level = levels_of(scopes)
    sizes = zones.facts({place.id: areas[place.id] for some in by_level.values() for place in some}, roads)

    def facts(level: str) -> tuple[PlaceFact, ...]:
        return tuple(
            PlaceFact(
                place.id, place.name_zh or place.name_en or place.id, place.name_en or place.name_zh or place.id,
                parents(place, places), sizes[place.id].km2, sizes[place.id].road_km,
            )
            for place in by_level[level]
        )  # fmt: skip

    @lru_cache(AREAS_KEPT)
    def study(scope: str, resolution: int) -> tuple[int, ...]:
        if scope in areas:
            return heat.study_cells([areas[scope]], resolution)
        if scope:
            return ()
        cities = [place for place in places.values() if place.kind == "city"]
        whole = cities or by_level["branch"] or by_level["station"]
        return heat.study_cells([areas[place.id] for place in whole], resolution)

    def resolution(scope: str) -> int:
        if scope in sizes:
            return heat.resolution_for(sizes[scope].km2)
        widest = by_level["branch"] or by_level["station"]
        return heat.resolution_for(sum(sizes[place.id].km2 for place in widest) if widest and not scope else None)

    return Background(
        settings.time_zone, settings.day_start_minute,
        tuple(KeyDate(name, first, last) for name, (first, last) in settings.key_dates.items()),
        {
            word_of(PlaceClass.KEY_SPOT.name): round(settings.target_key_spot_s),
            word_of(PlaceClass.CENTRE.name): round(settings.target_centre_s),
            word_of(PlaceClass.OTHER.name): round(settings.target_other_s),
        },
        facts("branch"), facts("station"), facts("zone"), settings.lunar_comparison, settings.suppress_below, recorded,
        study, resolution,
    )  # fmt: skip


def levels_of(scopes: Scopes) -> dict[str, list[Place]]:
    """Branches, stations, and the zones that figures are about: of the first kind of which there are any."""
    places = list(scopes.places.by_id.values())
    kinds = {place.kind for place in places}
    zone = next((kind for kind in ZONE_KINDS if kind in kinds), "zone")
    return {level: [place for place in places if place.kind == (zone if level == "zone" else level)]
            for level in LEVELS}  # fmt: skip


def parents(place: Place, places: Mapping[str, Place]) -> tuple[str, ...]:
    """The codes of every jurisdiction that holds it, the nearest first."""
    found: list[str] = []
    while place.parent and place.parent not in found:
        place = places[place.parent]
        found.append(place.id)
    return tuple(found)


def program_mark(*folders: Path) -> str:
    """Hex digits that change with the program text in ``folders``: another program may mean other answers."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
