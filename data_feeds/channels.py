"""One channel a scope that is looked at: its own sequence of frames, its snapshot, its documents, its viewers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from data_feeds import frames
from data_feeds.board import Board
from data_feeds.clock import Clock
from data_feeds.delta import Delta
from data_feeds.scopes import Scope

if TYPE_CHECKING:
    from data_feeds.viewer import Viewer


class Channel:
    """What all viewers of one scope get: the same bytes. ``next_revision`` counts documents across all channels."""

    def __init__(
        self, scope: Scope, board: Board, clock: Clock, tick_s: float, epoch: int, next_revision: Callable[[], int]
    ) -> None:
        self.scope = scope
        self.viewers: set[Viewer] = set()
        self._board, self._clock, self._tick_s, self._epoch = board, clock, tick_s, epoch
        self._next_revision = next_revision
        self._seq = 0
        self._snapshot: tuple[int, float, list[bytes]] | None = None  # (seq, made at, frames), for all who need one
        self._bodies: dict[str, bytes] = {}
        self.texts: dict[str, str] = {}  # the newest document of every panel

    def tell(self, delta: Delta, now_ms: float) -> None:
        """One tick: the frames of what changed, once for all."""
        if delta.overflow:
            self.offer_snapshots()
            return
        tick_frames = self._encode(delta, now_ms)
        for viewer in self.viewers:
            viewer.offer_frames(tick_frames)

    def offer_snapshots(self) -> None:
        """The tick can only be told by a snapshot."""
        self._seq += 1
        for viewer in self.viewers:
            viewer.offer_snapshot()

    def publish(self, panel: str, body: bytes, now_ms: float) -> None:
        """A panel's newest body (JSON); it goes out if it is another than the last."""
        if self._bodies.get(panel) == body:
            return
        self._bodies[panel] = body
        head = {
            "panel": panel, "revision": self._next_revision(), "data_time": now_ms,
            "epoch": self._epoch, "scope": self.scope.code,
        }  # fmt: skip
        text = self.texts[panel] = f'{msgspec.json.encode(head).decode()[:-1]},"body":{body.decode()}}}'
        for viewer in self.viewers:
            viewer.offer_document(panel, text)

    def snapshot(self) -> list[bytes]:
        """DICT and SNAPSHOT of the current state, encoded at most once a tick for all who need one."""
        mono_s, kept = self._clock.monotonic_s(), self._snapshot
        # Ages are relative to the frame's own time, so an old bundle would make old fixes look new.
        if kept is None or kept[0] != self._seq or mono_s - kept[1] > 2 * self._tick_s:
            now_ms = self._clock.now_ms()
            state = self._board.snapshot(now_ms, self.scope)
            stamp = self._stamp(now_ms)
            names = frames.encode_dict(stamp, state.entries_json, full=True)
            rows = frames.encode_rows(frames.FrameType.SNAPSHOT, stamp, state.rows)
            self._snapshot = kept = (self._seq, mono_s, [names, rows])
        return kept[2]

    def _encode(self, delta: Delta, now_ms: float) -> list[bytes]:
        out = []
        removed = delta.removed
        if len(removed):  # first: who left and came back is among the rows
            out.append(frames.encode_remove(self._next(now_ms), removed))
        if delta.entries:
            out.append(frames.encode_dict(self._next(now_ms), delta.entries_json, full=False))
        # Sent even when empty: it carries the clock and says that the wall is alive.
        out.append(frames.encode_rows(frames.FrameType.DELTA, self._next(now_ms), delta.rows))
        return out

    def _next(self, now_ms: float) -> frames.Stamp:
        self._seq += 1
        return self._stamp(now_ms)

    def _stamp(self, now_ms: float) -> frames.Stamp:
        return frames.Stamp(self._epoch, self._seq, now_ms, self._clock.replaying)
