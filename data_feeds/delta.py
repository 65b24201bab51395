"""What changed between two revisions of the units, for the whole city and for any part of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from itertools import compress, takewhile

import numpy as np
from numpy.typing import NDArray

from data_feeds import frames

GONE = -1
Pairs = NDArray[np.int32]  # numbers of ``WordPairs``
Moves = NDArray[np.int64]  # a row each: slot on the wire, pair before, pair after or GONE
NO_MOVES: Moves = np.zeros((0, 3), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Delta:
    """Rows to set, slots that ended, dictionary entries to set. ``pairs``: of each row the number of its words.

    ``entries``: pieces of JSON, slot in decimal → what is known of its unit; ``entry_pairs`` as ``pairs``.
    """

    revision: int
    rows: frames.Rows
    pairs: Pairs
    entries: list[bytes]
    entry_pairs: Pairs
    moves: Moves
    overflow: bool = False  # more has left than is remembered: only a snapshot is right

    @property
    def removed(self) -> frames.Slots:
        """The slots that ended. Who has only moved within the city is not among them."""
        return self.moves[self.moves[:, 2] == GONE, 0].astype(np.uint32)

    @property
    def entries_json(self) -> bytes:
        """A JSON object: slot in decimal → what is known of its unit."""
        return b"{" + b",".join(self.entries) + b"}"

    def within(self, mask: NDArray[np.bool_]) -> Delta:
        """What of it concerns the scope that holds the pairs of ``mask``: who moved out of it has ended there.

        Endings are to be told first: who moved out and in again is among the rows as well.
        """
        moves = self.moves
        if len(moves):
            left = mask[moves[:, 1]] & ~np.where(moves[:, 2] == GONE, False, mask[moves[:, 2]])
            moves = moves[left]
            moves[:, 2] = GONE
        held, entry_held = mask[self.pairs], mask[self.entry_pairs]
        return replace(
            self, rows=self.rows[held], pairs=self.pairs[held], moves=moves,
            entries=list(compress(self.entries, entry_held.tolist())), entry_pairs=self.entry_pairs[entry_held],
        )  # fmt: skip


class Departures:
    """Who left the city, or one part of it for another, and at which revision; bounded. Not locked."""

    def __init__(self, kept: int) -> None:
        self._kept: deque[tuple[int, int, int, int]] = deque(maxlen=kept)
        self._forgotten = 0  # the newest revision that fell out of the memory

    def note(self, revision: int, slot: int, before: int, after: int = GONE) -> None:
        """``slot`` (as on the wire) belonged to pair ``before`` and belongs to ``after`` now."""
        if len(self._kept) == self._kept.maxlen:
            self._forgotten = self._kept[0][0]
        self._kept.append((revision, slot, before, after))

    def forget(self, revision: int) -> None:
        """What was noted up to ``revision`` is void; who asks for it needs a snapshot."""
        self._kept.clear()
        self._forgotten = revision

    def since(self, revision: int) -> tuple[Moves, bool]:
        """(moves after ``revision``, oldest first; whether some are forgotten)."""
        found = [move[1:] for move in takewhile(lambda move: move[0] > revision, reversed(self._kept))]
        found.reverse()
        return np.array(found, dtype=np.int64).reshape(-1, 3), revision < self._forgotten
