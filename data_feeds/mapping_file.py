"""A mapping file (TOML) → a checked ``Mapping``; docs/replay.md describes the file.

Everything is checked here, before a row is read; a MappingError names the file, the key and the way out.
"""

from __future__ import annotations

import difflib
import string
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from data_feeds import settings as wall_settings
from data_feeds.mapping import ColumnRule, Coverage, Derive, Emit, Field, Join, Mapping, ValueMap, format_cell
from data_feeds.measures import UNITS
from data_feeds.model import KEY_FIELD, MESSAGE_OF, Datum, Topic

# The settings of a wall that a source may suggest: how often it speaks and where it is.
WALL_HINTS = (
    "stale_after_s", "offline_after_s", "feed_stale_s", "feed_lost_s", "time_zone", "map_center", "map_zoom",
)  # fmt: skip
TIME_WORDS = ("iso", "unix_s", "unix_ms", "unix_us")
DERIVABLE = ("speed_mps", "course")
# What a data file may be, with the keys that [file] has for it.
FORMS = {"table": ("format", "encoding", "delimiter", "names", "skip_lines"), "srt": ("format", "start", "order")}
ORDERS = ("lat-lon", "lon-lat")
START = "start"


class MappingError(ValueError):
    """A mapping file is wrong; the text names the file, the key and the way out."""


def load(path: str | Path) -> Mapping:
    """The mapping in file ``path``. Raises MappingError."""
    path = Path(path)
    table = _table(path)
    if "extends" in table:
        base, name = _table(path.parent / str(table["extends"])), table.pop("extends")
        if "extends" in base:
            raise MappingError(f"{path}: extends: {name} extends another file itself; one step is enough")
        table = _over(base, table)
    return parse(table, path)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise MappingError(f"{path}: no such mapping file; those that come along are in mappings/") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: not a TOML file: {error}; see docs/replay.md for an example") from None
    except OSError as error:
        raise MappingError(f"{path}: cannot be read: {error.strerror}") from None


def _over(base: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    """``base`` with what ``table`` says otherwise: tables key by key, everything else as a whole."""
    both = {name: _over(base[name], value) for name, value in table.items()
            if isinstance(value, dict) and isinstance(base.get(name), dict)}  # fmt: skip
    return base | table | both


def parse(table: dict[str, Any], path: Path) -> Mapping:
    """The mapping that ``table`` (parsed TOML) describes; ``path`` is for the errors. Raises MappingError."""
    return _Parser(path, table).mapping()


_REQUIRED = object()


class _Parser:
    """Walks the table once; every refusal passes through ``fail`` so that each names file, key and way out."""

    def __init__(self, path: Path, table: dict[str, Any]) -> None:
        self._path = path
        self._table = table
        self._used: set[str] = set()
        self._used_maps: set[str] = set()

    def fail(self, key: str, what: str) -> MappingError:
        return MappingError(f"{self._path}: {key}: {what}")

    def take(self, table: dict[str, Any], key: str, name: str, kind: type, default: Any = _REQUIRED) -> Any:
        where = f"{key}.{name}" if key else name
        if name not in table:
            if default is _REQUIRED:
                raise self.fail(where, "is missing; docs/replay.md shows where it belongs")
            return default
        value = table[name]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise self.fail(where, f"{value!r} must be {_KIND_WORDS[kind]}")
        return value

    def only(self, table: dict[str, Any], key: str, names: Iterable[str]) -> None:
        names = list(names)
        for name in table:
            if name not in names:
                raise self.fail(f"{key}.{name}" if key else name, f"unknown key; {_choices(name, names)}")

    def texts(self, value: Any, key: str) -> tuple[str, ...]:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not values or not all(isinstance(v, str) and v for v in values):
            raise self.fail(key, f"{value!r} must be text, or a list of texts")
        return tuple(values)

    def mapping(self) -> Mapping:
        table = self._table
        top = "source datum time_zone dst extent file join coverage wall lacks columns maps emit".split()
        self.only(table, "", top)
        source = self.take(table, "", "source", str)
        if not 1 <= len(source) <= 128:
            raise self.fail("source", "must have 1 to 128 characters: the wall's header shows it")
        datum = self.take(table, "", "datum", str, "WGS84")
        if datum not in Datum.__members__ or datum == "UNKNOWN":
            raise self.fail("datum", f"{datum!r}: must be WGS84, CGCS2000, GCJ02 or BD09")
        self._zone = self.zone(self.take(table, "", "time_zone", str, "UTC"), "time_zone")
        self._dst = self.dst(self.take(table, "", "dst", str, "reject"), "dst")
        file = self.take(table, "", "file", dict, {})
        form = self.take(file, "file", "format", str, "table")
        if form not in FORMS:
            raise self.fail("file.format", f"{form!r}: {_choices(form, FORMS)}")
        self.only(file, "file", FORMS[form])
        start, order = self.flight(file)
        encoding, delimiter = self.file_format(file)
        names = self.texts(file["names"], "file.names") if "names" in file else ()
        skip_lines = self.take(file, "file", "skip_lines", int, 0)
        self._rules = self.take(table, "", "columns", dict, {})
        self._maps = self.take(table, "", "maps", dict, {})
        blocks = self.take(table, "", "emit", list)
        if not blocks or not all(isinstance(block, dict) for block in blocks):
            raise self.fail("emit", "at least one [[emit]] block must say what a row becomes")
        emits = tuple(self.emit(block, number) for number, block in enumerate(blocks, start=1))
        join = self.join(self.take(table, "", "join", dict)) if "join" in table else None
        coverage = self.coverage(self.take(table, "", "coverage", dict)) if "coverage" in table else None
        if all(emit.at is None for emit in emits):
            raise self.fail("emit", f'every block has at = "{START}"; one must name a time column')
        for kind, described, used in (("columns", self._rules, self._used), ("maps", self._maps, self._used_maps)):
            for name in described:
                if name not in used:
                    raise self.fail(f"{kind}.{name}", "described but used by no emit block; remove it or mend the name")
        also = self.texts(table["lacks"], "lacks") if table.get("lacks") else ()
        if any(len(word) > 64 for word in also):
            raise self.fail("lacks", "a name there has at most 64 characters, such as incident.on_scene")
        return Mapping(self._path, source, self._zone, datum, encoding, delimiter, names, skip_lines, emits,
                       self.wall(self.take(table, "", "wall", dict, {})), also, form, start, order, join,
                       self.extent(self.take(table, "", "extent", list, [])), coverage)  # fmt: skip

    def file_format(self, file: dict[str, Any]) -> tuple[str, str]:
        encoding = self.take(file, "file", "encoding", str, "utf-8")
        try:
            "".encode(encoding)
        except LookupError:
            raise self.fail("file.encoding", f"{encoding!r} is unknown; try utf-8, gb18030 or latin-1") from None
        delimiter = self.take(file, "file", "delimiter", str, ",")
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise self.fail("file.delimiter", f'{delimiter!r} must be one character such as "," ";" or "\\t"')
        return encoding, delimiter

    def flight(self, file: dict[str, Any]) -> tuple[str, str]:
        start, order = self.take(file, "file", "start", str, ""), self.take(file, "file", "order", str, "")
        try:
            year = datetime.fromisoformat(start).year if start else 2000
        except ValueError:
            year = 0
        if not 1970 < year < 2200:
            raise self.fail("file.start", f'{start!r} must be an ISO time such as "2021-05-01 10:00:00"')
        if order and order not in ORDERS:
            raise self.fail("file.order", f"{order!r}: {_choices(order, ORDERS)}")
        return start, order

    def extent(self, edges: list[Any]) -> tuple[float, ...]:
        plain = all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in edges)
        if edges and not (len(edges) == 4 and plain and edges[0] < edges[2] and edges[1] < edges[3]):
            raise self.fail("extent", f"{edges!r} must be [south, west, north, east] in degrees")
        return tuple(float(edge) for edge in edges)

    def join(self, table: dict[str, Any]) -> Join:
        self.only(table, "join", ("file", "on", "key", "columns"))
        on = self.field("on", "text", table.get("on"), "join.on")
        columns = self.texts(table.get("columns"), "join.columns")
        return Join(Path(self.take(table, "join", "file", str)), on, self.take(table, "join", "key", str), columns)

    def coverage(self, table: dict[str, Any]) -> Coverage:
        self.only(table, "coverage", ("file", "column", "max_gap_min"))
        most_min = self.take(table, "coverage", "max_gap_min", float)
        if not most_min > 0:
            raise self.fail("coverage.max_gap_min", f"{most_min:g} must be above 0: minutes between two times")
        rule = self.rule(self.take(table, "coverage", "column", str), "coverage.column")
        return Coverage(Path(self.take(table, "coverage", "file", str)), rule, most_min * 60.0)

    def zone(self, name: str, key: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except Exception:
            raise self.fail(key, f"{name!r} is not an IANA time zone such as Asia/Shanghai") from None

    def dst(self, rule: str, key: str) -> str:
        if rule not in ("reject", "first", "second"):
            raise self.fail(key, f"{rule!r}: an hour that the clocks repeat is a case for reject, first or second")
        return rule

    def wall(self, hints: dict[str, Any]) -> dict[str, Any]:
        self.only(hints, "wall", WALL_HINTS)
        try:
            wall_settings.changed(wall_settings.Settings(), hints, "wall")
        except wall_settings.SettingsError as error:
            raise MappingError(f"{self._path}: {error}") from None
        return hints

    def rule(self, name: str, used_at: str) -> ColumnRule:
        """How column ``name`` is read; ``used_at`` is the key that asks for it."""
        self._used.add(name)
        key = f"columns.{name}"
        options = self.take(self._rules, "columns", name, dict, {})
        self.only(options, key, "format time_zone dst unit scale offset default separator decimal missing".split())
        formats = self.texts(options.get("format", "iso"), f"{key}.format")
        for text in formats:
            if text not in TIME_WORDS and not _is_time_format(text):
                raise self.fail(f"{key}.format", f"{text!r} (used by {used_at}): "
                                f"must be {', '.join(TIME_WORDS)}, or directives such as %d/%m/%Y %H:%M")  # fmt: skip
        decimal = self.take(options, key, "decimal", str, ".")
        separator = self.take(options, key, "separator", str, ",")
        scale = self.take(options, key, "scale", float, 1.0)
        if decimal not in (".", ",") or not separator or not scale:
            raise self.fail(key, 'decimal is "." or ",", a separator is not empty, a scale is not 0')
        missing = frozenset(self.texts(options["missing"], f"{key}.missing") if "missing" in options else ())
        zone = self.zone(options["time_zone"], f"{key}.time_zone") if "time_zone" in options else self._zone
        dst = self.dst(options.get("dst", self._dst), f"{key}.dst")
        unit = self.take(options, key, "unit", str, "")
        offset = self.take(options, key, "offset", float, 0.0)
        return ColumnRule(name, formats, zone, dst, unit, scale, separator, decimal, missing, offset,
                          options.get("default"))  # fmt: skip

    def emit(self, block: dict[str, Any], number: int) -> Emit:
        key = f"emit[{number}]"
        self.only(block, key, "topic at plus_s fields where on_change carry derive every_s".split())
        word = self.take(block, key, "topic", str)
        topics = {topic.value: topic for topic in MESSAGE_OF if topic in KEY_FIELD}
        if word not in topics:
            raise self.fail(f"{key}.topic", f"{word!r}: {_choices(word, topics)}")
        topic = topics[word]
        at = self.take(block, key, "at", str)
        table = self.take(block, key, "fields", dict)
        known = {f.name: f for f in msgspec.structs.fields(MESSAGE_OF[topic])}
        fields = []
        for name, spec in table.items():
            if name not in known:
                raise self.fail(f"{key}.fields.{name}", f"{word} has no such field; {_choices(name, known)}")
            fields.append(self.field(name, _kind(MESSAGE_OF[topic], name), spec, f"{key}.fields.{name}"))
        for name, f in known.items():
            if f.required and name not in table:
                raise self.fail(f"{key}.fields.{name}", f"is missing: a {word} message needs it")
        where = {}
        for name, values in self.take(block, key, "where", dict, {}).items():
            self._used.add(name)
            values = values if isinstance(values, list) else [values]
            where[name] = frozenset(str(v) for v in values)
        derive = self.derive(block, key, topic, table) if "derive" in block else None
        return Emit(number, topic, None if at == START else self.rule(at, f"{key}.at"),
                    self.take(block, key, "plus_s", float, 0.0), tuple(fields), where,
                    self.take(block, key, "on_change", bool, at == START),
                    self.take(block, key, "carry", bool, topic is Topic.INCIDENT), derive,
                    self.take(block, key, "every_s", float, 0.0))  # fmt: skip

    def derive(self, block: dict[str, Any], key: str, topic: Topic, table: dict[str, Any]) -> Derive:
        key = f"{key}.derive"
        options = block["derive"] if isinstance(block["derive"], dict) else {"fields": block["derive"]}
        self.only(options, key, ("fields", "max_gap_s", "min_move_m", "max_speed_mps"))
        names = self.texts(options.get("fields"), f"{key}.fields")
        if topic is not Topic.POSITION:
            raise self.fail(key, "only a position has something that two fixes tell")
        for name in names:
            if name not in DERIVABLE:
                raise self.fail(key, f"{name!r} cannot be derived; {_choices(name, DERIVABLE)}")
            if name in table:
                raise self.fail(key, f"{name} is also in fields; keep one of the two")
        limits = {n: self.take(options, key, n, float, getattr(_NO_DERIVE, n)) for n in _LIMITS}
        return Derive(names, **limits)

    def field(self, name: str, kind: str, spec: Any, key: str) -> Field:
        if isinstance(spec, str):
            spec = {"column": spec}
        if not isinstance(spec, dict):
            raise self.fail(key, f"{spec!r}: must name a column, or be a table: {{ value = {spec!r} }} for a constant")
        self.only(spec, key, ("column", "value", "template", "join", "separator", "map"))
        ways = [way for way in ("column", "value", "template", "join") if way in spec]
        if len(ways) != 1:
            raise self.fail(key, "must have exactly one of column, value, template, join")
        if ways == ["value"]:
            self.constant(kind, spec["value"], key)
            return Field(name, kind, constant=spec["value"])
        values = self.value_map(self.take(spec, key, "map", str), key) if "map" in spec else None
        if kind == "time" and (values or ways != ["column"]):
            raise self.fail(key, "a time comes from one column; its format belongs into [columns]")
        if kind == "list" and ways != ["column"]:
            raise self.fail(key, "a list comes from one column; its separator belongs into [columns]")
        if ways == ["column"]:
            rule = self.rule(self.take(spec, key, "column", str), key)
            if rule.default is not None:
                self.constant(kind, rule.default, f"columns.{rule.name}.default")
            return Field(name, kind, columns=(rule,), values=values, factor=self.factor(name, kind, rule))
        if ways == ["join"]:
            rules = tuple(self.rule(column, key) for column in self.texts(spec["join"], f"{key}.join"))
            separator = self.take(spec, key, "separator", str, " ")
            return Field(name, kind, columns=rules, separator=separator, values=values)
        parts = self.template(self.take(spec, key, "template", str), f"{key}.template")
        columns = dict.fromkeys(column for _, column, _ in parts if column)
        return Field(name, kind, columns=tuple(self.rule(c, key) for c in columns), parts=parts, values=values)

    def factor(self, name: str, kind: str, rule: ColumnRule) -> float:
        if not rule.unit:
            return rule.scale
        if kind == "number" and name in UNITS:
            if rule.unit not in UNITS[name]:
                raise self.fail(f"columns.{rule.name}.unit", f"{rule.unit!r}: {_choices(rule.unit, UNITS[name])}")
            return rule.scale * UNITS[name][rule.unit]
        raise self.fail(f"columns.{rule.name}.unit", f"{name} has no unit of measure; remove it")

    def constant(self, kind: str, value: Any, key: str) -> None:
        kinds = {"number": (int, float), "integer": (int,), "text": (str,), "flag": (bool,), "list": (list,)}
        if kind not in kinds or not isinstance(value, kinds[kind]) or (kind != "flag" and isinstance(value, bool)):
            raise self.fail(key, f"{value!r} cannot be the constant of a {kind}")

    def value_map(self, name: str, key: str) -> ValueMap:
        if name not in self._maps:
            raise self.fail(f"{key}.map", f"{name!r}: there is no [maps.{name}]; {_choices(name, self._maps)}")
        self._used_maps.add(name)
        table = self.take(self._maps, "maps", name, dict)
        self.only(table, f"maps.{name}", ("rules", "otherwise"))
        rules = self.take(table, f"maps.{name}", "rules", dict)
        for pattern, value in {**rules, "otherwise": table.get("otherwise", "")}.items():
            if not isinstance(value, str | int | float | bool):
                raise self.fail(f"maps.{name}.rules.{pattern}", f"{value!r} must be text, a number, true or false")
        return ValueMap(name, tuple((p.casefold(), v) for p, v in rules.items()), table.get("otherwise"))

    def template(self, text: str, key: str) -> tuple[tuple[str, str, str], ...]:
        """``T{cab:03d}`` → (("T", "cab", "03d"),). Only column names go in: no attribute, index or conversion."""
        try:
            parts = tuple((lit, name or "", spec or "") for lit, name, spec, conv in string.Formatter().parse(text)
                          if not conv or self._no_conversion(key))  # fmt: skip
            for _, name, spec in parts:
                if name:
                    format_cell(0, spec)
        except ValueError as error:
            raise self.fail(key, f"{text!r}: {error}; write it like T{{cab:03d}}") from None
        if not any(name for _, name, _ in parts):
            raise self.fail(key, f"{text!r} names no column; use value = for a constant")
        return parts

    def _no_conversion(self, key: str) -> bool:
        raise self.fail(key, "conversions such as !r are not known here")


_KIND_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a table",
               list: "a list"}  # fmt: skip
_LIMITS = ("max_gap_s", "min_move_m", "max_speed_mps")
_NO_DERIVE = Derive(())


def _choices(word: str, names: Iterable[str]) -> str:
    names = list(names)
    close = difflib.get_close_matches(word, names, 1)
    return (f"did you mean {close[0]}? " if close else "") + f"known: {', '.join(names) or 'none'}"


def _is_time_format(text: str) -> bool:
    if "%" not in text:
        return False
    try:
        tried = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC).strftime(text)
        return bool(datetime.strptime(tried, text))  # noqa: DTZ007 - only tries the format
    except ValueError:
        return False


def _kind(message: type[msgspec.Struct], name: str) -> str:
    """number, integer, text, flag, list or time: what ``name`` of ``message`` holds."""
    info = msgspec.inspect.type_info(message)
    assert isinstance(info, msgspec.inspect.StructType)
    kind: Any = next(f.type for f in info.fields if f.name == name)
    if isinstance(kind, msgspec.inspect.UnionType):
        kind = next(t for t in kind.types if not isinstance(t, msgspec.inspect.NoneType))
    words = {"FloatType": "number", "IntType": "integer", "StrType": "text", "BoolType": "flag", "ListType": "list",
             "DateTimeType": "time"}  # fmt: skip
    return words[type(kind).__name__]
