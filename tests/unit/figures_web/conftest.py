"""The figures' addresses on a history of their own."""

import pytest

from tests.unit.figures_story import Story, client_of


@pytest.fixture(scope="module")
def shared():
    """A client for whoever changes nothing."""
    story = Story()
    yield client_of(story)
    story.statistics.close()


@pytest.fixture
def story():
    story = Story()
    yield story
    story.statistics.close()


@pytest.fixture
def client(story):
    return client_of(story)
