"""Scopes: what one wall shows. The city's shows everything, a branch's or a station's what is theirs."""

from __future__ import annotations

from dataclasses import dataclass

MAX_CODE = 64


@dataclass(frozen=True, slots=True)
class Scope:
    """A jurisdiction and its parts. ``level``: city, branch or station, "" where no places tell.

    ``words``: what messages may call it and its parts: ids and names.
    """

    code: str
    level: str
    words: frozenset[str] = frozenset()

    @property
    def is_city(self) -> bool:
        return self.level == "city"

    def holds(self, branch: str, station: str) -> bool:
        """Whether what names this ``branch`` and ``station`` belongs to the scope."""
        return self.is_city or branch in self.words or station in self.words


CITY = Scope("city", "city")


class Scopes:
    """Which scopes there are. Without places any word that rosters and incidents may carry is one."""

    def find(self, code: str) -> Scope | None:
        """The scope that ``code`` names; None where there is no such jurisdiction."""
        code = code.strip()
        if code in ("", CITY.code):
            return CITY
        return Scope(code, "", frozenset({code})) if len(code) <= MAX_CODE else None
