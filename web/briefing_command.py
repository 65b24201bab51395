"""The command line of the briefings: opens the history or asks the process that owns it, makes the files, says which.

``python -m briefings --period month --date 2025-03-15 --format pdf,xlsx --out DIR``
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NoReturn

from analytics.figures.request import PERIODS
from analytics.periods import PeriodError, whole
from briefings import files
from components.texts import LANGUAGES
from data_feeds import basemap, places, roads
from data_feeds import settings as wall_settings
from data_feeds.clock import Clock, SystemClock
from data_feeds.history import sets
from data_feeds.history.query import Filters
from data_feeds.history.store import StoreError
from data_feeds.interrupt import INTERRUPTED
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError
from web import ground, service
from web.background import Surroundings
from web.briefing_desk import StatisticsDesk, city_of, written
from web.statistics import Statistics, Unavailable

ONE = timedelta(days=1)


class UsageError(Exception):
    """The command line asks for something that there is not; the text says what there is."""


WRONG = (SettingsError, UsageError, PeriodError, basemap.BasemapError, places.PlacesError, roads.RoadsError)


def main(argv: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """0 when every file is there, 1 when the history or the disk refused, 2 when something else was to be asked."""
    args = _arguments(argv)
    try:
        settings = sets.fitted(wall_settings.load(args.config))
        for path in _make(settings, args, clock or SystemClock()):
            print(path)
    except WRONG as error:
        _say(f"briefings: {error}")
        return 2
    except (StoreError, Unavailable) as error:
        _say(f"briefings: {error}")
        return 1
    except OSError as error:
        _say(f"briefings: nothing was written to {args.out}: {_disk(error)}")
        return 1
    except KeyboardInterrupt:
        _say("briefings: stopped; nothing was written")
        return INTERRUPTED
    return 0


def _disk(error: OSError) -> str:
    """What a disk refused, and the way out."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return "a file is in the way; name a folder"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.strerror}; name a folder that you may write to"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{error.strerror}; make room there, or name another folder"
    return error.strerror or str(error)


class Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (--help tells what there is)\n")


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = Parser(prog="briefings", description="Write the briefing of a period.")
    parser.add_argument("--period", choices=PERIODS, default="day")
    parser.add_argument("--date", type=_day, help="any day inside it (default: the last complete period)")
    parser.add_argument("--key", default="", help="with --period key: its name in key_dates")
    parser.add_argument("--lang", choices=LANGUAGES, help="default: that of the settings")
    parser.add_argument("--scope", default="", help="a branch, station or zone, by code or name")
    parser.add_argument("--format", type=_formats, default=files.FORMATS, help=",".join(files.FORMATS))
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--config", help="settings file (default: wallboard.toml, if it exists)")
    return parser.parse_args(argv)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2025-03-15") from None


def _formats(text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    if strange := [word for word in wanted if word not in files.FORMATS]:
        known = ", ".join(files.FORMATS)
        raise argparse.ArgumentTypeError(f"no format is called {', '.join(map(repr, strange))}; there are {known}")
    return wanted


def _make(settings: Settings, args: argparse.Namespace, clock: Clock) -> list[Path]:
    base = ground.basemap_of(settings)
    city = ground.city_of(settings, base) if settings.feed == "embedded" and not settings.history_name else None
    scopes = Scopes(ground.places_of(settings, city))
    folder = sets.folder_of(settings)
    if folder is not None and not folder.is_dir():
        raise UsageError(f"there is no history in {folder}; {_others(folder)}")
    store = sets.open_store(settings, scopes)
    try:
        recorded = folder is not None and sets.facts_of(folder) is None
        background = Surroundings(
            settings, scopes, lambda: ground.known(lambda: ground.streets_of(base, city), service.LOST), recorded
        )
        parts = service.parts_of(settings, scopes, clock, lambda: store, background, folder, lambda: "")
        desk = StatisticsDesk(parts, scopes, city_of(settings))
        try:
            scope = parts.choices.known().scope(args.scope)
            if scope is None:
                raise UsageError(f"no jurisdiction is called {args.scope!r}; {_known(desk)}")
            day = args.date or last_complete(parts.statistics, args.period)
            request = parts.statistics.request(args.period, day, args.key, Filters(scope=scope))
            document = written(desk, request, args.lang or settings.lang, lambda share: None)
            return files.put(args.out, files.rendered(document, args.format))
        finally:
            parts.statistics.close()
    finally:
        store.close()


def last_complete(statistics: Statistics, period: str) -> date:
    """A day of the last period that is over; of a key date today."""
    latest = statistics.latest()
    if period == "key" or (not statistics.background().recorded and period == "day"):
        return latest
    if not statistics.background().recorded:
        latest += ONE  # the last day of records that do not go on is over
    return whole(period, latest)[0] - ONE  # type: ignore[arg-type]


def _others(folder: Path) -> str:
    names = sorted(path.name for path in folder.parent.iterdir() if path.is_dir()) if folder.parent.is_dir() else []
    return f"history_name may be {', '.join(names)}" if names else "a wall or an import makes one"


def _known(desk: StatisticsDesk) -> str:
    told = desk.parts.choices.choices()
    names = [one.code for one in (*told.branches, *told.stations) or told.zones]
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"there are {shown}" if names else "the history names none"
