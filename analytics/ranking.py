"""The order of the candidates for one incident, with the reasons for the first and against the others. Pure.

A unit's sum is its travel time and what its drawbacks count for (``Costs``): the smallest is first; of equal sums who
had fewer incidents today, then the id. Without a road graph, or where the incident lies far from every street, distance
stands for time, and a second counts for 8 m.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.cover import NO_POSITION, ROAD, STRAIGHT
from analytics.dispatch import Candidate, CandidateIncident, Candidates, FirstResponse, Reason, Uncovered
from analytics.force import BUSY, NOT_SENT, Force, Mask, OnRoads
from analytics.reach import Spot
from analytics.response import Targets
from analytics.streets import Floats, Snap
from data_feeds.geo import distance_m
from data_feeds.incident_log import word_of
from data_feeds.incidents import PlacedIncident
from data_feeds.model import Severity, UnitStatus, UnitType, enum_of
from data_feeds.places import key

SHOWN, RANKED_SHOWN = 60, 40
ROUTES = 6  # of the first ones
POST_M = 200.0
STRAIGHT_MPS = 8.0
LEAST_BEHIND = 0.5  # seconds or metres: less is no difference
GRAVE = (Severity.HIGH, Severity.CRITICAL)
TRAFFIC_WORK = ("traffic_accident", "congestion")
# category → capability words of which a unit should have one
NEEDS: Mapping[str, Sequence[str]] = {
    "traffic_accident": ("accident", "first_aid"), "medical": ("first_aid",), "armed_injury": ("shields", "first_aid"),
    "gathering": ("shields", "riot"), "fire": ("first_aid",),
}  # fmt: skip


@dataclass(frozen=True)
class Costs:
    """How many seconds of travel each drawback counts for."""

    stale_s: float = 60.0
    other_station_s: float = 20.0
    other_branch_s: float = 60.0
    uncovers_s: float = 45.0  # each spot
    incapable_s: float = 60.0
    unfit_type_s: float = 90.0  # traffic police to a theft, an assault vehicle to a dispute


@dataclass(frozen=True)
class Question:
    """All that the order depends on. ``roads``: None where no road graph is known; ``opened``: by unit what sending it
    uncovers; ``zones_at``: names of the zones that hold places; ``data_ms``: of the newest fix; ``needs``: as NEEDS;
    ``sent``: ids of the units that are ordered there already, beside those whose status says so."""

    incident: CandidateIncident
    force: Force
    roads: OnRoads | None
    now_ms: float
    stale_s: float
    lost_s: float
    data_ms: float | None = None
    opened: Mapping[str, list[Uncovered]] = field(default_factory=dict)
    posts: Sequence[Spot] = ()
    zones_at: Callable[[Floats, Floats], Sequence[str]] = lambda lat, lon: [""] * len(lat)
    costs: Costs = Costs()
    needs: Mapping[str, Sequence[str]] = field(default_factory=lambda: NEEDS)
    sent: Collection[str] = ()


def needs_of(told: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """NEEDS with other words for the categories that ``told`` names."""
    return {**NEEDS, **{word_of(category): [word.lower() for word in words] for category, words in told.items()}}


def incident_of(placed: PlacedIncident, targets: Targets) -> CandidateIncident:
    """What is told of the incident; never its ``summary``."""
    one = placed.incident
    return CandidateIncident(
        one.incident_id, one.category, enum_of(Severity, one.severity).name, one.place, placed.place_class.name,
        one.branch, one.station, one.zone, list(placed.derived), placed.lat, placed.lon, placed.call_ms,
        targets.of(placed.place_class) if placed.is_counted else None,
    )  # fmt: skip


def candidates(question: Question) -> Candidates:
    """Every unit ranked or refused; of many the first ones, see SHOWN. Nobody where the incident has no position."""
    q = question
    if q.incident.lat is None or q.incident.lon is None:
        return Candidates(q.incident, q.now_ms, q.data_ms, NO_POSITION, None, [], len(q.force), {})
    return _Ranking(question).answer()


class _Ranking:
    """``refusals``, ``drawbacks``: code → which units (U,); ``costs_s`` (U,) of all drawbacks; ``length`` (U,) by what
    units are compared: seconds by road, metres where no road is known."""

    def __init__(self, q: Question) -> None:
        self._q, self._incident, force = q, q.incident, q.force
        self._lat, self._lon = (np.array([v], dtype=np.float64) for v in (q.incident.lat, q.incident.lon))
        self._age_s = force.age_s(q.now_ms)
        self._away_m = distance_m(force.lat, force.lon, self._lat, self._lon)
        self._target: Snap | None = None
        self._travel_s = np.full(len(force), np.inf)
        self._roads: OnRoads | None = None  # also where the incident lies far from every street
        if q.roads is not None:
            target = q.roads.network.streets.snap(self._lat, self._lon)
            if target.street[0] >= 0:
                self._roads, self._target = q.roads, target
                self._travel_s = q.roads.times_s(target)[0]
        self._length = self._away_m if self._roads is None else self._travel_s
        self._length = np.where(np.isfinite(self._length), self._length, np.inf)
        self._category = word_of(q.incident.category)
        self._needs = q.needs.get(self._category, ()) if any(force.capabilities) else ()
        self._refusals = self._refused()
        self._costs_s = np.zeros(len(force))
        self._drawbacks = self._held_back()

    def answer(self) -> Candidates:
        q, force = self._q, self._q.force
        refused = np.zeros(len(force), dtype=bool)
        counts = {}
        for code, which in self._refusals.items():
            counts[code] = int((which & ~refused).sum())
            refused |= which
        weight = STRAIGHT_MPS if self._roads is None else 1.0
        ids = np.array(force.ids, dtype=object)
        in_order = sorted(
            np.flatnonzero(~refused).tolist(),
            key=list(zip((self._length + weight * self._costs_s).tolist(), force.workload.tolist(), ids, strict=True))
            .__getitem__,
        )  # fmt: skip
        order = list(zip((~self._refusals["sent"]).tolist(), self._length.tolist(), ids, strict=True))
        others = sorted(np.flatnonzero(refused).tolist(), key=order.__getitem__)  # those who come are never left out
        shown = in_order[: SHOWN - min(len(others), SHOWN - RANKED_SHOWN)]
        shown_refused = others[: SHOWN - len(shown)]
        routes, zones = self._routes(shown[:ROUTES]), self._zones([*shown, *shown_refused])
        nearest = float(self._length[~refused].min()) if len(shown) else np.inf
        rows = []
        for rank, unit in enumerate(shown, 1):
            why = self._why(unit, nearest) if rank == 1 else []
            against = [*self._behind(unit, shown[0]), *(self._reason(c, unit) for c in _of(self._drawbacks, unit))]
            rows.append(self._row(unit, rank, why, against, zones[unit], routes.get(unit)))
        for unit in shown_refused:
            against = [self._reason(code, unit) for code in _of(self._refusals, unit)]
            rows.append(self._row(unit, None, [], against, zones[unit], None))
        return Candidates(
            q.incident, q.now_ms, q.data_ms, STRAIGHT if self._roads is None else ROAD,
            force.ids[shown[0]] if shown else None, rows, len(force) - len(rows),
            {code: count for code, count in counts.items() if count}, self._post(),
        )  # fmt: skip

    def _refused(self) -> dict[str, Mask]:
        """In the order in which reasons are counted."""
        force, sent = self._q.force, self._q.sent
        busy = np.isin(force.status, BUSY)
        here = busy & np.array([incident == self._incident.id for incident in force.incidents], dtype=bool)
        here |= np.array([unit in sent for unit in force.ids], dtype=bool)
        with np.errstate(invalid="ignore"):
            lost = force.placed & ~(self._age_s <= self._q.lost_s)
        return {
            "sent": here, "wrong_type": np.isin(force.type, NOT_SENT), "busy": busy & ~here,
            "off_duty": ~busy & ~force.free & ~here,
            "no_position": ~force.placed, "lost": lost, "unreachable": force.placed & np.isinf(self._length),
        }  # fmt: skip

    def _held_back(self) -> dict[str, Mask]:
        q, force, costs = self._q, self._q.force, self._q.costs
        marks: dict[str, Mask] = {}
        with np.errstate(invalid="ignore"):
            marks["stale"] = self._age_s > q.stale_s
        other_branch = _differs(force.branches, q.incident.branch)
        other_station = _differs(force.stations, q.incident.station) & ~other_branch
        marks["other_zone"] = other_branch | other_station
        opened = np.array([len(q.opened.get(unit, ())) for unit in force.ids]) if q.opened else np.zeros(len(force))
        marks["uncovers"] = opened > 0
        grave = q.incident.severity in {severity.name for severity in GRAVE}
        unfit = force.type == UnitType.ASSAULT_VEHICLE
        if self._category and self._category not in TRAFFIC_WORK:
            unfit = unfit | (force.type == UnitType.TRAFFIC)
        marks["wrong_type"] = unfit & (not grave)
        marks["incapable"] = np.zeros(len(force), dtype=bool)
        if self._needs:
            marks["incapable"] = np.array([not self._able(unit) for unit in range(len(force))], dtype=bool)
        late_s = self._late_s()
        marks["late"] = np.zeros(len(force), dtype=bool) if late_s is None else late_s > 0
        self._costs_s = (
            costs.stale_s * marks["stale"] + costs.other_branch_s * other_branch + costs.other_station_s * other_station
            + costs.uncovers_s * opened + costs.unfit_type_s * marks["wrong_type"]
            + costs.incapable_s * marks["incapable"]
        )  # fmt: skip
        return marks

    def _reason(self, code: str, unit: int) -> Reason:
        q, force, costs = self._q, self._q.force, self._q.costs
        ranked = not any(which[unit] for which in self._refusals.values())
        age = round(float(self._age_s[unit])) if np.isfinite(self._age_s[unit]) else None
        if code == "stale":
            return Reason(code, age, costs_s=costs.stale_s)
        if code == "lost":
            return Reason(code, age)
        if code == "other_zone":
            if _differs([force.branches[unit]], q.incident.branch)[0]:
                return Reason(code, word=force.branches[unit], costs_s=costs.other_branch_s)
            return Reason(code, word=force.stations[unit], costs_s=costs.other_station_s)
        if code == "uncovers":
            count = len(q.opened[force.ids[unit]])
            return Reason(code, count=count, costs_s=costs.uncovers_s * count)
        if code == "wrong_type":
            return Reason(code, word=UnitType(int(force.type[unit])).name, costs_s=ranked * costs.unfit_type_s)
        if code == "incapable":
            return Reason(code, word=", ".join(self._needs), costs_s=costs.incapable_s)
        if code == "sent":
            return Reason(code, word=UnitStatus(int(force.status[unit])).name if force.status[unit] in BUSY else "")
        if code in ("busy", "off_duty"):
            return Reason(code, word=UnitStatus(int(force.status[unit])).name, of=force.incidents[unit])
        late_s = self._late_s()
        return Reason(code, round(float(late_s[unit]))) if code == "late" and late_s is not None else Reason(code)

    def _able(self, unit: int) -> str:
        return next((word for word in self._q.force.capabilities[unit] if word.lower() in self._needs), "")

    def _late_s(self) -> Floats | None:
        """(U,) seconds after the target that each would arrive; None where no target or no time is known."""
        incident = self._incident
        if incident.target_s is None or incident.call_received is None or self._roads is None:
            return None
        return (self._q.now_ms - incident.call_received) / 1000.0 + self._travel_s - incident.target_s

    def _why(self, unit: int, nearest: float) -> list[Reason]:
        force, found, late_s = self._q.force, [], self._late_s()
        if self._length[unit] <= nearest:
            found.append(Reason("closest" if self._roads is None else "nearest"))
        if late_s is not None and late_s[unit] <= 0:
            found.append(Reason("in_target", round(-float(late_s[unit]))))
        for word, here in (
            (force.stations[unit], self._incident.station), (force.branches[unit], self._incident.branch)
        ):  # fmt: skip
            if key(word) and key(here):  # another station of its branch is not its own area
                found += [Reason("in_zone", word=word)] if key(word) == key(here) else []
                break
        if able := self._able(unit):
            found.append(Reason("capable", word=able))
        if not force.workload[unit]:
            found.append(Reason("idle"))
        return found

    def _behind(self, unit: int, first: int) -> list[Reason]:
        more = float(self._length[unit] - self._length[first])
        if more <= 0:
            return []
        if more < LEAST_BEHIND:
            return [Reason("even")]
        return [Reason("farther", count=round(more)) if self._roads is None else Reason("slower", round(more, 1))]

    def _routes(self, units: list[int]) -> dict[int, list[tuple[float, float]]]:
        if self._roads is None or self._target is None or not units:
            return {}
        ways = self._roads.ways(np.array(units), self._target)
        return {
            unit: [*zip(way.lat.round(6).tolist(), way.lon.round(6).tolist(), strict=True)]
            for unit, way in zip(units, ways, strict=True)
            if way is not None
        }

    def _zones(self, units: list[int]) -> dict[int, str]:
        force = self._q.force
        return dict(zip(units, self._q.zones_at(force.lat[units], force.lon[units]), strict=True))

    def _row(
        self, unit: int, rank: int | None, why: list[Reason], against: list[Reason], zone: str,
        route: list[tuple[float, float]] | None,
    ) -> Candidate:  # fmt: skip
        force = self._q.force

        def told(value: float, digits: int) -> float | None:
            return round(float(value), digits) if np.isfinite(value) else None

        return Candidate(
            force.ids[unit], force.callsigns[unit], UnitType(int(force.type[unit])).name,
            UnitStatus(int(force.status[unit])).name, force.stations[unit], zone, told(force.lat[unit], 6),
            told(force.lon[unit], 6), told(self._travel_s[unit], 1), told(self._away_m[unit], 0),
            told(self._age_s[unit], 1), int(force.workload[unit]), rank, why, against,
            self._q.opened.get(force.ids[unit], []) if rank else [], route,
        )  # fmt: skip

    def _post(self) -> FirstResponse | None:
        posts = self._q.posts
        if not posts:
            return None
        away_m = distance_m(np.array([p.lat for p in posts]), np.array([p.lon for p in posts]), self._lat, self._lon)
        best = int(away_m.argmin())
        if away_m[best] > POST_M:
            return None
        post = posts[best]
        return FirstResponse(post.id, post.name_zh, post.name_en, post.lat, post.lon, round(float(away_m[best])))


def _of(marks: Mapping[str, Mask], unit: int) -> list[str]:
    return [code for code, which in marks.items() if which[unit]]


def _differs(words: Sequence[str], here: str) -> Mask:
    """(U,) whether both are known and name another jurisdiction."""
    wanted = key(here)
    other = {word: bool(wanted and key(word) and key(word) != wanted) for word in set(words)}
    return np.array([other[word] for word in words], dtype=bool)
