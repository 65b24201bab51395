"""Messages as columns: incidents as rows of RAW, fixes as rows of TRACK, what drones tell as rows of FLIGHT and SIGHT,
all in WGS-84 degrees. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data_feeds.drones import in_the_air
from data_feeds.geo import to_wgs84
from data_feeds.history.drone_rows import FLIGHT, SIGHT
from data_feeds.history.local_time import EARLIEST_MS, LATEST_MS
from data_feeds.history.store import RAW, TRACK
from data_feeds.model import Datum, Detection, DroneTelemetry, Incident, VehiclePosition, enum_of

_TIMES = {f"{name}_ms": name for name in ("call_received", "dispatched", "accepted", "enroute", "on_scene", "closed")}
_SAME = ("incident_id", "version", "category", "severity", "source", "valid", "exercise", "diverted", "disposition",
         "place_class", "place", "branch", "station", "zone")  # fmt: skip
Floats = NDArray[np.float64]


def raw_of(incidents: Sequence[Incident]) -> pa.Table:
    """One row an incident. A place in an unknown datum is none."""
    columns = {name: pa.array([getattr(one, name) for one in incidents], RAW.field(name).type) for name in _SAME}
    columns |= {
        name: pa.array([_ms(getattr(one, field)) for one in incidents], pa.int64()) for name, field in _TIMES.items()
    }
    lat, lon = _placed([one.lat for one in incidents], [one.lon for one in incidents], [one.datum for one in incidents])
    columns["lat"], columns["lon"] = pa.array(lat, from_pandas=True), pa.array(lon, from_pandas=True)
    columns["answered_ms"] = pa.nulls(len(incidents), pa.int64())
    units = [set(one.units) for one in incidents]
    columns["units"] = pa.array(map(len, units), pa.int16())
    # the times of an incident are those of one unit only where no other went
    columns["unit_id"] = pa.array([min(those) if len(those) == 1 else "" for those in units], pa.string())
    return pa.table({field.name: columns[field.name] for field in RAW})


def tracks_of(fixes: Sequence[VehiclePosition]) -> pa.Table:
    """One row a fix; those in an unknown datum or of a strange time are left out."""
    lat, lon = _placed([one.lat for one in fixes], [one.lon for one in fixes], [one.datum for one in fixes])
    table = pa.table(
        {
            "unit_id": pa.array([one.unit_id for one in fixes], pa.string()),
            "t_ms": pa.array([_ms(one.fix_time) for one in fixes], pa.int64()),
            "lat": lat,
            "lon": lon,
            "speed_mps": pa.array([one.speed_mps for one in fixes], pa.float32()),
        }
    )
    return usable(table)


def flights_of(telemetry: Sequence[DroneTelemetry]) -> pa.Table:
    """One row a telling of a drone in the air. A place in an unknown datum is none."""
    told = [one for one in telemetry if in_the_air(one)]
    lat, lon = _placed([one.lat for one in told], [one.lon for one in told], [one.datum for one in told])
    columns = {
        "drone_id": [one.drone_id for one in told], "at_ms": [_ms(one.time) for one in told], "lat": lat, "lon": lon,
        "mission": [one.mission for one in told],
    }  # fmt: skip
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in FLIGHT})


def sights_of(detections: Sequence[Detection]) -> pa.Table:
    """One row a detection. A place in an unknown datum is none."""
    lat, lon = _placed([d.lat for d in detections], [d.lon for d in detections], [d.datum for d in detections])
    columns = {name: [getattr(one, name) for one in detections] for name in ("detection_id", "drone_id", "kind")}
    columns |= {name: [getattr(one, name) for one in detections] for name in ("incident_id", "confidence")}
    columns["at_ms"] = [_ms(one.time) for one in detections]
    placed = {"lat": pa.array(lat, from_pandas=True), "lon": pa.array(lon, from_pandas=True)}
    return pa.table({f.name: placed.get(f.name) or pa.array(columns[f.name], f.type) for f in SIGHT})


def usable(table: pa.Table) -> pa.Table:
    """The rows of a table of TRACK that can be kept. Raises ValueError for other columns."""
    if "speed_mps" not in table.column_names:
        table = table.append_column("speed_mps", pa.nulls(len(table), pa.float32()))
    if set(table.column_names) != set(TRACK.names):
        raise ValueError(f"columns must be {', '.join(TRACK.names)}, not {', '.join(table.column_names)}")
    try:
        table = table.select(TRACK.names).cast(pa.schema([field.with_nullable(True) for field in TRACK]))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"fixes: {error}") from None
    if any(table[name].null_count for name in ("unit_id", "t_ms")):
        raise ValueError("a fix needs unit_id and t_ms")
    lat, lon, t = table["lat"].to_numpy(), table["lon"].to_numpy(), table["t_ms"].to_numpy()
    good = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0) & (t >= EARLIEST_MS) & (t < LATEST_MS)
    return table if good.all() else table.filter(pa.array(good))


def _placed(lats: list[float | None], lons: list[float | None], datums: list[str]) -> tuple[Floats, Floats]:
    lat, lon = np.array(lats, np.float64), np.array(lons, np.float64)
    for name in set(datums):
        datum = enum_of(Datum, name)
        if datum not in (Datum.WGS84, Datum.CGCS2000):
            of_it = np.array([one == name for one in datums], bool)
            if datum is Datum.UNKNOWN:
                lat[of_it] = lon[of_it] = np.nan
            else:
                lat[of_it], lon[of_it] = to_wgs84(lat[of_it], lon[of_it], datum)
    return lat, lon


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
