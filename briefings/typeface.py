"""The letters of the documents: which there are, what stands for those that are missing, how wide a text is.

They come with the install (``fonts/``, made by tools/briefing_fonts.py), never from the system.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Noto Sans SC"
MISSING = "〓"  # what Chinese printers put where a character is missing
HEAVIER = 1.04  # the heavier weight's letters are wider
LONG = 25
_ENDLESS, _PIECE = re.compile(rf"[^\s\u2e80-\uffff]{{{LONG},}}"), re.compile(".{1,12}")
_UNSEEN = frozenset({"Cc", "Cf"})
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_lock = threading.Lock()


def legible(text: str, missing: set[str] | None = None) -> str:
    """``text`` in characters that the typeface has: unseen ones are left out, others become ``MISSING`` and are
    added to ``missing``. Line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    seen = _SELECTORS.sub("", unicodedata.normalize("NFC", text)).replace("\t", " ").replace("\r", "\n")
    seen = "".join(c for c in seen if c == "\n" or unicodedata.category(c) not in _UNSEEN)
    seen = _unknown().sub(lambda found: unicodedata.normalize("NFKC", found[0]), seen)  # a small ₁ becomes a 1
    if missing is not None:
        missing.update(_unknown().findall(seen))
    return _unknown().sub(MISSING, seen)


def breakable(text: str) -> str:
    """``text`` with places where a line may end in what would be longer than any line."""
    return text if len(text) < LONG else _ENDLESS.sub(lambda found: "\u200b".join(_PIECE.findall(found[0])), text)


def width(text: str, size: float, heavy: bool = False) -> float:
    """How wide ``text`` is in a type of ``size`` (the unit of both)."""
    widths = _widths()
    per_mille = sum(widths.get(letter, 1000) for letter in text)
    return per_mille * size / 1000 * (HEAVIER if heavy else 1.0)


def fitted(text: str, size: float, space: float) -> str:
    """``text``, cut with an ellipsis where it is wider than ``space``."""
    if width(text, size) <= space:
        return text
    while text and width(text + "…", size) > space:
        text = text[:-1]
    return text.rstrip() + "…"


def fonts() -> typst.Fonts:
    """The faces, loaded once for all documents of this process."""
    with _lock:
        return _fonts()


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import typst  # 34 MB that only a document needs

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])


@lru_cache(maxsize=1)
def _widths() -> dict[str, int]:
    told: dict[str, int] = json.loads((FOLDER / "widths.json").read_bytes())
    return told


@lru_cache(maxsize=1)
def _unknown() -> re.Pattern[str]:
    spans: Any = (line.split("-") for line in (FOLDER / "characters.txt").read_text("ascii").split())
    held = "".join(f"{re.escape(chr(int(low, 16)))}-{re.escape(chr(int(high, 16)))}" for low, high in spans)
    return re.compile(f"[^\n{held}]")
