"""The composition root: settings → feed → board → hub → page → ``server``. Nothing else builds or reads globals.

``python app.py`` serves the wall; ``uvicorn app:server`` does the same under another hand. Feeds start with the
server's lifespan, never at import.
"""

from __future__ import annotations

import gc

from data_feeds.interrupt import end_quietly

if __name__ == "__main__":
    end_quietly()
    gc.disable()  # a start only makes what stays; serve() turns it on again

import argparse
import asyncio
import contextlib
import html
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from components import layout, markup
from components.stand import Stand
from data_feeds import basemap, geo, places, roads
from data_feeds import settings as settings_module
from data_feeds.basemap import source
from data_feeds.board import Board
from data_feeds.broadcast import Hub
from data_feeds.clock import Clock, ReplayClock, SystemClock
from data_feeds.feed import Feed, NoFeed
from data_feeds.ground import Ground
from data_feeds.health import FeedMonitor, FeedState
from data_feeds.history import sets
from data_feeds.history.store import Store
from data_feeds.ingest import Pump
from data_feeds.messages import Decoder
from data_feeds.model import Topic
from data_feeds.order_writer import order_writer
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError
from data_feeds.simulator.city import City
from web import (
    briefings,
    bundles,
    dispatch,
    figures,
    ground,
    heat,
    historic,
    metrics,
    orders,
    recovery,
    routes,
    statistics_page,
)  # fmt: skip
from web.archive import Archive, Seed, plan_of
from web.devices import DeviceList
from web.fingerprint import fingerprint
from web.guard import Guard
from web.liveness import Liveness
from web.sources import sources
from web.static import CompressedStatic

if TYPE_CHECKING:
    from data_feeds.simulator.life import Habits

log = logging.getLogger("wallboard")

URGENT_TOPICS = frozenset({Topic.INCIDENT, Topic.STATUS, Topic.ORDER, Topic.ACK})
EXPIRE_EVERY_S = 10.0
EXTENT_KEPT_S = 10.0
LEAST_UNITS, METRES_A_UNIT = 30, 250.0  # of the embedded city on streets of an extract
WS_MAX_BYTES = 16 * 1024
SWITCH_S = 0.001  # how long the event loop may wait for the feed's thread; Python's own 5 ms add up over a page
ASSETS = Path(__file__).parent / "assets"


def build(settings: Settings, feed: Feed | None = None) -> ASGIApp:
    """The wall as an ASGI application. ``feed``: another source of records than the settings name."""
    settings, feed_given = sets.fitted(settings), feed is not None
    clock: Clock = ReplayClock() if settings.clock == "replay" else SystemClock()
    base = ground.basemap_of(settings)
    city = ground.city_of(settings, base) if feed is None and settings.feed == "embedded" else None
    if city is not None and city.basemap and not settings.basemap:
        # its roads run on into the country: the map begins with the city
        base = source.Ground("geojson", basemap.Basemap(city.basemap, city.extent))
    feed = feed or _feed(settings, city, clock)
    scopes = Scopes(ground.places_of(settings, city))
    board = Board(settings.max_units, settings.trail_s, settings.trail_step_s, settings.detection_kinds, scopes,
                  Ground(scopes, settings.zone))  # fmt: skip
    monitor = FeedMonitor(settings.feed_stale_s, settings.feed_lost_s)
    hub_cell: list[Hub] = []

    def on_change(changed: set[Topic]) -> None:
        if changed & URGENT_TOPICS:
            hub_cell[0].poke()

    decoder = Decoder(settings.max_skew_s)
    seed = None if city is None else _seed(settings, city, clock.now_ms() / 1000.0)
    plan, tap = plan_of(settings, clock, scopes, feed_given, seed)
    pump = Pump(feed, decoder, board, clock, monitor, settings.topic_of(), on_change, tap.put if tap else None)
    archive = Archive(plan, clock, pump.caught_up)
    asker = historic.asker(settings, clock, archive)

    def states() -> list[FeedState]:
        if isinstance(feed, NoFeed):
            return []
        shown = monitor.states(feed.health(), board.expected(), clock.monotonic_s(), clock.now_ms(), clock.speed)
        if not settings.operator:  # who gives no orders need not have their topics
            shown = [s for s in shown if not (s.missing and s.topic in (Topic.ORDER, Topic.ACK))]
        return shown if clock.replaying else [s for s in shown if s.topic is not Topic.CLOCK]

    devices = DeviceList(board, clock)
    stand = _stand(settings)
    shown = layout.build(**_told(settings, stand))
    stand = replace(stand, build=fingerprint(ASSETS, shown, base.base.geojson, json.dumps(base.facts()).encode()))
    streets = cache(lambda: ground.streets_of(base, city))
    planner = dispatch.late(settings, board, clock, pump.caught_up, streets)
    panels = sources(
        settings, board, clock, monitor, pump, states, lambda: hub_cell[0].broken, devices, stand.build,
        asker, lambda: archive.trouble, None if settings.feed == "none" else dispatch.Documents(planner, board),
    )  # fmt: skip
    hub = Hub(board, clock, panels, settings.tick_s)
    hub_cell.append(hub)
    collector = metrics.WallCollector(board, hub, monitor, states, feed.counters, archive)
    registry = metrics.registry(collector)
    late = figures.late(settings, scopes, clock, plan, archive, streets)
    registry.register(metrics.EventsCollector("orders", "what is strange about orders", board.order_events))
    registry.register(metrics.EventsCollector("figures_cache", "answers of history", late.counts))
    clerk = briefings.clerk(settings, scopes, clock, plan, late)
    health = Liveness(pump, hub, clock, settings.tick_s, states)

    writer = order_writer(settings, feed, on_kafka=settings.feed == "kafka" and not feed_given)
    desk = orders.OrderDesk(board, clock, settings.operator, writer, pump.caught_up.is_set, settings.max_skew_s)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        hub_task = asyncio.create_task(hub.run())
        keeper = asyncio.create_task(_keep(board, clock, pump))
        pump.start()
        archive.start()
        if settings.feed != "none":
            planner.start()
        if asker is not None:
            asker.start()
        if clerk is not None:
            clerk.start()
        try:
            yield
        finally:
            for task in (hub_task, keeper):
                task.cancel()
            await asyncio.gather(hub_task, keeper, return_exceptions=True)
            await asyncio.to_thread(pump.stop)
            await asyncio.to_thread(planner.stop)
            if asker is not None:
                await asyncio.to_thread(asker.stop)
            if clerk is not None:
                await asyncio.to_thread(clerk.stop)
            late.close()
            await asyncio.to_thread(desk.close)
            await asyncio.to_thread(archive.close)

    api = FastAPI(title="One Map wallboard", docs_url=None, redoc_url=None, lifespan=lifespan)
    parts = routes.Parts(
        board, hub, clock, base,
        documents=lambda now_ms, scope: {source.panel: source.build(now_ms, scope) for source in panels},
        health=health.alive, ready=health.ready, metrics=lambda: metrics.render(registry),
        offline_after_s=settings.offline_after_s, devices=devices,
    )  # fmt: skip
    dispatch.register(api, planner, board)
    routes.register(api, parts)  # before Dash, whose last route answers every other address
    figures.register(api, late)
    heat.register(api, asker, scopes)
    orders.register(api, desk)
    briefings.register(api, settings, clerk)
    waiting = recovery.register(api)
    packs = bundles.Bundles(ASSETS)
    bundles.register(api, packs)
    told = statistics_page.Told(
        settings.title_zh, settings.title_en, settings.lang, ASSETS, packs, scopes.places, late
    )
    statistics_page.register(api, told)
    routes.refuse_others(api)
    hashes = [*_page(api, settings, stand, base, board, clock, packs).csp_hashes(), *waiting]
    return Guard(
        CompressedStatic(api), settings.allow_unauthenticated, hashes, settings.allowed_origins, base.origins()
    )


def serve(settings: Settings, feed: Feed | None = None) -> None:
    """Serve the wall until interrupted."""
    sys.setswitchinterval(SWITCH_S)
    gc.disable()
    wall = build(settings, feed)
    gc.freeze()
    gc.enable()
    uvicorn.run(
        wall, host=settings.host, port=settings.port, log_level=settings.log_level.lower(), access_log=False,
        ws_per_message_deflate=False, ws_max_size=WS_MAX_BYTES, proxy_headers=False, server_header=False,
        timeout_graceful_shutdown=3,
    )  # fmt: skip


async def _keep(board: Board, clock: Clock, pump: Pump) -> None:
    frozen = False
    while True:
        await asyncio.sleep(EXPIRE_EVERY_S)
        try:
            if now_ms := clock.now_ms():
                await asyncio.to_thread(board.expire, now_ms, clock.monotonic_s())
        except Exception:
            log.exception("what is over could not be forgotten; it is tried again")
        if not frozen and pump.caught_up.is_set():
            gc.collect()
            gc.freeze()  # what is there now stays: later collections need not look at it
            frozen = True


def _feed(settings: Settings, city: City | None, clock: Clock) -> Feed:
    if settings.feed == "none":
        return NoFeed()
    if city is None:
        from data_feeds.kafka_feed import KafkaFeed  # kafka-python is loaded only by a wall that uses it

        return KafkaFeed(settings)
    if clock.replaying:
        raise SettingsError("clock = replay follows a replay's records: it needs feed = kafka")
    from data_feeds.simulator.feed import EmbeddedFeed

    names = {topic: settings.topic_name(topic) for topic in Topic}
    pause = threading.Event()
    units, habits = _life(settings, city)
    return EmbeddedFeed(city, units, settings.embedded_seed, clock, pause.wait, names, habits)


def _life(settings: Settings, city: City) -> tuple[int, Habits]:
    """How many units live in the embedded city, and how."""
    from data_feeds.simulator.fixes import Intervals
    from data_feeds.simulator.life import Habits

    intervals = Intervals(rate=settings.embedded_rate)
    habits = Habits(intervals, settings.embedded_calls, past_days=settings.embedded_past_days, zone=settings.zone)
    units = settings.embedded_units
    if not city.basemap:  # another city's streets, which may be few
        units = min(units, max(LEAST_UNITS, int(city.roads.length_m.sum() / METRES_A_UNIT)))
    return units, habits


def _seed(settings: Settings, city: City, now_s: float) -> Seed:
    """Writes the embedded city's past into a new history, up to ``now_s`` (Unix); what was open then its feed tells."""

    def seed(store: Store, wait: Callable[[float], bool], progress: Callable[[float], object]) -> None:
        from data_feeds.simulator import past, past_flights

        units, habits = _life(settings, city)
        its_past = past.Past(city, units, settings.embedded_seed, habits)
        if past.seed(store, its_past, now_s, settings.demo_past_months, wait, progress):
            flights = past_flights.PastFlights(city, units, settings.embedded_seed, habits)
            past_flights.seed(store, flights, now_s, settings.demo_past_months, wait)

    return seed


def _stand(settings: Settings) -> Stand:
    known = layout.scene_names()
    if strange := [scene for scene in settings.scenes if scene not in known]:
        raise SettingsError(f"scenes: no scene is called {', '.join(strange)}; there are {', '.join(known)}")
    return Stand(tuple(settings.scenes), settings.scene_s, settings.kiosk, settings.scale, settings.drift_px)


def _told(settings: Settings, stand: Stand) -> dict[str, Any]:
    """What the page is told of the settings, apart from where the map begins."""
    return {
        "title_zh": settings.title_zh, "title_en": settings.title_en, "lang": settings.lang,
        "time_zone": settings.time_zone, "stale_after_s": settings.stale_after_s,
        "offline_after_s": settings.offline_after_s, "tick_s": settings.tick_s, "trail_s": settings.trail_s,
        "stand": stand, "history": bool(settings.history_dir),
    }  # fmt: skip


def _page(
    api: FastAPI, settings: Settings, stand: Stand, base: source.Ground, board: Board, clock: Clock,
    packs: bundles.Bundles,
) -> bundles.PackedDash:  # fmt: skip
    page = bundles.PackedDash(
        __name__, server=api, title=html.escape(settings.title_zh if settings.lang == "zh" else settings.title_en),
        update_title="", assets_ignore=r".*worker\.js$|^stats.*\.css$", assets_path_ignore=["^vendor$", "^stats$"],
        serve_locally=True,
        meta_tags=[{"name": "wallboard-map", "content": json.dumps(base.facts(), ensure_ascii=False)}],
        suppress_callback_exceptions=True,  # else the whole layout travels a second time; a test checks the ids
    )  # fmt: skip

    page.bundles, page.head = packs, recovery.MEND
    # Dash would open a second socket for every viewer, with a queue without bound; no callback here uses it.
    page.backend.websocket_capability = False
    api.router.routes[:] = [r for r in api.router.routes if not getattr(r, "path", "").endswith("_dash-ws-callback")]

    kept: list[tuple[float, basemap.Basemap]] = []

    def shown() -> basemap.Basemap:
        if base.base.extent != basemap.EMPTY.extent:
            return base.base
        now_s = clock.monotonic_s()
        if not kept or now_s - kept[0][0] > EXTENT_KEPT_S:
            kept[:] = [(now_s, replace(base.base, extent=board.extent() or base.base.extent))]
        return kept[0][1]

    @lru_cache(maxsize=1)  # all that one viewer's page has else than another's is where the map begins
    def beginning(center: tuple[float, float], zoom: float, bounds: tuple[float, ...] | None) -> Any:
        built = layout.build(**_told(settings, stand), center=center, zoom=zoom, bounds=bounds)
        markup.lifted(built, called)  # the page has brought these panels already
        return built

    def build_layout() -> Any:
        base_or_data = shown()
        middle = settings.map_center or base_or_data.center()
        lat, lon = geo.from_wgs84(np.array(middle[0]), np.array(middle[1]), base.datum)
        bounds = None if settings.map_center or settings.map_zoom else base_or_data.extent
        return beginning((float(lat), float(lon)), settings.map_zoom or base_or_data.zoom(), bounds)

    page.layout = build_layout
    first, called = layout.build(**_told(settings, stand)), layout.called()
    page.namespaces, page.templates = bundles.namespaces_of(first), markup.lifted(first, called)
    layout.register(page)
    return page


def _log(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Serve the One Map wallboard.")
    parser.add_argument("--config", help="settings file (default: wallboard.toml, if it exists)")
    parser.add_argument("--clock", choices=("system", "replay"), help="replay: follow the clock of a running replay")
    args = parser.parse_args(argv)
    try:
        settings = settings_module.load(args.config)
        if args.clock:
            settings = settings_module.changed(settings, {"clock": args.clock}, "--clock")
    except SettingsError as error:
        print(f"wallboard: {error}", file=sys.stderr)
        return 2
    _log(settings)
    try:
        serve(settings)
    except (basemap.BasemapError, places.PlacesError, roads.RoadsError, SettingsError) as error:
        print(f"wallboard: {error}", file=sys.stderr)
        return 2
    return 0


def __getattr__(name: str) -> Any:
    if name == "server":
        settings = settings_module.load()
        _log(settings)
        return build(settings)
    raise AttributeError(name)


if __name__ == "__main__":
    sys.exit(main())
