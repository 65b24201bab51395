"""The columns in which units are kept, and fixes turned into them. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_feeds import frames
from data_feeds.geo import to_wgs84
from data_feeds.model import Datum, VehiclePosition, enum_of

# The columns of one slot; ``pair``: the number of its branch and station (see wordpairs). Times in Unix ms; x, y,
# speed, course, heading, altitude, status, flags as on the wire.
COLUMNS = np.dtype(
    [("x", "u4"), ("y", "u4"), ("fix_ms", "f8"), ("speed", "u2"), ("course", "u2"), ("heading", "u2"),
     ("altitude", "i2"), ("status", "u1"), ("flags", "u1"), ("type", "u1"), ("generation", "u1"), ("placed", "?"),
     ("used", "?"), ("rostered", "?"), ("accuracy_m", "f4"), ("pair", "i4"),
     ("since_ms", "f8"), ("revision", "i8"), ("entry_revision", "i8")]
)  # fmt: skip


def newest_per_slot(slots: NDArray[np.intp], t: NDArray[np.float64]) -> NDArray[np.intp]:
    """The index of the newest fix of every slot; of equal times the first."""
    order = np.lexsort((-np.arange(len(t)), t))
    _, last = np.unique(slots[order][::-1], return_index=True)
    return np.asarray(order[::-1][last])


def wgs84(fixes: list[VehiclePosition]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lat = np.array([f.lat for f in fixes])
    lon = np.array([f.lon for f in fixes])
    words = {f.datum for f in fixes}
    for word in words - {"WGS84"}:
        which = np.array([f.datum == word for f in fixes])
        lat[which], lon[which] = to_wgs84(lat[which], lon[which], enum_of(Datum, word))
    return lat, lon


def optional(values: list[float | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    array = np.array(values, dtype=np.float64)
    known = ~np.isnan(array)
    return np.where(known, array, 0.0), known


def angle(degrees: NDArray[np.float64]) -> NDArray[np.uint16]:
    return (np.rint(degrees / frames.ANGLE_UNIT_DEG).astype(np.int64) & 0xFFFF).astype(np.uint16)
