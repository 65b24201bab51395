"""The branch and station words of units as small numbers, so that filtering one scope is a look-up in an array."""

from __future__ import annotations

from collections import Counter, OrderedDict

import numpy as np
from numpy.typing import NDArray

from data_feeds.scopes import Scope

MASKS_KEPT = 256
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]


class WordPairs:
    """Every (branch, station) that was heard, numbered from 0: ("", ""). Not locked: the Board does that."""

    def __init__(self) -> None:
        self._masks: OrderedDict[str, tuple[Scope, Mask]] = OrderedDict()
        self._begin()

    def __len__(self) -> int:
        return len(self._pairs)

    def number(self, branch: str, station: str) -> int:
        """The number of these words."""
        pair = branch, station
        found = self._number.get(pair)
        if found is None:
            found = self._number[pair] = len(self._pairs)
            self._pairs.append(pair)
        return found

    def pair(self, number: int) -> tuple[str, str]:
        """The words behind ``number``."""
        return self._pairs[number]

    def mask(self, scope: Scope) -> Mask:
        """For each number whether ``scope`` holds it."""
        kept = self._masks.get(scope.code)
        mask = kept[1] if kept is not None and kept[0] == scope else np.zeros(0, dtype=bool)
        if len(mask) < len(self._pairs):  # words that are new since the last time
            more = [scope.holds(*pair) for pair in self._pairs[len(mask) :]]
            mask = np.concatenate([mask, np.array(more, dtype=bool)])
            self._masks[scope.code] = scope, mask
            if len(self._masks) > MASKS_KEPT:
                self._masks.popitem(last=False)
        else:
            self._masks.move_to_end(scope.code)
        return mask

    def counts(self, numbers: Numbers) -> Counter[tuple[str, str]]:
        """How often each pair of words stands in ``numbers``."""
        return Counter({self.pair(number): n for number, n in enumerate(np.bincount(numbers).tolist()) if n})

    def restart(self, live: Numbers) -> Numbers:
        """Forget all words but those of ``live``, which is returned in new numbers; every other number is void."""
        words = [self._pairs[number] for number in live.tolist()]
        self._begin()
        return np.array([self.number(*pair) for pair in words], dtype=np.int32)

    def _begin(self) -> None:
        self._pairs: list[tuple[str, str]] = []
        self._number: dict[tuple[str, str], int] = {}
        self._masks.clear()
        self.number("", "")
