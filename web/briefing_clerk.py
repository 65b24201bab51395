"""Who writes briefings: one thread, one after the other, those that are asked for and those that are due.

Nothing of it runs on the event loop, and what it needs is loaded when the first one is written.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from data_feeds.clock import Clock
from web import briefing_schedule

if TYPE_CHECKING:
    from analytics.figures.request import Request
    from web.briefing_desk import StatisticsDesk
    from web.briefing_shelf import Made, Shelf

log = logging.getLogger("wallboard.briefings")

EVERY_S, AGAIN_S = 20.0, 600.0
MAX_WAITING, JOBS_KEPT = 16, 64
GATHERING = 0.5  # of the work, as a rule
CLOSE_S = 5.0


@dataclass(slots=True)
class Job:
    """``state``: waiting, working, done or failed; ``share``: how much is done, 0–1; ``why`` it failed, and after
    how many seconds it may be worth trying again."""

    ask: Callable[[StatisticsDesk], Request]
    lang: str
    formats: Sequence[str]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = "waiting"
    share: float = 0.0
    why: str = ""
    again_s: float = AGAIN_S
    made: Made | None = None

    def told(self) -> dict[str, Any]:
        """As its address tells it."""
        files = [one for one in self.made.files if one.format in self.formats] if self.made else []
        return {"id": self.id, "state": self.state, "share": round(self.share, 2), "why": self.why, "files": files}


@dataclass(frozen=True, slots=True)
class Schedule:
    """``at``: the city's time from which on the briefings of what has ended are due."""

    at: time
    zone: ZoneInfo
    day_start_minute: int
    lang: str
    formats: tuple[str, ...]


class Full(Exception):
    """As many briefings wait as may wait."""


class Clerk:
    """``desk`` is made when the first briefing is written. ``schedule``: None where nothing is due by itself."""

    def __init__(
        self, desk: Callable[[], StatisticsDesk], shelf: Shelf, clock: Clock, schedule: Schedule | None
    ) -> None:
        self.shelf = shelf
        self._desk, self._clock, self._schedule = desk, clock, schedule
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._waiting: queue.Queue[Job | None] = queue.Queue(MAX_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="briefings", daemon=True)
        self._again_s = float("-inf")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing new; what is being written is given up with the process."""
        self._stopping.set()
        if self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait(None)
            self._thread.join(CLOSE_S)

    def ask(self, ask: Callable[[StatisticsDesk], Request], lang: str, formats: Sequence[str]) -> Job:
        """Put a briefing on the list. Raises Full."""
        job = Job(ask, lang, tuple(formats))
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            raise Full(f"{MAX_WAITING} briefings wait already") from None
        self._jobs[job.id] = job
        while len(self._jobs) > JOBS_KEPT:
            self._jobs.popitem(last=False)
        return job

    def job(self, id: str) -> Job | None:
        """The job of that id, while it is remembered."""
        return self._jobs.get(id)

    def write(self, job: Job) -> None:
        """Do one job; its state says how it went."""
        from briefings.files import single  # Typst, XlsxWriter and scipy: only for who writes
        from web.briefing_desk import why, written
        from web.statistics import Unavailable

        job.state = "working"

        def tell(share: float) -> None:
            job.share = GATHERING * share

        try:
            desk = self._desk()
            document = written(desk, job.ask(desk), job.lang, tell)
            files = {}
            for at, form in enumerate(job.formats):
                job.share = GATHERING + (1 - GATHERING) * at / len(job.formats)
                files[form] = single(document, form)
            job.made = self.shelf.keep(document, files, self._clock.now_ms())
        except Exception as error:  # a person waits for what it says; the thread goes on
            job.why, job.state = why(error, job.lang), "failed"
            level = logging.WARNING
            if isinstance(error, Unavailable):  # as a history that is being opened
                job.again_s, level = error.retry_after_s, logging.INFO
            log.log(level, "a briefing could not be written: %s", str(error) or type(error).__name__)
        else:
            job.share, job.state = 1.0, "done"

    def write_due(self) -> None:
        """Write what is due and was not made yet; after a failure not again for AGAIN_S,
        but where there are no figures yet as soon as they may be there."""
        schedule, now_ms, now_s = self._schedule, self._clock.now_ms(), self._clock.monotonic_s()
        if schedule is None or not now_ms or now_s < self._again_s:
            return
        since_ms = self.shelf.since_ms(now_ms)

        def done(kind: str, first: date, run_ms: float) -> bool:
            made = self.shelf.find(f"briefing_{kind}_{first.isoformat()}_{schedule.lang}")
            held = {one.format for one in made.files} if made else set()
            return made is not None and made.made_ms >= run_ms and held >= set(schedule.formats)

        for kind, first in briefing_schedule.due(
            now_ms, schedule.zone, schedule.day_start_minute, schedule.at, since_ms, done
        ):
            job = Job(lambda desk, kind=kind, first=first: desk.parts.statistics.request(kind, first),  # type: ignore[misc]
                      schedule.lang, schedule.formats)  # fmt: skip
            self.write(job)
            if job.state == "failed":
                self._again_s = now_s + job.again_s
                if job.again_s < AGAIN_S:  # nor can the others be written
                    return
            else:
                log.info("the briefing of the %s from %s on is written", kind, first)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.write_due()
            except Exception:
                self._again_s = self._clock.monotonic_s() + AGAIN_S
                log.exception("due briefings could not be written; it is tried again")
            try:
                job = self._waiting.get(timeout=EVERY_S)
            except queue.Empty:
                continue
            if job is not None and not self._stopping.is_set():
                self.write(job)
