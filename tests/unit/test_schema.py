import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest

from data_feeds.messages import encode
from data_feeds.model import (
    DEFAULT_TOPIC_NAMES,
    KEY_FIELD,
    MESSAGE_OF,
    Clock,
    Detection,
    Device,
    DispatchAck,
    DispatchOrder,
    DroneTelemetry,
    Incident,
    Rejected,
    Roster,
    Status,
    Topic,
    VehiclePosition,
)
from data_feeds.schema import OPEN_WORDS, asyncapi, json_schema
from data_feeds.settings import Settings

ROOT = Path(__file__).parents[2]
ASYNCAPI_SCHEMA = ROOT / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"
NOON = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)

FULL = [
    Roster("U1", "巡 1-01", "car", "PS", "S1", "B1", ["aed", "english"], 2, 1),
    VehiclePosition("U1", 30.5, 114.3, NOON, "GCJ02", 12.5, 359.9, -1.0, 20.0, 4.0),
    Status("U1", "ENROUTE", "I1", NOON, True),
    Incident(
        "I1", 3, "fight", "HIGH", 1, True, False, "CALL", "", False, 30.5, 114.3, "BD09", "KEY_SPOT", "Market", "B1",
        "S1", "Z1", NOON, NOON, NOON, NOON, NOON, NOON, ["U1", "U2"], "<b>text</b>",
    ),
    DroneTelemetry("D1", 30.5, 114.3, NOON, "WGS84", "鹰 1", 120.0, -90.0, 45.0, 73.7, 45.0, 8.0, 81.0, "patrol",
                   "rtsp://example.org/d1", True),
    Detection("X1", "D1", "fire", NOON, 30.5, 114.3, "WGS84", "Park", 0.93, "I1"),
    Device("C1", "CAMERA", "Gate", 30.5, 114.3, "WGS84", "ONLINE", "https://example.org/c1", ""),
    DispatchOrder("O1", "I1", ["U1", "U2"], "Duty desk", NOON, [Rejected("U3", ["busy", "other_zone"])]),
    DispatchAck("O1", "U1", "REFUSED", NOON, "busy"),
    Clock(NOON, 60.0, "taxis", ["incident.place_class"]),
]  # fmt: skip
BARE = [
    Roster("U1"),
    VehiclePosition("U1", 30.5, 114.3, NOON),
    Status("U1", "AVAILABLE"),
    Incident("I1", 0),
    DroneTelemetry("D1", 30.5, 114.3, NOON),
    Detection("X1", "D1", "fire", NOON),
    Device("C1"),
    DispatchOrder("O1", "I1", ["U1"], "Duty desk", NOON),
    DispatchAck("O1", "U1", "DELIVERED", NOON),
    Clock(NOON),
]


def validator(name: str) -> jsonschema.protocols.Validator:
    document = {**json_schema(), "anyOf": [{"$ref": f"#/$defs/{name}"}]}
    return jsonschema.Draft202012Validator(document, format_checker=jsonschema.FormatChecker())


def test_json_schema_is_a_valid_schema_of_every_message():
    document = json_schema()
    jsonschema.Draft202012Validator.check_schema(document)
    assert set(document["$defs"]) == {kind.__name__ for kind in MESSAGE_OF.values()} | {"Rejected"}


@pytest.mark.parametrize("message", FULL + BARE, ids=lambda message: type(message).__name__)
def test_encoded_messages_satisfy_their_schema(message):
    validator(type(message).__name__).validate(json.loads(encode(message)))


@pytest.mark.parametrize(
    ("message", "change"),
    [
        (VehiclePosition, {"lat": 91.0}),
        (VehiclePosition, {"lat": "30.5"}),
        (VehiclePosition, {"unit_id": ""}),
        (VehiclePosition, {"speed_mps": -1.0}),
        (Incident, {"version": -1}),
        (Incident, {"units": "U1"}),
        (DispatchOrder, {"units": []}),
        (DispatchOrder, {"who": ""}),
        (DispatchAck, {"unit_id": ""}),
        (Clock, {"speed": 0.0}),
        (DroneTelemetry, {"battery": 101.0}),
    ],
)
def test_schema_and_decoder_refuse_the_same(message, change):
    sample = next(full for full in FULL if isinstance(full, message))
    broken = {**json.loads(encode(sample)), **change}
    assert not validator(message.__name__).is_valid(broken)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(broken), type=message)


def test_unknown_fields_and_unknown_words_are_no_fault():
    validator("Status").validate({"unit_id": "U1", "status": "LUNCH", "colour": "red"})


def test_known_words_are_listed_with_every_open_field():
    definitions = json_schema()["$defs"]
    for (message, field), kind in OPEN_WORDS.items():
        assert definitions[message]["properties"][field]["x-known-values"] == [m.name for m in kind if m.value]
    for definition in definitions.values():
        if "datum" in definition["properties"]:
            assert "GCJ02" in definition["properties"]["datum"]["x-known-values"]


def test_detection_kinds_come_from_the_settings():
    definitions = json_schema(Settings(detection_kinds=["flood"]))["$defs"]
    assert definitions["Detection"]["properties"]["kind"]["x-known-values"] == ["flood"]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(
            topics={"position": "fleet.gps"},
            replication_factor=3,
            kafka_bootstrap_servers="k1:9093, k2:9093",
            kafka={"security_protocol": "SASL_SSL", "sasl_plain_password": "s3cret"},
        ),
    ],
    ids=["defaults", "own cluster"],
)
def test_asyncapi_document_satisfies_the_official_schema(settings):
    assert ASYNCAPI_SCHEMA.exists(), "run `make test`, which installs the AsyncAPI schemas with npm ci"
    official = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(official).validate(asyncapi(settings))


def test_asyncapi_has_a_channel_for_every_topic_with_its_key():
    document = asyncapi(Settings(topics={"position": "fleet.gps"}))
    addresses = {topic.value: DEFAULT_TOPIC_NAMES[topic] for topic in Topic} | {"position": "fleet.gps"}
    assert {name: channel["address"] for name, channel in document["channels"].items()} == addresses
    for topic, kind in MESSAGE_OF.items():
        key = document["components"]["messages"][kind.__name__]["bindings"]["kafka"]["key"]
        assert KEY_FIELD.get(topic, "clock") in json.dumps(key)


def test_asyncapi_tells_which_topics_are_compacted():
    channels = asyncapi(Settings())["channels"]
    policies = {
        name: channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] for name, channel in channels.items()
    }
    assert policies["roster"] == policies["status"] == policies["device"] == ["compact"]
    assert policies["incident"] == ["compact", "delete"]
    assert policies["position"] == ["delete"]


def test_asyncapi_shows_no_credential():
    settings = Settings(kafka={"security_protocol": "SASL_SSL", "sasl_plain_password": "s3cret"})
    document = asyncapi(settings)
    assert "s3cret" not in json.dumps(document)
    assert document["servers"]["broker1"]["protocol"] == "kafka-secure"


def test_asyncapi_references_lead_somewhere():
    document = asyncapi(Settings())

    def follow(node):
        if isinstance(node, dict):
            if "$ref" in node:
                found = document
                for part in node["$ref"].removeprefix("#/").split("/"):
                    found = found[part]
            for child in node.values():
                follow(child)
        elif isinstance(node, list):
            for child in node:
                follow(child)

    follow(document)


@pytest.mark.parametrize(("option", "mark"), [("--schema", "$defs"), ("--asyncapi", "channels")])
def test_command_line_prints_json(option, mark):
    command = [sys.executable, "-m", "data_feeds.messages", option]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8")
    assert mark in json.loads(printed.stdout)
