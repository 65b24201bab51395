"""What must hold for the project as a whole, whoever changes whichever file."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from dash import Dash

from components import ids, layout
from data_feeds.model import DEFAULT_TOPIC_NAMES
from data_feeds.settings import ENV_PREFIX, Settings, example

ROOT = Path(__file__).parents[1]
MAX_LINES = 400
ROOMS = ("data_feeds", "analytics", "briefings", "components", "web")
OWN_FOLDERS = (*ROOMS, "assets", "bench", "tests", "tools")
NOT_WRITTEN_HERE = ("vendor", "fonts", "__pycache__", "node_modules")
CLOCK_CALLS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
PANELS = sorted(path.stem for path in (ROOT / "components/panels").glob("[!_]*.py"))


def sources(*suffixes: str, folders: tuple[str, ...] = OWN_FOLDERS) -> Iterator[Path]:
    yield from (path for path in ROOT.glob("*") if path.suffix in suffixes)
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not set(NOT_WRITTEN_HERE) & set(path.parts):
                yield path


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page_ids(component) -> Iterator[str]:
    if getattr(component, "id", None):
        yield component.id
    for child in component._traverse():
        if getattr(child, "id", None):
            yield child.id


def build_page():
    return layout.build(title_zh="一张图", title_en="One Map")


def callback_ids(app: Dash) -> Iterator[str]:
    """The ids of all inputs, states and outputs that the callbacks of ``app`` name."""
    for callback in app._callback_list:
        yield from re.findall(r"([\w-]+)\.[\w-]+", callback["output"])
        yield from (dependency["id"] for dependency in callback["inputs"] + callback["state"])


def test_import_contract_holds():
    lint = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    result = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_no_file_is_long():
    lengths = {named(path): len(text(path).splitlines()) for path in sources(".py", ".js", ".css")}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_two_test_files_share_a_name():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert {name for name in names if names.count(name) > 1} == set()  # else one run cannot hold both


def test_only_settings_read_the_environment():
    pattern = re.compile(r"\bos\.(environ|getenv)\b|\bfrom os import .*\b(environ|getenv)\b")
    readers = {named(path) for path in sources(".py", folders=ROOMS) if pattern.search(text(path))}
    assert readers == {"data_feeds/settings.py"}


def test_only_the_clock_knows_the_time():
    tellers = set()
    for path in sources(".py", folders=ROOMS):
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in CLOCK_CALLS:
                tellers.add(named(path))
    assert tellers <= {"data_feeds/clock.py"}


def test_every_id_has_its_own_word_and_stands_on_the_page():
    constants = {name: value for name, value in vars(ids).items() if name.isupper()}
    assert len(set(constants.values())) == len(constants)
    missing = set(constants.values()) - set(page_ids(build_page()))
    assert missing == set()


def test_no_id_stands_twice_on_the_page():
    found = list(page_ids(build_page()))
    assert {name for name in found if found.count(name) > 1} == set()


def test_every_callback_id_stands_on_the_page():
    app = Dash("test", assets_folder="")
    layout.register(app)
    named_by_callbacks = set(callback_ids(app))
    assert named_by_callbacks
    assert named_by_callbacks <= set(page_ids(build_page()))


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_can_be_deleted(panel, tmp_path):
    for room in ("components", "briefings", "data_feeds", "analytics"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / f"components/panels/{panel}.py").unlink()
    script = (
        "from dash import Dash; from components import layout; app = Dash('test', assets_folder='');"
        "app.layout = layout.build(title_zh='一张图', title_en='One Map'); layout.register(app); app._setup_server();"
        "print(app.layout.to_plotly_json())"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("entry", fields(Settings), ids=lambda entry: entry.name)
def test_every_setting_is_documented(entry):
    row = re.compile(rf"^\| `{entry.name}` \|.*\| {re.escape(entry.metadata['help'])} \|$", re.MULTILINE)
    readme = text(ROOT / "README.md")
    assert row.search(readme), "run: make docs"
    assert f"({ENV_PREFIX}{entry.name.upper()})" in example()


def test_readme_names_no_setting_that_is_gone():
    readme = text(ROOT / "README.md")
    known = {ENV_PREFIX + entry.name.upper() for entry in fields(Settings)} | {ENV_PREFIX + "CONFIG"}
    assert set(re.findall(ENV_PREFIX + r"[A-Z_]+[A-Z]", readme)) <= known


def test_example_settings_file_is_up_to_date():
    written = text(ROOT / "wallboard.toml.example")
    assert written == example(), "run: make docs"


@pytest.mark.parametrize("name", DEFAULT_TOPIC_NAMES.values())
def test_every_topic_is_documented(name):
    assert f"`{name}`" in text(ROOT / "README.md")


def test_procfile_names_a_server_that_can_be_imported(tmp_path):
    command = text(ROOT / "Procfile")
    module, name = re.search(r"uvicorn (\w+):(\w+)", command).groups()
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module}; assert callable({module}.{name})"
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_procfile_options_are_known_to_uvicorn():
    from uvicorn.main import main

    known = {option for parameter in main.params for option in (*parameter.opts, *parameter.secondary_opts)}
    used = re.findall(r"(--[a-z-]+)", text(ROOT / "Procfile"))
    assert set(used) <= known


def test_procfile_serves_as_app_does():
    import app

    command = text(ROOT / "Procfile")
    for option in ("--workers 1", "--lifespan on", "--no-proxy-headers", "--ws-per-message-deflate false"):
        assert option in command
    assert f"--ws-max-size {app.WS_MAX_BYTES}" in command


def test_every_imported_package_is_asked_for():
    imported = set()
    for path in sources(".py", folders=ROOMS):
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    imported -= {*sys.stdlib_module_names, *ROOMS, "app", "bench"}
    asked_for = {canonical(line) for line in text(ROOT / "requirements.in").splitlines() if line[:1].isalpha()}
    asked_for |= {"fastapi", "starlette"}  # dash[fastapi] is FastAPI on Starlette
    asked_for |= {"flask", "cachelib"}  # flask-caching is cachelib for Flask
    installed = packages_distributions()
    assert {name for name in imported if not asked_for & {canonical(d) for d in installed[name]}} == set()


def canonical(requirement: str) -> str:
    return re.sub("[-_.]+", "-", re.match(r"[\w.-]+", requirement).group()).lower()


LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-data.txt", "package-lock.json")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_registry(name):
    lines = text(ROOT / name).splitlines()
    addresses = [line for line in lines if "://" in line and '"url"' not in line]
    assert addresses == []
    assert not any(line.startswith(("--index", "-i ", "--find", "--extra", "--trusted")) for line in lines)
