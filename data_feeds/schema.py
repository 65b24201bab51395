"""The message contracts as documents: one JSON Schema of every message, and an AsyncAPI 3 document of every topic.

Both are made from the structs in ``model.py``, so that they cannot drift from what is decoded.
``python -m data_feeds.messages --schema`` and ``--asyncapi`` print them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

from data_feeds.messages import MAX_BYTES
from data_feeds.model import (
    CLOCK_KEY,
    KEY_FIELD,
    MESSAGE_OF,
    AckState,
    Datum,
    DeviceKind,
    DeviceState,
    PlaceClass,
    Severity,
    Source,
    Topic,
    UnitStatus,
    UnitType,
)
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, wanted_configs

# Rises with the model: major when a writer must change, minor when a field or a word is added.
CONTRACT_VERSION = "1.1.0"
KAFKA_BINDING = "0.5.0"

# Text fields whose words are enumerations, by message and field; ``datum`` means the same everywhere.
OPEN_WORDS: dict[tuple[str, str], type[IntEnum]] = {
    ("Roster", "unit_type"): UnitType,
    ("Status", "status"): UnitStatus,
    ("Incident", "severity"): Severity,
    ("Incident", "source"): Source,
    ("Incident", "place_class"): PlaceClass,
    ("Device", "kind"): DeviceKind,
    ("Device", "state"): DeviceState,
    ("DispatchAck", "state"): AckState,
}
# What the wall does with a topic, where that is not only reading: its orders come back to it as to every other wall.
_ACTIONS = {Topic.DEADLETTER: ("send",), Topic.ORDER: ("send", "receive")}


def json_schema(settings: Settings | None = None) -> dict[str, Any]:
    """A JSON Schema (2020-12) that any message of any topic satisfies; each message by its name under ``$defs``."""
    components = _components("#/$defs/{name}", settings or Settings())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One Map messages",
        "description": f"Version {CONTRACT_VERSION}. One JSON object a record. Unknown fields are ignored.",
        "anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in MESSAGE_OF.values()],
        "$defs": components,
    }


def asyncapi(settings: Settings) -> dict[str, Any]:
    """An AsyncAPI 3.0 document: a channel a topic with its name, partitions and retention, and what its records hold.

    Of ``settings`` it shows the brokers' addresses, whether they speak TLS, and the topics' names; never a credential.
    """
    secure = str(settings.kafka.get("security_protocol", "PLAINTEXT")).upper() != "PLAINTEXT"
    servers = [host.strip() for host in settings.kafka_bootstrap_servers.split(",") if host.strip()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "One Map",
            "version": CONTRACT_VERSION,
            "description": "The topics that the wallboard reads, and the orders and dead letters that it writes.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            f"broker{number}": {"host": host, "protocol": "kafka-secure" if secure else "kafka"}
            for number, host in enumerate(servers, 1)
        },
        "channels": {topic.value: _channel(topic, settings) for topic in Topic},
        "operations": {
            action + _message_name(topic): _operation(action, topic)
            for topic in Topic
            for action in _ACTIONS.get(topic, ("receive",))
        },
        "components": {
            "messages": {_message_name(topic): _message(topic) for topic in Topic},
            "schemas": _components("#/components/schemas/{name}", settings),
        },
    }


def _components(ref_template: str, settings: Settings) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(tuple(MESSAGE_OF.values()), ref_template=ref_template)
    for message, schema in components.items():
        for name, field in schema["properties"].items():
            if name == "datum":
                _name_words(field, Datum)
            elif (message, name) in OPEN_WORDS:
                _name_words(field, OPEN_WORDS[message, name])
            elif (message, name) == ("Detection", "kind"):
                _list_words(field, settings.detection_kinds)
    return components


def _name_words(field: dict[str, Any], kind: type[IntEnum]) -> None:
    _list_words(field, [member.name for member in kind if member != kind(0)])


def _list_words(field: dict[str, Any], words: list[str]) -> None:
    field["description"] = "One of the known values; any other word is taken as UNKNOWN and counted."
    field["x-known-values"] = list(words)


def _message_name(topic: Topic) -> str:
    return "DeadLetter" if topic is Topic.DEADLETTER else MESSAGE_OF[topic].__name__


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.value}"},
        "messages": [{"$ref": f"#/channels/{topic.value}/messages/{_message_name(topic)}"}],
    }


def _message(topic: Topic) -> dict[str, Any]:
    if topic is Topic.DEADLETTER:
        return _dead_letter()
    name = _message_name(topic)
    field = KEY_FIELD.get(topic)
    key: dict[str, Any] = {"type": "string", "description": f"Equal to {field}; UTF-8.", "minLength": 1}
    if field is None:
        key = {"type": "string", "const": CLOCK_KEY.decode()}
    return {
        "name": name,
        "title": name,
        "summary": (MESSAGE_OF[topic].__doc__ or "").splitlines()[0],
        "description": f"At most {MAX_BYTES} bytes. A record without a value removes what its key names.",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
    }


def _dead_letter() -> dict[str, Any]:
    return {
        "name": "DeadLetter",
        "title": "DeadLetter",
        "summary": "The bytes of a record that could not be used, unchanged; where they lay and why is in the headers.",
        "contentType": "application/octet-stream",
        "payload": {"description": "As received."},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "topic/partition/offset of the record."},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _channel(topic: Topic, settings: Settings) -> dict[str, Any]:
    spec = next(spec for spec in SPECS if spec.topic is topic)
    configs = wanted_configs(spec, settings.replication_factor)
    name = _message_name(topic)
    return {
        "address": settings.topic_name(topic),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": settings.topic_name(topic),
                "partitions": spec.partitions,
                "replicas": settings.replication_factor,
                "topicConfiguration": {key: _config_value(key, value) for key, value in configs.items()},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _config_value(name: str, value: str) -> str | int | list[str]:
    if name == "cleanup.policy":
        return value.split(",")
    return int(value) if value.isdigit() else value
