"""A Kafka with topics of its own for one benchmark: ``KAFKA_BOOTSTRAP_SERVERS`` if set, else a real one of ours."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator

from bench import processes
from data_feeds.kafka_client import open_admin
from data_feeds.model import DEFAULT_TOPIC_NAMES
from data_feeds.settings import Settings
from data_feeds.topics import SPECS, TopicAdmin
from tests.integration.kafka_broker import KafkaBroker, running_broker


@contextlib.contextmanager
def cluster() -> Iterator[tuple[Settings, KafkaBroker | None]]:
    """Settings whose topics exist and are empty, and the broker when it is ours."""
    with contextlib.ExitStack() as stack:
        given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        broker = None if given else stack.enter_context(running_broker())
        settings = settings_for(given or broker.bootstrap_servers, f"bench{uuid.uuid4().hex[:8]}.")
        with TopicAdmin(settings) as admin:
            if failed := admin.create(SPECS):
                raise RuntimeError(f"topics could not be made: {failed}")
        if given:
            stack.callback(_delete, settings)
        yield settings, broker


def settings_for(bootstrap_servers: str, prefix: str) -> Settings:
    """Settings with topic names of their own; fixes of a day ago still count, so that nothing depends on delays."""
    names = {topic.value: prefix + name for topic, name in DEFAULT_TOPIC_NAMES.items()}
    return Settings(kafka_bootstrap_servers=bootstrap_servers, topics=names, offline_after_s=86_400.0)


def arguments_for(settings: Settings) -> list[str]:
    """The command line from which ``settings_for`` makes the same settings again in another process."""
    prefix = settings.topics["position"].removesuffix(DEFAULT_TOPIC_NAMES_BY_VALUE["position"])
    return [settings.kafka_bootstrap_servers, prefix]


def environ_for(settings: Settings, port: int, folder: str) -> dict[str, str]:
    """The environment in which ``app.py`` reads from ``settings``' topics, and records them below ``folder``."""
    topics = ", ".join(f'{kind} = "{name}"' for kind, name in settings.topics.items())
    return {
        "WALLBOARD_FEED": "kafka", "WALLBOARD_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "WALLBOARD_TOPICS": f"{{{topics}}}", "WALLBOARD_PORT": str(port), "WALLBOARD_LOG_LEVEL": "WARNING",
        "WALLBOARD_HISTORY_DIR": f"{folder}/history",
    }  # fmt: skip


def keep_broker_off(broker: KafkaBroker | None, core: int) -> None:
    """Give the broker every core but ``core``, as far as there are others."""
    others = set(range(os.cpu_count() or 1)) - {core}
    if broker and others:
        processes.pin(broker.pid, max(others))


def _delete(settings: Settings) -> None:
    with open_admin(settings) as admin:
        admin.delete_topics(list(settings.topics.values()))


DEFAULT_TOPIC_NAMES_BY_VALUE = {topic.value: name for topic, name in DEFAULT_TOPIC_NAMES.items()}
