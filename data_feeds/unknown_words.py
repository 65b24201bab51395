"""Words of messages that this version does not know: shown as unknown, and counted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from data_feeds.model import (
    AckState,
    Datum,
    Detection,
    Device,
    DeviceKind,
    DeviceState,
    DispatchAck,
    Incident,
    Message,
    PlaceClass,
    Roster,
    Severity,
    Source,
    Status,
    UnitStatus,
    UnitType,
    enum_of,
)
from data_feeds.scopes import Scopes

# Which fields of which message hold an open enumeration.
_OPEN_ENUMS: dict[type, tuple[tuple[str, Any], ...]] = {
    Roster: (("unit_type", UnitType),),
    Status: (("status", UnitStatus),),
    Incident: (("severity", Severity), ("source", Source), ("place_class", PlaceClass), ("datum", Datum)),
    Device: (("kind", DeviceKind), ("state", DeviceState), ("datum", Datum)),
    DispatchAck: (("state", AckState),),
}


def unknown_words(message: Message, scopes: Scopes, detection_kinds: Collection[str]) -> Iterator[str]:
    """The fields (Message.field) of ``message`` whose words nobody knows. ``detection_kinds`` empty: any is known."""
    for field, kind in _OPEN_ENUMS.get(type(message), ()):
        word = getattr(message, field)
        if word and enum_of(kind, word) == 0 and word.upper() != "UNKNOWN":
            yield f"{type(message).__name__}.{field}"
    if isinstance(message, Roster | Incident):
        for field in ("branch", "station"):
            if scopes.is_strange(getattr(message, field)):
                yield f"{type(message).__name__}.{field}"
    if isinstance(message, Detection) and detection_kinds and message.kind.lower() not in detection_kinds:
        yield "Detection.kind"
