"""The questions that history answers: plain values, so that they travel as JSON and serve as keys of a cache.

A day is a business day of the city: the local calendar date of (local wall time − the hour at which its day starts).
Every answer is an Arrow table; its columns are told with each question. ``span`` in them counts from 0, the dim
``minute`` is that of the business day (0–1439 since its start, as the clocks show), ``hour`` the clock's, ``unit`` the
unit that went where it was exactly one, else "".
"""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import msgspec
from msgspec import Struct

Kind = Literal["counted", "exercise", "invalid", "diverted"]
Dim = Literal[
    "date", "month", "hour", "minute", "weekday", "category", "severity", "source",
    "branch", "station", "zone", "place_class", "kind", "cell", "unit",
]  # fmt: skip
Word = Literal["category", "severity", "source", "branch", "station", "zone", "place_class", "kind"]
DroneDim = Literal["date", "month", "hour", "drone_id", "mission", "kind", "branch", "station", "zone"]
Interval = Literal["answering", "dispatch", "accepting", "turnout", "travel", "response", "handling"]

KINDS: tuple[Kind, ...] = ("counted", "exercise", "invalid", "diverted")
INTERVALS: tuple[Interval, ...] = get_args(Interval)
CAUSES = ("answering", "dispatch", "turnout", "travel", "unknown")
OPTIONAL = (
    "position", "branch", "station", "zone", "category", "severity", "source", "place_class",
    "call_received", "dispatched", "accepted", "enroute", "on_scene", "closed",
)  # fmt: skip
MAX_ROWS = 10_000
SORTIE_PAUSE_MIN = 3  # as of presence: after a longer silence nobody knows that it was the same flight


class Span(Struct, frozen=True):
    """Business days, both ends included; on ``last`` only minutes of the day before ``until_minute`` (None: all)."""

    first: date
    last: date
    until_minute: int | None = None


class Filters(Struct, frozen=True):
    """Which incidents; an empty tuple means all. ``scope``: a code of any level or a zone, "" the city.

    ``kinds``: under the first of exercise, invalid, diverted that holds, else counted. ``hours`` of the clock 0–23,
    ``weekdays`` Monday = 1, ``cells`` H3 indexes up to resolution 9: a parent holds its children.
    """

    scope: str = ""
    kinds: tuple[Kind, ...] = ("counted",)
    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    place_classes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    cells: tuple[int, ...] = ()


class Counts(Struct, frozen=True, tag="counts"):
    """Incidents by the dims of ``by``: span, a column a dim, n. Only groups that exist, in the order of the columns.

    ``resolution`` is that of the dim ``cell``; incidents without a position have none and are left out there.
    """

    spans: tuple[Span, ...]
    by: tuple[Dim, ...] = ()
    where: Filters = Filters()
    resolution: int = 8


class Tallies(Struct, frozen=True, tag="tallies"):
    """Incidents by each of ``words`` alone, all told in one reading: span, word (its name), key, n. Only keys that
    exist, in the order of the columns."""

    spans: tuple[Span, ...]
    words: tuple[Word, ...]
    where: Filters = Filters()


class Spreads(Struct, frozen=True, tag="spreads"):
    """How long ``intervals`` took: span, dims, interval, n, missing, p50, p90, p95, mean (s), within_<s> for each of
    ``within_s``. Percentiles are exact, with linear interpolation between the two nearest. A time that is missing or
    lies before the one that it follows makes its interval missing, never zero.

    ``prefixes``: groups of so many first dims of ``by`` alone are told too (0: all of a span together), behind the
    others, longer ones first; the dims that are left out are null.
    """

    spans: tuple[Span, ...]
    intervals: tuple[Interval, ...]
    by: tuple[Dim, ...] = ()
    where: Filters = Filters()
    within_s: tuple[int, ...] = ()
    prefixes: tuple[int, ...] = ()


class Breaches(Struct, frozen=True, tag="breaches"):
    """Responses beyond the target of their place class, by cause: span, dims, cause, n.

    ``targets``: (place class, s); ``allowances``: (interval, place class, s). The cause is the interval that exceeds
    its allowance by most; unknown where none does or none is known.
    """

    spans: tuple[Span, ...]
    targets: tuple[tuple[str, int], ...]
    allowances: tuple[tuple[Interval, str, int], ...]
    by: tuple[Dim, ...] = ()
    where: Filters = Filters()


class Rows(Struct, frozen=True, tag="rows"):
    """The incidents themselves, without free text, ``limit`` from ``offset`` on.

    Equal ones come in the order of their times, unknown ones last. ``breaching``: only responses beyond these targets
    (place class, s).
    """

    span: Span
    where: Filters = Filters()
    order: Literal["received", "response", "category", "severity"] = "received"
    descending: bool = True
    limit: int = 500
    offset: int = 0
    breaching: tuple[tuple[str, int], ...] = ()


class LastSeen(Struct, frozen=True, tag="last_seen"):
    """When each zone, station or place last had an incident, up to ``until``: key, last (date), n."""

    by: Literal["zone", "station", "place"]
    until: date
    where: Filters = Filters()


class Patrol(Struct, frozen=True, tag="patrol"):
    """Presence of units from their tracks: span, dims (date, hour, weekday, zone, station), minutes, units."""

    spans: tuple[Span, ...]
    by: tuple[Dim, ...] = ()
    scope: str = ""


class Present(Struct, frozen=True, tag="present"):
    """What the sources tell: span, n, and how many have each field of OPTIONAL."""

    spans: tuple[Span, ...]
    where: Filters = Filters()


class Gaps(Struct, frozen=True, tag="gaps"):
    """When nothing was recorded: span, begin_ms, end_ms (Unix, cut to the span), how (recorder, given, silence)."""

    spans: tuple[Span, ...]


class Flown(Struct, frozen=True, tag="flown"):
    """Drones in the air: span, dims (all of DroneDim but kind), minutes, sorties, drones. Only groups that exist, in
    the order of the columns.

    A minute counts when a drone was heard in the air within it, for where it was at the minute's first moment. A
    sortie is a drone's minutes of which none follows the one before by more than SORTIE_PAUSE_MIN; it, and the drone,
    count in every group in which they have a minute.
    """

    spans: tuple[Span, ...]
    by: tuple[DroneDim, ...] = ()
    scope: str = ""


class Detected(Struct, frozen=True, tag="detected"):
    """What drones' cameras found: span, dims (DroneDim), n. Only groups that exist, in the order of the columns.
    ``mission``: what the drone flew in that minute, "" where the minute is not known (any more)."""

    spans: tuple[Span, ...]
    by: tuple[DroneDim, ...] = ()
    scope: str = ""


class DronesKnown(Struct, frozen=True, tag="drones_known"):
    """The first business days, up to ``until``, of which a minute in the air and a detection are kept, of the whole
    city, and the newest moment in the air before ``before_ms``: flown, detected (dates), last_ms; null: none. One row.
    """

    until: date
    before_ms: int = 2**53


Query = (
    Counts | Tallies | Spreads | Breaches | Rows | LastSeen | Patrol | Present | Gaps | Flown | Detected | DronesKnown
)

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER: msgspec.json.Decoder[Query] = msgspec.json.Decoder(Query)


def encode(query: Query) -> bytes:
    """The query as JSON; the same bytes for equal queries, so a cache may use them as its key."""
    return _ENCODER.encode(query)


def decode(data: bytes) -> Query:
    """The query of ``encode``. Raises msgspec.ValidationError or msgspec.DecodeError."""
    return _DECODER.decode(data)


def spans_of(query: Query) -> tuple[Span, ...]:
    """The spans that a query looks at; of LastSeen and DronesKnown everything up to their day."""
    if isinstance(query, Rows):
        return (query.span,)
    if isinstance(query, LastSeen | DronesKnown):
        return (Span(date.min, query.until),)
    return query.spans
