"""Puts a city's parts into words: ids, names, and the GeoJSON of its places. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from data_feeds import basemap
from data_feeds.model import Device
from data_feeds.roads import RoadGraph
from data_feeds.simulator import graphs
from data_feeds.simulator.city import City, Place
from data_feeds.simulator.frame import Frame, Points, collection, feature
from data_feeds.simulator.jurisdictions import Ints, Jurisdictions
from data_feeds.simulator.sites import Sites

Pair = tuple[str, str]  # a name in Chinese and in English
SCHOOL_HOURS = ("07:00-08:30", "16:00-18:00")
SIDES = (("东", "east"), ("南", "south"), ("西", "west"), ("北", "north"))
DEFENCE_ZONES = 4
LARGER_M = 220.0  # how far a station goes for a street that is one class larger
BROKEN_EVERY = (17, 41)  # every so many cameras one is offline, one has a fault


@dataclass(frozen=True)
class Names:
    """How a city names its parts. A namer gets the number of the thing, counted from 0, and the streets at its node."""

    code: str
    city: Pair
    branch: Callable[[int, Points], Pair]  # gets the seed's place in metres
    station: Callable[[int, int, Pair], Pair]
    spot: Callable[[str, int, Pair], Pair]
    school: Callable[[int, Pair], Pair]


def plain_names() -> Names:
    """Names for a city of which only the streets are known."""

    def spot(sort: str, k: int, street: Pair) -> Pair:
        return _at(street, ("路口", " junction")) or _numbered("重点部位", "Key spot", k)

    return Names(
        "C",
        ("全市", "City"),
        lambda k, _: (f"第{_chinese(k + 1)}分局", f"Branch {k + 1}"),
        lambda b, k, _: (f"第{_chinese(b + 1)}分局{k + 1}所", f"Station {b + 1}-{k + 1}"),
        spot,
        lambda k, street: _numbered("学校", "School", k),
    )


def _at(street: Pair, tail: Pair) -> Pair | None:
    """What is named after its street; None where the street has no name."""
    return (street[0] + tail[0], (street[1] or street[0]) + tail[1]) if street[0] else None


def _numbered(zh: str, en: str, k: int) -> Pair:
    return f"{zh} {k + 1}", f"{en} {k + 1}"


def _chinese(k: int) -> str:
    digits = "零一二三四五六七八九"
    return digits[k] if k < 10 else ("十" + digits[k - 10] if k > 10 else "十") if k < 20 else str(k)


def city(
    seed: int, frame: Frame, graph: RoadGraph, points: Points, parts: Jurisdictions, sites: Sites, names: Names,
    ground: dict[str, Any] | None,
) -> City:  # fmt: skip
    """The whole city from its parts."""
    writer = _Writer(frame, graph, points, parts, names)
    branches, stations, zones = writer.jurisdictions()
    node_station = parts.station_of_zone[parts.node_zone].astype(np.int32)
    centre_nodes = np.isin(parts.node_zone, sites.centre_zones)
    key = writer.places("key_spot", "K", sites.key.tolist(), node_station, stations, sorts=sites.key_sorts)
    schools = writer.places("school", "S", sites.schools.tolist(), node_station, stations, hours=SCHOOL_HOURS)
    posts = writer.places("post", "P", sites.posts.tolist(), node_station, stations)
    gates = writer.places("gate", "G", sites.gates.tolist(), node_station, stations)
    features = writer.areas(branches, stations, zones, sites)
    for place in (*key, *schools, *posts, *gates):
        features.append(writer.point(place))
    for station in stations:
        house = Place(f"{station.id}-H", "station_house", station.id, station.name_zh, station.name_en, station.node)
        features.append(writer.point(house))
    low, high = points.min(axis=0) - 300.0, points.max(axis=0) + 300.0
    lats, lons = frame.to_degrees(np.array([low, high]))
    heart = points[centre_nodes].mean(axis=0)
    lat, lon = frame.to_degrees(heart)
    return City(
        seed, *names.city, (float(lats[0]), float(lons[0]), float(lats[1]), float(lons[1])), (float(lat), float(lon)),
        graph, branches, stations, zones, parts.node_zone, node_station, centre_nodes, sites.heat_day,
        sites.heat_night, key, schools, posts, gates, writer.cameras(sites.cameras), collection(features),
        basemap.from_geojson(ground).geojson if ground else None,
    )  # fmt: skip


class _Writer:
    def __init__(self, frame: Frame, graph: RoadGraph, points: Points, parts: Jurisdictions, names: Names) -> None:
        self._frame, self._graph, self._points, self._parts, self._names = frame, graph, points, parts, names
        self._streets = graphs.street_names(graph)
        self._taken: set[str] = set()
        self._housed: set[str] = set()  # streets that a station is named for
        self._rank = np.zeros(len(points))
        np.maximum.at(self._rank, graph.start, graphs.RANK[graph.road_class])

    def street(self, node: int, which: int = 0) -> Pair:
        k = self._streets[node][which]
        return self._graph.names[k], self._graph.names_en[k]

    def jurisdictions(self) -> tuple[tuple[Place, ...], tuple[Place, ...], tuple[Place, ...]]:
        parts, names, code = self._parts, self._names, self._names.code
        branches, stations, zones = [], [], []
        of_branch: dict[int, int] = {}
        for b in range(int(parts.branch_of_station.max()) + 1):
            node = int(parts.station_seeds[parts.branch_of_station == b][0])
            middle = self._points[parts.station_seeds[parts.branch_of_station == b]].mean(axis=0)
            branches.append(Place(f"{code}-{b + 1:02d}", "branch", code, *names.branch(b, middle), node))
        for s, (b, node) in enumerate(zip(parts.branch_of_station.tolist(), parts.station_seeds.tolist(), strict=True)):
            k = of_branch[b] = of_branch.get(b, -1) + 1
            node = self._house(s, node)
            pair = self._unique(names.station(b, k, self.street(node)))
            stations.append(Place(f"{branches[b].id}-{k + 1:02d}", "station", branches[b].id, *pair, node))
            mine = np.flatnonzero(parts.station_of_zone == s).tolist()
            for z, zone in enumerate(mine):
                pair = _numbered(f"{_short(stations[s].name_zh)}巡区", f"{_short(stations[s].name_en)} patrol zone", z)
                seed = int(parts.zone_seeds[zone])
                zones.append(Place(f"{stations[s].id}-X{z + 1}", "patrol_zone", stations[s].id, *pair, seed))
        return tuple(branches), tuple(stations), tuple(zones)

    def _house(self, station: int, seed: int) -> int:
        """A corner for the station's house: near its middle, on a larger street that no other is named for."""
        mine = np.flatnonzero(self._parts.station_of_zone[self._parts.node_zone] == station)
        if not len(mine):
            return seed
        away = np.hypot(*(self._points[mine] - self._points[seed]).T)
        for node in mine[np.argsort(away - LARGER_M * self._rank[mine], kind="stable")[:60]].tolist():
            street = self.street(node)[0]
            if street and street not in self._housed:
                self._housed.add(street)
                return int(node)
        return seed

    def places(
        self, kind: str, letter: str, nodes: list[int], node_station: Any, stations: tuple[Place, ...],
        sorts: tuple[str, ...] = (), hours: tuple[str, ...] = (),
    ) -> tuple[Place, ...]:  # fmt: skip
        found = []
        for k, node in enumerate(nodes):
            street = self.street(node)
            if kind == "key_spot":
                pair = self._names.spot(sorts[k], k, street)
            elif kind == "school":
                pair = self._names.school(k, street)
            elif kind == "post":
                pair = _at(street, ("警务站", " Post")) or _numbered("警务站", "Post", k)
            else:
                pair = _at(street, ("卡口", " Gate")) or _numbered("卡口", "Gate", k)
            parent = stations[int(node_station[node])].id
            code = f"{self._names.code}-{letter}{k + 1:02d}"
            sort = sorts[k] if sorts else ""
            found.append(Place(code, kind, parent, *self._unique(pair), node, sort, hours))
        return tuple(found)

    def areas(
        self, branches: tuple[Place, ...], stations: tuple[Place, ...], zones: tuple[Place, ...], sites: Sites
    ) -> list[dict[str, Any]]:
        parts, names = self._parts, self._names
        every = np.arange(len(zones))
        branch_of_zone = parts.branch_of_station[parts.station_of_zone]
        found = [self._area(every, names.code, "city", "", names.city)]
        for b, branch in enumerate(branches):
            found.append(self._area(every[branch_of_zone == b], branch.id, "branch", branch.parent, _pair(branch)))
        for s, station in enumerate(stations):
            mine = every[parts.station_of_zone == s]
            found.append(self._area(mine, station.id, "station", station.parent, _pair(station)))
        for z, zone in enumerate(zones):
            found.append(self._area(every[z : z + 1], zone.id, "patrol_zone", zone.parent, _pair(zone)))
        found.append(self._area(sites.centre_zones, f"{names.code}-CC", "centre", "", ("中心城区", "City centre")))
        groups = self._defence(branch_of_zone)
        for k, name in enumerate(SIDES[: int(groups.max()) + 1]):
            pair = (f"城{name[0]}大防区", f"Defence zone {name[1]}")
            found.append(self._area(every[groups == k], f"{names.code}-D{k + 1}", "defence_zone", "", pair))
        for b, branch in enumerate(branches):
            for k, mine in enumerate(self._halves(b, branch_of_zone)):
                pair = _numbered(f"{_short(branch.name_zh)}快反区", f"{_short(branch.name_en)} rapid-response zone", k)
                found.append(self._area(mine, f"{branch.id}-R{k + 1}", "rapid_response_zone", branch.id, pair))
        return found

    def cameras(self, nodes: Ints) -> tuple[Device, ...]:
        found = []
        shift = 14.0
        for k, node in enumerate(nodes.tolist()):
            side = k % 4
            a, b = self.street(node), self.street(node, 1)
            streets = "–".join(zh for zh, _ in (a, b) if zh) or f"{k + 1}号"
            way = np.array([(shift, 0), (0, -shift), (-shift, 0), (0, shift)][side])
            lat, lon = self._frame.to_degrees(self._points[node] + way)
            state = "fault" if k % BROKEN_EVERY[1] == 5 else "offline" if k % BROKEN_EVERY[0] == 9 else "online"
            name = f"{streets}路口 {SIDES[side][0]}"
            found.append(Device(f"CAM-{k + 1:04d}", "camera", name, float(lat), float(lon), state=state))
        return tuple(found)

    def point(self, place: Place) -> dict[str, Any]:
        at = [float(v) for v in (self._graph.lon[place.node], self._graph.lat[place.node])]
        more = {"hours": list(place.hours)} if place.hours else {}
        return feature(
            {"type": "Point", "coordinates": at}, id=place.id, kind=place.kind, parent=place.parent,
            name_zh=place.name_zh, name_en=place.name_en, **more,
        )  # fmt: skip

    def _area(self, zones: Ints, code: str, kind: str, parent: str, pair: Pair) -> dict[str, Any]:
        above = {"parent": parent} if parent else {}
        shape = self._frame.polygon(self._parts.rings(zones))
        return feature(shape, id=code, kind=kind, **above, name_zh=pair[0], name_en=pair[1])

    def _defence(self, branch_of_zone: Ints) -> Ints:
        """Each branch's zones to one of DEFENCE_ZONES, by the compass, in one piece each."""
        at = self._points[self._parts.zone_seeds]
        heart = at.mean(axis=0)
        ways = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])
        count = min(DEFENCE_ZONES, int(branch_of_zone.max()) + 1)
        reach = np.array([-((at - heart) @ way) for way in ways[:count]])
        seeds: list[int] = []
        for k in range(count):
            free = ~np.isin(branch_of_zone, branch_of_zone[seeds])
            seeds.append(int(np.where(free, reach[k], np.inf).argmin()))
        return self._parts.joined(seeds, branch_of_zone, reach)

    def _halves(self, branch: int, branch_of_zone: Ints) -> list[Ints]:
        """A branch's zones in two pieces of whole stations."""
        parts, mine = self._parts, np.flatnonzero(branch_of_zone == branch)
        at = self._points[parts.zone_seeds]
        far = mine[np.hypot(*(at[mine] - at[mine].mean(axis=0)).T).argmax()]
        near = mine[np.hypot(*(at[mine] - at[far]).T).argmax()]
        # other branches are seeds of their own, so that nothing spreads through them
        reach = np.array([np.hypot(*(at - at[k]).T) for k in (far, near)])
        stations = parts.station_of_zone.copy()
        if stations[far] == stations[near]:
            return [mine]
        outside = branch_of_zone != branch
        inner = _within(parts, outside)
        split = inner.joined([int(far), int(near)], stations, np.where(outside, 1e9, reach))
        return [mine[split[mine] == k] for k in (0, 1)]

    def _unique(self, pair: Pair) -> Pair:
        zh, en, k = *pair, 2
        while zh in self._taken:
            zh, en, k = f"{pair[0]}{k}", f"{pair[1]} {k}", k + 1
        self._taken.add(zh)
        return zh, en


def _within(parts: Jurisdictions, outside: Any) -> Jurisdictions:
    from dataclasses import replace

    return replace(parts, neighbours={(a, b) for a, b in parts.neighbours if not (outside[a] or outside[b])})


def _pair(place: Place) -> Pair:
    return place.name_zh, place.name_en


def _short(name: str) -> str:
    for tail in ("派出所", "分局", " Station", " Branch"):
        name = name.removesuffix(tail)
    return name
