"""The units of the board in columns: one slot a unit, arrays a field, so that a tick costs a few vector operations."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from data_feeds import frames
from data_feeds.columns import COLUMNS, angle, newest_per_slot, optional, wgs84
from data_feeds.delta import NO_MOVES, Delta, Departures
from data_feeds.geo import to_mercator
from data_feeds.limits import BoardFull
from data_feeds.messages import unix_ms
from data_feeds.model import Roster, Status, UnitStatus, UnitType, VehiclePosition, enum_of
from data_feeds.statuses import WaitingStatuses
from data_feeds.trails import Trails
from data_feeds.unit_detail import detail
from data_feeds.wordpairs import Mask, WordPairs

QUARANTINE_S = 60.0
SPARE_SLOTS = 1024  # beyond twice the units, a slot that rests is used early: its generation tells them apart
REMOVALS_KEPT = 100_000
PAIRS_PER_UNIT = 2  # so many (branch, station) a unit are remembered before the unused ones are forgotten
FIRST_CAPACITY = 1024


class UnitTable:
    """All units. Not locked: the Board does that. Every change raises ``revision``."""

    def __init__(self, max_units: int, trails: Trails) -> None:
        self._max = max_units
        self._trails = trails
        self._c = np.zeros(0, dtype=COLUMNS)
        self._slot_of: dict[str, int] = {}
        self._waiting = WaitingStatuses(max_units)
        self._ids: list[str] = []
        self._rosters: list[Roster | None] = []
        self._statuses: list[Status | None] = []
        self._entry_json: list[bytes] = []
        self._free: deque[tuple[float, int]] = deque()  # (monotonic s of the release, slot)
        self._departures = Departures(REMOVALS_KEPT)
        self.pairs = WordPairs()
        self._top = 0
        self.revision = 0
        self._in_sos: tuple[int, list[int]] = (-1, [])  # (revision, slots)
        self.words_revision = 0  # rises when a unit's branch or station is another

    def __len__(self) -> int:
        return len(self._slot_of)

    def apply_positions(self, fixes: Sequence[VehiclePosition], mono_s: float) -> int:
        """Last write wins by ``fix_time``; of equal times the first stays. Returns how many found no slot."""
        known = self._slot_of
        kept, dropped = fixes, 0
        try:
            slots_list = [known[fix.unit_id] for fix in fixes]
        except KeyError:  # seldom: a unit that was never heard of
            kept = [fix for fix in fixes if self._has_slot(fix.unit_id, mono_s)]
            dropped = len(fixes) - len(kept)
            slots_list = [known[fix.unit_id] for fix in kept]
        if not kept:
            return dropped
        slots = np.array(slots_list, dtype=np.intp)
        t = np.array([fix.fix_time.timestamp() for fix in kept]) * 1000.0
        is_new = (t > self._c["fix_ms"][slots]) | ~self._c["placed"][slots]
        newest = newest_per_slot(slots, t)
        newest = newest[is_new[newest]]
        if len(newest):
            is_new[newest] = False
            if is_new.any():  # a backlog: where a unit has been since its last fix belongs to its trail
                passed = np.flatnonzero(is_new).tolist()
                self._trails.add_passed(slots[passed], *to_mercator(*wgs84([kept[i] for i in passed])), t[passed])
            self._write([kept[i] for i in newest], slots[newest], t[newest])
        return dropped

    def _write(self, fixes: list[VehiclePosition], slots: NDArray[np.intp], t: NDArray[np.float64]) -> None:
        lat, lon = wgs84(fixes)
        x, y = to_mercator(lat, lon)
        speed, has_speed = optional([f.speed_mps for f in fixes])
        course, has_course = optional([f.course for f in fixes])
        heading, has_heading = optional([f.heading for f in fixes])
        altitude, has_altitude = optional([f.altitude_m for f in fixes])
        accuracy, has_accuracy = optional([f.accuracy_m for f in fixes])
        c = self._c
        c["x"][slots], c["y"][slots], c["fix_ms"][slots] = x, y, t
        c["speed"][slots] = np.minimum(np.rint(speed / frames.SPEED_UNIT_MPS), 0xFFFF)
        c["course"][slots] = angle(course)
        c["heading"][slots] = angle(heading)
        c["altitude"][slots] = np.clip(np.rint(altitude / frames.ALTITUDE_UNIT_M), -32768, 32767)
        c["accuracy_m"][slots] = np.where(has_accuracy, accuracy, np.nan)
        flags = has_course * frames.HAS_COURSE + has_heading * frames.HAS_HEADING
        flags = flags + has_altitude * frames.HAS_ALTITUDE + has_speed * frames.HAS_SPEED
        c["flags"][slots] = (c["flags"][slots] & frames.SOS) | flags.astype(np.uint8)
        c["placed"][slots] = True
        self.revision += 1
        c["revision"][slots] = self.revision
        self._trails.add(slots, x, y, t)

    def set_roster(self, roster: Roster, mono_s: float) -> None:
        """Take a roster entry. Raises BoardFull."""
        if len(self._slot_of) >= self._max and roster.unit_id not in self._slot_of:
            self._make_room(mono_s)
        slot = self._slot(roster.unit_id, mono_s)
        if self._rosters[slot] == roster:
            return
        self._rosters[slot] = roster
        self._c["rostered"][slot] = True
        self._c["type"][slot] = enum_of(UnitType, roster.unit_type)
        self._belong(slot, roster.branch, roster.station)
        self._touch(slot, entry=True)

    def set_status(self, status: Status, mono_s: float) -> bool:
        """Take a status unless an older ``since`` says it is old; returns whether it was taken. Raises BoardFull.

        Of a unit that is neither on the roster nor on the map only a call for help is shown; the rest waits.
        """
        slot = self._slot_of.get(status.unit_id)
        if slot is None:
            if not self._waiting.take(status):
                return False
            if status.sos:
                self._slot(status.unit_id, mono_s)
            return True
        since_ms = unix_ms(status.since)
        if self._statuses[slot] == status or (since_ms is not None and since_ms < self._c["since_ms"][slot]):
            return False
        self._set_status(slot, status)
        self._drop_if_empty(status.unit_id, slot, mono_s)
        return True

    def remove(self, unit_id: str, mono_s: float) -> None:
        """The unit is gone, its status waits for its return; its slot rests before another unit may have it."""
        slot = self._slot_of.pop(unit_id, None)
        if slot is None:
            return
        if (status := self._statuses[slot]) is not None:
            self._waiting.keep(status, float(self._c["since_ms"][slot]))
        self.words_revision += int(self._c["pair"][slot] != 0)
        self._note_removal(slot)
        generation = (int(self._c["generation"][slot]) + 1) & 0xFF
        self._c[slot] = np.zeros((), dtype=COLUMNS)
        self._c["generation"][slot] = generation
        self._ids[slot], self._rosters[slot], self._statuses[slot] = "", None, None
        self._trails.clear(slot)
        self._free.append((mono_s, slot))

    def remove_roster(self, unit_id: str, mono_s: float) -> None:
        """The unit is off duty and leaves the board, unless it calls for help."""
        slot = self._slot_of.get(unit_id)
        if slot is None:
            return
        self._rosters[slot] = None
        self._c["rostered"][slot], self._c["type"][slot] = False, 0
        if not self._c["flags"][slot] & frames.SOS:
            self.remove(unit_id, mono_s)
            return
        # Who calls for help stays on the walls where it was: its branch must not lose sight of it.
        self._touch(slot, entry=True)

    def remove_status(self, unit_id: str, mono_s: float) -> None:
        """The unit's status is withdrawn."""
        self._waiting.forget(unit_id)
        slot = self._slot_of.get(unit_id)
        if slot is None:
            return
        self._statuses[slot] = None
        self._c["status"][slot], self._c["since_ms"][slot] = 0, 0.0
        self._c["flags"][slot] &= 0xFF ^ frames.SOS
        self._touch(slot)
        self._drop_if_empty(unit_id, slot, mono_s)

    def remove_position(self, unit_id: str, mono_s: float) -> None:
        """The unit's place is withdrawn; a rostered unit stays, without a place."""
        slot = self._slot_of.get(unit_id)
        if slot is None or not self._c["placed"][slot]:
            return
        self._note_removal(slot)
        self._c["placed"][slot], self._c["fix_ms"][slot] = False, 0.0
        self._c["flags"][slot] &= frames.SOS
        self._trails.clear(slot)
        self._touch(slot, entry=True)
        self._drop_if_empty(unit_id, slot, mono_s)

    def expire(self, before_ms: float, mono_s: float) -> int:
        """Forget units on no roster whose last fix is older than ``before_ms`` and who do not call for help."""
        c = self._c[: self._top]
        silent = c["used"] & ~c["rostered"] & (c["fix_ms"] < before_ms) & ((c["flags"] & frames.SOS) == 0)
        gone = np.flatnonzero(silent).tolist()
        for slot in gone:
            self.remove(self._ids[slot], mono_s)
        return len(gone)

    def forget_ahead(self, after_ms: float, mono_s: float) -> None:
        """Withdraw places and statuses that are later than ``after_ms``: of another run of a replay."""
        c = self._c[: self._top]
        for slot in np.flatnonzero(c["used"] & (c["fix_ms"] > after_ms)).tolist():
            self.remove_position(self._ids[slot], mono_s)
        for slot in np.flatnonzero(c["used"] & (c["since_ms"] > after_ms)).tolist():
            self.remove_status(self._ids[slot], mono_s)
        self._waiting.forget_ahead(after_ms)

    def clear_positions(self) -> None:
        """Forget every place and status; the roster stays. For a replay that starts again."""
        self._waiting.clear()
        for unit_id in list(self._slot_of):
            self.remove_status(unit_id, 0.0)
            self.remove_position(unit_id, 0.0)

    def delta_since(self, revision: int) -> Delta:
        """Everything that changed after ``revision``."""
        c = self._c[: self._top]
        rows = np.flatnonzero((c["revision"] > revision) & c["placed"])
        entries = np.flatnonzero((c["entry_revision"] > revision) & c["used"])
        return self._delta(rows, entries, *self._departures.since(revision))

    def snapshot(self, mask: Mask | None = None) -> Delta:
        """Everything, or the units whose pair ``mask`` holds."""
        c = self._c[: self._top]
        held = c["used"] if mask is None else c["used"] & mask[c["pair"]]
        return self._delta(np.flatnonzero(c["placed"] & held), np.flatnonzero(held), NO_MOVES, False)

    def _delta(self, rows: NDArray[np.intp], entries: NDArray[np.intp], moves: Any, overflow: bool) -> Delta:
        pair = self._c["pair"]
        texts = [self._entry_json[slot] for slot in entries.tolist()]
        return Delta(self.revision, self._rows(rows), pair[rows], texts, pair[entries], moves, overflow)

    def columns(self, mask: Mask | None = None) -> NDArray[np.void]:
        """The columns of the slots in use (a copy), dtype COLUMNS; of those whose pair ``mask`` holds."""
        c = self._c[: self._top]
        return c.take(np.flatnonzero(c["used"] if mask is None else c["used"] & mask[c["pair"]]))

    def words(self, unit_id: str) -> tuple[str, str]:
        """The branch and the station of ``unit_id`` as the roster calls them; "" where it says nothing."""
        slot = self._slot_of.get(unit_id)
        return ("", "") if slot is None else self.pairs.pair(int(self._c["pair"][slot]))

    def has_rostered(self) -> bool:
        """Whether anybody is on duty."""
        return bool(self._c["rostered"][: self._top].any())

    def in_sos(self, mask: Mask | None = None) -> list[str]:
        """The ids of the units that call for help, of those whose pair ``mask`` holds."""
        if self._in_sos[0] != self.revision:  # looked for once for all scopes
            flags = self._c["flags"][: self._top]
            self._in_sos = self.revision, np.flatnonzero((flags & frames.SOS) > 0).tolist()
        pair = self._c["pair"]
        return [self._ids[slot] for slot in self._in_sos[1] if mask is None or mask[pair[slot]]]

    def callsign(self, unit_id: str) -> str:
        """The callsign of ``unit_id``, or the id itself."""
        slot = self._slot_of.get(unit_id)
        roster = self._rosters[slot] if slot is not None else None
        return roster.callsign if roster and roster.callsign else unit_id

    def ids(self, mask: Mask | None = None, placed: bool = False) -> list[str]:
        """All ids, in no order; of the units whose pair ``mask`` holds; ``placed``: of those with a place."""
        c = self._c[: self._top]
        held = c["placed" if placed else "used"]
        return [self._ids[slot] for slot in np.flatnonzero(held if mask is None else held & mask[c["pair"]]).tolist()]

    def by_words(self) -> Counter[tuple[str, str]]:
        """How many units carry each (branch, station)."""
        return self.pairs.counts(self.columns()["pair"])

    def detail(self, unit_id: str) -> dict[str, Any] | None:
        """All that is known of one unit, times in Unix ms; None when it is unknown."""
        slot = self._slot_of.get(unit_id)
        if slot is None:
            return None
        return detail(unit_id, self._c[slot], self._rosters[slot], self._statuses[slot])

    def trail(self, unit_id: str, now_ms: float) -> list[tuple[float, float, float]]:
        """(latitude, longitude, Unix ms), oldest first."""
        slot = self._slot_of.get(unit_id)
        return [] if slot is None else self._trails.of(slot, now_ms)

    def _has_slot(self, unit_id: str, mono_s: float) -> bool:
        try:
            self._slot(unit_id, mono_s)
        except BoardFull:
            return False
        return True

    def _slot(self, unit_id: str, mono_s: float) -> int:
        slot = self._slot_of.get(unit_id)
        return self._new_slot(unit_id, mono_s) if slot is None else slot

    def _new_slot(self, unit_id: str, mono_s: float) -> int:
        if len(self._slot_of) >= self._max:
            raise BoardFull
        # An unused index is better than a recycled one; both are never in doubt thanks to the generation.
        has_rested = bool(self._free) and mono_s - self._free[0][0] >= QUARANTINE_S
        if has_rested or (self._free and self._top >= 2 * self._max + SPARE_SLOTS):
            slot = self._free.popleft()[1]
        else:
            slot = self._top
            if slot >= len(self._c):
                self._grow()
            self._top += 1
            self._ids.append("")
            self._rosters.append(None)
            self._statuses.append(None)
            self._entry_json.append(b"")
        self._slot_of[unit_id] = slot
        self._ids[slot] = unit_id
        self._c["used"][slot] = True
        self._touch(slot, entry=True)
        if (waiting := self._waiting.pop(unit_id)) is not None:
            self._set_status(slot, *waiting)
        return slot

    def _set_status(self, slot: int, status: Status, order_ms: float = 0.0) -> None:
        self._statuses[slot] = status
        # A status without a time of its own must not make older ones look newer: the column never goes back.
        self._c["since_ms"][slot] = max(self._c["since_ms"][slot], unix_ms(status.since) or 0.0, order_ms)
        self._c["status"][slot] = enum_of(UnitStatus, status.status)
        flags = int(self._c["flags"][slot])
        self._c["flags"][slot] = flags | frames.SOS if status.sos else flags & ~frames.SOS
        self._touch(slot)

    def _make_room(self, mono_s: float) -> None:
        """On a full board the unit longest silent that is on no roster gives way to one that is."""
        c = self._c[: self._top]
        strangers = np.flatnonzero(c["used"] & ~c["rostered"] & ((c["flags"] & frames.SOS) == 0))
        if len(strangers):
            self.remove(self._ids[int(strangers[np.argmin(c["fix_ms"][strangers])])], mono_s)

    def _grow(self) -> None:
        capacity = max(FIRST_CAPACITY, 2 * len(self._c))
        grown = np.zeros(capacity, dtype=COLUMNS)
        grown[: len(self._c)] = self._c
        self._c = grown
        self._trails.grow(capacity)

    def _touch(self, slot: int, entry: bool = False) -> None:
        self.revision += 1
        self._c["revision"][slot] = self.revision
        if entry:
            self._c["entry_revision"][slot] = self.revision
            # Encoded at the change, not at the tick: a snapshot of 50,000 units then only joins bytes.
            self._entry_json[slot] = b'"%d":%b' % (self._wire_slot(slot), msgspec.json.encode(self._entry(slot)))

    def _note_removal(self, slot: int) -> None:
        self.revision += 1
        self._departures.note(self.revision, self._wire_slot(slot), int(self._c["pair"][slot]))

    def _belong(self, slot: int, branch: str, station: str) -> None:
        """The unit's words are these now; the caller tells the change."""
        before, after = int(self._c["pair"][slot]), self.pairs.number(branch, station)
        if before != after:
            self._c["pair"][slot] = after
            self.words_revision += 1
            self.revision += 1
            self._departures.note(self.revision, self._wire_slot(slot), before, after)
        if len(self.pairs) > PAIRS_PER_UNIT * self._max + SPARE_SLOTS:
            used = self._c["used"]
            self._c["pair"][used] = self.pairs.restart(self._c["pair"][used])
            self.revision += 1
            self._departures.forget(self.revision)  # in old numbers: nobody can be told of them any more

    def _drop_if_empty(self, unit_id: str, slot: int, mono_s: float) -> None:
        c = self._c[slot]
        if not c["placed"] and not c["rostered"] and not c["flags"] & frames.SOS:
            self.remove(unit_id, mono_s)

    def _wire_slot(self, slot: int) -> int:
        return slot | int(self._c["generation"][slot]) << frames.INDEX_BITS

    def _rows(self, slots: NDArray[np.intp]) -> frames.Rows:
        c = self._c[slots]
        rows = np.zeros(len(slots), dtype=frames.ROW)
        rows["slot"] = slots.astype(np.uint32) | (c["generation"].astype(np.uint32) << frames.INDEX_BITS)
        for name in ("x", "y", "speed", "course", "heading", "altitude", "status", "flags"):
            rows[name] = c[name]
        # The age is filled in by ``with_ages`` at the moment of sending: a row's bytes must not depend on its write.
        return rows

    def ages(self, rows: frames.Rows, now_ms: float) -> frames.Rows:
        """``rows`` with their ages at ``now_ms`` filled in (in place)."""
        slots = (rows["slot"] & frames.INDEX_MASK).astype(np.intp)
        age = (now_ms - self._c["fix_ms"][slots]) / frames.AGE_UNIT_MS
        rows["age"] = np.clip(age, 0, frames.AGE_OLDER).astype(np.uint16)
        return rows

    def _entry(self, slot: int) -> dict[str, Any]:
        roster = self._rosters[slot]
        unit_id = self._ids[slot]
        if roster is None:
            return {"id": unit_id, "callsign": unit_id, "type": 0, "station": "", "branch": "", "agency": ""}
        return {
            "id": unit_id, "callsign": roster.callsign or unit_id, "type": int(enum_of(UnitType, roster.unit_type)),
            "station": roster.station, "branch": roster.branch, "agency": roster.agency,
        }  # fmt: skip
