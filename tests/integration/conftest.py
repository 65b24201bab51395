"""One real Kafka for the whole run; without it the tests fail, they never skip."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from data_feeds.kafka_feed import KafkaFeed
from data_feeds.kafka_writer import KafkaWriter
from data_feeds.model import DEFAULT_TOPIC_NAMES
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, TopicAdmin
from tests.integration.kafka_broker import KafkaBroker, running_broker


@pytest.fixture(scope="session")
def bootstrap_servers() -> Iterator[str]:
    """``KAFKA_BOOTSTRAP_SERVERS`` if set, otherwise a broker of our own."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        yield given
        return
    with running_broker() as broker:
        yield broker.bootstrap_servers


@pytest.fixture(scope="session")
def mortal_broker() -> Iterator[KafkaBroker]:
    with running_broker(secure=True) as broker:
        yield broker


@pytest.fixture
def own_broker(mortal_broker: KafkaBroker) -> KafkaBroker:
    """A broker that a test may kill; always our own, whatever the environment offers, and alive at the start."""
    mortal_broker.start()
    return mortal_broker


def settings_for(bootstrap_servers: str, **others: object) -> Settings:
    """Settings with topic names that no other test uses."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    names = {topic.value: prefix + name for topic, name in DEFAULT_TOPIC_NAMES.items()}
    return Settings(kafka_bootstrap_servers=bootstrap_servers, topics=names, **others)


@pytest.fixture
def bare_settings(bootstrap_servers: str) -> Settings:
    """Settings of a test whose topics do not exist yet."""
    return settings_for(bootstrap_servers)


@pytest.fixture
def settings(bare_settings: Settings) -> Settings:
    """Settings of a test, with its topics made."""
    make_topics(bare_settings)
    return bare_settings


def make_topics(settings: Settings) -> None:
    """All topics as they should be."""
    with TopicAdmin(settings) as admin:
        assert admin.create(SPECS) == {}


@pytest.fixture
def open_feed() -> Iterator[Callable[..., KafkaFeed]]:
    """Opens feeds and closes them after the test."""
    feeds: list[KafkaFeed] = []

    def opened(settings: Settings, **options: object) -> KafkaFeed:
        feed = KafkaFeed(settings, watch_every_s=0.5, **options)
        feeds.append(feed)
        feed.open()
        return feed

    yield opened
    for feed in feeds:
        feed.close()


@pytest.fixture
def open_writer() -> Iterator[Callable[..., KafkaWriter]]:
    """Opens writers and closes them after the test."""
    writers: list[KafkaWriter] = []

    def opened(settings: Settings, **options: object) -> KafkaWriter:
        writers.append(KafkaWriter(settings, **options))
        return writers[-1]

    yield opened
    for writer in writers:
        writer.close()
