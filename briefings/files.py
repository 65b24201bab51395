"""A document as files: rendered in memory, then put into a folder whole or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from briefings.document import Document

Files = dict[str, bytes]  # name → content
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


# what a format needs is loaded only by who wants it
def _pdf(document: Document) -> Files:
    from briefings.pages import pdf

    return {f"{document.name}.pdf": pdf(document)}


def _png(document: Document) -> Files:
    from briefings.pages import pictures

    return {f"{document.name}_{name}.png": picture for name, picture in pictures(document)}


def _xlsx(document: Document) -> Files:
    from briefings.xlsx import workbook

    return {f"{document.name}.xlsx": workbook(document)}


def _pptx(document: Document) -> Files:
    from briefings.pages import pictures
    from briefings.slides import presentation

    return {f"{document.name}.pptx": presentation(document, dict(pictures(document, ("map",))))}


def _csv(document: Document) -> Files:
    from briefings.sheets import tables

    return {f"{document.name}_{name}.csv": content for name, content in tables(document)}


RENDERERS: dict[str, Callable[[Document], Files]] = {
    "pdf": _pdf, "xlsx": _xlsx, "pptx": _pptx, "csv": _csv, "png": _png,
}  # fmt: skip
FORMATS = tuple(RENDERERS)


def rendered(
    document: Document, formats: Iterable[str], tell: Callable[[float], object] = lambda share: None
) -> Files:
    """File name → content, in the order of ``formats``. ``tell``: how much is done, 0–1. Raises KeyError for a format
    that is none of FORMATS."""
    wanted = list(dict.fromkeys(formats))
    made: Files = {}
    for at, name in enumerate(wanted):
        tell(at / len(wanted))
        made |= RENDERERS[name](document)
    tell(1.0)
    return made


def single(document: Document, form: str) -> tuple[str, bytes]:
    """One file of a format: name and content; several of them as a .zip, whose parts have one fixed date."""
    made = RENDERERS[form](document)
    if len(made) == 1:
        return next(iter(made.items()))
    return f"{document.name}_{form}.zip", packed(made)


def packed(files: Mapping[str, bytes]) -> bytes:
    """A .zip whose parts have one fixed date, so that equal parts make equal files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            packing.writestr(entry, content)
    return out.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write ``files`` into ``folder``, each whole or not at all: what fails leaves what was there before. What a killed
    process left of them goes. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = {folder / name: folder / f".{name}.{os.getpid()}.part" for name in files}
    try:
        for (_, part), content in zip(parts.items(), files.values(), strict=True):
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path, part in parts.items():
            part.replace(path)
            _tidy(path)
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return list(parts)


def _tidy(path: Path) -> None:
    """Remove the parts of ``path`` whose writer is no more."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        pid = part.suffixes[-2].lstrip(".")
        with contextlib.suppress(OSError):
            if pid.isdecimal() and not _lives(int(pid)):
                part.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True
