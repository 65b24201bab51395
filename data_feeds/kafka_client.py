"""How this project reaches Kafka: one way to open kafka-python's clients, with the settings that were measured."""

from __future__ import annotations

import importlib.util
import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from data_feeds.settings import Settings

# a dead peer is noticed after this time (kafka-python's consumer would wait 305 s)
REQUEST_TIMEOUT_MS = 10_000
BOOTSTRAP_TIMEOUT_MS = 5_000
# a wall is to be back soon after its broker: never wait longer between two attempts
RECONNECT_BACKOFF_MAX_MS = 2_000
# 1 MiB a message: far above the 64 KiB of the contract, so that what breaks it can still be kept as a dead letter
MAX_MESSAGE_BYTES = 1_048_576
MAX_PARTITION_FETCH_BYTES = 2 * MAX_MESSAGE_BYTES
MAX_FETCH_BYTES = 16 * MAX_MESSAGE_BYTES

C = TypeVar("C")


class KafkaUnavailable(RuntimeError):
    """No broker answered, or none let us in; the text names the address and the way out."""


class KafkaSetupError(RuntimeError):
    """This installation cannot use Kafka as it must; the text says what to install."""


def require_fast_crc() -> None:
    """Raises KafkaSetupError without the C crc32c: in pure Python it takes six sevenths of the throughput."""
    if importlib.util.find_spec("crc32c") is None:
        raise KafkaSetupError("the package crc32c is missing and Kafka would be read seven times slower; "
                              "install it: pip install 'kafka-python[crc32c]'")


def open_admin(settings: Settings) -> KafkaAdminClient:
    """An admin client that has reached a broker. Raises KafkaUnavailable, KafkaSetupError."""
    return _open(KafkaAdminClient, settings, {})


def open_consumer(settings: Settings, fetch_min_bytes: int, fetch_max_wait_ms: int) -> KafkaConsumer:
    """A consumer without a group that has reached a broker. Raises KafkaUnavailable, KafkaSetupError."""
    return _open(KafkaConsumer, settings, {
        "fetch_min_bytes": fetch_min_bytes,
        "fetch_max_wait_ms": fetch_max_wait_ms,
        "fetch_max_bytes": MAX_FETCH_BYTES,
        "max_partition_fetch_bytes": MAX_PARTITION_FETCH_BYTES,
        "max_poll_records": 5000,
        "group_id": None,
        "enable_auto_commit": False,
        # where our position has vanished (retention, a topic made anew) the oldest record is the safe choice
        "auto_offset_reset": "earliest",
        # what a producer took back must not be shown
        "isolation_level": "read_committed",
        "metadata_max_age_ms": 30_000,
        "metrics_enabled": False,
    })


def open_producer(settings: Settings, **config: Any) -> KafkaProducer:
    """An idempotent producer (acks=all) that has reached a broker. Raises KafkaUnavailable, KafkaSetupError."""
    return _open(KafkaProducer, settings, {
        "enable_idempotence": True,
        "acks": "all",
        "metadata_max_age_ms": 30_000,
        "metrics_enabled": False,
        **config,
    })


def client_config(settings: Settings) -> dict[str, Any]:
    """What every client is told: the addresses, our patience, and TLS and SASL as the settings give them."""
    return {
        "bootstrap_servers": [server.strip() for server in settings.kafka_bootstrap_servers.split(",")],
        "client_id": "wallboard",
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "reconnect_backoff_max_ms": RECONNECT_BACKOFF_MAX_MS,
        **settings.kafka,
    }


def _open(kind: Callable[..., C], settings: Settings, config: dict[str, Any]) -> C:
    require_fast_crc()
    made: list[KafkaNetClient] = []
    heard = _LastComplaint()

    def network(**options: Any) -> KafkaNetClient:
        client = KafkaNetClient(**options)
        # the option of that name does not reach the metadata requests, and a deleted topic would be made anew
        client.cluster.config["allow_auto_create_topics"] = False
        made.append(client)
        return client

    logger = logging.getLogger("kafka")
    # it tells of every attempt during an outage; ours tell once when it begins and once when it ends
    logger.propagate = logging.getLogger().isEnabledFor(logging.DEBUG)
    logger.addHandler(heard)
    try:
        return kind(**{**client_config(settings), **config, "kafka_client": network})
    except (KafkaError, OSError, ValueError) as error:
        for client in made:  # a constructor that fails leaves its thread and sockets behind
            client.close()
        raise KafkaUnavailable(_unreachable(settings, error, heard)) from error
    finally:
        logger.removeHandler(heard)


class _LastComplaint(logging.Handler):
    """Keeps the library's last complaint: the exception itself only says that time ran out, not why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        match = re.search(r"Bootstrap connection to \S+ failed: (.*) \(backoff", record.getMessage())
        # a broker that refuses credentials hangs up on the next attempts without a word
        if match is None or self.refused:
            return
        # the attempt in which our own patience ends says nothing of the broker
        if self.text and "RequestTimedOutError" in match[1]:
            return
        self.text = match[1]

    @property
    def refused(self) -> bool:
        """Whether a broker answered and did not accept us."""
        return "Authentication" in self.text or "Authorization" in self.text


def _unreachable(settings: Settings, error: Exception, heard: _LastComplaint) -> str:
    where = settings.kafka_bootstrap_servers
    if heard.refused:
        return f"Kafka at {where} refuses our credentials: {heard.text}; check the table [kafka] of the settings"
    if isinstance(error, ValueError):
        return f"the settings for Kafka at {where} are wrong: {error}; check the table [kafka]"
    if "sasl_mechanism" in settings.kafka and "disconnected" in heard.text:
        # some brokers hang up before their refusal has been read
        return f"Kafka at {where} hung up while we logged in; check the credentials in the table [kafka]"
    return (f"Kafka at {where} cannot be reached: {heard.text or error}; "
            "check kafka_bootstrap_servers, the table [kafka], and that a broker runs there")
