"""The topics as they should be, compared without a broker."""

from __future__ import annotations

import pytest

from data_feeds.messages import MAX_BYTES
from data_feeds.model import Topic
from data_feeds.topics import DAY_MS, SPECS, TopicSpec, TopicState, differences, main, wanted_configs

SPEC = {spec.topic: spec for spec in SPECS}


def as_wanted(spec: TopicSpec, copies: int = 1, **changes: str) -> TopicState:
    return TopicState(spec.partitions, copies, {**wanted_configs(spec, copies), **changes})


def test_every_topic_has_a_spec() -> None:
    assert [spec.topic for spec in SPECS] == list(Topic)


@pytest.mark.parametrize("topic", [Topic.ROSTER, Topic.STATUS, Topic.DEVICE])
def test_states_are_compacted_and_never_expire(topic: Topic) -> None:
    assert SPEC[topic].configs["cleanup.policy"] == "compact"
    assert "retention.ms" not in SPEC[topic].configs


def test_incidents_are_compacted_and_kept_thirty_days() -> None:
    assert SPEC[Topic.INCIDENT].configs["cleanup.policy"] == "compact,delete"
    assert SPEC[Topic.INCIDENT].configs["retention.ms"] == str(30 * DAY_MS)


@pytest.mark.parametrize(
    "topic", [Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION, Topic.ORDER, Topic.ACK, Topic.CLOCK]
)
def test_streams_expire(topic: Topic) -> None:
    assert SPEC[topic].configs["cleanup.policy"] == "delete"
    assert int(SPEC[topic].configs["segment.ms"]) < int(SPEC[topic].configs["retention.ms"])


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.topic.value)
def test_every_topic_takes_the_largest_message_of_the_contract(spec: TopicSpec) -> None:
    assert int(spec.configs["max.message.bytes"]) > 2 * MAX_BYTES


def test_a_dead_letter_may_be_larger_than_any_record() -> None:
    largest = max(int(spec.configs["max.message.bytes"]) for spec in SPECS if spec.topic is not Topic.DEADLETTER)
    assert int(SPEC[Topic.DEADLETTER].configs["max.message.bytes"]) > largest


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.topic.value)
def test_a_topic_as_wanted_has_no_differences(spec: TopicSpec) -> None:
    assert differences(spec, 1, as_wanted(spec)) == []
    assert differences(spec, 3, as_wanted(spec, 3)) == []


def test_the_order_of_cleanup_policies_does_not_matter() -> None:
    spec = SPEC[Topic.INCIDENT]
    assert differences(spec, 1, as_wanted(spec, **{"cleanup.policy": "delete, compact"})) == []


def test_each_difference_is_a_line_of_its_own() -> None:
    spec = SPEC[Topic.POSITION]
    found = TopicState(1, 1, {**spec.configs, "retention.ms": "1000", "cleanup.policy": "compact"})
    assert differences(spec, 3, found) == [
        "has 1 partitions, should have 6",
        "has 1 copies, should have 3",
        "has cleanup.policy=compact, should have cleanup.policy=delete",
        f"has retention.ms=1000, should have retention.ms={DAY_MS}",
        "has min.insync.replicas=unknown, should have min.insync.replicas=2",
    ]


def test_three_copies_ask_for_two_in_sync() -> None:
    assert "min.insync.replicas" not in wanted_configs(SPEC[Topic.STATUS], 2)
    assert wanted_configs(SPEC[Topic.STATUS], 3)["min.insync.replicas"] == "2"


def test_wrong_settings_end_with_code_two(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wallboard.toml"
    file.write_text("replication_factor = 0")
    assert main(["check", "--config", str(file)]) == 2
    assert "replication_factor" in capsys.readouterr().err
