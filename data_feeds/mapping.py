"""What a checked mapping file holds: how the rows of somebody's table become the wall's messages.

``mapping_file`` reads and checks the file, docs/replay.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data_feeds.model import KEY_FIELD, MESSAGE_OF, Topic

# What a wall is told that a source lacks is said of these; a topic that is not fed at all is said by its first word.
ENTITY = {
    Topic.ROSTER: "unit", Topic.POSITION: "unit", Topic.STATUS: "unit", Topic.INCIDENT: "incident",
    Topic.TELEMETRY: "drone", Topic.DETECTION: "detection", Topic.DEVICE: "device",
}  # fmt: skip
MAX_LACKS = 64
LINE = "@line"  # stands for the line of the row, for files without any id


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How the cells of one column are read. ``dst``: reject, or the first or second of two equal local times.

    ``offset`` is added to a number in the message's unit; ``default`` stands for an empty cell.
    """

    name: str
    formats: tuple[str, ...] = ("iso",)
    zone: ZoneInfo = ZoneInfo("UTC")
    dst: str = "reject"
    unit: str = ""
    scale: float = 1.0
    separator: str = ","
    decimal: str = "."
    missing: frozenset[str] = frozenset()
    offset: float = 0.0
    default: Any = None


@dataclass(frozen=True)
class ValueMap:
    """Text → value by patterns (``*``, ``?``, ``[…]``; case ignored); the first that fits wins."""

    name: str
    rules: tuple[tuple[str, Any], ...]
    otherwise: Any = None
    _seen: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def value_of(self, text: str) -> Any:
        """The mapped value, ``otherwise`` without a fitting rule, None when there is no ``otherwise`` either."""
        if text not in self._seen:
            if len(self._seen) > 100_000:  # free text must not fill the memory
                self._seen.clear()
            folded = text.casefold()
            self._seen[text] = next((v for p, v in self.rules if fnmatchcase(folded, p)), self.otherwise)
        return self._seen[text]


@dataclass(frozen=True, slots=True)
class Field:
    """Where one field of a message comes from: a ``constant``, a column, several joined, or a template.

    ``kind``: number, integer, text, flag, list or time. ``parts`` of a template are (literal, column, format spec).
    """

    name: str
    kind: str
    constant: Any = None
    columns: tuple[ColumnRule, ...] = ()
    separator: str | None = None
    parts: tuple[tuple[str, str, str], ...] = ()
    values: ValueMap | None = None
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Derive:
    """What is computed from two consecutive fixes of a unit, and the limits beyond which it is not."""

    names: tuple[str, ...]
    max_gap_s: float = 180.0
    min_move_m: float = 10.0
    max_speed_mps: float = 70.0


@dataclass(frozen=True, slots=True, eq=False)
class Emit:
    """One kind of message that a row gives, and when: ``at`` a time column plus ``plus_s`` seconds, or at the start."""

    number: int
    topic: Topic
    at: ColumnRule | None
    plus_s: float
    fields: tuple[Field, ...]
    where: dict[str, frozenset[str]]
    on_change: bool
    carry: bool
    derive: Derive | None
    every_s: float = 0.0  # at most one message of an entity in each such stretch of time

    @property
    def key(self) -> Field:
        return next(f for f in self.fields if f.name == KEY_FIELD[self.topic])


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A second table that gives ``columns`` more to every row: where its column ``key`` is what ``on`` makes of it.

    ``file``: its path, or its path beside each data file.
    """

    file: Path
    on: Field
    key: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """When the source looked at the world: the times in a column of ``file`` (its path, or its path beside each data
    file). Between two of them that lie more than ``max_gap_s`` seconds apart nothing was seen: a gap."""

    file: Path
    at: ColumnRule
    max_gap_s: float


@dataclass(frozen=True)
class Mapping:
    """A checked mapping file. ``names`` are the columns of a CSV without a header line.

    ``form``: table, or srt with ``start`` and ``order`` (see srt.py). ``extent``: south, west, north and east of where
    a place can be, in degrees; () for anywhere.
    """

    path: Path
    source: str
    zone: ZoneInfo
    datum: str
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    skip_lines: int
    emits: tuple[Emit, ...]
    wall: dict[str, Any]
    also_lacks: tuple[str, ...]
    form: str = "table"
    start: str = ""
    order: str = ""
    join: Join | None = None
    extent: tuple[float, ...] = ()
    coverage: Coverage | None = None

    @cached_property
    def time_columns(self) -> dict[str, ColumnRule]:
        """Every column that is read as a time."""
        rules = [e.at for e in self.emits if e.at] + [f.columns[0] for f in self.fields if f.kind == "time"]
        return {rule.name: rule for rule in rules}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that must exist."""
        names = dict.fromkeys(self.time_columns)
        names.update(dict.fromkeys(c.name for f in self.fields for c in f.columns))
        names.update(dict.fromkeys(c for e in self.emits for c in e.where))
        names.pop(LINE, None)
        if self.join:
            names.update(dict.fromkeys(rule.name for rule in self.join.on.columns))
            names = {name: None for name in names if name not in self.join.columns}
        return tuple(names)

    @property
    def fields(self) -> list[Field]:
        return [f for e in self.emits for f in e.fields]

    @property
    def has(self) -> set[str]:
        """``entity.field`` of everything that this source gives."""
        given = {f"{ENTITY[e.topic]}.{f.name}" for e in self.emits for f in e.fields}
        derived = {f"{ENTITY[e.topic]}.{name}" for e in self.emits if e.derive for name in e.derive.names}
        return given | derived


def lacks(mappings: Iterable[Mapping]) -> list[str]:
    """What no mapping gives: ``incident.place_class``; the bare ``drone`` when nothing at all is said of drones."""
    mappings = list(mappings)
    topics = {e.topic for m in mappings for e in m.emits}
    has = set().union(*(m.has for m in mappings))
    entities = {ENTITY[topic] for topic in topics}
    missing = dict.fromkeys(e for e in dict.fromkeys(ENTITY.values()) if e not in entities)
    for topic, entity in ENTITY.items():
        if entity not in entities:
            continue
        # status or roster that is not fed is lacking in each of its fields
        for name in MESSAGE_OF[topic].__struct_fields__:
            if name not in ("datum", "version") and f"{entity}.{name}" not in has:
                missing[f"{entity}.{name}"] = None
    for mapping in mappings:
        missing.update(dict.fromkeys(mapping.also_lacks))
    return list(missing)[:MAX_LACKS]


def format_cell(cell: Any, spec: str) -> str:
    """``cell`` by a format spec: numbers in text become numbers first. Raises ValueError."""
    if spec[-1:] in tuple("dxXob"):
        return format(int(cell), spec)
    if spec[-1:] in tuple("efgEFG%"):
        return format(float(cell), spec)
    return format(cell_text(cell), spec)


def cell_text(cell: Any) -> str:
    """A cell as text; a whole number that a table keeps as a float (for want of NULL integers) loses its ``.0``."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
