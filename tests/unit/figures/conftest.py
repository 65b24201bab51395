"""A made-up history as a frame and in a store; a file of tests says by ``MADE`` which seed and how many incidents."""

import pytest

from tests.unit.figures import made_history


@pytest.fixture(scope="module")
def frame(request):
    return made_history.incidents(*request.module.MADE)


@pytest.fixture(scope="module")
def store(frame, tmp_path_factory):
    made = made_history.store(tmp_path_factory.mktemp("history"), frame)
    yield made
    made.close()
