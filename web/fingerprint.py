"""What a page must have been built from to be the server's own: one short word that open pages compare."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from dash.development.base_component import Component
from plotly.utils import PlotlyJSONEncoder

DIGITS = 16
BY_SIZE = (".woff2",)  # megabytes that change only with their names or sizes


def fingerprint(assets: Path, page: Component, *facts: bytes) -> str:
    """Hex digits that change with any file below ``assets``, with the page's layout, and with ``facts``."""
    digest = hashlib.sha256()
    for path in sorted(path for path in assets.rglob("*") if path.is_file()):
        content = str(path.stat().st_size).encode() if path.suffix in BY_SIZE else path.read_bytes()
        _add(digest, str(path.relative_to(assets)).encode(), content)
    _add(digest, json.dumps(page, cls=PlotlyJSONEncoder, sort_keys=True).encode(), *facts)
    return digest.hexdigest()[:DIGITS]


def _add(digest: hashlib._Hash, *parts: bytes) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
