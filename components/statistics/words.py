"""Numbers, times and names as the page writes them: as the briefings do, with the page's own texts. Pure."""

from __future__ import annotations

from briefings import words
from components.texts import TEXTS
from components.texts_statistics import STATISTICS_TEXTS


class Words(words.Words):
    """``lang``: zh or en. ``names``: names of jurisdictions and zones by code, as (zh, en)."""

    def __init__(self, lang: str, names: words.Texts | None = None) -> None:
        super().__init__(lang, TEXTS, STATISTICS_TEXTS, names)
