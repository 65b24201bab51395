"""Shared by every test: machines differ in speed, so no example has a deadline; what may run side by side."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("wall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("wall")


class ByFile(LoadScopeScheduling):
    """Each file's tests stay together, and all that need the broker: there is one for the whole run."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "broker" if path.startswith("tests/integration/") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)
