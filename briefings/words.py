"""Numbers, times and names as documents and pages write them, in one language. Pure.

A minus is a real minus (U+2212), so that signs line up; a name that no catalogue has shows itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

LANGUAGES = ("zh", "en")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = "—"
NAMED = {"severity": str.upper, "source": str.upper, "place_class": str.upper, "category": str.lower}
FAMILY = {"place_class": "class"}
Texts = Mapping[str, tuple[str, str]]


def signed(value: float, digits: int = 1) -> str:
    """``value`` with its sign; what is nothing at that many digits has both."""
    shown = f"{abs(value):,.{digits}f}"
    return f"{'±' if not float(shown.replace(',', '')) else '+' if value > 0 else '−'}{shown}"


class Words:
    """``lang``: zh or en. ``wall``: the wall's texts, as (zh, en), which name the words of messages; ``own``: those
    of a page, which go before them. ``names``: names of jurisdictions and zones by code, as (zh, en)."""

    def __init__(self, lang: str, wall: Texts, own: Texts, names: Texts | None = None) -> None:
        self._wall, self._own = wall, own
        self.lang = lang if lang in LANGUAGES else LANGUAGES[0]
        self._at = LANGUAGES.index(self.lang)
        self._names = names or {}

    def __call__(self, key: str, **values: Any) -> str:
        """The text of ``key`` with its places filled; the key itself where the catalogue lacks it."""
        pair = self._own.get(key) or self._wall.get(key)
        if pair is None:
            return key
        text = pair[self._at]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def inside(self, text: str) -> str:
        """A name as it stands inside a sentence."""
        return text[:1].lower() + text[1:] if self.lang == "en" else text

    def place(self, code: str) -> str:
        """The name of a jurisdiction or zone; its code where none is known."""
        return self._names[code][self._at] if code in self._names else code

    def name(self, dim: str, key: Any) -> str:
        """The name of a value of a filter or a figure's row: a category, a severity, a station, an hour."""
        if key in (None, ""):
            return self({"category": "category.", "source": "source.UNKNOWN"}.get(dim, "bars.unknown"))
        if dim == "hour":
            return self("hour.from", hour=f"{int(key):02d}")
        if dim == "weekday":
            return self(f"weekday.{key}")
        if dim in NAMED:
            word = f"{FAMILY.get(dim, dim)}.{NAMED[dim](str(key)).replace(' ', '_').replace('-', '_')}"
            return self(word) if word in self._wall else str(key)
        return self.place(str(key))

    def number(self, value: float | None, digits: int = 0) -> str:
        """``1,234`` or, with digits, ``12.5``; a dash where there is none."""
        return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", "−")

    def mean(self, value: float | None) -> str:
        """A mean of counts: with one digit where it is small and not whole."""
        if value is None:
            return NOTHING
        return self.number(value, 0 if value >= 100 or float(value).is_integer() else 1)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A change with its sign; a dash where there is none."""
        if value is None:
            return NOTHING
        return f"{signed(value, digits)}%"

    def points(self, value: float) -> str:
        """A difference of shares in percentage points, with its sign."""
        return self("points", n=signed(value))

    def share(self, value: float | None) -> str:
        """A share of one as a percentage."""
        return NOTHING if value is None else f"{value * 100:.1f}%"

    def took(self, seconds: float | None) -> str:
        """``2:05`` minutes and seconds, ``1:02:05`` with hours; a dash where there is none."""
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

    def day(self, day: date, year: bool = True) -> str:
        """``2025年3月15日`` or ``15 Mar 2025``."""
        if self.lang == "zh":
            return f"{f'{day.year}年' if year else ''}{day.month}月{day.day}日"
        return f"{day.day} {MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"

    def weekday(self, day: date) -> str:
        return self(f"weekday.{day.isoweekday()}")

    def span(self, first: date, last: date) -> str:
        """Both ends, with no year twice."""
        if first == last:
            return f"{self.day(first)} {self.weekday(first)}"
        if self.lang == "zh":
            end = self.day(last, year=first.year != last.year)
            return f"{self.day(first)}—{end}"
        return f"{self.day(first, year=first.year != last.year)} – {self.day(last)}"

    def period(self, kind: str, first: date, last: date, name: str | None = None) -> str:
        """``2025年3月`` or ``March 2025``: a period by the name that people call it."""
        year, week, _ = first.isocalendar()
        quarter = (first.month - 1) // 3 + 1
        zh = self.lang == "zh"
        if kind == "key" and name:
            return name
        if kind == "week":
            return f"{year}年第{week}周" if zh else f"Week {week}, {year}"
        if kind == "month":
            return f"{first.year}年{first.month}月" if zh else f"{MONTHS[first.month - 1]} {first.year}"
        if kind == "quarter":
            return f"{first.year}年第{quarter}季度" if zh else f"Q{quarter} {first.year}"
        if kind == "year":
            return f"{first.year}年" if zh else str(first.year)
        return self.span(first, last)

    def moment(self, ms: float, zone: tzinfo) -> str:
        """``03-15 18:41`` in the city's time."""
        return f"{datetime.fromtimestamp(ms / 1000, zone):%Y-%m-%d %H:%M}"

    def list(self, words: Sequence[str]) -> str:
        return ("、" if self.lang == "zh" else ", ").join(words)
