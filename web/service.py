"""The figures' service of one wall, put together: history → cache → reports → what its addresses and pages need."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path

from components.texts import LANGUAGES
from components.texts_formulas import FORMULAS
from data_feeds.clock import Clock
from data_feeds.history.database import FILE
from data_feeds.history.store import Store
from data_feeds.roads import RoadGraph
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings
from web import ground
from web.archive import Archive, Plan
from web.background import Surroundings, program_mark
from web.caching import AnswerCache, Shelf
from web.figures_answers import FigureParts
from web.figures_choices import ChoiceBook
from web.statistics import Statistics

log = logging.getLogger("wallboard.figures")
LOST = "figures per km of road are left out"

ROOT = Path(__file__).parents[1]
MARK = "cache-mark"
PROGRAM = ("analytics", "data_feeds/history")


def service(
    settings: Settings, scopes: Scopes, clock: Clock, plan: Plan | None, archive: Archive,
    roads: Callable[[], RoadGraph | None] = lambda: None,
) -> FigureParts:  # fmt: skip
    """``plan``: what the wall does with its history, None without one. Raises SettingsError (``cache_url``)."""

    def store() -> Store | None:
        return None if archive.growing() else archive.store  # figures of half a past would be wrong

    recorded = plan is not None and plan.record is not None
    background = Surroundings(settings, scopes, lambda: ground.known(roads, LOST), recorded)
    return parts_of(settings, scopes, clock, store, background, plan.folder if plan else None, lambda: why(archive))


def parts_of(
    settings: Settings, scopes: Scopes, clock: Clock, store: Callable[[], Store | None], background: Surroundings,
    folder: Path | None, why: Callable[[], str],
) -> FigureParts:  # fmt: skip
    """The service of the history in ``folder``. ``store``: None while there is none, and ``why``."""
    program = program_mark(*(ROOT / part for part in PROGRAM))
    cache = AnswerCache(Shelf(clock, settings.cache_url), lambda: f"{program} {history_mark(folder)}")
    statistics = Statistics(store, cache, clock, background, why=why)
    texts = {lang: {name: told[at] for name, told in FORMULAS.items()} for at, lang in enumerate(LANGUAGES)}
    return FigureParts(statistics, ChoiceBook(statistics, scopes, clock), texts.__getitem__, settings.lang)


def why(archive: Archive) -> str:
    """Why there are no figures of its history just now."""
    if archive.state == "off":
        return "this wall keeps no history: set history_dir, or history_name for a replay"
    if archive.growing():
        return "the demo city's past is being written"
    return archive.trouble.text if archive.trouble else "the history is being opened"


def history_mark(folder: Path | None) -> str:
    """What tells the history in ``folder`` from every other that ever shared its cache: a word that lies beside it, the
    same for every process, and the file itself. Versions alone begin again with every new history."""
    if folder is None:
        return ""
    path = folder / MARK
    inode = 0
    with contextlib.suppress(OSError):
        inode = (folder / FILE).stat().st_ino
    try:
        with contextlib.suppress(FileExistsError), path.open("x", encoding="ascii") as file:
            file.write(secrets.token_hex(16))
        return f"{path.read_text('ascii')} {inode}"
    except (OSError, UnicodeDecodeError):  # a folder that cannot be written to, or a damaged word
        return f"{folder.resolve()} {inode}"
