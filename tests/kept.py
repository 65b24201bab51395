"""What takes long to make and comes out the same each time: made once, kept in .cache and shared by all test runs.

A folder there is named after the contents of what it was made from: nothing that older code or other data made is used.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.real_data import real_file

REPOSITORY = Path(__file__).resolve().parents[1]
HOUSTON, HOUSTON_LOOKS = "houston/incidents_2023-11_2025-03.parquet", "houston/snapshot_times.csv.gz"
HOUSTON_MAPPING = REPOSITORY / "mappings/houston_incidents.toml"
SAID = "said.txt"


def cache() -> Path:
    """The folder of what tests can make again."""
    if os.access(REPOSITORY, os.W_OK):
        return REPOSITORY / ".cache" / "tests"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wallboard" / "tests"


def copied(name: str, made_from: Iterable[Path], make: Callable[[Path], object], to: Path) -> None:
    """Copy into ``to`` what ``make`` writes into a folder out of the files ``made_from``."""
    digest = hashlib.sha256()
    for path in made_from:
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    folder = cache() / f"{name}-{digest.hexdigest()[:16]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / f".{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes meanwhile waits, and does not make it once more
        if not folder.is_dir():
            for old in folder.parent.glob(f"{name}-*"):
                shutil.rmtree(old)
            partial = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
            try:
                make(partial)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(folder, to, dirs_exist_ok=True)


def houston(history_dir: Path) -> str:
    """Copies the set that the import command writes of Houston into ``history_dir``; returns what the command said."""
    data = real_file(HOUSTON)
    code = sorted((REPOSITORY / "data_feeds").rglob("*.py"))
    made_from = [*code, REPOSITORY / "requirements.txt", HOUSTON_MAPPING, data, real_file(HOUSTON_LOOKS)]
    copied("houston", made_from, lambda folder: _import(data, folder), history_dir)
    return (history_dir / SAID).read_text(encoding="utf-8")


def _import(data: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "data_feeds.import_history", "--mapping", str(HOUSTON_MAPPING), str(data)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WALLBOARD_")}
    environment = kept | {"WALLBOARD_HISTORY_DIR": str(folder), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([*command, "--name", "houston"], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / SAID).write_text(done.stdout, encoding="utf-8")
