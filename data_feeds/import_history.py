"""Past incidents from files into the history, by way of a mapping file: see docs/history.md.

    python -m data_feeds.import_history --mapping mappings/houston_incidents.toml incidents.parquet --name houston
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from data_feeds import places
from data_feeds import settings as wall_settings
from data_feeds.clock import Clock, SystemClock
from data_feeds.commands import UsageError, exit_code, log_plainly
from data_feeds.history import sets
from data_feeds.history.sets import Facts
from data_feeds.history.store import Put, Store, StoreError
from data_feeds.importing import Gathered, Job, gather
from data_feeds.mapping import Mapping
from data_feeds.mapping_file import MappingError, load
from data_feeds.model import Datum, Topic
from data_feeds.progress import Display, display
from data_feeds.reading import ReadError, Report
from data_feeds.replay import files_parser, jobs_of
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError

SHOWN = 20  # refused rows that are named on the screen
SLICE = 50_000  # incidents given to the history at once
MADE_UP = "demo"


@dataclass(frozen=True)
class Aim:
    """Where an import goes: the set's name and folder, what is told about it, and its settings."""

    name: str
    folder: Path
    facts: Facts
    settings: Settings


class Rejects:
    """Refused rows, one line each: the first SHOWN go to ``say``, all of them to ``file``."""

    def __init__(self, report: Report, say: Callable[[str], None], file: TextIO | None) -> None:
        self._report, self._say, self._file = report, say, file
        self._told = 0

    def tell(self) -> None:
        """Pass on what was refused since the last call."""
        for line in self._report.take_fresh():
            if self._file:
                print(line, file=self._file)
            self._told += 1
            if self._told <= SHOWN:
                self._say(line)
            if self._told == SHOWN + 1:
                self._say("further rows that are left out are counted; --rejects FILE names all of them")


def zone_of(mapping: Mapping, settings: Settings) -> str:
    """The time zone of what ``mapping`` reads: its wall's, else that of its times, else the settings'."""
    if "time_zone" in mapping.wall:
        return str(mapping.wall["time_zone"])
    return mapping.zone.key if mapping.zone.key != "UTC" else settings.time_zone


def aim_at(settings: Settings, mappings: Sequence[Mapping], name: str) -> Aim:
    """Where an import of ``mappings`` goes. Raises UsageError, SettingsError, StoreError."""
    for mapping in mappings:
        if not any(emit.topic is Topic.INCIDENT for emit in mapping.emits):
            raise UsageError(f'{mapping.path}: has no [[emit]] with topic = "incident", so there is nothing to import')
    zones = {zone_of(mapping, settings) for mapping in mappings}
    if len(zones) > 1:
        raise UsageError(f"one set has one time zone, these mappings name {' and '.join(sorted(zones))}; "
                         "import them one by one, each with a --name of its own")  # fmt: skip
    zone = zones.pop()
    chosen = name or settings.history_name or ("live" if settings.feed == "kafka" else mappings[0].path.stem)
    settings = wall_settings.changed(settings, {"history_name": chosen}, "--name")
    folder = sets.folder_of(settings)
    if folder is None:
        raise SettingsError("history_dir is empty, so no history is kept; name a folder there")
    if chosen == MADE_UP:
        raise UsageError(f"{folder} is the made-up past of the demo city; choose another --name")
    known = sets.facts_of(folder)
    kept = known.time_zone if known else settings.time_zone if _is_a_walls(folder, settings) else zone
    if kept != zone:
        raise UsageError(f"{folder} is kept in the time zone {kept}, these files are of {zone}; mend time_zone in the "
                         "mapping's [wall] or in the settings, or choose another --name")  # fmt: skip
    wall = {key: value for mapping in reversed(mappings) for key, value in mapping.wall.items()}
    source = " + ".join(dict.fromkeys(mapping.source for mapping in mappings))[:128]
    return Aim(chosen, folder, known or Facts(zone, source, wall), settings)


def _is_a_walls(folder: Path, settings: Settings) -> bool:
    """Whether a wall keeps, or would keep, its own records there: then its settings name the zone."""
    return folder.exists() or (settings.feed == "kafka" and folder == sets.folder_of(settings))


def scopes_of(settings: Settings) -> Scopes:
    """The jurisdictions that the settings name. Raises places.PlacesError."""
    known = places.load(settings.places, Datum[settings.places_datum]) if settings.places else places.NO_PLACES
    return Scopes(known)


def write(store: Store, gathered: Gathered, origin: str, moved: Callable[[int], object]) -> Put:
    """Give everything to ``store``, oldest first, and its gaps. Raises StoreError."""
    total = Put()
    for begin in range(0, len(gathered.table), SLICE):
        part = gathered.table.slice(begin, SLICE)
        total += store.put_table(part, origin)
        moved(len(part))
    for gap in gathered.gaps:
        store.note_gap(gap.begin_ms, gap.end_ms, "given", origin)
    return total


def lines_of(report: Report, gathered: Gathered, zone: ZoneInfo) -> list[str]:
    """What was read, in lines."""
    received = gathered.table["call_received_ms"].drop_null().to_pylist()
    ends = [_day(ms, zone) for ms in (min(received), max(received))] if received else []
    lines = [
        f"{report.rows:,} rows read, {report.total_refused:,} left out, {gathered.merged:,} merged: "
        f"{len(gathered.table):,} incidents" + (f" from {ends[0]} to {ends[1]}" if ends else ""),
        *report.summary(),
    ]  # fmt: skip
    if gathered.gaps:
        hours = sum(gap.end_ms - gap.begin_ms for gap in gathered.gaps) / 3_600_000
        lines.append(f"{len(gathered.gaps):,} gaps in which the source saw nothing, {hours:,.1f} h together")
    return lines


def put_line(put: Put) -> str:
    """What became of the incidents, in a line."""
    return (f"{put.new:,} new, {put.replaced:,} replaced, {put.same:,} known already, "
            f"{put.older:,} known in a later version, {put.timeless:,} without any time and not kept")  # fmt: skip


def _day(ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(ms / 1000.0, zone).date().isoformat()


class _Reading:
    """Moves a display over files of different sizes."""

    def __init__(self, jobs: Sequence[Job], clock: Clock) -> None:
        self._sizes = {path: path.stat().st_size for _, paths in jobs for path in paths if path.exists()}
        self._done: dict[Path, int] = {}
        self.shown: Display = display(sum(self._sizes.values()), sys.stderr, clock, "import", "bytes read")

    def moved(self, path: Path, share: float) -> None:
        now = round(self._sizes.get(path, 0) * share)
        self.shown.advance(max(0, now - self._done.get(path, 0)), 0)
        self._done[path] = max(now, self._done.get(path, 0))


def run(wanted: argparse.Namespace, settings: Settings, clock: Clock) -> list[str]:
    """Do what the command line says; returns the report. Raises one of the errors of ``main``."""
    began_s = clock.monotonic_s()
    jobs: list[Job] = [(load(mapping), paths) for mapping, paths in jobs_of(wanted.mapping, wanted.files)]
    aim = aim_at(settings, [mapping for mapping, _ in jobs], wanted.name or "")
    report, reading = Report(limit=sys.maxsize), _Reading(jobs, clock)
    with _rejects_file(wanted.rejects) as file:
        rejects = Rejects(report, reading.shown.say, file)

        def moved(path: Path, share: float) -> None:
            reading.moved(path, share)
            rejects.tell()

        try:
            gathered = gather(jobs, clock.now_ms(), report, moved)
        finally:
            rejects.tell()
            reading.shown.close()
    read_s = clock.monotonic_s() - began_s
    lines = [f"{aim.facts.source}; time zone {aim.facts.time_zone}",
             *lines_of(report, gathered, ZoneInfo(aim.facts.time_zone))]  # fmt: skip
    if wanted.dry_run:
        return [*lines, f"nothing was written (--dry-run); it took {read_s:.1f} s"]
    put = _written(aim, gathered, jobs, clock)
    whole_s = clock.monotonic_s() - began_s
    lines += [f"{aim.folder}: {put_line(put)}", f"it took {whole_s:.1f} s: {read_s:.1f} s to read, "
              f"{whole_s - read_s:.1f} s to write"]  # fmt: skip
    shown = f"WALLBOARD_FEED=none WALLBOARD_HISTORY_NAME={shlex.quote(aim.name)} make run"
    return [*lines, f"a wall of these figures, whose page is /statistics: {shown}"]


def _written(aim: Aim, gathered: Gathered, jobs: Sequence[Job], clock: Clock) -> Put:
    if not _is_a_walls(aim.folder, aim.settings):
        sets.write_facts(aim.folder, aim.facts)
    store = sets.open_store(aim.settings, scopes_of(aim.settings))
    shown = display(len(gathered.table), sys.stderr, clock, "import", "incidents written")
    try:
        origin = " + ".join(dict.fromkeys(mapping.source for mapping, _ in jobs))[:128]
        return write(store, gathered, origin, lambda rows: shown.advance(rows, 0))
    finally:
        shown.close()
        store.close()


@contextlib.contextmanager
def _rejects_file(name: str | None) -> Iterator[TextIO | None]:
    if not name:
        yield None
        return
    try:
        # its lines show cells of the source: for the eyes of who imports
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise UsageError(f"--rejects {name}: cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        yield file


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = files_parser("python -m data_feeds.import_history", __doc__)
    made.add_argument("--name", help="which set, a folder in history_dir (default: history_name, else the mapping)")
    made.add_argument("--dry-run", action="store_true", help="read and merge everything, write nothing, print a report")
    made.add_argument("--rejects", metavar="FILE", help="write every row that is left out there, with line and reason")
    made.add_argument("--config", help="settings file (default: wallboard.toml, if it exists)")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 0 done, 2 a mistake in what was asked for or a history in trouble."""
    wanted = parser().parse_intermixed_args(argv)
    log_plainly()

    def work() -> None:
        print("\n".join(run(wanted, wall_settings.load(wanted.config), SystemClock())))

    mistakes = (MappingError, ReadError, SettingsError, UsageError, StoreError, places.PlacesError)
    return exit_code("import", work, *mistakes)


if __name__ == "__main__":
    gc.disable()  # it makes a million small things and keeps them to its end
    sys.exit(main())
