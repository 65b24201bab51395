"""How the commands end at Ctrl-C while they are still being loaded, when no ``main`` can catch it yet."""

from __future__ import annotations

import sys
from types import TracebackType

INTERRUPTED = 130  # as shells tell of Ctrl-C


def end_quietly() -> None:
    """From now on an interrupt that nobody catches ends the process with one line and INTERRUPTED."""
    sys.excepthook = _end


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    print("interrupted", file=sys.stderr)
    sys.exit(INTERRUPTED)
