"""Shared by every test: machines differ in speed, so no example has a deadline; what may run side by side."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("wall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wall")

BROKER, BROWSER = "tests/integration/", "tests/e2e/"
# begin first, so that no worker has one of them all to itself at the end
LONG = (
    BROKER, "tests/unit/test_briefings_houston.py", "tests/unit/test_history_store.py",
    "tests/unit/test_import_history.py", "tests/unit/test_simulator_life.py", "tests/unit/test_city.py",
    "tests/unit/test_briefings_files.py", "tests/unit/test_history_real.py",
    "tests/e2e/test_wall_dispatch.py", "tests/e2e/test_wall_recovery.py", "tests/e2e/test_statistics_use.py",
    "tests/e2e/test_statistics_houston.py", "tests/e2e/test_wall_outage.py", "tests/e2e/test_wall_shots.py",
)  # fmt: skip


class ByFile(LoadScopeScheduling):
    """Each file's tests stay together, and all that need the broker: there is one for the whole run."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order is ours

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid)


def _scope(nodeid: str) -> str:
    return BROKER if nodeid.startswith(BROKER) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: while a browser is open, its event loop keeps other tests from running one of their own.
    Before that, long files first, then those of many tests."""
    count = Counter(_scope(item.nodeid) for item in items)
    place = {scope: n for n, scope in enumerate(LONG)}

    def key(item: pytest.Item) -> tuple[bool, int, int, str]:
        scope = _scope(item.nodeid)
        return scope.startswith(BROWSER), place.get(scope, len(LONG)), -count[scope], scope

    items.sort(key=key)
