"""The ground of a wall: its basemap, the made-up city where there is one, its jurisdictions and streets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data_feeds import basemap, places, roads
from data_feeds.basemap import source
from data_feeds.model import Datum
from data_feeds.settings import Settings

if TYPE_CHECKING:
    from data_feeds.simulator.city import City

log = logging.getLogger("wallboard.ground")


def basemap_of(settings: Settings) -> source.Ground:
    """Raises basemap.BasemapError."""
    if settings.basemap:
        return source.find(
            settings.basemap, settings.basemap_datum, settings.basemap_key, settings.basemap_attribution,
            settings.basemap_max_zoom, settings.basemap_look,
        )  # fmt: skip
    # Another city's streets would be a lie: without a file only the embedded city has ground.
    return source.Ground("geojson", basemap.EMPTY)


def city_of(settings: Settings, base: source.Ground) -> City:
    """The made-up city, on the streets of ``base`` if it has any. Raises basemap.BasemapError, roads.RoadsError."""
    from data_feeds.simulator import city, shelf  # the demo city is loaded only by a wall that shows it

    if base.roads:  # whose ground it is, its streets are known: the city lives there
        graph = roads.load(base.roads)
        try:
            return city.from_roads(graph, settings.embedded_seed)
        except ValueError as error:
            way_out = "take a larger extract, or move that file away"
            raise basemap.BasemapError(f"no city can live on {base.roads}: {error}; {way_out}") from None
    return shelf.take(Path(settings.cache_dir), settings.embedded_seed, city.size_for(settings.embedded_units))


def streets_of(base: source.Ground, city: City | None) -> roads.RoadGraph | None:
    """The road graph; None where nobody knows one. Raises roads.RoadsError."""
    return city.roads if city else roads.load(base.roads) if base.roads else None


def known(streets: Callable[[], roads.RoadGraph | None], without: str) -> roads.RoadGraph | None:
    """The road graph; None, with a warning that says what goes on ``without`` it, where its file is broken."""
    try:
        return streets()
    except roads.RoadsError as error:
        log.warning("%s, until the wall is started with a good file: %s", without, error)
        return None


def places_of(settings: Settings, city: City | None) -> places.Places:
    """The jurisdictions. Raises places.PlacesError."""
    if settings.places:
        return places.load(settings.places, Datum[settings.places_datum])
    # Another city's jurisdictions would be a lie too.
    return places.from_geojson(city.places) if city else places.NO_PLACES
