"""The life of a wall's history: opened in the background, recorded into, served to others, closed at the end.

The first process that opens the files owns them; the others ask it, and one of them takes over when it is gone.
Whatever happens here, the live map goes on: trouble is one alarm line, a log line and counters.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from data_feeds.clock import Clock, SystemClock
from data_feeds.feed import Begin
from data_feeds.history import remote, sets
from data_feeds.history.store import Store, StoreBusy, StoreClosed
from data_feeds.log_source import RECORDED, Log, LogSource
from data_feeds.messages import Decoder
from data_feeds.recorder import Recorder, Trouble, kind_of
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from data_feeds.tap import Tap
from web.history import OwnerServer

log = logging.getLogger("wallboard.history")

WAIT_FOR_WALL_S = 10.0
RETRY_S, LOOK_S = 3.0, 5.0
TIDY_FIRST_S, TIDY_EVERY_S, TIDY_AGAIN_S = 120.0, 3600.0, 5.0  # again: while months are left to be summed up
REOPEN_AFTER_S = 120.0  # trouble that lasts so long may be of the open database, and not of its files
CLOSE_S = 10.0
# history is in no hurry: large answers cost least
FETCH_MIN_BYTES, FETCH_MAX_WAIT_MS, WATCH_EVERY_S = 500_000, 500, 5.0
STATES = ("off", "opening", "owner", "guest", "trouble")


# (store, wait, progress): ``wait(seconds)`` sleeps and says whether to stop, ``progress`` takes the share that is done
Seed = Callable[[Store, Callable[[float], bool], Callable[[float], object]], object]


class Recording(Protocol):
    """What runs beside an open history until ``stop``."""

    trouble: Trouble | None

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def counters(self) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with the history in ``folder``.

    ``open`` gives its Store and may take long; ``record`` makes what records into it (None: nothing is recorded);
    ``seed`` fills a new one with a past, on a thread of its own; it is called at every opening and goes on where it
    ended. Both may raise StoreError.
    """

    folder: Path
    open: Callable[[], Store]
    record: Callable[[Store], Recorder] | None = None
    seed: Seed | None = None


def plan_of(
    settings: Settings, clock: Clock, scopes: Scopes, feed_given: bool, seed: Seed | None = None
) -> tuple[Plan | None, Tap | None]:
    """What a wall of ``settings`` does with its history, and the tap that its pump must fill.

    A feed that was given from outside, and a replay, are no source of truth: without a set named for them they have no
    history, and a replay is never recorded.
    """
    folder = sets.folder_of(settings)
    if folder is None or ((feed_given or clock.replaying) and not settings.history_name):
        return None, None

    def opened() -> Store:
        return sets.open_file(settings, scopes, folder)

    if clock.replaying or (settings.feed == "none" and not feed_given):
        return Plan(folder, opened), None
    if settings.feed == "kafka" and not feed_given:
        return Plan(folder, opened, lambda store: Recorder(_kafka_source(settings), store, clock)), None
    embedded = settings.feed == "embedded" and not feed_given
    retold_s = settings.embedded_past_days * 86_400.0 if embedded else 0.0
    tap = Tap("demo" if embedded else sets.name_of(settings), clock, retold_s)
    return Plan(folder, opened, lambda store: Recorder(tap, store, clock), seed if embedded else None), tap


def _kafka_source(settings: Settings) -> LogSource:
    clock = SystemClock()

    def reading(begin: Begin) -> Log:
        from data_feeds.kafka_feed import KafkaFeed  # kafka-python is loaded only by a wall that uses it

        return KafkaFeed(
            settings, clock, fetch_min_bytes=FETCH_MIN_BYTES, fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
            watch_every_s=WATCH_EVERY_S, only=RECORDED, begin=begin,
        )  # fmt: skip

    return LogSource(reading, Decoder(settings.max_skew_s), clock, settings.topic_of())


class Archive:
    """The thread. ``store`` is the history while it can be asked, else None; every other field is safe from any thread.

    ``wall_ready``: the files are opened once it is set (or after WAIT_FOR_WALL_S), so that the first picture comes
    first.
    """

    def __init__(
        self, plan: Plan | None, clock: Clock, wall_ready: threading.Event, retry_s: float = RETRY_S
    ) -> None:
        self._plan, self._clock, self._wall_ready, self._retry_s = plan, clock, wall_ready, retry_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history", daemon=True)
        self._recorder: Recording | None = None
        self._trouble: Trouble | None = None
        self._opened = self._summed = 0
        self._share: float | None = None  # of the past that is being written
        self.store: Store | None = None
        self.state = "off" if plan is None else "opening"

    def start(self) -> None:
        """Begin to open."""
        if self._plan is not None:
            self._thread.start()

    def close(self) -> None:
        """Record what was taken, close the files."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S)
            if self._thread.is_alive():
                log.warning("the history did not close within %.0f s; what was recorded is kept all the same", CLOSE_S)

    @property
    def trouble(self) -> Trouble | None:
        """Why the history cannot be asked or is not recorded now."""
        recorder = self._recorder
        return self._trouble or (recorder.trouble if recorder else None)

    def growing(self) -> bool:
        """Whether its past is still being written, so that figures of it are not whole."""
        return self._share is not None

    def counters(self) -> dict[str, int]:
        """What happened, by name."""
        recorder = self._recorder
        return {"opened": self._opened, "months_summed": self._summed, **(recorder.counters() if recorder else {})}

    def _run(self) -> None:
        assert self._plan is not None
        waited_s = 0.0
        while waited_s < WAIT_FOR_WALL_S and not self._wall_ready.is_set() and not self._stop.is_set():
            self._wall_ready.wait(0.2)
            waited_s += 0.2
        while not self._stop.is_set():
            try:
                store = self._plan.open()
            except Exception as error:
                self._cannot_open(self._plan, error)
                self._stop.wait(self._retry_s)
                continue
            try:
                self._own(self._plan, store)
            except Exception:
                log.exception("the history ended unforeseen; it is opened again")
                self._stop.wait(self._retry_s)

    def _cannot_open(self, plan: Plan, error: Exception) -> None:
        if isinstance(error, StoreBusy):
            guest = remote.connect(plan.folder)
            if guest is not None:
                self._be_guest(guest, plan.record is not None)
                return
        kind = kind_of(error)
        if self._trouble is None or self._trouble.kind != kind:
            self._trouble = Trouble(kind, self._clock.now_ms(), str(error))
            self.state = "trouble"
            known = isinstance(error, StoreBusy) or kind != "failing"
            log.error("the history cannot be opened: %s; it is tried again, the live map goes on", error,
                      exc_info=not known)  # fmt: skip

    def _be_guest(self, guest: remote.RemoteStore, wants_records: bool) -> None:
        """Ask the owner as long as it answers."""
        self._now("guest", guest)
        if wants_records and not guest.records:
            text = f"process {guest.pid} shows this history and does not record; stop it, or give it another history"
            self._trouble = Trouble("busy", self._clock.now_ms(), text)
            log.error("nothing is recorded: %s", text)
        else:
            log.info("the history belongs to process %d; this one asks it", guest.pid)
        try:
            while not self._stop.wait(LOOK_S):
                if not guest.answers():
                    log.warning("process %d, which owned the history, is gone; its files are opened here", guest.pid)
                    return
        finally:
            self._now("opening", None)
            guest.close()

    def _own(self, plan: Plan, store: Store) -> None:
        """Record, serve, seed and tidy until the end."""
        server: OwnerServer | None = None
        recorder: Recorder | None = None
        seeding: threading.Thread | None = None
        try:
            try:
                server = OwnerServer(store, plan.folder, plan.record is not None)
            except OSError as error:
                log.error("other processes cannot reach the history: %s", error)
            if plan.record is not None:
                recorder = plan.record(store)
                recorder.start()
                self._recorder = recorder
            self._opened += 1
            self._share = None if plan.seed is None else 0.0
            self._now("owner", store)
            log.info("the history in %s is open", plan.folder)
            if plan.seed is not None:
                seeding = threading.Thread(target=self._seed, args=(plan.seed, store), name="history-seed", daemon=True)
                seeding.start()
            self._keep_tidy(store, recorder)
        finally:
            if server is not None:
                server.close()
            if recorder is not None:
                recorder.stop()
            if seeding is not None:
                seeding.join(CLOSE_S)
            self._recorder = None
            self._now("opening", None)
            store.close()

    def _keep_tidy(self, store: Store, recorder: Recorder | None) -> None:
        """Tidy now and then, until the end or until the database should be opened anew."""
        due_s = self._clock.monotonic_s() + TIDY_FIRST_S
        troubled_s: float | None = None
        while not self._stop.wait(LOOK_S):
            now_s = self._clock.monotonic_s()
            trouble = recorder.trouble if recorder else None
            if trouble is None or trouble.kind == "full":
                troubled_s = None
            elif troubled_s is None:
                troubled_s = now_s
            elif now_s - troubled_s > REOPEN_AFTER_S:
                log.warning("nothing was recorded for %.0f s; the history is opened anew", now_s - troubled_s)
                return
            if now_s >= due_s and not self.growing():
                due_s = now_s + (TIDY_AGAIN_S if self._tidy(store) else TIDY_EVERY_S)

    def _tidy(self, store: Store) -> bool:
        """Whether there is more to do soon."""
        try:
            done = store.tidy(self._clock.now_ms())
        except Exception:
            log.exception("the history could not be tidied; it is tried again in an hour")
            return False
        self._summed += done.summed
        if done.incidents or done.track_days or done.compacted or done.of_drones:
            log.info("history tidied: %d incidents, %d days of tracks and %d rows of drones let go, %d days of tracks "
                     "compacted", done.incidents, done.track_days, done.of_drones, done.compacted)  # fmt: skip
        return done.unsummed > 0

    def _seed(self, seed: Seed, store: Store) -> None:
        try:
            seed(store, self._stop.wait, self._seeded)
        except StoreClosed:
            log.info("the demo city's past is not finished; it goes on at the next start")
        except Exception:
            log.exception("the demo city's past could not be written; the live map goes on")
        finally:
            self._share = None

    def _seeded(self, share: float) -> None:
        self._share = share

    def _now(self, state: str, store: Store | None) -> None:
        self.store = store
        self.state = state
        if store is not None:
            self._trouble = None
