"""The topics as they should be on a broker; ``python -m data_feeds.topics create|check`` makes or compares them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from data_feeds.kafka_client import MAX_MESSAGE_BYTES, KafkaSetupError, KafkaUnavailable, open_admin
from data_feeds.model import Topic
from data_feeds.settings import Settings, SettingsError, load

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HEADERS_BYTES = 64 * 1024
# the arrival orders retention and "since when": a device with a wrong clock can neither hide nor outlive its records
ARRIVAL = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": str(MAX_MESSAGE_BYTES)}


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How one topic should be: ``configs`` are Kafka's names and values."""

    topic: Topic
    partitions: int
    configs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicState:
    """How one topic is on the broker."""

    partitions: int
    replication_factor: int
    configs: Mapping[str, str]


def _state(days: int | None = None) -> dict[str, str]:
    """Latest record by key; segments close early because the open one is never compacted."""
    configs = {**ARRIVAL, "cleanup.policy": "compact", "segment.ms": str(6 * HOUR_MS)}
    if days is not None:
        configs |= {"cleanup.policy": "compact,delete", "retention.ms": str(days * DAY_MS)}
    return configs


def _stream(hours: int) -> dict[str, str]:
    """Everything of the last ``hours``; segments close early because the open one is never deleted."""
    return {**ARRIVAL, "cleanup.policy": "delete", "retention.ms": str(hours * HOUR_MS), "segment.ms": str(HOUR_MS)}


SPECS: tuple[TopicSpec, ...] = (
    TopicSpec(Topic.ROSTER, 3, _state()),
    TopicSpec(Topic.POSITION, 6, _stream(24)),
    TopicSpec(Topic.STATUS, 3, _state()),
    TopicSpec(Topic.INCIDENT, 3, _state(days=30)),
    TopicSpec(Topic.TELEMETRY, 3, _stream(24)),
    TopicSpec(Topic.DETECTION, 1, _stream(7 * 24)),
    TopicSpec(Topic.DEVICE, 3, _state()),
    # not compacted: of an order the first record counts, of acknowledgements each
    TopicSpec(Topic.ORDER, 3, _stream(7 * 24)),
    TopicSpec(Topic.ACK, 3, _stream(7 * 24)),
    TopicSpec(Topic.CLOCK, 1, _stream(24)),
    # a dead letter is the largest record with headers added; old poison goes too, or the topic would only ever grow
    TopicSpec(Topic.DEADLETTER, 1, {**_state(days=30), "max.message.bytes": str(MAX_MESSAGE_BYTES + HEADERS_BYTES)}),
)


def wanted_configs(spec: TopicSpec, replication_factor: int) -> dict[str, str]:
    """``spec``'s configs, and with three copies or more two that must have a record before it is acknowledged."""
    return {**spec.configs, **({"min.insync.replicas": "2"} if replication_factor >= 3 else {})}


def differences(spec: TopicSpec, replication_factor: int, found: TopicState) -> list[str]:
    """What is different at the topic that was ``found``, one line each; empty when all is right."""
    lines = []
    if found.partitions != spec.partitions:
        lines.append(f"has {found.partitions} partitions, should have {spec.partitions}")
    if found.replication_factor != replication_factor:
        lines.append(f"has {found.replication_factor} copies, should have {replication_factor}")
    for name, wanted in wanted_configs(spec, replication_factor).items():
        is_now = found.configs.get(name, "unknown")
        if _comparable(name, is_now) != _comparable(name, wanted):
            lines.append(f"has {name}={is_now}, should have {name}={wanted}")
    return lines


def _comparable(name: str, value: str) -> Any:
    return sorted(word.strip() for word in value.split(",")) if name == "cleanup.policy" else value


class TopicAdmin:
    """Reads and makes topics. Raises KafkaUnavailable when no broker answers; close it after use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = open_admin(settings)

    def __enter__(self) -> TopicAdmin:
        return self

    def __exit__(self, *_: Any) -> None:
        self._admin.close()

    def states(self, specs: Sequence[TopicSpec] = SPECS) -> dict[Topic, TopicState | None]:
        """How each topic is now; None for one that does not exist. Raises KafkaError."""
        names = {self._settings.topic_name(spec.topic): spec.topic for spec in specs}
        described = {entry["name"]: entry for entry in self._admin.describe_topics(list(names))}
        present = [name for name in names if described[name]["error_code"] == 0]
        for name in set(names) - set(present):
            error = for_code(described[name]["error_code"])
            if error.__name__ != "UnknownTopicOrPartitionError":
                raise error(f"topic {name}")
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in present]
        configs = self._admin.describe_configs(resources, config_filter="all").get("topic", {}) if resources else {}
        states: dict[Topic, TopicState | None] = dict.fromkeys(names.values())
        for name in present:
            partitions = described[name]["partitions"]
            states[names[name]] = TopicState(
                partitions=len(partitions),
                replication_factor=min((len(p["replica_nodes"]) for p in partitions), default=0),
                configs={key: str(entry["value"]) for key, entry in configs.get(name, {}).items()},
            )
        return states

    def create(self, specs: Sequence[TopicSpec]) -> dict[Topic, str]:
        """Make the topics of ``specs`` and wait until they can be used; returns the reasons of those that failed."""
        if not specs:
            return {}
        copies = self._settings.replication_factor
        names = {self._settings.topic_name(spec.topic): spec for spec in specs}
        answer = self._admin.create_topics(
            {name: {"num_partitions": spec.partitions, "replication_factor": copies,
                    "configs": wanted_configs(spec, copies)} for name, spec in names.items()},
            raise_errors=False,
        )
        failed = {}
        for entry in answer["topics"]:
            error = for_code(entry["error_code"])
            # a second process may create the same topics at the same time
            if entry["error_code"] and error is not TopicAlreadyExistsError:
                failed[names[entry["name"]].topic] = entry.get("error_message") or error.__name__
        self._admin.wait_for_topics([name for name, spec in names.items() if spec.topic not in failed])
        return failed


def run(command: str, settings: Settings) -> tuple[list[str], int]:
    """``create`` or ``check``: the lines to print and the exit code (0 only when every topic is as it should be).

    Raises KafkaUnavailable, KafkaSetupError, KafkaError.
    """
    lines: list[str] = []
    problems = 0
    failed: dict[Topic, str] = {}
    with TopicAdmin(settings) as admin:
        states = admin.states()
        missing = {spec.topic for spec in SPECS if states[spec.topic] is None}
        if command == "create" and missing:
            failed = admin.create([spec for spec in SPECS if spec.topic in missing])
            states = admin.states()  # looked at once more: another process may have made one of them otherwise
    for spec in SPECS:
        name, found = settings.topic_name(spec.topic), states[spec.topic]
        if spec.topic in failed:
            wrong = [f"could not be created: {failed[spec.topic]}"]
        elif found is None:
            wrong = ["is missing; make it with: python -m data_feeds.topics create"]
        else:
            wrong = differences(spec, settings.replication_factor, found)
        right = "created" if spec.topic in missing else "as it should be"
        lines.extend(f"{name}: {line}" for line in wrong or [right])
        problems += bool(wrong)
    if problems:
        lines.append(f"{problems} of {len(SPECS)} topics are not as they should be (existing ones are never changed)")
    return lines, 1 if problems else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code: 0 all right, 1 differences, 2 nothing could be compared."""
    parser = argparse.ArgumentParser(prog="python -m data_feeds.topics", description=__doc__)
    parser.add_argument("command", choices=("create", "check"),
                        help="create the missing topics, or only compare; existing topics are never changed")
    parser.add_argument("--config", help="settings file (default: wallboard.toml)")
    chosen = parser.parse_args(arguments)
    try:
        lines, code = run(chosen.command, load(chosen.config))
    except (SettingsError, KafkaUnavailable, KafkaSetupError) as error:
        print(f"topics: {error}", file=sys.stderr)
        return 2
    except KafkaError as error:
        print(f"topics: the broker refused: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
