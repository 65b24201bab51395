"""Text from outside, such that no spreadsheet runs it. Pure."""

from __future__ import annotations

# what a spreadsheet takes for the beginning of a formula, in full width too
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"


def harmless(text: str) -> str:
    """``text`` such that no spreadsheet takes it for a formula; control characters become spaces."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return MARK + clean if text.startswith(FORMULA) or clean.lstrip().startswith(FORMULA) else clean
