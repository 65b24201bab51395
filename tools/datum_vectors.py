"""Writes tests/js/live/datum_vectors.json: places in every datum by data_feeds.geo, for its twin in the browser."""

import json
from pathlib import Path

import numpy as np

from data_feeds.geo import from_wgs84
from data_feeds.model import Datum

FILE = Path(__file__).parents[1] / "tests/js/live/datum_vectors.json"
PLACES = [
    (39.90872, 116.39748), (31.2304, 121.4737), (22.5431, 114.0579), (22.8170, 108.3665), (43.8256, 87.6168),
    (29.6520, 91.1721), (45.8038, 126.5350), (18.2528, 109.5119), (35.0, 105.0), (25.0453, 102.7097),
    (60.1699, 24.9384), (37.77, -122.41), (0.0, 0.0),
]  # fmt: skip


def vectors() -> list[dict[str, object]]:
    """Each place in degrees: WGS-84, and the same in the other datums."""
    lat, lon = np.array(PLACES).T
    columns = {datum.name: from_wgs84(lat, lon, datum) for datum in (Datum.CGCS2000, Datum.GCJ02, Datum.BD09)}
    return [
        {"wgs84": place, **{name: [float(c[0][i]), float(c[1][i])] for name, c in columns.items()}}
        for i, place in enumerate(PLACES)
    ]


if __name__ == "__main__":
    FILE.write_text("[\n" + ",\n".join(json.dumps(v) for v in vectors()) + "\n]\n", encoding="utf-8")
