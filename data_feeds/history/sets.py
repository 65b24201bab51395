"""Which history a command or a wall means: its folder, what is told about it, and how it is opened.

Every source of truth has a folder of its own in ``history_dir``: the made-up city, the live wall, an imported set.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from data_feeds import settings as wall_settings
from data_feeds.history import remote
from data_feeds.history.store import Options, Store, StoreBroken
from data_feeds.scopes import Scopes
from data_feeds.settings import Settings, SettingsError

FACTS = "set.json"
NAMES = {"embedded": "demo", "kafka": "live", "none": "live"}
_IMPORT_THREADS = 2  # a command line has no live map beside it


class Facts(Struct, frozen=True):
    """What an import tells about a set: its time zone (IANA), its source, and settings that suit a wall which shows it
    (names of mapping files' [wall])."""

    time_zone: str
    source: str = ""
    wall: dict[str, Any] = {}


def name_of(settings: Settings) -> str:
    """The set that a wall of ``settings`` shows."""
    return settings.history_name or NAMES[settings.feed]


def folder_of(settings: Settings, name: str = "") -> Path | None:
    """The folder of set ``name`` (default: the wall's own); None where no history is kept."""
    return Path(settings.history_dir) / (name or name_of(settings)) if settings.history_dir else None


def facts_of(folder: Path) -> Facts | None:
    """What an import told about the set in ``folder``; None for a set that no import made. Raises StoreBroken."""
    path = folder / FACTS
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreBroken(f"{path} cannot be read: {error.strerror}; mend its permissions", path) from None
    try:
        return msgspec.json.decode(data, type=Facts)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        way_out = 'write {"time_zone": "Area/City"} into it, or move it away'
        raise StoreBroken(f"{path} is damaged: {error}; {way_out}", path) from None


def write_facts(folder: Path, facts: Facts) -> None:
    """Keep ``facts`` in ``folder``: whole or not at all."""
    _make(folder)
    made = folder / f".{FACTS}.{os.getpid()}"
    try:
        made.write_bytes(msgspec.json.format(msgspec.json.encode(facts)))
        made.replace(folder / FACTS)
    finally:
        with contextlib.suppress(FileNotFoundError):
            made.unlink()


def fitted(settings: Settings) -> Settings:
    """``settings`` of a wall that shows an imported set: in the set's time zone, and where nobody chose otherwise at
    the place that its mapping suggests. Raises SettingsError."""
    folder = folder_of(settings)
    if folder is None or not settings.history_name:
        return settings
    try:
        facts = facts_of(folder)
    except StoreBroken as error:
        raise SettingsError(str(error)) from None
    if facts is None:
        return settings
    zone = {"time_zone": facts.time_zone}
    if settings.feed != "none":  # the live map has a place of its own
        if settings.time_zone != facts.time_zone:
            raise SettingsError(
                f"history_name = {settings.history_name!r} is kept in the time zone {facts.time_zone} and this wall in "
                f"{settings.time_zone}; set time_zone, or another history_name"
            )
        return settings
    defaults = Settings()
    free = {name: value for name, value in facts.wall.items() if getattr(settings, name) == getattr(defaults, name)}
    return wall_settings.changed(settings, {**free, **zone}, str(folder / FACTS))


def options_of(settings: Settings, scopes: Scopes, folder: Path) -> Options:
    """How the history in ``folder`` is kept; an imported set keeps its own time zone. Raises StoreBroken."""
    facts = facts_of(folder)
    return Options(
        facts.time_zone if facts else settings.time_zone, settings.day_start_minute, scopes,
        settings.incidents_days, settings.tracks_days, detection_kinds=tuple(settings.detection_kinds),
    )  # fmt: skip


def open_file(settings: Settings, scopes: Scopes, folder: Path, threads: int = 1) -> Store:
    """The history in ``folder``, owned by this process. Raises StoreError."""
    from data_feeds.history import duckdb_store  # DuckDB is loaded only by who opens a file

    with contextlib.suppress(OSError):  # the store says what is wrong with the folder
        _make(folder)
    return duckdb_store.open_store(folder, replace(options_of(settings, scopes, folder), threads=threads))


def _make(folder: Path) -> None:
    """``folder``, for its own user only: incidents are nobody else's business."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def open_store(settings: Settings, scopes: Scopes, name: str = "") -> Store:
    """For command lines: set ``name`` by way of the process that owns it, else its file. Raises StoreError.

    Raises SettingsError where no history is kept.
    """
    folder = folder_of(settings, name)
    if folder is None:
        raise SettingsError("history_dir is empty, so no history is kept; name a folder there")
    return remote.connect(folder) or open_file(settings, scopes, folder, _IMPORT_THREADS)
