"""Flight logs that DJI drones write as subtitles (.SRT) → batches of rows with the line of every subtitle.

Nothing says which form a file has; it is told by its first subtitle with coordinates and holds for the whole file:

- ``[latitude: 3.41] [longitude: -3.37] [rel_alt: 1.2 abs_alt: 4.0]``  Mavic 3, Air 2, Mini 2 and later: named values
- ``GPS(149.0251,-20.2533,16) BAROMETER:1.9``  Mavic Pro and others: longitude first, then the number of satellites
- ``GPS(36.6146,-6.1120,0.0M) BAROMETER:0.3M``  Matrice: latitude first, then an altitude, which is what ``M`` tells
- ``GPS (-58.85, -34.23, 15), … H 85.80m, H.S 2.88m/s, … G.PRY (…)``  Mavic Mini, Phantom 4 RTK: longitude first

The form can be overruled by ``order`` in the mapping. Coordinates stay text when they are no numbers: the row is then
refused by the mapping's own rules. Exposure and other values of the picture are ignored.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from data_feeds.cells import Bad, shown
from data_feeds.reading import Batch, ReadError, Report, damaged, places, start_of

COLUMNS = (
    "drone", "index", "time", "at_s", "lat", "lon", "height_m", "altitude_m", "speed_mps", "heading", "gimbal_pitch",
    "gimbal_yaw", "fov_deg", "home_lat", "home_lon",
)  # fmt: skip
BATCH_ROWS = 5_000
LINE_CHARS = 4_096  # a longer line is no subtitle: the rest of it is not kept
TEXT_CHARS = 8_192
FILM_WIDTH_MM = 36.0  # focal lengths are told as of 35 mm film
FOCAL_MM = (4.0, 400.0)

_SPAN = re.compile(r"^\s*(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*\d")
_INDEX = re.compile(r"^\s*\d{1,9}\s*$")
_TAG = re.compile(r"<[^<>]{0,100}>")
_TIME = re.compile(r"(\d{4})[-./](\d\d)[-./](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3}))?(?:[.,](\d{3}))?")
_NAMED = re.compile(r"\b([a-z_]+)\s*:\s*([^\s\[\],]+)", re.I)
_GPS = re.compile(r"\bGPS\s*\(([^(),]*),([^(),]*)(?:,([^(),]*))?\)")
_HOME = re.compile(r"\bHOME\s*\(([^(),]*),([^(),]*)")
_NUMBER = r"\s*([-+]?\d+(?:\.\d+)?)"
_BAROMETER = re.compile(r"\bBAROMETER\s*:" + _NUMBER)
_HEIGHT = re.compile(r"\bH" + _NUMBER + r"\s*m\b")
_SPEED = re.compile(r"\bH\.S" + _NUMBER + r"\s*m/s")
_ANGLES = r"\(" + ",".join([_NUMBER + r"[^,()]*"] * 3) + r"\)"  # pitch, roll, yaw
_BODY = re.compile(r"\bF\.PRY\s*" + _ANGLES)
_GIMBAL = re.compile(r"\bG\.PRY\s*" + _ANGLES)


class Subtitle(NamedTuple):
    """One subtitle: the ``line`` that it begins at, its number or -1, its begin in the film (seconds), its text."""

    line: int
    number: int
    at_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Flight:
    """What the mapping says of a log: ``start`` of one without clock times (ISO), ``order`` of its coordinates."""

    start: str = ""
    order: str = ""


def read(path: Path, columns: Sequence[str], flight: Flight, report: Report) -> Iterator[Batch]:
    """The subtitles of ``path`` (also gzipped) in file order, as rows with ``columns``. Raises ReadError."""
    places(path, COLUMNS, columns, "Mend the name in the mapping")
    gzipped = start_of(path)[:2] == b"\x1f\x8b"
    log = _Log(path, flight)
    rows: list[tuple[int, dict[str, Any]]] = []
    line = 0
    with (
        gzip.open(path, "rb") if gzipped else path.open("rb") as raw,
        io.TextIOWrapper(raw, "utf-8-sig", errors="replace") as text,
    ):
        try:
            for subtitle in subtitles(text):
                line = subtitle.line
                report.rows += 1
                found = log.row(subtitle)
                if isinstance(found, Bad):
                    report.refuse(path, subtitle.line, found)
                else:
                    rows.append((subtitle.line, found))
                if len(rows) >= BATCH_ROWS:
                    yield _batch(rows, columns)
                    rows = []
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise damaged(path, line, error) from None
    if not line:
        raise ReadError(f"{path}:1: not an SRT log: no line such as 00:00:01,000 --> 00:00:02,000 in it")
    if rows:
        yield _batch(rows, columns)


def subtitles(text: io.TextIOBase) -> Iterator[Subtitle]:
    """The subtitles of a file, by their lines of times; blank lines between them may be missing."""
    begun: tuple[int, int, float] | None = None
    parts: list[str] = []
    number: tuple[int, str] | None = None  # a line with nothing but a number: the next subtitle's, if times follow
    for count, line in _lines(text):
        if span := _SPAN.match(line):
            if begun:
                yield Subtitle(*begun, " ".join(parts)[:TEXT_CHARS])
            hours, minutes, seconds = (int(part) for part in span.groups()[:3])
            at_s = hours * 3600 + minutes * 60 + seconds + int(span[4].ljust(3, "0")) / 1000
            begun = (number[0], int(number[1]), at_s) if number else (count, -1, at_s)
            parts, number = [], None
        elif _INDEX.match(line):
            number = (count, line)
        elif line.strip():
            number = None
            if len(parts) < LINE_CHARS:
                parts.append(line.strip())
    if begun:
        yield Subtitle(*begun, " ".join(parts)[:TEXT_CHARS])


def _lines(text: io.TextIOBase) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, each cut at LINE_CHARS so that a file without line ends does not fill the memory."""
    count = 0
    while line := text.readline(LINE_CHARS):
        count += 1
        rest = line
        while len(rest) == LINE_CHARS and not rest.endswith("\n"):
            rest = text.readline(LINE_CHARS)
        yield count, line


@dataclass(slots=True)
class _Log:
    """Turns the subtitles of one file into rows, by the form that its first one with coordinates has."""

    path: Path
    flight: Flight
    order: str = ""  # named, lat-lon or lon-lat; "" before the first coordinates
    clocked: bool = field(default=False)

    def row(self, subtitle: Subtitle) -> dict[str, Any] | Bad:
        text = _TAG.sub(" ", subtitle.text)
        named = {name.lower(): value for name, value in _NAMED.findall(text)}
        found = _coordinates(text, named)
        if found is None:
            return Bad("subtitle without coordinates: it breaks off, or the drone had none", shown(text))
        order, first, second = found
        clock = _TIME.search(text)
        if not self.order:
            self.order, self.clocked = order, clock is not None
            if clock is None and not self.flight.start:
                raise ReadError(f"{self.path}:{subtitle.line}: the subtitles tell no date and time; give the first "
                                "one's as start = \"2021-05-01 10:00:00\" in [file]")  # fmt: skip
        if order != self.order:
            return Bad("subtitle of another form than the file's first", shown(text))
        if self.clocked != (clock is not None):
            return Bad("subtitle without a date and time", shown(text))
        swap = (order if order == "named" else self.flight.order or order) == "lon-lat"
        lat, lon = (second, first) if swap else (first, second)
        if _beyond(lat, 90.0) and not _beyond(lon, 90.0):
            return Bad("latitude beyond 90 degrees", f"lat {shown(lat)}, lon {shown(lon)}; if they are swapped, "
                       f"set order = \"{'lat-lon' if swap else 'lon-lat'}\" in [file]")  # fmt: skip
        home = _HOME.search(text)
        home_at = (home[1].strip(), home[2].strip()) if home else (None, None)
        return {
            "drone": _name(self.path), "index": subtitle.number, "at_s": subtitle.at_s, "lat": lat, "lon": lon,
            "time": _moment(clock) if clock else _elapsed(self.flight.start, subtitle.at_s),
            "home_lat": home_at[swap], "home_lon": home_at[not swap], **_measured(text, named),
        }  # fmt: skip


def _coordinates(text: str, named: dict[str, str]) -> tuple[str, str, str] | None:
    """(form, first, second) of the coordinates, as text; None where there are none."""
    lon = named.get("longitude", named.get("longtitude"))  # some firmware spells it so
    if "latitude" in named and lon is not None:
        return "named", named["latitude"], lon
    gps = _GPS.search(text)
    if gps is None:
        return None
    return "lat-lon" if (gps[3] or "").strip().endswith("M") else "lon-lat", gps[1].strip(), gps[2].strip()


def _measured(text: str, named: dict[str, str]) -> dict[str, Any]:
    """What else a subtitle tells; None for what it does not."""
    body, gimbal = _BODY.search(text), _GIMBAL.search(text)
    height = named.get("rel_alt")
    if height is None:  # what the Air 2 calls altitude lies below the ground of its city: it is above the take-off
        height = _first(_BAROMETER, text) or _first(_HEIGHT, text) or named.get("altitude")
    return {
        "height_m": height, "altitude_m": named.get("abs_alt"), "speed_mps": _first(_SPEED, text),
        "heading": body[3] if body else None,
        "gimbal_pitch": gimbal[1] if gimbal else named.get("gb_pitch"),
        "gimbal_yaw": gimbal[3] if gimbal else named.get("gb_yaw"),
        "fov_deg": _field_of_view(named.get("focal_len")),
    }  # fmt: skip


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _field_of_view(focal: str | None) -> float | None:
    """Horizontal degrees of a focal length in mm of 35 mm film; some firmware tells it in tenths."""
    try:
        focal_mm = float(focal or "nan")
    except ValueError:
        return None
    focal_mm = focal_mm / 10 if focal_mm >= 100 and "." not in (focal or "") else focal_mm
    if not FOCAL_MM[0] <= focal_mm <= FOCAL_MM[1]:
        return None
    return round(2 * math.degrees(math.atan(FILM_WIDTH_MM / 2 / focal_mm)), 1)


def _moment(clock: re.Match[str]) -> str:
    year, month, day, hour, minute, second, milli, micro = clock.groups()
    fraction = (milli or "0").ljust(3, "0") + (micro or "000")
    return f"{year}-{month}-{day} {hour}:{minute}:{second}.{fraction}"


def _elapsed(start: str, at_s: float) -> str:
    return (datetime.fromisoformat(start) + timedelta(seconds=at_s)).isoformat(sep=" ", timespec="microseconds")


def _beyond(text: str, limit: float) -> bool:
    try:
        return abs(float(text)) > limit
    except ValueError:
        return False


def _name(path: Path) -> str:
    """The file's name without its endings: the drone's, for nothing in the log names it."""
    name = path.name.removesuffix(".gz")
    return (name[: -len(".srt")] if name.lower().endswith(".srt") else name)[:64] or "drone"


def _batch(rows: list[tuple[int, dict[str, Any]]], columns: Sequence[str]) -> Batch:
    cells = {name: np.fromiter((row[name] for _, row in rows), object, len(rows)) for name in columns}
    return Batch(np.array([line for line, _ in rows], np.int64), cells)
