"""One record's bytes → one typed message, or a DecodeError that says what is wrong.

``python -m data_feeds.messages --schema`` prints the JSON Schema of every message, ``--asyncapi`` an AsyncAPI 3
document of every topic.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

import msgspec

from data_feeds.model import CLOCK_KEY, KEY_FIELD, MESSAGE_OF, Datum, Message, Topic, enum_of

MAX_BYTES = 64 * 1024
NULL_ISLAND_DEG = 1e-6
# Every way in which a record can be unusable; each has its own counter.
Refusal = Literal[
    "empty_key", "too_large", "not_json", "bad_utf8", "too_deep", "wrong_type", "bad_coordinates", "null_island",
    "future_time", "key_mismatch", "unknown_datum", "unexpected_topic", "internal",
]  # fmt: skip
LAST_MS = 253_402_300_799_000.0  # the end of the year 9999, where datetime ends
FIRST_CLOCK, LAST_CLOCK = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
# control characters, and those that turn the direction of writing
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_TIME_FIELD = {
    Topic.TELEMETRY: "time", Topic.DETECTION: "time", Topic.STATUS: "since", Topic.ORDER: "time", Topic.ACK: "time",
}  # fmt: skip
_INCIDENT_TIMES = ("call_received", "dispatched", "accepted", "enroute", "on_scene", "closed")
_WITH_PLACE = frozenset({Topic.POSITION, Topic.TELEMETRY, Topic.INCIDENT, Topic.DETECTION, Topic.DEVICE})
_MUST_BE_PLACED = frozenset({Topic.POSITION, Topic.TELEMETRY})


class DecodeError(ValueError):
    """A record that cannot be used. ``detail`` names the field but never its text."""

    def __init__(self, kind: Refusal, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record without a value: the entity named by its key is gone."""

    entity_id: str


class Decoder:
    """Decodes the records of every topic. ``max_skew_s``: how far ahead of the clock a message may be, in seconds."""

    def __init__(self, max_skew_s: float = 60.0) -> None:
        self.max_skew_ms = max_skew_s * 1000.0
        self._decode = {topic: msgspec.json.Decoder(kind).decode for topic, kind in MESSAGE_OF.items()}
        self._now_ms: float | None = None
        self._latest: datetime | None = None  # what is later than this is refused; kept for one ``now_ms``

    def decode(self, topic: Topic, key: bytes | None, value: bytes | None, now_ms: float | None) -> Message | Tombstone:
        """The message in ``value``; a Tombstone where there is none. ``now_ms`` None: no clock yet, skew unchecked.

        Raises DecodeError.
        """
        if not key:
            raise DecodeError("empty_key", "the key must be the entity's id")
        if value is None:
            return Tombstone(_entity_id(key))
        if len(value) > MAX_BYTES:
            raise DecodeError("too_large", f"{len(value)} bytes, at most {MAX_BYTES} are read")
        decode = self._decode.get(topic)
        if decode is None:
            raise DecodeError("unexpected_topic", f"no message is read from the {topic.value} topic")
        try:
            message = decode(value)
        except UnicodeDecodeError as error:
            raise DecodeError("bad_utf8", f"at byte {error.start}") from None
        except RecursionError:
            raise DecodeError("too_deep", "nested too deeply") from None
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None
        except msgspec.DecodeError as error:
            raise _malformed(value, str(error)) from None
        if now_ms != self._now_ms:
            self._now_ms, self._latest = now_ms, self._limit(now_ms)
        if topic is Topic.POSITION:  # nearly all messages are positions
            self._check_position(key, message)
        else:
            self._check(topic, key, message)
            message = _without_controls(message)
        return cast(Message, message)

    def _limit(self, now_ms: float | None) -> datetime | None:
        if now_ms is None:
            return None
        return datetime.fromtimestamp(min(max(now_ms + self.max_skew_ms, 0.0), LAST_MS) / 1000.0, UTC)

    def _check_position(self, key: bytes, fix: Any) -> None:
        """``_check`` for a position, without looking anything up."""
        if key != fix.unit_id.encode():
            raise DecodeError("key_mismatch", "the key must equal 'unit_id'")
        if not fix.unit_id.isprintable():
            _check_id(fix.unit_id)
        if -NULL_ISLAND_DEG < fix.lat < NULL_ISLAND_DEG or fix.datum != "WGS84":
            _check_place(Topic.POSITION, fix)
        if self._latest is not None and fix.fix_time > self._latest:
            raise self._too_late()

    def _check(self, topic: Topic, key: bytes, message: Any) -> None:
        field = KEY_FIELD.get(topic)
        expected = getattr(message, field).encode() if field else CLOCK_KEY
        if key != expected:
            raise DecodeError("key_mismatch", f"the key must equal {field or 'clock'!r}")
        if field:
            _check_id(getattr(message, field))
        elif not FIRST_CLOCK <= message.now <= LAST_CLOCK:
            raise DecodeError("wrong_type", "now lies outside the years 1970 to 2200")
        if topic in _WITH_PLACE:
            _check_place(topic, message)
        elif topic is Topic.ORDER:
            for text in (message.incident_id, *message.units, *(one.unit_id for one in message.rejected)):
                _check_id(text)
        elif topic is Topic.ACK:
            _check_id(message.unit_id)
        if self._latest is None:
            return
        if topic is Topic.INCIDENT:
            times = [getattr(message, name) for name in _INCIDENT_TIMES]
        elif (name := _TIME_FIELD.get(topic)) is not None:
            times = [getattr(message, name)]
        else:
            return
        for time in times:
            if time is not None and time > self._latest:
                raise self._too_late()

    def _too_late(self) -> DecodeError:
        return DecodeError("future_time", f"more than {self.max_skew_ms / 1000:g} s ahead of the wall's clock")


def unix_ms(time: datetime | None) -> float | None:
    """Unix milliseconds of an aware time; None for None."""
    return None if time is None else time.timestamp() * 1000.0


def encode(message: Message) -> bytes:
    """The wire form of ``message``."""
    return msgspec.json.encode(message)


def _entity_id(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise DecodeError("bad_utf8", "in the key") from None


def _check_id(text: str) -> None:
    if CONTROLS.search(text):
        raise DecodeError("wrong_type", "the id holds control characters")


def without_controls(text: str) -> str:
    """``text`` with characters that break or turn a line taken out: they can fake another callsign."""
    return text if text.isprintable() else CONTROLS.sub(" ", text)


def _without_controls(message: Any) -> Any:
    """``message`` with such characters taken out of its texts."""
    changes = {}
    for field in message.__struct_fields__:
        value = getattr(message, field)
        if type(value) is str and (plain := without_controls(value)) != value:
            changes[field] = plain
    return msgspec.structs.replace(message, **changes) if changes else message


def _check_place(topic: Topic, message: Any) -> None:
    if message.lat is None or message.lon is None:
        if message.lat is not message.lon:
            raise DecodeError("bad_coordinates", "one of lat and lon is missing")
        return
    if abs(message.lat) < NULL_ISLAND_DEG and abs(message.lon) < NULL_ISLAND_DEG:
        raise DecodeError("null_island", "lat and lon are both 0: a device without a fix")
    # An incident in an unknown datum keeps its place in the queue; a mere position has nothing else to give.
    if topic in _MUST_BE_PLACED and enum_of(Datum, message.datum) is Datum.UNKNOWN:
        raise DecodeError("unknown_datum", "known are WGS84, GCJ02, BD09, CGCS2000")


def _invalid(text: str) -> DecodeError:
    where = text.rpartition("`$.")[2].rstrip("`")
    if where in ("lat", "lon") and ("<=" in text or ">=" in text or "out of range" in text):
        return DecodeError("bad_coordinates", text)
    return DecodeError("wrong_type", text)


def _malformed(value: bytes, text: str) -> DecodeError:
    # JSON has no NaN; producers that write it anyway deserve a better word than "malformed".
    if b"NaN" in value or b"Infinity" in value:
        return DecodeError("bad_coordinates", "NaN or Infinity is not a number")
    return DecodeError("not_json", text)


def main(argv: list[str] | None = None) -> None:
    from data_feeds.schema import asyncapi, json_schema  # here: schema imports this module
    from data_feeds.settings import load

    parser = argparse.ArgumentParser(prog="python -m data_feeds.messages", description=__doc__)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--schema", action="store_true", help="print the JSON Schema of every message")
    group.add_argument("--asyncapi", action="store_true", help="print an AsyncAPI 3 document of every topic")
    wanted = parser.parse_args(argv)
    document = json_schema() if wanted.schema else asyncapi(load())
    print(json.dumps(document, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
