"""What command lines answer to the shell."""

import sys
from types import SimpleNamespace

import pytest

from data_feeds.commands import UsageError, exit_code, wall_server


class Mistake(ValueError):
    """Somebody asked for what cannot be."""


def raises(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Mistake("no such file"), 2, "sim: no such file\n"),
        (RuntimeError("the broker is gone"), 1, "sim: the broker is gone\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_every_end_has_its_code(capsys, error, code, told):
    assert exit_code("sim", raises(error), Mistake) == code
    assert capsys.readouterr().err == told


def test_done_is_zero_and_what_nobody_foresaw_is_raised():
    assert exit_code("sim", lambda: None) == 0
    with pytest.raises(ValueError, match="unforeseen"):
        exit_code("sim", raises(ValueError("unforeseen")), Mistake)


def test_a_wall_is_served_from_the_projects_folder_only(monkeypatch):
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(serve=len))
    assert wall_server() is len
    monkeypatch.setitem(sys.modules, "app", None)  # as if it were not there
    with pytest.raises(UsageError, match="app.py was not found"):
        wall_server()
