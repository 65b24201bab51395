"""The panels' documents, bound to the parts that they are made from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analytics import documents
from analytics.heat import heat_body
from analytics.heat_past import windows_body
from analytics.orders import order_alarms, ordered, orders_body
from analytics.past import Calendar
from analytics.response import Targets
from analytics.strip import Strip, seconds_of, strip_body
from analytics.today import Reach, reach_of, today_body
from data_feeds.board import Board
from data_feeds.broadcast import DocumentSource
from data_feeds.clock import Clock
from data_feeds.health import FeedMonitor, FeedState
from data_feeds.incident_log import LogView
from data_feeds.ingest import Pump
from data_feeds.messages import unix_ms
from data_feeds.model import UnitStatus, UnitType
from data_feeds.recorder import Trouble
from data_feeds.scopes import Scope
from data_feeds.settings import Settings
from web import scopes
from web.devices import DeviceList
from web.dispatch import Documents
from web.historic import Historic, Known
from web.paced import Paced
from web.rows import IncidentRows

HEAT_EVERY_S = 10.0
TODAY_EVERY_S = 2.0
JUDGED_S = 0.02
READY = (UnitStatus.AVAILABLE, UnitStatus.STANDBY)


def sources(
    settings: Settings,
    board: Board,
    clock: Clock,
    monitor: FeedMonitor,
    pump: Pump,
    states: Callable[[], list[FeedState]],
    broken: Callable[[], list[str]],
    devices: DeviceList,
    build: str = "",
    historic: Historic | None = None,
    trouble: Callable[[], Trouble | None] = lambda: None,
    dispatch: Documents | None = None,
) -> list[DocumentSource]:
    """One source a document; incidents and alarms are urgent. ``broken``: panels whose document cannot be made;
    ``trouble``: why nothing is recorded.

    ``build``: the page that this server would give now; an open page of another one is out of date. ``historic``: None
    where no history is kept; ``dispatch``: None where nothing live is shown.
    """
    targets = Targets(settings.target_key_spot_s, settings.target_centre_s, settings.target_other_s)
    open_max_s, offline_s = settings.incident_open_max_s, settings.offline_after_s

    calendar = Calendar(settings.zone, settings.day_start_minute, settings.lunar_comparison)
    strip = historic.strip if historic else Strip(seconds_of(targets))

    live = settings.feed != "none"
    row = IncidentRows(targets, board.callsigns)

    judged: tuple[float, list[FeedState]] | None = None

    def feed_states() -> list[FeedState]:
        """The feeds' states, judged once for the documents of all scopes."""
        nonlocal judged
        now_s = clock.monotonic_s()
        if judged is None or now_s - judged[0] > JUDGED_S:
            judged = now_s, states()
        return judged[1]

    def scope_body(now_ms: float, scope: Scope) -> documents.Body:
        return scopes.scope_body(board.scopes, scope)

    def clock_body(now_ms: float, scope: Scope) -> documents.Body:
        return documents.clock_body(pump.clock_message, now_ms, clock.replaying, clock.speed, live, board.derived)

    def feeds(now_ms: float, scope: Scope) -> documents.Body:
        stale_s, lost_s = settings.feed_stale_s, settings.feed_lost_s
        caught_up = pump.caught_up.is_set()
        return documents.feeds_body(
            feed_states(), monitor.problems, caught_up, now_ms, clock.speed, stale_s, lost_s
        )  # fmt: skip

    def units(now_ms: float, scope: Scope) -> documents.Body:
        return documents.units_body(board.unit_columns(scope), now_ms, settings.stale_after_s, offline_s)

    def incidents(now_ms: float, scope: Scope) -> documents.Body:
        row.ordered = ordered(board.orders(now_ms))
        return documents.incidents_body(board.incidents(scope), targets, now_ms, open_max_s, row)

    def orders(now_ms: float, scope: Scope) -> documents.Body:
        return orders_body(board.orders(now_ms, scope), bool(settings.operator))

    def drones(now_ms: float, scope: Scope) -> documents.Body:
        ready = drones_ready(board, scope)
        return documents.drones_body(*board.drones(scope), settings.detection_kinds, ready, now_ms, offline_s)

    def alarms(now_ms: float, scope: Scope) -> documents.Body:
        return documents.alarms_body(
            board.units_in_sos(scope), board.incidents(scope), feed_states(), targets, now_ms, clock.speed,
            open_max_s, board.is_full(), broken(), (why.kind, why.since_ms) if (why := trouble()) else None,
            order_alarms(board.orders(now_ms, scope)), dispatch.late() if dispatch else None,
        )  # fmt: skip

    reached: tuple[object, Reach] | None = None

    def log_and_reach(now_ms: float) -> tuple[LogView, Reach]:
        """The log and its reach, which is the same for all scopes."""
        nonlocal reached
        view, told = board.incident_log(), pump.clock_message
        since_ms = unix_ms(told.since) if told and clock.replaying else None
        asked = view.revision, now_ms, since_ms
        found = reached
        if found is None or found[0] != asked:
            reached = found = asked, reach_of(view.rows["received"], now_ms, since_ms)
        return view, found[1]

    def heat(now_ms: float, scope: Scope) -> documents.Body:
        view, reach = log_and_reach(now_ms)
        return heat_body(view.within(scope), reach, now_ms)

    def today(now_ms: float, scope: Scope) -> documents.Body:
        view, reach = log_and_reach(now_ms)
        state, known = past_of(now_ms, scope)
        return today_body(view.within(scope), reach, now_ms, calendar, known.past if known else None, state)

    def past_of(now_ms: float, scope: Scope) -> tuple[str, Known | None]:
        return historic.of(scope, now_ms) if historic else ("off", None)

    def heat_windows(now_ms: float, scope: Scope) -> documents.Body:
        state, known = past_of(now_ms, scope)
        return windows_body(state, known.day if known else None, known.heat if known else {})

    def response(now_ms: float, scope: Scope) -> documents.Body:
        state, known = past_of(now_ms, scope)
        if known is None:
            return strip_body(strip, None, None, state, None)
        return strip_body(strip, known.today, known.week, state, known.data_ms, known.extent.lacks)

    return [
        DocumentSource("scope", scope_body),
        DocumentSource("wall", lambda now_ms, scope: {"build": build}, scoped=False),
        DocumentSource("clock", clock_body, scoped=False),
        DocumentSource("feeds", feeds, scoped=False),
        DocumentSource("incidents", incidents, urgent=True),
        DocumentSource("alarms", alarms, urgent=True),
        DocumentSource("orders", orders, urgent=True),
        DocumentSource("units", units),
        DocumentSource("drones", drones),
        DocumentSource("today", Paced(today, TODAY_EVERY_S, clock, pump.caught_up.is_set)),
        DocumentSource("response", response),
        DocumentSource("heat_past", heat_windows),
        DocumentSource("heat", Paced(heat, HEAT_EVERY_S, clock, pump.caught_up.is_set)),
        DocumentSource("devices", devices.counts),
        *([DocumentSource("cover", dispatch.cover), DocumentSource("forecast", dispatch.forecast)] if dispatch else []),
    ]


def drones_ready(board: Board, scope: Scope) -> int:
    """Rostered drones of ``scope`` that could fly now and are not in the air already."""
    columns = board.unit_columns(scope)
    ready = (columns["type"] == UnitType.DRONE) & columns["rostered"] & np.isin(columns["status"], READY)
    flying = sum(drone.airborne for drone in board.drones(scope)[0])
    return max(0, int(ready.sum()) - flying)
