"""Where orders go: to a broker, or to the feed of this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from data_feeds.feed import Feed
from data_feeds.messages import encode
from data_feeds.model import DispatchOrder, Topic
from data_feeds.settings import Settings

if TYPE_CHECKING:
    from data_feeds.kafka_writer import KafkaWriter

# An order that could not be written within this time must not go out later: the one who gave it has been told so.
DELIVERY_MS = 20_000
ANSWER_S = 25.0


class OrderNotWritten(RuntimeError):
    """The order was not written, or nobody confirmed that it was; the text says why."""


@runtime_checkable
class OrderWriter(Protocol):
    """Takes orders. Safe from any thread."""

    def write_order(self, order: DispatchOrder) -> None:
        """Returns when the order is kept for all to read; may take ANSWER_S. Raises OrderNotWritten."""
        ...


class KafkaOrderWriter:
    """To the order topic, each exactly once whatever the broker does meanwhile: the producer is idempotent and repeats
    what was not acknowledged; the key is the order's id. It connects with the first order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = threading.Lock()
        self._writer: KafkaWriter | None = None

    def write_order(self, order: DispatchOrder) -> None:
        try:
            self._open().write(Topic.ORDER, order.order_id.encode(), encode(order), ANSWER_S)
        except RuntimeError as error:  # KafkaUnavailable, KafkaSetupError, KafkaWriteError
            raise OrderNotWritten(str(error)) from error

    def close(self) -> None:
        with self._opening:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _open(self) -> KafkaWriter:
        # asked for here, so that a wall without Kafka needs no client
        from data_feeds.kafka_writer import KafkaWriter

        with self._opening:
            if self._writer is None:
                self._writer = KafkaWriter(self._settings, linger_ms=0, delivery_timeout_ms=DELIVERY_MS)
            return self._writer


def order_writer(settings: Settings, feed: Feed, on_kafka: bool) -> OrderWriter | None:
    """Where a wall's orders go; None where it gives none. ``on_kafka``: ``feed`` reads the broker of the settings."""
    if not settings.operator:
        return None
    if on_kafka:
        return KafkaOrderWriter(settings)
    return feed if isinstance(feed, OrderWriter) else None
