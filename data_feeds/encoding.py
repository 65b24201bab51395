"""Rows of one emit block → encoded messages; keeps what the block last said of each entity."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from datetime import datetime
from typing import Any

import msgspec
from numpy.typing import NDArray

from data_feeds.cells import Bad, moments
from data_feeds.mapping import Derive, Emit, Mapping
from data_feeds.messages import NULL_ISLAND_DEG
from data_feeds.model import KEY_FIELD, MESSAGE_OF

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
Readers = Dictionary[int, Callable[[Sequence[Sequence[Any]]], list[Any]]]
Fix = tuple[float, float, datetime]  # lat, lon (degrees), time


def movement(before: Fix, after: Fix) -> tuple[float, float, float]:
    """(metres, initial bearing in degrees 0–360, seconds) between two fixes, on a sphere; good to 0.6 %."""
    lat_a, lat_b = math.radians(before[0]), math.radians(after[0])
    d_lon = math.radians(after[1] - before[1])
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(d_lon / 2) ** 2
    metres = 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))
    east = math.sin(d_lon) * math.cos(lat_b)
    north = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(d_lon)
    return metres, math.degrees(math.atan2(east, north)) % 360.0, (after[2] - before[2]).total_seconds()


def derived(limits: Derive, before: Fix | None, after: Fix) -> dict[str, float]:
    """What two consecutive fixes tell of speed (m/s) and course (degrees); nothing beyond the limits."""
    if before is None:
        return {}
    metres, bearing, seconds = movement(before, after)
    if not 0 < seconds <= limits.max_gap_s or metres / seconds > limits.max_speed_mps:
        return {}
    found = {"speed_mps": round(metres / seconds, 2)}
    if metres >= limits.min_move_m:  # below it the direction is the receiver's noise
        found["course"] = round(bearing, 1)
    return {name: value for name, value in found.items() if name in limits.names}


class Encoder:
    """Encodes the messages of one emit block. ``notes`` counts what was mended on the way."""

    def __init__(self, mapping: Mapping, emit: Emit, notes: Counter[str]) -> None:
        self._emit = emit
        self._notes = notes
        self._struct = MESSAGE_OF[emit.topic]
        self._names = [f.name for f in emit.fields]
        self._key = KEY_FIELD[emit.topic]
        known = {f.name: f for f in msgspec.structs.fields(self._struct)}
        self._required = [name for name, f in known.items() if f.required]
        self._placed = "lat" in known
        # one datum for the file; WGS84 is the message's default
        datum = mapping.datum if "datum" in known and "datum" not in self._names else "WGS84"
        self._extra: dict[str, Any] = {} if datum == "WGS84" else {"datum": datum}
        self._timeless = [index for index, f in enumerate(emit.fields) if f.kind != "time"]
        self._key_index = self._names.index(self._key)
        self._to_json = msgspec.json.Encoder().encode
        self._said: dict[str, tuple[Any, ...]] = {}
        self._fixes: dict[str, Fix] = {}
        self._every_us = round(emit.every_s * 1e6)
        self._stretch: dict[str, int] = {}  # in which stretch of time each entity spoke last
        self._extent = mapping.extent

    def values(
        self, columns: Dictionary[str, NDArray[Any]], rows: NDArray[Any], readers: Readers
    ) -> list[tuple[Any, ...]]:
        """The fields' values of each of ``rows``; looks at nothing but these rows."""
        found = []
        for field in self._emit.fields:
            if not field.columns:
                found.append([field.constant] * len(rows))
            elif field.kind == "time":
                found.append(moments(columns[field.columns[0].name][rows]))
            else:
                found.append(readers[id(field)]([columns[rule.name][rows].tolist() for rule in field.columns]))
        return list(zip(*found, strict=True))

    def encode(self, values: tuple[Any, ...], at_us: int = 0) -> tuple[bytes, bytes] | Bad | None:
        """(key, value); Bad when the row cannot be mapped, None when it says nothing new, or when the entity spoke in
        this stretch of ``every_s`` seconds already. In the order of times; ``at_us``: when it is due, Unix µs."""
        if self._every_us and self._stretch.get(values[self._key_index]) == at_us // self._every_us:
            return None
        said: tuple[Any, ...] = ()
        if self._emit.on_change:
            # asked first: most rows say nothing new, and a message costs more than a comparison
            said = tuple([values[index] for index in self._timeless])
            if self._said.get(values[self._key_index]) == said:
                return None
        record = self._record(values)
        message = self._message(record)
        if isinstance(message, Bad):
            return message
        key = record[self._key]
        if self._emit.derive:
            self._fixes[key] = (record["lat"], record["lon"], record["fix_time"])
        if self._emit.on_change:
            self._said[key] = said
        if self._every_us:
            self._stretch[key] = at_us // self._every_us
        try:
            return key.encode(), self._to_json(message)
        except UnicodeEncodeError as error:
            return Bad("text that is not Unicode", str(error))

    def message(self, values: tuple[Any, ...]) -> Any:
        """The message itself, whatever was said before; Bad when the row cannot be mapped."""
        return self._message(self._record(values))

    def _record(self, values: tuple[Any, ...]) -> dict[str, Any]:
        return {name: value for name, value in zip(self._names, values, strict=True) if value is not None}

    def _message(self, record: dict[str, Any]) -> Any:
        if self._placed and (wrong := self._mend_place(record)):
            return wrong
        try:
            extra = self._derive(record, self._emit.derive) if self._emit.derive else self._extra
            return msgspec.convert(record | extra, self._struct)
        except (msgspec.ValidationError, TypeError, KeyError) as error:
            return self._why(record, error)

    def _mend_place(self, record: dict[str, Any]) -> Bad | None:
        """A place needs both coordinates, and 0, 0 is a device without a fix."""
        lat, lon = record.get("lat"), record.get("lon")
        if isinstance(lat, Bad) or isinstance(lon, Bad):
            return None  # told when the message is made
        if lat is not None and lon is not None and (abs(lat) >= NULL_ISLAND_DEG or abs(lon) >= NULL_ISLAND_DEG):
            return self._mend_stray(record, lat, lon) if self._extent else None
        if "lat" in self._required:
            return Bad("no coordinates", "lat or lon is empty" if lat is None or lon is None else "lat and lon are 0")
        if lat is not None or lon is not None:
            self._notes[f"{self._emit.topic.value} without its place: lat and lon were 0, or one of them empty"] += 1
            record.pop("lat", None)
            record.pop("lon", None)
        return None

    def _mend_stray(self, record: dict[str, Any], lat: float, lon: float) -> Bad | None:
        """Outside of where a place can be, it is a mistake of the source."""
        south, west, north, east = self._extent
        if south <= lat <= north and west <= lon <= east:
            return None
        if "lat" in self._required:
            return Bad("outside of the mapping's extent", f"lat {lat:g}, lon {lon:g}")
        self._notes[f"{self._emit.topic.value} without its place: it was outside of the mapping's extent"] += 1
        del record["lat"], record["lon"]
        return None

    def _derive(self, record: dict[str, Any], limits: Derive) -> dict[str, Any]:
        fix = (record["lat"], record["lon"], record["fix_time"])
        return self._extra | derived(limits, self._fixes.get(record["unit_id"]), fix)

    def _why(self, record: dict[str, Any], error: Exception) -> Bad:
        for value in record.values():
            if isinstance(value, Bad):
                return value
        for name in self._required:
            if name not in record:
                return Bad(f"{name} is empty", f"a {self._emit.topic.value} message needs it")
        text, _, path = str(error).partition(" - at ")
        name = path.strip("`$.")
        return Bad(f"{name}: {text}" if name else text, f"value {record.get(name)!r:.60}")
