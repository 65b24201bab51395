"""The demo city as records on Kafka, or on a wall in this process.

    python -m data_feeds.simulator --units 1200 --seed 1 --to kafka
    python -m data_feeds.simulator --write-ground city     # its map and places, for walls on Kafka
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import math
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from data_feeds import roads
from data_feeds import settings as wall_settings
from data_feeds.clock import SystemClock
from data_feeds.commands import UsageError, exit_code, log_plainly, wall_server
from data_feeds.feed import Feed
from data_feeds.messages import DecodeError, Decoder
from data_feeds.model import DispatchOrder, Topic
from data_feeds.settings import Settings, SettingsError
from data_feeds.simulator import city as cities
from data_feeds.simulator.city import City
from data_feeds.simulator.fixes import Intervals
from data_feeds.simulator.life import Habits, Life
from data_feeds.simulator.show import Show, lines_to
from data_feeds.targets import KafkaTarget

LISTEN_S = 0.05  # of every second, for orders: as long as a broker gathers an answer
GROUND, PLACES = "basemap.geojson.gz", "places.geojson"


def city_of(wanted: argparse.Namespace) -> City:
    """The city of the command line: Yunling, or the streets of ``--roads``. Raises RoadsError, UsageError."""
    if wanted.roads:
        graph = roads.load(wanted.roads)
        try:
            return cities.from_roads(graph, wanted.seed)
        except ValueError as error:
            raise UsageError(f"--roads {wanted.roads}: {error}") from None
    return cities.build(wanted.seed, cities.size_for(wanted.units))


def write_ground(city: City, folder: Path, beside: str | None = None) -> list[str]:
    """Write the city's map and places into ``folder``; returns the settings of a wall that shows them. ``beside``: the
    file of another city's roads, whose map stands beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = []
    if city.basemap:
        (folder / GROUND).write_bytes(gzip.compress(city.basemap))
        settings.append(f'basemap = "{folder / GROUND}"')
    stem = (beside or "").removesuffix(".roads.npz")
    maps = [file for file in map(Path, (f"{stem}.pmtiles", f"{stem}.geojson.gz", f"{stem}.geojson")) if file.is_file()]
    if stem and maps:
        settings.append(f'basemap = "{maps[0]}"')
    (folder / PLACES).write_text(json.dumps(city.places, ensure_ascii=False), encoding="utf-8")
    return [*settings, f'places = "{folder / PLACES}"']


def run_kafka(wanted: argparse.Namespace, settings: Settings, stop: threading.Event) -> None:
    """Play to the broker of the settings. Raises RuntimeError of kafka_client and kafka_writer."""
    # asked for here, so that the embedded wall needs no Kafka client
    from data_feeds.kafka_feed import KafkaFeed
    from data_feeds.kafka_writer import KafkaWriter

    tell, clock = lines_to(sys.stderr, "simulator"), SystemClock()
    habits = Habits(
        Intervals(rate=wanted.rate), wanted.calls, past_days=math.ceil(wanted.hours_back / 24), zone=settings.zone
    )
    city = city_of(wanted)
    feed = KafkaFeed(settings, only={Topic.ORDER})
    with KafkaWriter(settings) as writer, contextlib.closing(feed):
        feed.open()
        tell(f"{city.name_zh} {city.name_en}, to Kafka at {settings.kafka_bootstrap_servers}; Ctrl-C ends it")
        life = Life(city, wanted.units, wanted.seed, clock.now_ms() / 1000.0, habits)
        Show(life, KafkaTarget(writer), clock, stop.wait, tell, lambda: orders_of(feed)).run(wanted.seconds)


def orders_of(feed: Feed) -> Iterator[DispatchOrder]:
    """The orders that came to ``feed`` since the last time; what is none is passed over, walls tell of it."""
    decoder = Decoder()
    for record in feed.poll(LISTEN_S):
        with contextlib.suppress(DecodeError):
            message = decoder.decode(Topic.ORDER, record.key, record.value, None)
            if isinstance(message, DispatchOrder):
                yield message


def run_embedded(wanted: argparse.Namespace, settings: Settings) -> None:
    """Serve a wall of the city from this process."""
    if wanted.roads:
        raise UsageError("--roads goes with --to kafka; a wall finds the roads beside its basemap")
    settings = wall_settings.changed(settings, {
        "feed": "embedded", "embedded_units": wanted.units, "embedded_seed": wanted.seed,
        "embedded_rate": wanted.rate, "embedded_calls": wanted.calls,
        "embedded_past_days": math.ceil(wanted.hours_back / 24),
    }, "the command line")  # fmt: skip
    serve = wall_server()
    if wanted.seconds:
        timer = threading.Timer(wanted.seconds, signal.raise_signal, (signal.SIGINT,))
        timer.daemon = True
        timer.start()
    serve(settings)


def number(kind: type, low: float, high: float):  # type: ignore[no-untyped-def]
    """A type for argparse: a number between two others."""

    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text}: must be a number between {low:,g} and {high:,g}")
        return value

    return read


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m data_feeds.simulator", description=__doc__,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    made.add_argument("--to", choices=("kafka", "embedded"), help="a broker, or a wall started in this process")
    made.add_argument("--units", type=number(int, 1, 50_000), default=1200, help="units of the city (default 1200)")
    made.add_argument("--seed", type=number(int, 0, 2**31), default=1, help="another city, another life (default 1)")
    made.add_argument("--rate", type=number(float, 0.01, 50), default=1.0, help="times the usual number of fixes")
    made.add_argument("--calls", type=number(float, 0.01, 50), default=1.0, help="times the usual number of calls")
    made.add_argument("--hours-back", type=number(float, 1, 720), default=168.0,
                      help="how far back incidents are told, in whole days (default 168)")  # fmt: skip
    made.add_argument("--seconds", type=number(float, 1, 1e9), help="end after so many (default: Ctrl-C)")
    made.add_argument("--roads", metavar="FILE", help="live on the road graph (.npz) of another city")
    made.add_argument("--write-ground", metavar="FOLDER", type=Path,
                      help="write the city's map and places there, for walls on Kafka")  # fmt: skip
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 0 done, 1 the broker failed, 2 a mistake in what was asked for."""
    made = parser()
    wanted = made.parse_args(argv)
    if not wanted.to and not wanted.write_ground:
        made.error("--to kafka or --to embedded says where the records go")
    log_plainly()

    def work() -> None:
        if wanted.write_ground:
            print("\n".join(write_ground(city_of(wanted), wanted.write_ground, wanted.roads)))
        if wanted.to == "kafka":
            stop = threading.Event()
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, lambda *_: stop.set())
            run_kafka(wanted, wall_settings.load(), stop)
        elif wanted.to == "embedded":
            run_embedded(wanted, wall_settings.load())

    return exit_code("simulator", work, roads.RoadsError, SettingsError, UsageError)


if __name__ == "__main__":
    sys.exit(main())
