"""Real recordings lie beside the project, never in it: ../shared/data, or where WALLBOARD_DATA points."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("WALLBOARD_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def real_file(name: str) -> Path:
    """The path of recording ``name``; where it is missing the test is left out, and the run says so aloud."""
    path = FOLDER / name
    if not path.exists():
        reason = f"LEFT OUT, real recording missing: {path} (set WALLBOARD_DATA to the folder of recordings)"
        warnings.warn(reason, stacklevel=2)
        pytest.skip(reason)
    return path
