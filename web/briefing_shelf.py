"""The briefings that were made: their files and, beside them, what each is of, in one folder of its own."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from briefings.document import Document
from briefings.files import put

log = logging.getLogger("wallboard.briefings")

KEPT = 400  # briefings; the oldest go
INDEX = ".json"
SINCE = "since"


class Kept(Struct, frozen=True):
    """One file. ``sha256``: of its bytes, in hex digits."""

    name: str
    format: str
    size: int
    sha256: str


class Made(Struct, frozen=True):
    """One briefing. Times are Unix ms; ``data_ms``: that of its data."""

    name: str
    title: str
    period: str
    scope: str
    lang: str
    data_time: str
    data_ms: float
    made_ms: float
    files: tuple[Kept, ...] = ()


class Shelf:
    """One writer, any number of readers. Any call may raise OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, document: Document, files: Mapping[str, tuple[str, bytes]], made_ms: float) -> Made:
        """``files``: format → (name, content). What was made of the same data in other formats stays."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = self.find(document.name)
        own = {
            form: Kept(name, form, len(content), hashlib.sha256(content).hexdigest())
            for form, (name, content) in files.items()
        }
        same = before is not None and before.data_ms == document.stamp_ms
        others = {one.format: one for one in before.files} if before and same else {}
        band = document.band
        made = Made(
            document.name, band.title, band.period, band.scope, document.lang, band.data_time, document.stamp_ms,
            made_ms, tuple((others | own)[form] for form in sorted(others | own)),
        )  # fmt: skip
        index = {document.name + INDEX: msgspec.json.format(msgspec.json.encode(made))}
        put(self.folder, dict(files.values()) | index)
        if before is not None and not same:
            self._remove([one for one in before.files if one.format not in own])
        for old in self.all()[KEPT:]:
            self._remove(old.files)
            (self.folder / (old.name + INDEX)).unlink(missing_ok=True)
        return made

    def all(self) -> list[Made]:
        """Newest first."""
        found = [self._read(path) for path in self.folder.glob(f"*{INDEX}")] if self.folder.is_dir() else []
        return sorted((one for one in found if one), key=lambda one: (-one.made_ms, one.name))

    def find(self, name: str) -> Made | None:
        """The briefing of that name."""
        return self._read(self.folder / (name + INDEX)) if name == Path(name).name else None

    def path(self, file: str) -> Path | None:
        """Where a file lies that some briefing holds."""
        known = {one.name for made in self.all() for one in made.files}
        return self.folder / file if file in known else None

    def since_ms(self, now_ms: float) -> float:
        """When the schedule began in this folder: what was due before was never missed."""
        path = self.folder / SINCE
        with contextlib.suppress(OSError, ValueError):
            return float(path.read_text("ascii"))
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(self.folder, {SINCE: repr(now_ms).encode()})
        return now_ms

    def _read(self, path: Path) -> Made | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Made)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("%s is left out: %s", path, error)
            return None

    def _remove(self, files: tuple[Kept, ...] | list[Kept]) -> None:
        for one in files:
            if one.name == Path(one.name).name:
                (self.folder / one.name).unlink(missing_ok=True)
