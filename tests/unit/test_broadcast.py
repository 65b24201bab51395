"""The hub with peers that are fakes: fast ones, slow ones, vanishing ones."""

import asyncio

import pytest

from data_feeds import viewer as viewer_module
from data_feeds.broadcast import DocumentSource
from data_feeds.delta import Departures
from data_feeds.frames import FrameType
from data_feeds.messages import Tombstone
from data_feeds.model import Roster, Topic
from tests.unit.hub_story import View, Wall, at, run, settle


def test_dict_and_snapshot_follow_the_upgrade_without_a_hello():
    async def story():
        wall = Wall()
        wall.board.apply([at(1, 0)], 0.0)
        peer = wall.join()
        await settle()
        assert peer.kinds() == [FrameType.DICT, FrameType.SNAPSHOT]
        await wall.end()

    run(story())


def test_a_quick_viewer_gets_every_change_and_a_heartbeat():
    async def story():
        wall = Wall()
        peer = wall.join()
        await settle()
        await wall.tick(at(1, 1), at(2, 1))
        await wall.tick()
        await wall.tick((Topic.ROSTER, Tombstone("P-1")), (Topic.ROSTER, Roster("P-3", "three")))
        view = View().take(peer.frames)
        assert (view.rows, view.names) == wall.truth()
        assert len(peer.frames[-1].rows) == 0
        await wall.end()

    run(story())


def test_a_slow_viewer_gets_a_snapshot_instead_of_a_gap_and_slows_nobody():
    async def story():
        wall = Wall()
        slow, quick = wall.join(), wall.join()
        await settle()
        slow.free.clear()
        for second in range(1, 6):
            await wall.tick(at(1, second), at(second, second))
        assert quick.kinds().count(FrameType.DELTA) == 5
        assert wall.hub.conflated >= 1
        slow.free.set()
        await settle()
        await wall.tick(at(1, 7))
        for peer in (slow, quick):
            assert View().take(peer.frames).rows == wall.truth()[0]
        assert slow.kinds().count(FrameType.SNAPSHOT) == 2
        await wall.end()

    run(story())


def test_pause_stops_everything_and_resync_makes_it_right():
    async def story():
        number = {"n": 0}
        wall = Wall([DocumentSource("units", lambda now, scope: dict(number))])
        peer = wall.join()
        await wall.tick(at(1, 1))
        peer.said.put_nowait("pause")
        await settle()
        before = len(peer.frames), len(peer.documents)
        number["n"] = 7
        await wall.tick(at(1, 2))
        assert (len(peer.frames), len(peer.documents)) == before
        peer.said.put_nowait("resync")
        await settle()
        assert View().take(peer.frames).rows == wall.truth()[0]
        assert peer.documents[-1]["body"] == {"n": 7}
        await wall.end()

    run(story())


def test_snapshots_are_encoded_once_for_all_who_need_one():
    async def story():
        wall = Wall()
        calls = 0
        snapshot = wall.board.snapshot

        def counted(now_ms, scope):
            nonlocal calls
            calls += 1
            return snapshot(now_ms, scope)

        wall.board.snapshot = counted
        for _ in range(20):
            wall.join()
        await settle()
        assert calls == 1
        await wall.end()

    run(story())


def test_documents_are_sent_when_they_change_and_only_the_newest():
    async def story():
        body = {"n": 0}
        wall = Wall([DocumentSource("units", lambda now, scope: dict(body))])
        peer = wall.join()
        await settle()
        for _ in range(3):
            await wall.tick()
        assert [d["body"] for d in peer.documents] == [{"n": 0}]
        peer.free.clear()
        for n in (1, 2, 3):
            body["n"] = n
            await wall.tick()
        peer.free.set()
        await settle()
        assert peer.documents[-1]["body"] == {"n": 3}
        assert peer.documents[-1]["panel"] == "units"
        await wall.end()

    run(story())


def test_a_document_that_cannot_be_built_is_said_once_and_spoils_nothing(caplog):
    def broken(now, scope):
        raise ValueError("no")

    async def story():
        wall = Wall([DocumentSource("bad", broken), DocumentSource("good", lambda now, scope: {})])
        peer = wall.join()
        await wall.tick()
        await wall.tick()
        assert [d["panel"] for d in peer.documents] == ["good"]
        await wall.end()

    run(story())
    assert sum("cannot be built" in r.message for r in caplog.records) == 1


def test_a_gone_viewer_is_forgotten():
    async def story():
        wall = Wall()
        peer = wall.join()
        await settle()
        assert wall.hub.viewers == 1
        peer.said.put_nowait(None)
        await settle()
        assert wall.hub.viewers == 0
        await wall.tick(at(1, 1))

    run(story())


def test_a_viewer_that_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(viewer_module, "SEND_TIMEOUT_S", 0.01)

    async def story():
        wall = Wall()
        wall.join().free.clear()
        await settle()
        while wall.hub.viewers:
            await asyncio.sleep(0.01)
        await wall.end()

    run(story())


def test_a_viewer_that_takes_piece_after_piece_slowly_is_kept(monkeypatch):
    monkeypatch.setattr(viewer_module, "SEND_TIMEOUT_S", 1.0)

    async def story():
        wall = Wall([DocumentSource(name, lambda now, scope: {"n": 1}) for name in ("a", "b", "c", "d")])
        peer = wall.join()
        take = peer.send_text

        async def slowly(data):
            await asyncio.sleep(0.4)
            await take(data)

        peer.send_text = slowly
        await wall.tick(at(1, 1))
        while len(peer.documents) < 4:
            assert wall.hub.viewers == 1
            await asyncio.sleep(0.05)
        await wall.end()

    run(story())


def test_strange_words_are_counted():
    async def story():
        wall = Wall()
        peer = wall.join()
        for text in ("hello", "scopes 320100", "resync" * 1000):
            peer.said.put_nowait(text)
        await settle()
        assert wall.hub.strange_texts == 3
        await wall.end()

    run(story())


def test_urgent_documents_do_not_wait_for_the_tick():
    async def story():
        body = {"n": 0}
        wall = Wall([DocumentSource("alarms", lambda now, scope: dict(body), urgent=True)])
        wall.hub._tick_s = 3600.0
        task = asyncio.create_task(wall.hub.run())
        peer = wall.join()
        await settle()
        body["n"] = 1
        await asyncio.to_thread(wall.hub.poke)
        while not peer.documents:
            await asyncio.sleep(0.005)
        assert peer.documents[0]["body"] == {"n": 1}
        task.cancel()
        await wall.end()

    run(story())


@pytest.mark.parametrize("removed", [3])
def test_more_removals_than_are_remembered_mean_a_snapshot(monkeypatch, removed):
    monkeypatch.setattr("data_feeds.units.REMOVALS_KEPT", 2)

    async def story():
        wall = Wall()
        wall.board._units._departures = Departures(2)
        peer = wall.join()
        await wall.tick(*[at(k, 1) for k in range(5)])
        await wall.tick(*[(Topic.ROSTER, Tombstone(f"P-{k}")) for k in range(removed)])
        assert View().take(peer.frames).rows == wall.truth()[0]
        assert peer.kinds().count(FrameType.SNAPSHOT) == 2
        await wall.end()

    run(story())
