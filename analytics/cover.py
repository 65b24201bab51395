"""1·3·5 now: which key spots can be reached in their target by whom, what of the city, and which moves mend the gaps.

Pure. A spot is covered while the travel time of some unit that can be sent is at most its target. ``basis`` "straight":
without a road graph nothing is said to be covered or not; the nearest unit is told with its distance.
"""

from __future__ import annotations

from msgspec import Struct, field


class CoveredSpot(Struct, frozen=True):
    """A spot and who is there first. ``margin_s``: target less travel time (negative: not covered); None: nobody can
    come, or no road time is known. ``distance_m``: as the crow flies, where the basis is straight."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    target_s: float
    unit_id: str | None = None
    callsign: str | None = None
    travel_s: float | None = None
    margin_s: float | None = None
    distance_m: float | None = None


class MoveTo(Struct, frozen=True):
    """Where a unit is to stand: at one of the spots, posts or stations."""

    id: str
    kind: str
    name_zh: str
    name_en: str
    lat: float
    lon: float


class Move(Struct, frozen=True):
    """One unit to one place: the gaps it mends when it stands there, the spots that it opens by leaving."""

    unit_id: str
    callsign: str
    lat: float
    lon: float
    to: MoveTo
    travel_s: float
    mends: list[str]
    opens: list[str]


class Bound(Struct, frozen=True):
    """How good the moves are. No set of fewer than ``at_least`` moves mends what these mend; greedy choice needs at
    most ``factor`` times the fewest (the harmonic number of the most gaps that one place mends; Chvátal 1979).
    ``holds``: whether the factor holds: not when a move opened another spot or a place found no free unit."""

    moves: int
    at_least: int
    factor: float
    holds: bool


class Cover(Struct, frozen=True):
    """All spots, those with the least margin first. ``covered``: None where the basis is straight; ``unmendable``: gaps
    that no move mends. Times in Unix ms."""

    basis: str
    data_ms: float | None
    spots: list[CoveredSpot]
    covered: int | None
    total: int
    moves: list[Move]
    bound: Bound
    unmendable: list[str] = field(default_factory=list)


class CityCover(Struct, frozen=True):
    """The city by H3 cells: parallel lists. ``cells``: H3 indices as hexadecimal text; ``travel_s``: until somebody is
    there (median over the cell's junctions), None: nobody can come; ``target_s`` of each; ``share``: of the cells that
    are reached within it, None without cells."""

    basis: str
    data_ms: float | None
    resolution: int
    cells: list[str]
    travel_s: list[float | None]
    target_s: list[float]
    reached: int
    share: float | None


class Ring(Struct, frozen=True):
    """What is reached within ``seconds``: closed lines of [latitude, longitude] round H3 cells whose streets are."""

    seconds: float
    lines: list[list[tuple[float, float]]]


class Rings(Struct, frozen=True):
    """Rings round an incident (from where it is reached) or a unit (how far it gets); none where the basis is
    straight."""

    basis: str
    data_ms: float | None
    center: tuple[float, float]
    rings: list[Ring]
