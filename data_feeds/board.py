"""The live state of one city: units, incidents, drones and devices, behind one lock and one revision."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from data_feeds.belonging import Belonging
from data_feeds.delta import Delta
from data_feeds.devices import DeviceBook, PlacedDevice
from data_feeds.drones import DroneBook, PlacedDrone
from data_feeds.geo import from_mercator
from data_feeds.ground import Ground
from data_feeds.health import Expected
from data_feeds.incident_log import KEPT_S as LOGGED_S
from data_feeds.incident_log import IncidentLog, LogView
from data_feeds.incidents import IncidentBook, PlacedIncident
from data_feeds.limits import BoardFull
from data_feeds.messages import Tombstone
from data_feeds.model import (
    Detection,
    Device,
    DispatchAck,
    DispatchOrder,
    DroneTelemetry,
    Incident,
    Message,
    Roster,
    Status,
    Topic,
    VehiclePosition,
)
from data_feeds.orders import ORDERS_KEPT_S, OrderBook, ShownOrder
from data_feeds.scopes import CITY, Scope, Scopes
from data_feeds.trails import Trails
from data_feeds.units import UnitTable
from data_feeds.unknown_words import unknown_words
from data_feeds.wordpairs import Mask

SLICE = 250
COLUMNS_KEPT = 300
STRANGERS_KEPT_S = 900.0
AIRBORNE_KEPT_S = 3_600.0  # a drone that went silent in the air is missed for an hour
DETECTIONS_KEPT_S = 1_800.0
INCIDENTS_KEPT_S = 30 * 86_400.0
Entry = tuple[Topic, Message | Tombstone]


class Board:
    """All that a wall shows. Every method may be called from any thread; the clock is passed in."""

    def __init__(
        self, max_units: int, trail_s: float, trail_step_s: float, detection_kinds: Sequence[str] = (),
        scopes: Scopes | None = None, ground: Ground | None = None,
    ) -> None:  # fmt: skip
        self._lock = threading.RLock()
        self._max_units = max_units
        self._units = UnitTable(max_units, Trails(trail_s, trail_step_s))
        self._columns: tuple[int, dict[Scope, Any]] = (-1, {})  # (revision, copies by scope)
        self._incidents = IncidentBook(ground)
        # what incidents have from the places though no message tells it
        self.derived = frozenset({"incident.place_class"} if ground and ground.tells_classes else ())
        self._drones = DroneBook()
        self._devices = DeviceBook()
        self._orders = OrderBook()
        self._kinds = frozenset(detection_kinds)
        self.scopes = scopes or Scopes()
        self._log = IncidentLog(self.scopes)
        self._incidents_of: Belonging[PlacedIncident] = Belonging(
            self.scopes, lambda p: p.incident.incident_id, lambda p: (p.lat, p.lon),
            lambda p: self.scopes.codes(p.incident.branch, p.incident.station, p.incident.zone),
        )  # fmt: skip
        self._drones_of: Belonging[PlacedDrone] = Belonging(
            self.scopes, lambda d: d.telemetry.drone_id, lambda d: (d.lat, d.lon),
            lambda d: self.scopes.codes(*self._units.words(d.telemetry.drone_id)),
        )  # fmt: skip
        self._devices_of: Belonging[PlacedDevice] = Belonging(
            self.scopes, lambda d: d.device.device_id, lambda d: (d.lat, d.lon),
            lambda d: self.scopes.codes(*self._units.words(d.device.unit_id)),
        )  # fmt: skip
        self.unknown_words: Counter[str] = Counter()  # by message field
        self.refused: Counter[str] = Counter()  # valid messages that found no room

    def apply(self, batch: Sequence[Entry], mono_s: float) -> set[Topic]:
        """Apply ``batch`` in order; returns the topics whose state changed. ``mono_s``: monotonic seconds.

        Positions of the batch are applied together: between them and other topics no order exists on a broker either.
        """
        changed: set[Topic] = set()
        with self._lock:
            fixes: list[VehiclePosition] = []
            for topic, message in batch:
                if type(message) is VehiclePosition:
                    fixes.append(message)
                    continue
                if fixes and topic in (Topic.POSITION, Topic.ROSTER):  # a tombstone ends what came before it
                    self._apply_fixes(fixes, mono_s, changed)
                    fixes = []
                try:
                    if self._apply_one(topic, message, mono_s):
                        changed.add(topic)
                except BoardFull:
                    self.refused[topic.value] += 1
            if fixes:
                self._apply_fixes(fixes, mono_s, changed)
        return changed

    def snapshot(self, now_ms: float, scope: Scope = CITY) -> Delta:
        """Every unit of ``scope``, with ages at ``now_ms``."""
        with self._lock:
            delta = self._units.snapshot(self._mask(scope))
            self._units.ages(delta.rows, now_ms)
            return delta

    def delta_since(self, revision: int, now_ms: float) -> Delta:
        """The units that changed after ``revision``, with ages at ``now_ms``."""
        with self._lock:
            delta = self._units.delta_since(revision)
            self._units.ages(delta.rows, now_ms)
            return delta

    def deltas_since(self, revision: int, now_ms: float, scopes: Sequence[Scope]) -> list[Delta]:
        """What changed after ``revision``: of the whole city, and then of each of ``scopes``."""
        with self._lock:
            whole = self.delta_since(revision, now_ms)
            masks = [self._mask(scope) for scope in scopes]
        return [whole, *(whole if mask is None else whole.within(mask) for mask in masks)]

    def expire(self, now_ms: float, mono_s: float) -> None:
        """Forget what has not been heard for so long that it says nothing about the present."""

        def ago(seconds: float) -> float:
            return now_ms - seconds * 1000.0

        with self._lock:
            self._units.expire(ago(STRANGERS_KEPT_S), mono_s)
            self._incidents.expire(ago(INCIDENTS_KEPT_S))
            self._log.expire(ago(LOGGED_S))
            self._orders.expire(ago(ORDERS_KEPT_S))
            self._drones.expire(ago(STRANGERS_KEPT_S), ago(AIRBORNE_KEPT_S), ago(DETECTIONS_KEPT_S))

    def forget_ahead(self, after_ms: float) -> None:
        """Forget what is later than ``after_ms``: it is of another run of a replay."""
        with self._lock:
            self._units.forget_ahead(after_ms, 0.0)
            self._incidents.forget_ahead(after_ms)
            self._log.forget_ahead(after_ms)
            self._drones.forget_ahead(after_ms)
            self._orders.forget_ahead(after_ms)

    def restart(self) -> None:
        """A replay began again: places, incidents and drones are void, the roster stays."""
        with self._lock:
            self._units.clear_positions()
            self._incidents.clear()
            self._log.clear()
            self._drones.clear()
            self._orders.clear()

    def unit_columns(self, scope: Scope = CITY) -> Any:
        """The columns of every unit of ``scope``, not to be written to: see ``units.COLUMNS``.

        A copy, the same for all who ask until a unit changes.
        """
        with self._lock:
            revision = self._units.revision
            if self._columns[0] != revision or len(self._columns[1]) > COLUMNS_KEPT:
                self._columns = revision, {}
            kept = self._columns[1]
            if scope not in kept:
                columns = kept[scope] = self._units.columns(self._mask(scope))
                columns.flags.writeable = False
            return kept[scope]

    def units_in_sos(self, scope: Scope = CITY) -> list[dict[str, Any]]:
        """Details of the units of ``scope`` that call for help; who names no jurisdiction goes by the place."""
        with self._lock:
            ids = self._units.in_sos(self._mask(scope))
            if scope.place is not None and not scope.is_city:
                ids = ids + [i for i in self._units.in_sos() if i not in ids and self._strays_in(scope, i)]
            return [d for d in map(self._units.detail, ids) if d is not None]

    def _strays_in(self, scope: Scope, unit_id: str) -> bool:
        found = self._units.detail(unit_id)
        if found is None or found["lat"] is None or self.scopes.codes(*self._units.words(unit_id)):
            return False
        return scope.code in self.scopes.codes_at(np.array([found["lat"]]), np.array([found["lon"]]))[0]

    def unit(self, unit_id: str, now_ms: float) -> tuple[dict[str, Any], list[tuple[float, float, float]]] | None:
        """(details, trail) of one unit, or None."""
        with self._lock:
            detail = self._detail(unit_id)
            return None if detail is None else (detail, self._units.trail(unit_id, now_ms))

    def unit_details(self, scope: Scope = CITY) -> list[dict[str, Any]]:
        """Details of every unit of ``scope``, by id; gathered in slices, so that nobody waits long for the lock."""
        with self._lock:
            ids = sorted(self._units.ids(self._mask(scope)))
        details: list[dict[str, Any]] = []
        for start in range(0, len(ids), SLICE):
            with self._lock:
                found = [self._detail(unit_id) for unit_id in ids[start : start + SLICE]]
            details += [d for d in found if d is not None]
        return details

    def _detail(self, unit_id: str) -> dict[str, Any] | None:
        detail = self._units.detail(unit_id)
        if detail is not None and (running := self._orders.running(unit_id, self._is_open)) is not None:
            order = running.order
            detail["order"] = {"order_id": order.order_id, "incident_id": order.incident_id, "sent": running.sent_ms}
        return detail

    def _is_open(self, incident_id: str) -> bool:
        return self._incidents.get(incident_id) is not None

    def orders(self, now_ms: float, scope: Scope = CITY) -> list[ShownOrder]:
        """The recent orders of ``scope``, the newest first: to its incidents, or to its units."""
        with self._lock:
            shown = self._orders.shown(now_ms, self._is_open)
            ids = {placed.incident.incident_id for placed in self.incidents(scope)} if shown else set()
            return [
                ShownOrder(
                    one.order, one.sent_ms, one.units(now_ms), self.callsigns(one.order.units),
                    self._incidents.get(one.order.incident_id),
                )
                for one in shown
                if one.order.incident_id in ids
                or any(scope.holds(*self._units.words(unit_id)) for unit_id in one.order.units)
            ]  # fmt: skip

    def order_events(self) -> dict[str, int]:
        """What is strange about orders: acknowledgements of others than were ordered, ids with two contents."""
        return {"stray_acks": self._orders.strays, "conflicting_orders": self._orders.conflicts}

    def order(self, order_id: str) -> DispatchOrder | None:
        """The order of that id, as it was first written."""
        with self._lock:
            found = self._orders.get(order_id)
            return found.order if found else None

    def order_to(self, unit_id: str, incident_id: str, now_ms: float) -> DispatchOrder | None:
        """The order by which the unit is to come to the incident."""
        with self._lock:
            found = self._orders.to(unit_id, incident_id, now_ms)
            return found.order if found else None

    def incident(self, incident_id: str) -> PlacedIncident | None:
        """The open incident of that id."""
        with self._lock:
            return self._incidents.get(incident_id)

    def callsigns(self, unit_ids: Sequence[str]) -> list[str]:
        """The callsigns of ``unit_ids``, in order."""
        with self._lock:
            return [self._units.callsign(unit_id) for unit_id in unit_ids]

    def incidents(self, scope: Scope = CITY) -> list[PlacedIncident]:
        """The open incidents of ``scope``, in no order."""
        with self._lock:
            if scope.is_city:
                return self._incidents.open()
            return self._incidents_of.of(scope, self._incidents.revision, self._incidents.open)

    def incident_log(self) -> LogView:
        """The incidents of the last days, closed ones too."""
        with self._lock:
            return self._log.view()

    def drones(self, scope: Scope = CITY) -> tuple[list[PlacedDrone], list[Detection]]:
        """The drones of ``scope`` by id, their detections newest first."""
        with self._lock:
            if scope.is_city:
                return self._drones.drones(), self._drones.detections()
            state = self._drones.revision, self._units.words_revision
            drones = self._drones_of.of(scope, state, self._drones.drones)
            ids = {drone.telemetry.drone_id for drone in drones}
            return drones, [detection for detection in self._drones.detections() if detection.drone_id in ids]

    def devices(self, scope: Scope = CITY) -> list[PlacedDevice]:
        """The devices of ``scope``, in no order."""
        with self._lock:
            if scope.is_city:
                return self._devices.all()
            return self._devices_of.of(scope, self.devices_revision(), self._devices.all)

    def shown(self, devices: Sequence[PlacedDevice]) -> int:
        """How many of ``devices`` a map can show: at the unit or drone that carries them, or at their place."""
        with self._lock:
            carriers = set(self._units.ids(placed=True))
            carriers.update(drone.telemetry.drone_id for drone in self._drones.drones())
        return sum(d.lat is not None or d.device.unit_id in carriers for d in devices)

    def devices_revision(self) -> int:
        """Rises with every change of a device, or of the unit that wears one."""
        return self._devices.revision + self._units.words_revision

    def units_by_words(self) -> Counter[tuple[str, str]]:
        """How many units carry each (branch, station)."""
        with self._lock:
            return self._units.by_words()

    def extent(self) -> tuple[float, float, float, float] | None:
        """(south, west, north, east) in degrees of nearly all that has a place; None where nothing has."""
        with self._lock:
            columns = self._units.columns()
            others = [(i.lat, i.lon) for i in self._incidents.open() if i.lat is not None]
            others += [(drone.lat, drone.lon) for drone in self._drones.drones()]
        placed = columns[columns["placed"]]
        lat, lon = from_mercator(placed["x"], placed["y"])
        points = np.array([*zip(lat.tolist(), lon.tolist(), strict=True), *others], dtype=np.float64)
        if not len(points):
            return None
        # A few strays on the other side of the country do not decide what a city's map shows.
        (south, west), (north, east) = np.quantile(points, 0.02, axis=0), np.quantile(points, 0.98, axis=0)
        return float(south), float(west), float(north), float(east)

    def expected(self) -> Expected:
        """On which feeds silence means trouble now."""
        with self._lock:
            return Expected(self._units.has_rostered(), any(drone.airborne for drone in self._drones.drones()))

    def is_full(self) -> bool:
        """Whether no unit more can be taken."""
        with self._lock:
            return len(self._units) >= self._max_units

    def counts(self) -> dict[str, int]:
        """How many units, incidents, drones and devices there are, and stream addresses that were refused."""
        with self._lock:
            return {
                "units": len(self._units), "incidents": len(self._incidents), "drones": len(self._drones.drones()),
                "devices": len(self._devices), "orders": len(self._orders),
                "bad_stream_urls": self._drones.bad_urls + self._devices.bad_urls,
            }  # fmt: skip

    def _mask(self, scope: Scope) -> Mask | None:
        """Which pairs of words ``scope`` holds; None: all."""
        return None if scope.is_city else self._units.pairs.mask(scope)

    def _apply_fixes(self, fixes: list[VehiclePosition], mono_s: float, changed: set[Topic]) -> None:
        before = self._units.revision
        self.refused[Topic.POSITION.value] += self._units.apply_positions(fixes, mono_s)
        if self._units.revision != before:
            changed.add(Topic.POSITION)

    def _apply_one(self, topic: Topic, message: Message | Tombstone, mono_s: float) -> bool:
        if isinstance(message, Tombstone):
            return self._remove(topic, message.entity_id, mono_s)
        self.unknown_words.update(unknown_words(message, self.scopes, self._kinds))
        if isinstance(message, Roster):
            self._units.set_roster(message, mono_s)
            return True
        if isinstance(message, Status):
            return self._units.set_status(message, mono_s)
        if isinstance(message, Incident):
            logged = self._log.apply(message)
            return self._incidents.apply(message) or logged
        if isinstance(message, DroneTelemetry):
            return self._drones.apply_telemetry(message)
        if isinstance(message, Detection):
            return self._drones.apply_detection(message)
        if isinstance(message, Device):
            return self._devices.apply(message)
        if isinstance(message, DispatchOrder):
            return self._orders.apply_order(message)
        if isinstance(message, DispatchAck):
            return self._orders.apply_ack(message)
        return False  # the clock is not the board's

    def _remove(self, topic: Topic, entity_id: str, mono_s: float) -> bool:
        if topic is Topic.ROSTER:
            self._units.remove_roster(entity_id, mono_s)
        elif topic is Topic.STATUS:
            self._units.remove_status(entity_id, mono_s)
        elif topic is Topic.POSITION:
            self._units.remove_position(entity_id, mono_s)
        elif topic is Topic.INCIDENT:
            self._incidents.remove(entity_id)
            self._log.remove(entity_id)
        elif topic is Topic.TELEMETRY:
            self._drones.remove_drone(entity_id)
        elif topic is Topic.DETECTION:
            self._drones.remove_detection(entity_id)
        elif topic is Topic.DEVICE:
            self._devices.remove(entity_id)
        elif topic is Topic.ORDER:
            self._orders.remove(entity_id)
        return True
