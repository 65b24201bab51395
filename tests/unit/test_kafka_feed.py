"""The parts of the Kafka feed that need no broker."""

from __future__ import annotations

import importlib.util
import threading

import pytest

from data_feeds import kafka_client
from data_feeds.kafka_client import KafkaSetupError, KafkaUnavailable, client_config, open_consumer
from data_feeds.kafka_feed import KafkaFeed
from data_feeds.kafka_watch import LAST_CLOCK_RECORDS, seconds_back, start_offset
from data_feeds.model import Topic
from data_feeds.settings import Settings

STATES = [Topic.ROSTER, Topic.STATUS, Topic.DEVICE, Topic.INCIDENT, Topic.ORDER, Topic.ACK]
STREAMS = [Topic.POSITION, Topic.TELEMETRY, Topic.DETECTION]


@pytest.mark.parametrize("topic", STATES)
def test_states_start_at_their_oldest_record(topic: Topic) -> None:
    assert start_offset(topic, earliest=7, end=100, by_time=None) == 7
    assert seconds_back(topic, Settings()) is None


@pytest.mark.parametrize("topic", STREAMS)
def test_streams_start_at_the_first_record_of_their_time(topic: Topic) -> None:
    assert start_offset(topic, earliest=7, end=100, by_time=42) == 42
    assert start_offset(topic, earliest=50, end=100, by_time=42) == 50


@pytest.mark.parametrize("topic", STREAMS)
@pytest.mark.parametrize("none", [None, -1])
def test_streams_without_recent_records_start_at_their_end(topic: Topic, none: int | None) -> None:
    assert start_offset(topic, earliest=7, end=100, by_time=none) == 100


def test_of_the_clock_the_last_records_are_read() -> None:
    assert start_offset(Topic.CLOCK, earliest=0, end=1000, by_time=None) == 1000 - LAST_CLOCK_RECORDS
    assert start_offset(Topic.CLOCK, earliest=998, end=1000, by_time=None) == 998
    assert start_offset(Topic.CLOCK, earliest=0, end=0, by_time=None) == 0


def test_positions_are_read_back_to_the_offline_limit() -> None:
    settings = Settings(offline_after_s=120.0)
    assert seconds_back(Topic.POSITION, settings) == seconds_back(Topic.TELEMETRY, settings) == 120.0
    assert seconds_back(Topic.DETECTION, settings) == 1800.0


def test_tls_and_sasl_are_passed_through() -> None:
    given = {"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512", "sasl_plain_username": "wall",
             "sasl_plain_password": "p", "ssl_cafile": "/etc/ca.pem", "request_timeout_ms": 3000}
    config = client_config(Settings(kafka_bootstrap_servers="a:1, b:2", kafka=given))
    assert config["bootstrap_servers"] == ["a:1", "b:2"]
    assert {name: config[name] for name in given} == given


def test_without_the_fast_crc_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        kafka_client.importlib.util, "find_spec", lambda name: None if name == "crc32c" else real(name)
    )
    feed = KafkaFeed(Settings(feed="kafka"))
    with pytest.raises(KafkaSetupError, match="crc32c"):
        feed.open()
    feed.close()


def test_a_feed_that_was_never_opened_can_be_asked_and_closed() -> None:
    feed = KafkaFeed(Settings(kafka_bootstrap_servers="127.0.0.1:1"))
    assert not feed.caught_up()
    assert {entry.topic for entry in feed.health()} == set(Topic) - {Topic.DEADLETTER}
    assert all(entry.lag is None and entry.confirmed_s is None for entry in feed.health())
    feed.close()
    feed.close()


def test_an_absent_broker_is_named_with_the_reason_and_leaves_no_thread_behind() -> None:
    before = {thread.name for thread in threading.enumerate()}
    with pytest.raises(KafkaUnavailable, match=r"127\.0\.0\.1:1 cannot be reached.*ECONNREFUSED.*check"):
        open_consumer(Settings(kafka_bootstrap_servers="127.0.0.1:1"), 1, 50)
    assert {thread.name for thread in threading.enumerate()} == before
