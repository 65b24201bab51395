"""A file as bytes, whole, within a bound: for what is checked as a whole afterwards."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path


def read(path: Path, most_bytes: int) -> bytes:
    """The bytes of ``path``, unpacked where its name ends in .gz. Raises OSError, also if it is damaged or larger."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(most_bytes + 1)  # a small .gz may unpack to more than the memory holds
    except (EOFError, zlib.error) as error:
        raise OSError(str(error)) from None
    if len(data) > most_bytes:
        raise OSError(f"more than {most_bytes} bytes; take a smaller area or simplify its outlines")
    return data
