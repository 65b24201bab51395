"""What the command lines that send records share: their log, a wall of their own, what they answer to the shell."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable

from data_feeds.interrupt import INTERRUPTED


class UsageError(ValueError):
    """The command line asks for something that cannot be."""


def log_plainly() -> None:
    """A log for people on stderr, without what the Kafka client tells of every connection."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("kafka").setLevel(logging.WARNING)
    logging.getLogger("kafka.net.selector").setLevel(logging.ERROR)  # at full speed it warns of its own slowness


def wall_server() -> Callable[..., None]:
    """``serve`` of the composition root, for --to embedded. Raises UsageError."""
    # asked for by name at the last moment: no module of data_feeds imports upwards
    try:
        serve: Callable[..., None] = importlib.import_module("app").serve
    except ModuleNotFoundError as error:
        if error.name != "app":
            raise
        raise UsageError("--to embedded: app.py was not found; run this in the project's folder") from None
    return serve


def exit_code(name: str, work: Callable[[], None], *mistakes: type[Exception]) -> int:
    """Do ``work``: 0 done, 1 the broker failed, 2 one of ``mistakes`` in what was asked for, 130 interrupted."""
    try:
        work()
    except mistakes as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except RuntimeError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    return 0
