"""A wall inside the test's process, whose feed says exactly what a test tells it to say."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import uvicorn

import app
from data_feeds.clock import SystemClock
from data_feeds.feed import TopicHealth
from data_feeds.model import (
    CLOCK_KEY,
    KEY_FIELD,
    MESSAGE_OF,
    Incident,
    Message,
    Roster,
    Status,
    Topic,
    VehiclePosition,
)
from data_feeds.queue_feed import QueueFeed
from data_feeds.settings import Settings, changed
from tests.e2e.server import get, metric

DEADLINE_S = 120.0
TOPIC_OF = {kind: topic for topic, kind in MESSAGE_OF.items()}
PLACE = (31.2, 121.4)  # latitude, longitude: where scripted cities lie


def ago(seconds: float) -> datetime:
    """The time of day so many seconds ago; negative: ahead."""
    return datetime.now(UTC) - timedelta(seconds=seconds)


class ScriptedFeed(QueueFeed):
    """A queue whose broker can be made to vanish: from then on nothing is confirmed any more."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.topic_of(), SystemClock())
        self._frozen: Sequence[TopicHealth] | None = None

    def cut(self) -> None:
        self._frozen = super().health()

    def mend(self) -> None:
        self._frozen = None

    def health(self) -> Sequence[TopicHealth]:
        return super().health() if self._frozen is None else self._frozen


class ScriptedWall:
    """The whole server on a loopback port, in a thread."""

    def __init__(self, **settings: object) -> None:
        self.settings = changed(Settings(), settings, "test")
        self.feed = ScriptedFeed(self.settings)
        self.url = ""
        self._port = 0

    def start(self) -> None:
        """Start with an empty board and wait until the feed is read; the port stays the same from then on."""
        self.feed = ScriptedFeed(self.settings)
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        config = uvicorn.Config(
            app.build(self.settings, self.feed), log_level="warning", ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="scripted wall")
        self._thread.start()
        deadline = time.monotonic() + DEADLINE_S
        while not (self._server.started and self.feed.wait_open(0.05)):
            assert self._thread.is_alive(), "the wall's server ended"
            assert time.monotonic() < deadline, "the wall's server did not start"
            time.sleep(0.01)

    def restart(self) -> None:
        """Another process as far as a viewer can tell: nothing is known any more."""
        self.stop()
        self.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(DEADLINE_S)
        self._socket.close()

    def json(self, path: str) -> Any:
        return json.loads(get(self.url + path))

    def metric(self, name: str) -> float:
        return metric(get(self.url + "/metrics").decode(), name)

    def say(self, *messages: Message) -> None:
        """Hand ``messages`` to the feed as the bytes that a broker would deliver."""
        for message in messages:
            topic = TOPIC_OF[type(message)]
            key = CLOCK_KEY if topic is Topic.CLOCK else getattr(message, KEY_FIELD[topic]).encode()
            value = msgspec.json.encode(message)
            self.feed.offer(self.settings.topic_name(topic), key, value, int(time.time() * 1000))

    def say_slowly(self, *messages: Message) -> None:
        """Each message by itself, as it comes when hours are not read in one go."""
        for message in messages:
            self.say(message)
            self._drained()

    def taken(self) -> None:
        """Wait until everything said is on the board and has been told to viewers by a tick."""
        self._drained()
        deadline = time.monotonic() + DEADLINE_S
        due = self.metric('wallboard_hub_total{event="ticks"}') + 2
        while self.metric('wallboard_hub_total{event="ticks"}') < due:
            assert time.monotonic() < deadline, "the wall does not tick"
            time.sleep(0.05)

    def _drained(self) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while any(entry.lag for entry in QueueFeed.health(self.feed)):
            assert time.monotonic() < deadline, "the wall takes nothing"
            time.sleep(0.002)


@contextmanager
def scripted_wall(**settings: object) -> Iterator[ScriptedWall]:
    """A started wall without any unit, stopped at the end."""
    wall = ScriptedWall(**settings)
    wall.start()
    try:
        yield wall
    finally:
        wall.stop()


def unit(
    unit_id: str, north_m: float, east_m: float, *, callsign: str = "", status: str = "available", sos: bool = False,
    speed_mps: float = 0.0, course: float | None = None, age_s: float = 0.0, unit_type: str = "car",
    incident_id: str = "",
) -> tuple[Roster, Status, VehiclePosition]:  # fmt: skip
    """Roster entry, status and fix of a unit, so many metres from PLACE."""
    lat, lon = place(north_m, east_m)
    return (
        Roster(unit_id, callsign or unit_id, unit_type, "police", "S1", "B1", crew_officers=2),
        Status(unit_id, status, incident_id, ago(age_s + 30), sos),
        VehiclePosition(unit_id, lat, lon, ago(age_s), speed_mps=speed_mps, course=course, accuracy_m=5.0),
    )


def fix(unit_id: str, north_m: float, east_m: float, age_s: float = 0.0) -> VehiclePosition:
    """One more fix of a unit that stands still there."""
    lat, lon = place(north_m, east_m)
    return VehiclePosition(unit_id, lat, lon, ago(age_s), speed_mps=0.0)


def incident(incident_id: str, north_m: float, east_m: float, call_s_ago: float, **fields: Any) -> Incident:
    """An open incident of a call so long ago."""
    lat, lon = place(north_m, east_m)
    told = {"category": "theft", "severity": "medium", "place_class": "other", "place": "Long Street", **fields}
    return Incident(incident_id, 1, lat=lat, lon=lon, call_received=ago(call_s_ago), **told)


def place(north_m: float, east_m: float) -> tuple[float, float]:
    """Latitude and longitude so many metres from PLACE; exact to a few centimetres within 10 km."""
    return PLACE[0] + north_m / 111_195.0, PLACE[1] + east_m / (111_195.0 * 0.85536)
