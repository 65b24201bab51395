"""Files inside the packages that `tools/fetch-data.sh` fetches and nobody installs."""

from __future__ import annotations

import zipfile
from pathlib import Path

FETCHED = Path(__file__).resolve().parents[1] / ".cache" / "data"


def inside(package: str, path: str) -> bytes:
    """One file of a fetched wheel. Fails where nothing has been fetched, and says how."""
    wheels = sorted(FETCHED.glob(f"{package}-*.whl"))
    assert wheels, f"{FETCHED} holds no {package}: run `make test`, or `sh tools/fetch-data.sh`"
    with zipfile.ZipFile(wheels[0]) as wheel:
        return wheel.read(path)
