"""Who can be there first, and what does sending them cost: the candidates for one incident. Pure.

Every unit that could go is given the seconds it needs and, on top of them, the seconds that its drawbacks count for
(``Costs``); the smallest sum is first. A unit that must not or cannot go has no rank, and says why. Where no road graph
is known the basis is "straight": units are ordered by their distance, and no travel time is told.
"""

from __future__ import annotations

from msgspec import Struct, field


class Reason(Struct, frozen=True, omit_defaults=True):
    """Why a unit, or why not. ``seconds``: how much slower, older, later or earlier; ``costs_s``: what it counts for in
    the ranking; ``word``: the status, type, station, capability or incident that it is about; ``count``: of what.

    For: nearest, closest (as the crow flies), in_target (seconds left), in_zone (word), capable (word), idle.
    Against, ranked: even (with the first), slower (seconds), farther (count: metres; where the basis is straight),
    stale (seconds: its age), other_zone (word), uncovers (count), wrong_type (word), incapable (word: those of which
    one is needed, with commas), late (seconds).
    Against, no rank: sent (word: status; to this incident already), wrong_type (word), busy (word: status, of:
    incident), off_duty (word: status), no_position, lost (seconds: its age), unreachable.
    """

    code: str
    seconds: float | None = None
    word: str = ""
    of: str = ""
    count: int = 0
    costs_s: float = 0.0


class Uncovered(Struct, frozen=True):
    """A spot that loses its cover when a unit is sent. ``was_s``: travel time of that unit; ``now_s``, ``by``: of who
    comes next, too late (None: nobody within two minutes after the target)."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    target_s: float
    was_s: float
    now_s: float | None = None
    by: str | None = None


class FirstResponse(Struct, frozen=True):
    """The post nearest to an incident, within POST_M of it as the crow flies."""

    id: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    distance_m: float


class CandidateIncident(Struct, frozen=True):
    """What is asked about. ``derived``: fields that no message told, worked out from the place on the map."""

    id: str
    category: str
    severity: str
    place: str
    place_class: str
    branch: str
    station: str
    zone: str
    derived: list[str]
    lat: float | None
    lon: float | None
    call_received: float | None
    target_s: float | None


class Candidate(Struct, frozen=True):
    """One unit. ``travel_s``: None where no road time is known; ``distance_m``: as the crow flies; ``rank``: from 1,
    None: it is not to be sent; ``route``: [latitude, longitude] from the unit to the incident."""

    unit_id: str
    callsign: str
    type: str
    status: str
    station: str
    zone: str
    lat: float | None
    lon: float | None
    travel_s: float | None
    distance_m: float | None
    fix_age_s: float | None
    workload: int
    rank: int | None
    for_: list[Reason] = field(name="for", default_factory=list)
    against: list[Reason] = field(default_factory=list)
    uncovers: list[Uncovered] = field(default_factory=list)
    route: list[tuple[float, float]] | None = None


class Candidates(Struct, frozen=True):
    """The answer: the ranked first, then the refused by travel time; ``more``: how many are left out; ``refused``: how
    many for which reason. Times in Unix ms. ``basis``: road, straight, or no_position: of an incident without one
    nobody is listed."""

    incident: CandidateIncident
    now_ms: float
    data_ms: float | None
    basis: str
    first: str | None
    candidates: list[Candidate]
    more: int
    refused: dict[str, int]
    first_response: FirstResponse | None = None
