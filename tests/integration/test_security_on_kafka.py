"""TLS and SASL as the settings give them, against a broker that asks for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data_feeds.kafka_client import KafkaUnavailable, open_admin
from data_feeds.kafka_feed import KafkaFeed, KafkaWriter
from data_feeds.model import Topic
from data_feeds.settings import Settings
from tests.integration.conftest import make_topics, settings_for
from tests.integration.kafka_broker import SECURE_PASSWORD, SECURE_USER, KafkaBroker
from tests.integration.reading import read_all


def secure_settings(broker: KafkaBroker, **others: Any) -> Settings:
    """Settings that reach the secured address of ``broker``; ``others`` replace single ones of the table [kafka]."""
    table = {
        "security_protocol": "SASL_SSL", "ssl_cafile": str(broker.certificate), "sasl_mechanism": "PLAIN",
        "sasl_plain_username": SECURE_USER, "sasl_plain_password": SECURE_PASSWORD,
    }  # fmt: skip
    return replace(settings_for(broker.secure_servers), kafka={**table, **others})


def test_everything_works_over_tls_and_sasl(
    own_broker: KafkaBroker, open_feed: Callable[..., KafkaFeed], open_writer: Callable[..., KafkaWriter]
) -> None:
    settings = secure_settings(own_broker)
    make_topics(settings)
    writer = open_writer(settings)
    writer.send(Topic.STATUS, b"u1", b"v1")
    writer.flush()
    assert [record.value for record in read_all(open_feed(settings))] == [b"v1"]


def test_a_wrong_password_is_named_and_never_shown(own_broker: KafkaBroker) -> None:
    with pytest.raises(KafkaUnavailable, match="credentials") as caught:
        open_admin(secure_settings(own_broker, sasl_plain_password="mistyped"))
    assert "mistyped" not in str(caught.value)


def test_an_unknown_certificate_is_named(own_broker: KafkaBroker) -> None:
    settings = secure_settings(own_broker)
    trusting_nobody = {name: value for name, value in settings.kafka.items() if name != "ssl_cafile"}
    with pytest.raises(KafkaUnavailable, match="(?i)certificate"):
        open_admin(replace(settings, kafka=trusting_nobody))
