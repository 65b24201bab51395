"""One channel a scope: whatever happens, its viewers hold exactly the units of the scope."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_feeds import broadcast, places
from data_feeds.board import Board
from data_feeds.broadcast import DocumentSource
from data_feeds.messages import Tombstone
from data_feeds.model import Detection, Device, DroneTelemetry, Incident, Roster, Status, Topic
from data_feeds.scopes import Scopes
from tests.unit.hub_story import T0, FakePeer, View, Wall, at, run, settle
from tests.unit.places_story import document

CODES = ("", "A", "B", "A1", "A2", "B1", "B2", "nowhere")
# where each pair of words belongs, said here once more and not asked of what is tested
HOLDS = {
    ("A", "A1"): "A A1", ("A", "A2"): "A A2", ("B", "B1"): "B B1", ("江北分局", "Lakeside"): "B B2",
    ("", "桥南派出所"): "A A1", ("A", ""): "A", ("", ""): "", ("X", "Y"): "",
}  # fmt: skip
K = st.integers(0, 4)
STEPS = st.one_of(
    st.tuples(st.just("roster"), K, st.sampled_from(sorted(HOLDS))),
    st.tuples(st.just("fix"), K, st.integers(0, 50)),
    st.tuples(st.just("off"), K, st.none()),
    st.tuples(st.just("unplaced"), K, st.none()),
    st.tuples(st.just("tick"), st.none(), st.none()),
    st.tuples(st.just("late"), st.sampled_from(CODES), st.none()),
    st.tuples(st.just("move"), st.sampled_from(CODES), st.none()),
    st.tuples(st.just("leave"), st.none(), st.none()),
)


def city():
    return Scopes(places.from_geojson(document()))


@pytest.fixture(scope="module")
def scopes():
    return city()


class Model:
    """Who has which words, and who has a place."""

    def __init__(self):
        self.words, self.placed = {}, set()

    def apply(self, kind, k, words):
        if kind == "roster":
            self.words[k] = words
        elif kind == "fix":
            self.placed.add(k)
        elif kind == "off":
            self.words.pop(k, None)
            self.placed.discard(k)
        elif kind == "unplaced":
            self.placed.discard(k)

    def of(self, code):
        """(ids with a name, ids with a place) of one scope."""
        if code == "nowhere":
            return set(), set()
        known = {*self.words, *self.placed}
        mine = {k for k in known if not code or code in HOLDS[self.words.get(k, ("", ""))].split()}
        return {f"P-{k}" for k in mine}, {f"P-{k}" for k in mine & self.placed}


MESSAGES = {
    "roster": lambda k, words: (Topic.ROSTER, Roster(f"P-{k}", branch=words[0], station=words[1])),
    "fix": lambda k, second: at(k, second),
    "off": lambda k, _: (Topic.ROSTER, Tombstone(f"P-{k}")),
    "unplaced": lambda k, _: (Topic.POSITION, Tombstone(f"P-{k}")),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=50))
def test_every_viewer_holds_exactly_the_units_of_its_scope(steps):
    async def story():
        wall, model = Wall([DocumentSource("units", lambda now, scope: {"scope": scope.code})], city()), Model()
        viewers = [[wall.join(code), code] for code in CODES]
        await settle()
        for kind, what, detail in steps:
            if kind == "tick":
                await wall.tick()
            elif kind == "late":
                viewers.append([wall.join(what), what])
            elif kind == "move":
                viewers[0][0].said.put_nowait(f"scope {what}")
                viewers[0][1] = what
                await settle()
            elif kind == "leave" and len(viewers) > 1:
                viewers.pop()[0].said.put_nowait(None)
                await settle()
            elif kind in MESSAGES:
                wall.board.apply([MESSAGES[kind](what, detail)], wall.clock.s)
                model.apply(kind, what, detail)
        await wall.tick()
        await wall.tick()
        for peer, code in viewers:
            view, (names, placed) = View().take(peer.frames), model.of(code)
            held = {entry["id"]: int(slot) for slot, entry in view.names.items()}
            assert set(held) == names
            assert {unit_id for unit_id, slot in held.items() if slot in view.rows} == placed
            assert len(view.rows) == len(placed)
        await wall.end()

    run(story())


def test_who_changes_the_branch_leaves_one_wall_and_comes_to_the_other(scopes):
    async def story():
        wall = Wall(scopes=scopes)
        south, north = wall.join("A"), wall.join("江北分局")
        await wall.tick((Topic.ROSTER, Roster("P-1", branch="A", station="A1")), at(1, 1))
        await wall.tick((Topic.ROSTER, Roster("P-1", branch="A", station="A2")))  # within the branch nobody leaves
        assert [len(View().take(p.frames).rows) for p in (south, north)] == [1, 0]
        await wall.tick((Topic.ROSTER, Roster("P-1", branch="B", station="B1")))
        assert [len(View().take(p.frames).rows) for p in (south, north)] == [0, 1]
        await wall.end()

    run(story())


def test_a_scope_costs_only_while_somebody_looks(scopes):
    async def story():
        built = []
        wall = Wall([DocumentSource("units", lambda now, scope: built.append(scope.code))], scopes)
        peer = wall.join("A")
        await wall.tick()
        assert {"city", "A"} == set(built)
        assert [(scope.code, n) for scope, n in wall.hub.viewers_by_scope().items()] == [("city", 0), ("A", 1)]
        peer.said.put_nowait(None)
        await settle()
        await wall.tick()
        built.clear()
        await wall.tick()
        assert built == ["city"]
        await wall.end()

    run(story())


def test_documents_name_their_scope_and_what_is_the_same_for_all_is_built_once(scopes):
    async def story():
        built = []
        everywhere = DocumentSource("feeds", lambda now, scope: built.append(1) or {"n": len(built)}, scoped=False)
        wall = Wall([DocumentSource("units", lambda now, scope: {"of": scope.code}), everywhere], scopes)
        peers = {code: wall.join(code) for code in ("", "A", "B1")}
        await settle()
        built.clear()
        await wall.tick()
        assert len(built) == 1
        for code, peer in peers.items():
            newest = {d["panel"]: d for d in peer.documents}
            assert newest["units"]["scope"] == newest["units"]["body"]["of"] == (code or "city")
            assert newest["feeds"]["body"] == {"n": 1}
        revisions = [d["revision"] for peer in peers.values() for d in peer.documents]
        assert len(set(revisions)) == len(revisions)
        await wall.end()

    run(story())


def test_another_scope_is_looked_at_without_a_new_socket(scopes):
    async def story():
        wall = Wall([DocumentSource("units", lambda now, scope: {"of": scope.code})], scopes)
        peer = wall.join("A")
        await wall.tick((Topic.ROSTER, Roster("P-1", branch="B")), at(1, 1))
        assert not View().take(peer.frames).rows
        peer.said.put_nowait("scope B")
        await wall.tick()
        await wall.tick()
        assert len(View().take(peer.frames).rows) == 1
        assert peer.documents[-1]["scope"] == "B"
        await wall.end()

    run(story())


@pytest.mark.parametrize("word", ["scope B", "resync"])
def test_who_asks_anew_while_documents_are_on_their_way_gets_them(scopes, word):
    """A slow line: the word comes between two documents. Documents that never change must come all the same."""

    async def story():
        wall = Wall([DocumentSource("units", lambda now, scope: {"of": scope.code})], scopes)
        await wall.tick()
        peer = FakePeer()
        peer.free.clear()
        wall.tasks.append(asyncio.create_task(wall.hub.serve(peer, "A")))
        await settle()
        peer.said.put_nowait(word)
        await settle()
        peer.free.set()
        for _ in range(3):
            await settle()
            await wall.tick()
        own = word[-1] if word != "resync" else "A"
        assert [d["body"]["of"] for d in peer.documents] == ["A", own]
        assert peer.frames
        await wall.end()

    run(story())


def test_one_viewer_cannot_open_channel_after_channel():
    async def story():
        wall = Wall([], Scopes())
        peer = wall.join()
        for n in range(100):
            peer.said.put_nowait(f"scope S{n}")
        for _ in range(10):
            await settle()
        assert peer.closed == 1008
        assert len(wall.hub.viewers_by_scope()) < 10
        other = wall.join("B")
        await wall.tick()
        assert other.closed is None
        await wall.end()

    run(story())


def test_more_scopes_than_a_process_can_bear_are_refused_in_words(monkeypatch):
    monkeypatch.setattr(broadcast, "MAX_CHANNELS", 2)

    async def story():
        wall = Wall()  # without places every word is a scope
        peers = [wall.join(code) for code in ("a", "b", "c")]
        await settle()
        assert [p.closed for p in peers] == [None, None, broadcast.TRY_LATER]
        assert [(d["panel"], d["body"]) for d in peers[2].documents] == [("scope", {"state": "full"})]
        assert wall.hub.refused_scopes == 1
        peers[0].said.put_nowait("scope d")
        await settle()
        assert peers[0].closed == broadcast.TRY_LATER
        await wall.end()

    run(story())


def test_a_document_that_fails_for_one_scope_goes_on_for_the_others(scopes):
    def build(now, scope):
        if scope.code == "A":
            raise ValueError("no")
        return {}

    async def story():
        wall = Wall([DocumentSource("units", build)], scopes)
        peers = [wall.join(code) for code in ("A", "B")]
        await wall.tick()
        assert [len(p.documents) for p in peers] == [0, 1]
        assert wall.hub.broken == ["units"]
        await wall.end()

    run(story())


def ids(board, scope):
    return sorted(p.incident.incident_id for p in board.incidents(scope))


def test_incidents_drones_and_devices_go_by_words_and_then_by_place(scopes):
    board = Wall(scopes=scopes).board
    board.apply([
        (Topic.INCIDENT, Incident("words", 1, branch="A", station="A1", lat=26.15, lon=105.3)),
        (Topic.INCIDENT, Incident("branch", 1, branch="江南分局", lat=26.05, lon=105.1)),
        (Topic.INCIDENT, Incident("place", 1, lat=26.15, lon=105.3)),
        (Topic.INCIDENT, Incident("strange", 1, branch="?", station="?", lat=26.15, lon=105.3)),
        (Topic.INCIDENT, Incident("zone", 1, zone="Z1")),
        (Topic.INCIDENT, Incident("nothing", 1)),
        (Topic.ROSTER, Roster("D1", branch="A")),
        (Topic.TELEMETRY, DroneTelemetry("D1", 26.15, 105.3, T0)),
        (Topic.TELEMETRY, DroneTelemetry("D2", 26.15, 105.3, T0)),
        (Topic.DETECTION, Detection("X1", "D1", "crowd", T0)),
        (Topic.DETECTION, Detection("X2", "D2", "crowd", T0)),
        (Topic.DEVICE, Device("C1", lat=26.15, lon=105.3)),
        (Topic.DEVICE, Device("C2", lat=26.15, lon=105.3, unit_id="D1")),
        (Topic.STATUS, Status("D1", "ENROUTE", sos=True)),
    ], 0.0)  # fmt: skip
    a, a1, b, b2, city_ = (scopes.find(code) for code in ("A", "A1", "B", "B2", ""))
    assert ids(board, a) == ["branch", "words", "zone"]
    assert ids(board, a1) == ["branch", "words", "zone"]
    assert ids(board, b) == ids(board, b2) == ["place", "strange"]
    assert len(ids(board, city_)) == 6
    assert [[d.telemetry.drone_id for d in board.drones(s)[0]] for s in (a, b2)] == [["D1"], ["D2"]]
    assert [[d.detection_id for d in board.drones(s)[1]] for s in (a, b2)] == [["X1"], ["X2"]]
    assert [[d.device.device_id for d in board.devices(s)] for s in (a, b)] == [["C2"], ["C1"]]
    assert [len(board.units_in_sos(s)) for s in (a, b)] == [1, 0]
    assert [len(board.unit_columns(s)) for s in (city_, a, b)] == [1, 1, 0]
    assert board.unknown_words == {"Incident.branch": 1, "Incident.station": 1}
    # the roster says another branch now, and the incident moved
    moved = Incident("place", 2, lat=26.05, lon=105.1)
    board.apply([(Topic.ROSTER, Roster("D1", branch="B")), (Topic.INCIDENT, moved)], 0.0)
    assert [d.telemetry.drone_id for d in board.drones(b)[0]] == ["D1", "D2"]
    assert ids(board, a1) == ["branch", "place", "words", "zone"]


def test_words_that_change_for_ever_do_not_fill_the_memory(scopes):
    async def story():
        wall = Wall(scopes=scopes)
        peer = wall.join("A")
        wall.board.apply([(Topic.ROSTER, Roster("P-1", branch="A")), at(1, 1)], 0.0)
        await wall.tick()
        for start in range(0, 5_000, 500):
            churn = [(Topic.ROSTER, Roster("P-2", branch=f"X{k}")) for k in range(start, start + 500)]
            await wall.tick(*churn)
        assert len(wall.board._units.pairs) < 4_000
        await wall.tick((Topic.ROSTER, Roster("P-2", branch="A")), at(2, 1))
        await wall.tick()
        assert len(View().take(peer.frames).rows) == 2
        await wall.end()

    run(asyncio.wait_for(story(), 30))


def test_a_call_for_help_from_nobody_known_is_on_the_wall_of_where_it_comes_from(scopes):
    board = Board(10, 600.0, 10.0, scopes=scopes)
    board.apply([(Topic.STATUS, Status("P-1", "ENROUTE", sos=True))], 0.0)
    board.apply([(Topic.STATUS, Status("P-2", "ENROUTE", sos=True)), at(1, 50)], 0.0)
    known = Roster("P-3", branch="B"), Status("P-3", "ENROUTE", sos=True)
    board.apply([(Topic.ROSTER, known[0]), (Topic.STATUS, known[1]), at(3, 50)], 0.0)
    told = {c: sorted(d["unit_id"] for d in board.units_in_sos(scopes.find(c))) for c in ("", "A", "A1", "A2", "B")}
    assert told == {"": ["P-1", "P-2", "P-3"], "A": ["P-1"], "A1": ["P-1"], "A2": [], "B": ["P-3"]}
