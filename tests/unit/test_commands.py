"""What command lines answer to the shell."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from data_feeds.commands import UsageError, exit_code, wall_server

REPOSITORY = Path(__file__).parents[2]
# as if Ctrl-C were pressed just when this module is being loaded
PRESSED = """
import sys
class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == "{name}":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
"""


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
        (KeyboardInterrupt(), 130, "sim: interrupted\n"),
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


@pytest.mark.parametrize(
    ("command", "loading"),
    [
        (["app.py"], "numpy"), (["-m", "briefings"], "msgspec"), (["-m", "data_feeds.simulator"], "numpy"),
        (["-m", "data_feeds.basemap", "build", "x.osm.pbf"], "msgspec"), (["-m", "data_feeds.import_history"], "numpy"),
        (["-m", "data_feeds.basemap", "build", "x.osm.pbf"], "data_feeds.basemap.build"),
    ],
)  # fmt: skip
def test_ctrl_c_while_a_command_is_being_loaded_is_one_line_and_130(tmp_path, command, loading):
    (tmp_path / "sitecustomize.py").write_text(PRESSED.format(name=loading))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=environment, capture_output=True, text=True
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")
