"""Counters and gauges for Prometheus, read from the wall's parts at the moment of asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from data_feeds.board import Board
from data_feeds.broadcast import Hub
from data_feeds.health import FeedMonitor, FeedState
from data_feeds.scopes import Scope
from web.archive import STATES, Archive


class WallCollector:
    """What /metrics says. ``states`` gives the feeds' present state, ``extra`` counters that the feed itself keeps."""

    def __init__(
        self, board: Board, hub: Hub, monitor: FeedMonitor, states: Callable[[], list[FeedState]],
        extra: Callable[[], Mapping[str, int]], archive: Archive,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._board, self._hub, self._monitor, self._states, self._extra = board, hub, monitor, states, extra

    def collect(self) -> Iterator[Metric]:
        yield _counter("records", "records decoded", "topic", {t.value: n for t, n in self._monitor.totals().items()})
        yield _counter("problems", "records and events that went wrong", "kind", self._monitor.problems)
        yield _counter("unknown_words", "values outside the known vocabulary", "field", self._board.unknown_words)
        yield _counter("refused", "valid messages without room", "topic", self._board.refused)
        yield _counter("feed_events", "what the feed itself counts", "kind", self._extra())
        states = self._states()
        ages = {s.topic.value: s.age_s for s in states if s.age_s is not None}
        yield _gauge("feed_age_seconds", "seconds since the feed is known to be current", "topic", ages)
        lags = {s.topic.value: s.lag for s in states if s.lag is not None}
        yield _gauge("feed_lag_records", "records not yet read", "topic", lags)
        yield _gauge("entities", "what the board holds", "kind", self._board.counts())
        yield GaugeMetricFamily("wallboard_viewers", "open sockets", value=self._hub.viewers)
        yield _gauge("scope_viewers", "open sockets by scope", "scope", _by_scope(self._hub.viewers_by_scope()))
        hub = {
            "ticks": self._hub.ticks, "late_ticks": self._hub.late_ticks, "failed_ticks": self._hub.failed_ticks,
            "conflated": self._hub.conflated,
            "resyncs": self._hub.resyncs, "strange_texts": self._hub.strange_texts,
            "refused_scopes": self._hub.refused_scopes,
        }  # fmt: skip
        yield _counter("hub", "what the hub did", "event", hub)
        yield _counter("history", "what was recorded", "kind", self._archive.counters())
        state = {name: float(name == self._archive.state) for name in STATES}
        yield _gauge("history_state", "1 for what the history is now", "state", state)
        trouble = self._archive.trouble
        yield GaugeMetricFamily("wallboard_history_trouble", "1 while nothing can be recorded", value=bool(trouble))
        yield CounterMetricFamily("wallboard_tick_work_seconds", "seconds spent in ticks", value=self._hub.tick_work_s)


class EventsCollector:
    """A counter of events that another part keeps: ``counts`` gives them by name."""

    def __init__(self, name: str, help: str, counts: Callable[[], Mapping[str, int]]) -> None:
        self._name, self._help, self._counts = name, help, counts

    def collect(self) -> Iterator[Metric]:
        yield _counter(self._name, self._help, "event", self._counts())


def _by_scope(viewers: Mapping[Scope, int]) -> dict[str, int]:
    """Only jurisdictions of the places have a label of their own: any other word may come from anybody."""
    labelled: Counter[str] = Counter()
    for scope, n in viewers.items():
        labelled[scope.code if scope.is_city or scope.place else "unknown" if scope.code == "" else "other"] += n
    return dict(labelled)


def registry(collector: WallCollector) -> CollectorRegistry:
    """A registry of its own: nothing global."""
    own = CollectorRegistry()
    own.register(collector)
    ProcessCollector(registry=own)
    return own


def render(own: CollectorRegistry) -> bytes:
    """The text format."""
    return generate_latest(own)


def _counter(name: str, help: str, label: str, values: Mapping[str, float]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"wallboard_{name}", help, labels=[label])
    for key, value in sorted(dict(values).items()):
        family.add_metric([key], value)
    return family


def _gauge(name: str, help: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"wallboard_{name}", help, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
