"""The hub when viewers misbehave, ticks fail and the clock stands."""

import asyncio

from data_feeds import broadcast, frames
from data_feeds import viewer as viewer_module
from data_feeds.broadcast import DocumentSource
from tests.unit.hub_story import View, Wall, at, run, settle


def test_a_flood_of_resyncs_gets_one_answer_a_tick():
    async def story():
        wall = Wall([DocumentSource("units", lambda now, scope: {"n": 1})])
        wall.board.apply([at(k, 0) for k in range(50)], 0.0)
        peer = wall.join()
        await wall.tick()
        before = len(peer.frames)
        for _ in range(40):
            peer.said.put_nowait("resync")
            await settle()
        assert len(peer.frames) - before <= 2
        await wall.tick()
        assert View().take(peer.frames).rows == wall.truth()[0]
        await wall.end()

    run(story())


def test_pause_and_resync_within_one_tick_lose_nothing():
    async def story():
        number = {"n": 0}
        wall = Wall([DocumentSource("units", lambda now, scope: dict(number))])
        peer = wall.join()
        await wall.tick(at(1, 1))
        peer.said.put_nowait("resync")
        await settle()
        peer.said.put_nowait("pause")
        await settle()
        number["n"] = 5
        await wall.tick(at(1, 2))
        peer.said.put_nowait("resync")
        await settle()
        await wall.tick(at(1, 3))
        assert peer.documents[-1]["body"] == {"n": 5}
        assert View().take(peer.frames).rows == wall.truth()[0]
        await wall.end()

    run(story())


def test_a_viewer_that_talks_without_end_is_let_go():
    async def story():
        wall = Wall()
        peer = wall.join()
        await settle()
        for _ in range(viewer_module.MAX_TEXTS_PER_TICK + 5):
            peer.said.put_nowait("hello")
        while wall.hub.viewers:
            await settle()
        assert peer.closed == broadcast.POLICY_VIOLATION

    run(story())


def test_more_viewers_than_a_process_can_bear_are_sent_on(monkeypatch):
    monkeypatch.setattr(broadcast, "MAX_VIEWERS", 2)

    async def story():
        wall = Wall()
        peers = [wall.join() for _ in range(3)]
        await settle()
        assert wall.hub.viewers == 2
        assert [p.closed for p in peers] == [None, None, broadcast.TRY_LATER]
        await wall.end()

    run(story())


def test_a_tick_that_fails_is_told_by_a_snapshot_and_the_next_one_goes_on(caplog):
    async def story():
        wall = Wall()
        wall.hub._tick_s = 0.01
        peer = wall.join()
        await settle()
        deltas, calls = wall.board.deltas_since, []

        def failing(revision, now_ms, scopes):
            calls.append(1)
            if len(calls) == 2:
                raise MemoryError("once")
            return deltas(revision, now_ms, scopes)

        wall.board.deltas_since = failing
        task = asyncio.create_task(wall.hub.run())
        wall.board.apply([at(1, 1)], 0.0)
        while wall.hub.ticks < 4:
            wall.clock.wait(0.01)
            await asyncio.sleep(0.001)
        assert wall.hub.failed_ticks == 1
        assert View().take(peer.frames).rows == wall.truth()[0]
        task.cancel()
        await wall.end()

    run(story())
    assert "failed" in caplog.text


def test_an_old_bundle_is_never_given_to_a_new_viewer():
    async def story():
        wall = Wall()
        wall.board.apply([at(1, 1)], 0.0)
        first = frames.decode(wall.hub.snapshot()[1])
        wall.clock.wait(60)  # the ticks have stopped
        second = frames.decode(wall.hub.snapshot()[1])
        assert second.stamp.t0_ms - first.stamp.t0_ms == 60_000
        assert second.rows[0]["age"] > first.rows[0]["age"]

    run(story())
