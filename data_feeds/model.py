"""What the wall knows: the messages of every topic as typed structs, and the field's enumerations.

A struct here is a wire contract: its field names are the JSON names, its constraints are checked while decoding.
Enumerations travel as open text, so that a new value is not a lost message: ``enum_of`` maps text to a member and
an unknown word to ``UNKNOWN``. Times are RFC 3339 with an offset. No field carries a private person.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, IntEnum
from typing import Annotated, TypeVar

from msgspec import Meta, Struct


class Topic(Enum):
    """The kinds of topic; their names on a broker are settings."""

    # members are singletons; Enum's own hash is Python code, and topics are looked up several times a record
    __hash__ = object.__hash__

    ROSTER = "roster"
    POSITION = "position"
    STATUS = "status"
    INCIDENT = "incident"
    TELEMETRY = "telemetry"
    DETECTION = "detection"
    DEVICE = "device"
    ORDER = "order"
    ACK = "ack"
    CLOCK = "clock"
    DEADLETTER = "deadletter"


# Topics that hold the present state: read from their beginning. The others are streams.
STATES = frozenset({Topic.ROSTER, Topic.STATUS, Topic.DEVICE, Topic.INCIDENT, Topic.ORDER, Topic.ACK})

DEFAULT_TOPIC_NAMES: dict[Topic, str] = {
    Topic.ROSTER: "wall.unit.roster",
    Topic.POSITION: "wall.unit.position",
    Topic.STATUS: "wall.unit.status",
    Topic.INCIDENT: "wall.incident",
    Topic.TELEMETRY: "wall.drone.telemetry",
    Topic.DETECTION: "wall.drone.detection",
    Topic.DEVICE: "wall.device",
    Topic.ORDER: "wall.dispatch.order",
    Topic.ACK: "wall.dispatch.ack",
    Topic.CLOCK: "wall.clock",
    Topic.DEADLETTER: "wall.deadletter",
}


class UnitStatus(IntEnum):
    """The status codes; the integer is the byte on the wire."""

    UNKNOWN = 0
    AVAILABLE = 1
    DISPATCHED = 2
    ENROUTE = 3
    ON_SCENE = 4
    STANDBY = 5
    RETURNING = 6
    OUT_OF_SERVICE = 7


class UnitType(IntEnum):
    """What a unit is; the integer is the icon's index in DICT frames."""

    UNKNOWN = 0
    CAR = 1
    MOTORCYCLE = 2
    FOOT = 3
    TRAFFIC = 4
    ASSAULT_VEHICLE = 5
    COMMAND_VEHICLE = 6
    MOBILE_PLATFORM = 7
    POST = 8
    MOUNTED = 9
    DRONE = 10
    HELICOPTER = 11
    VOLUNTEERS = 12
    OTHER = 13


class Severity(IntEnum):
    """How bad an incident is; higher is worse."""

    UNKNOWN = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Datum(IntEnum):
    """The geodetic datum of a coordinate pair; CGCS2000 equals WGS-84 within centimetres."""

    UNKNOWN = 0
    WGS84 = 1
    GCJ02 = 2
    BD09 = 3
    CGCS2000 = 4


class PlaceClass(IntEnum):
    """The classes of the 1·3·5-minute targets."""

    UNKNOWN = 0
    KEY_SPOT = 1
    CENTRE = 2
    OTHER = 3


class Source(IntEnum):
    """How an incident came to be known."""

    UNKNOWN = 0
    CALL = 1
    VIDEO_PATROL = 2
    PATROL = 3
    DRONE = 4
    SOS = 5
    OTHER = 6


class DeviceKind(IntEnum):
    """Fixed and worn video sources."""

    UNKNOWN = 0
    CAMERA = 1
    BODY_CAMERA = 2
    PLATFORM_CAMERA = 3
    OTHER = 4


class DeviceState(IntEnum):
    """Whether a device delivers."""

    UNKNOWN = 0
    ONLINE = 1
    OFFLINE = 2
    FAULT = 3


class AckState(IntEnum):
    """What a unit, or the system that reaches it, says of an order."""

    UNKNOWN = 0
    DELIVERED = 1
    ACCEPTED = 2
    ENROUTE = 3
    ON_SCENE = 4
    REFUSED = 5
    FAILED = 6


E = TypeVar("E", bound=IntEnum)


def enum_of(kind: type[E], text: str | None) -> E:
    """The member named ``text`` (case, spaces and hyphens ignored); UNKNOWN, ``kind(0)``, for any other word."""
    if not text:
        return kind(0)
    return kind.__members__.get(text.strip().upper().replace(" ", "_").replace("-", "_"), kind(0))


MAX_INT = 2**53 - 1
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Code = Annotated[str, Meta(max_length=64)]
Word = Annotated[str, Meta(max_length=64)]
Name = Annotated[str, Meta(max_length=128)]
Url = Annotated[str, Meta(max_length=2048)]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Angle = Annotated[float, Meta(ge=-360.0, le=360.0)]
Speed = Annotated[float, Meta(ge=0.0, le=400.0)]
Altitude = Annotated[float, Meta(ge=-1000.0, le=20000.0)]
Metres = Annotated[float, Meta(ge=0.0, le=100_000.0)]
Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Headcount = Annotated[int, Meta(ge=0, le=10_000)]
Version = Annotated[int, Meta(ge=0, le=MAX_INT)]
Time = Annotated[datetime, Meta(tz=True)]


class Roster(Struct, frozen=True, gc=False, omit_defaults=True):
    """A unit as it stands on the duty roster; crew as numbers, never as names."""

    unit_id: Id
    callsign: Name = ""
    unit_type: Word = ""
    agency: Word = ""
    station: Code = ""
    branch: Code = ""
    capabilities: Annotated[list[Word], Meta(max_length=32)] = []
    crew_officers: Headcount = 0
    crew_auxiliaries: Headcount = 0


class VehiclePosition(Struct, frozen=True, gc=False, omit_defaults=True):
    """One fix of one unit. Degrees, metres, metres per second; course is of the movement, heading of the vehicle."""

    unit_id: Id
    lat: Latitude
    lon: Longitude
    fix_time: Time
    datum: Word = "WGS84"
    speed_mps: Speed | None = None
    course: Angle | None = None
    heading: Angle | None = None
    altitude_m: Altitude | None = None
    accuracy_m: Metres | None = None


class Status(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a unit does now, since when, for which incident, and whether it calls for help."""

    unit_id: Id
    status: Word
    incident_id: Code = ""
    since: Time | None = None
    sos: bool = False


class Incident(Struct, frozen=True, omit_defaults=True):
    """The full current record of one incident; a higher ``version`` replaces it. Any time may be missing."""

    incident_id: Id
    version: Version
    category: Word = ""
    severity: Word = ""
    priority: Annotated[int, Meta(ge=0, le=100)] | None = None
    valid: bool = True
    exercise: bool = False
    source: Word = ""
    disposition: Word = ""
    diverted: bool = False
    lat: Latitude | None = None
    lon: Longitude | None = None
    datum: Word = "WGS84"
    place_class: Word = ""
    place: Name = ""
    branch: Code = ""
    station: Code = ""
    zone: Code = ""
    call_received: Time | None = None
    dispatched: Time | None = None
    accepted: Time | None = None
    enroute: Time | None = None
    on_scene: Time | None = None
    closed: Time | None = None
    units: Annotated[list[Id], Meta(max_length=256)] = []
    summary: Annotated[str, Meta(max_length=4000)] = ""


class DroneTelemetry(Struct, frozen=True, gc=False, omit_defaults=True):
    """Where a drone is and where it looks.

    Height above ground or take-off in metres, pitch −90° straight down, yaw from north.
    """

    drone_id: Id
    lat: Latitude
    lon: Longitude
    time: Time
    datum: Word = "WGS84"
    callsign: Name = ""
    height_m: Altitude | None = None
    gimbal_pitch: Annotated[float, Meta(ge=-180.0, le=180.0)] | None = None
    gimbal_yaw: Angle | None = None
    fov_deg: Annotated[float, Meta(gt=0.0, lt=180.0)] | None = None
    heading: Angle | None = None
    speed_mps: Speed | None = None
    battery: Percent | None = None
    mission: Name = ""
    stream_url: Url = ""
    recording: bool = False


class Detection(Struct, frozen=True, gc=False, omit_defaults=True):
    """Something a drone's camera found; ``kind`` is a word of a configurable list, never a person's identity."""

    detection_id: Id
    drone_id: Id
    kind: Word
    time: Time
    lat: Latitude | None = None
    lon: Longitude | None = None
    datum: Word = "WGS84"
    place: Name = ""
    confidence: Fraction | None = None
    incident_id: Code = ""


class Device(Struct, frozen=True, gc=False, omit_defaults=True):
    """A camera, a body camera or a platform's camera."""

    device_id: Id
    kind: Word = ""
    name: Name = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    datum: Word = "WGS84"
    state: Word = ""
    stream_url: Url = ""
    unit_id: Code = ""


class Rejected(Struct, frozen=True):
    """A candidate that was not chosen, and the words that speak against it."""

    unit_id: Id
    reasons: Annotated[list[Word], Meta(max_length=16)] = []


class DispatchOrder(Struct, frozen=True):
    """Units sent to an incident by a person. ``who`` is the operator's name as the wall was told it; while nothing
    proves it, ``authenticated`` is false. The first record of an ``order_id`` counts, later ones change nothing."""

    order_id: Id
    incident_id: Id
    units: Annotated[list[Id], Meta(min_length=1, max_length=32)]
    who: Annotated[str, Meta(min_length=1, max_length=64)]
    time: Time
    rejected: Annotated[list[Rejected], Meta(max_length=100)] = []
    authenticated: bool = False


class DispatchAck(Struct, frozen=True, gc=False, omit_defaults=True):
    """What became of an order at one of its units; ``reason`` is a word for a refusal or a failure."""

    order_id: Id
    unit_id: Id
    state: Word
    time: Time
    reason: Word = ""


class Clock(Struct, frozen=True, gc=False, omit_defaults=True):
    """What "now" is in a replay, how fast it runs, what the replayed source lacks (``incident.place_class`` …), and
    since when it tells everything: before that are only things that were still open then."""

    now: Time
    speed: Annotated[float, Meta(gt=0.0, le=100_000.0)] = 1.0
    source: Name = ""
    lacks: Annotated[list[Word], Meta(max_length=64)] = []
    since: Time | None = None


Message = (
    Roster | VehiclePosition | Status | Incident | DroneTelemetry | Detection | Device | DispatchOrder | DispatchAck
    | Clock
)

MESSAGE_OF: dict[Topic, type[Struct]] = {
    Topic.ROSTER: Roster,
    Topic.POSITION: VehiclePosition,
    Topic.STATUS: Status,
    Topic.INCIDENT: Incident,
    Topic.TELEMETRY: DroneTelemetry,
    Topic.DETECTION: Detection,
    Topic.DEVICE: Device,
    Topic.ORDER: DispatchOrder,
    Topic.ACK: DispatchAck,
    Topic.CLOCK: Clock,
}

KEY_FIELD: dict[Topic, str] = {
    Topic.ROSTER: "unit_id",
    Topic.POSITION: "unit_id",
    Topic.STATUS: "unit_id",
    Topic.INCIDENT: "incident_id",
    Topic.TELEMETRY: "drone_id",
    Topic.DETECTION: "detection_id",
    Topic.DEVICE: "device_id",
    Topic.ORDER: "order_id",
    Topic.ACK: "order_id",
}

CLOCK_KEY = b"clock"
