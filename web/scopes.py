"""What the wall tells of scopes: the one that is looked at as a document, all of them to the chooser."""

from __future__ import annotations

from collections import Counter
from typing import Any

from data_feeds.board import Board
from data_feeds.places import key
from data_feeds.scopes import Scope, Scopes

MAX_WORDS = 1_000  # scopes that a wall without places offers
Body = dict[str, Any]


def scope_body(scopes: Scopes, scope: Scope) -> Body:
    """The ``scope`` document: names, bounds (south, west, north, east) and the jurisdictions above it."""
    above: list[Body] = []
    place = scope.place
    while place is not None and place.parent:
        place = scopes.places.by_id[place.parent]
        above.insert(0, {"code": place.id, "level": place.kind, **_names(place.name_zh, place.name_en, place.id)})
    one = scope.place
    names = _names(one.name_zh, one.name_en, one.id) if one else _names(None, None, scope.spelling or scope.code)
    return {
        "state": "unknown" if scope.level == "unknown" else "known", "code": scope.code, "level": scope.level, **names,
        "bounds": scopes.box(scope), "above": above, "chooser": scopes.known or not scope.is_city,
    }  # fmt: skip


def tree(board: Board) -> Body:
    """Branches, each with its stations after it, and how many units they have now."""
    scopes, words = board.scopes, board.units_by_words()
    units: Counter[str] = Counter()
    for (branch, station), n in words.items():
        for code in scopes.codes(branch, station, ""):
            units[code] += n
    rows = [_row(scopes, scope, units) for scope in scopes.all()] if scopes.known else _heard(words, units)
    return {"total": sum(words.values()), "scopes": rows}


def _row(scopes: Scopes, scope: Scope, units: Counter[str]) -> Body:
    place = scope.place
    assert place is not None
    return {
        "code": scope.code, "level": scope.level, "parent": place.parent or "",
        **_names(place.name_zh, place.name_en, place.id), "bounds": scopes.box(scope), "units": units[scope.code],
    }  # fmt: skip


def _heard(words: Counter[tuple[str, str]], units: Counter[str]) -> list[Body]:
    """Without places: the words of the rosters."""
    rows: dict[str, Body] = {}
    for branch, station in sorted(words):
        for code, level, parent in ((branch, "branch", ""), (station, "station", branch)):
            if (one := key(code)) and one not in rows and len(rows) < MAX_WORDS:
                rows[one] = {
                    "code": code.strip(), "level": level, "parent": parent.strip(),
                    **_names(None, None, code.strip()), "bounds": None, "units": units[one],
                }  # fmt: skip
    return list(rows.values())


def _names(zh: str | None, en: str | None, code: str) -> Body:
    """Both names; a missing one is the other, or the code."""
    return {"name_zh": zh or en or code, "name_en": en or zh or code}
