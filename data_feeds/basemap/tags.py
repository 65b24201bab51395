"""What OpenStreetMap's tags mean on the wall: layer, class, from which zoom on; and what a street allows. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from data_feeds.roads import CLASSES, USUAL_SPEED_MPS

MPS_PER_KMH, MPS_PER_MPH = 1 / 3.6, 0.44704
WALKING_MPS = 7 * MPS_PER_KMH
NO_LIMIT_MPS = 130 * MPS_PER_KMH
MAX_NAME = 80

Tags = Mapping[str, str]


class Drawn(NamedTuple):
    """Where a feature is drawn: tile layer, class, lowest zoom."""

    layer: str
    kind: str
    minzoom: int


GREEN = {
    "landuse": dict.fromkeys(("forest",), 9) | dict.fromkeys(
        ("grass", "meadow", "recreation_ground", "village_green", "cemetery", "allotments", "orchard", "vineyard"), 12),
    "natural": dict.fromkeys(("wood", "wetland"), 9) | dict.fromkeys(("scrub", "heath", "grassland"), 11),
    "leisure": dict.fromkeys(("park", "nature_reserve", "golf_course"), 10) | dict.fromkeys(("garden", "pitch"), 13),
}  # fmt: skip
WATER_AREAS = {
    "natural": ("water", "bay", "strait"),
    "landuse": ("reservoir", "basin"),
    "waterway": ("riverbank", "dock"),
}
WATERWAYS = {"river": 9, "canal": 11, "stream": 13, "drain": 14, "ditch": 14}
ROADS = {
    "motorway": ("motorway", 6), "trunk": ("trunk", 7), "primary": ("primary", 8), "secondary": ("secondary", 10),
    "tertiary": ("tertiary", 11), "unclassified": ("residential", 12), "residential": ("residential", 12),
    "living_street": ("residential", 13), "road": ("residential", 13), "service": ("service", 13),
    "pedestrian": ("path", 13), "track": ("path", 14), "footway": ("path", 14), "cycleway": ("path", 14),
    "path": ("path", 14), "steps": ("path", 15),
}  # fmt: skip
RAILS = {"rail": 10, "light_rail": 12, "subway": 12, "tram": 13, "narrow_gauge": 12, "monorail": 12}
PLACES = {
    "city": 4, "town": 7, "borough": 10, "suburb": 10, "village": 10, "quarter": 12, "neighbourhood": 13, "hamlet": 13,
    "island": 11, "islet": 14, "square": 15, "locality": 14,
}  # fmt: skip
DRIVABLE = {
    "motorway": "motorway", "trunk": "trunk", "primary": "primary", "secondary": "secondary", "tertiary": "tertiary",
    "unclassified": "residential", "residential": "residential", "living_street": "service", "service": "service",
    "road": "other",
}  # fmt: skip
MINOR_SERVICE = ("parking_aisle", "driveway", "drive-through", "emergency_access")  # more of them than streets


def names(tags: Tags) -> dict[str, str]:
    """``name`` as written on the spot, ``name_zh`` and ``name_en`` where they differ from it."""
    found = {
        "name": tags.get("name", ""),
        "name_zh": tags.get("name:zh-Hans") or tags.get("name:zh", ""),
        "name_en": tags.get("name:en") or tags.get("int_name", ""),
    }
    own = found["name"]
    return {key: text[:MAX_NAME] for key, text in found.items() if text and (key == "name" or text != own)}


def area(tags: Tags) -> Drawn | None:
    """How a closed shape is drawn; None: not at all."""
    if any(tags.get(key) in values for key, values in WATER_AREAS.items()):
        kind = tags.get("water") or tags.get("waterway") or "lake"
        return Drawn("water", kind, 6 if kind in ("lake", "river", "reservoir") else 10)
    if tags.get("building", "no") != "no":
        return Drawn("building", "building", 14)
    for key, values in GREEN.items():
        if tags.get(key) in values:
            return Drawn("green", tags[key], values[tags[key]])
    return None


def line(tags: Tags) -> Drawn | None:
    """How an open way is drawn; None: not at all."""
    if tags.get("area") == "yes":
        return None
    highway = tags.get("highway", "")
    link = highway.endswith("_link")
    if road := ROADS.get(highway.removesuffix("_link")):
        minor = highway == "service" and tags.get("service") in MINOR_SERVICE
        under = tags.get("footway") in ("sidewalk", "crossing") or tags.get("indoor") == "yes"
        return Drawn("road", road[0], 15 if minor or under else max(road[1], 11) if link else road[1])
    if tags.get("railway") in RAILS:
        siding = "service" in tags
        return Drawn("rail", tags["railway"], 14 if siding else RAILS[tags["railway"]])
    if tags.get("waterway") in WATERWAYS and tags.get("tunnel", "no") == "no":
        return Drawn("water", tags["waterway"], WATERWAYS[tags["waterway"]])
    return None


def place(tags: Tags) -> Drawn | None:
    """How a named point is drawn; None: not at all."""
    kind = tags.get("place", "")
    return Drawn("place", kind, PLACES[kind]) if kind in PLACES and tags.get("name") else None


def is_underground(tags: Tags) -> bool:
    """Whether a way runs in a tunnel: it is drawn fainter."""
    return tags.get("tunnel", "no") not in ("no", "building_passage") or tags.get("layer", "").startswith("-")


def drivable(tags: Tags) -> int | None:
    """The class (index into ``roads.CLASSES``) of a street that a patrol car may use; None: it may not."""
    kind = DRIVABLE.get(tags.get("highway", "").removesuffix("_link"))
    if kind is None or tags.get("area") == "yes" or tags.get("service") in MINOR_SERVICE:
        return None
    for key in ("motor_vehicle", "vehicle", "access"):  # the more exact word goes first
        if key in tags:
            if tags[key] in ("no", "private", "agricultural", "forestry"):
                return None
            break
    return CLASSES.index(kind)


def directions(tags: Tags) -> tuple[bool, bool]:
    """Whether a street may be driven along its way, and against it; reversible ones both ways."""
    oneway = tags.get("oneway", "")
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway in ("yes", "true", "1"):
        return True, False
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") in ("motorway", "motorway_link")
    return True, oneway in ("no", "false", "0", "reversible", "alternating") or not implied


def speed_mps(tags: Tags, road_class: int) -> float:
    """The limit of ``maxspeed`` (km/h, mph, walk, none; the lowest of several), else what is usual for the class."""
    limits = [_limit_mps(part.strip()) for part in re.split("[;,|]", tags.get("maxspeed", "")) if part.strip()]
    known = [limit for limit in limits if limit]
    return min(known) if known else USUAL_SPEED_MPS[road_class]


def _limit_mps(text: str) -> float | None:
    if text == "none":
        return NO_LIMIT_MPS
    if text == "walk" or text.endswith((":walk", ":living_street")):
        return WALKING_MPS
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mph|km/h|kmh|kph)?", text)
    if not found or not float(found[1]):
        return None  # "signals", "FI:urban": the class says enough
    return float(found[1]) * (MPS_PER_MPH if found[2] == "mph" else MPS_PER_KMH)
