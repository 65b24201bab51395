"""The binary frames of ``/live``: pure encoding and decoding, little-endian, 32-byte header, 24-byte rows."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

MAGIC = 0x31574D4F
HEADER = struct.Struct("<IBBHIIdII")
ROW = np.dtype(
    [("slot", "<u4"), ("x", "<u4"), ("y", "<u4"), ("age", "<u2"), ("speed", "<u2"), ("course", "<u2"),
     ("heading", "<u2"), ("altitude", "<i2"), ("status", "u1"), ("flags", "u1")]
)  # fmt: skip
SLOT = np.dtype("<u4")
INDEX_BITS = 24
INDEX_MASK = (1 << INDEX_BITS) - 1

FULL = 1  # header flag: this DICT replaces the viewer's dictionary
REPLAY = 2  # header flag: t0 is a replay's clock

SOS, HAS_COURSE, HAS_HEADING, HAS_ALTITUDE, HAS_SPEED = 1, 2, 4, 8, 16  # row flags

AGE_UNIT_MS = 10.0
AGE_OLDER = 0xFFFF
SPEED_UNIT_MPS = 0.02
ANGLE_UNIT_DEG = 360.0 / 65536.0
ALTITUDE_UNIT_M = 0.5

Rows = NDArray[np.void]
Slots = NDArray[np.uint32]


class FrameType(IntEnum):
    """What a frame carries."""

    SNAPSHOT = 1
    DELTA = 2
    REMOVE = 3
    DICT = 4


class FrameError(ValueError):
    """Bytes that are no frame."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every frame of one tick shares. ``t0_ms``: the wall's clock in Unix milliseconds."""

    epoch: int
    seq: int
    t0_ms: float
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame: ``rows`` for SNAPSHOT and DELTA, ``slots`` for REMOVE, ``entries`` for DICT."""

    kind: FrameType
    flags: int
    stamp: Stamp
    rows: Rows | None = None
    slots: Slots | None = None
    entries: dict[str, Any] | None = None


def encode_rows(kind: FrameType, stamp: Stamp, rows: Rows) -> bytes:
    """A SNAPSHOT or DELTA of ``rows`` (dtype ROW)."""
    return _header(kind, 0, ROW.itemsize, stamp, len(rows)) + rows.tobytes()


def encode_remove(stamp: Stamp, slots: Slots) -> bytes:
    """A REMOVE of ``slots``."""
    return _header(FrameType.REMOVE, 0, SLOT.itemsize, stamp, len(slots)) + slots.astype(SLOT).tobytes()


def encode_dict(stamp: Stamp, body: bytes, full: bool) -> bytes:
    """A DICT; ``body`` is a JSON object that maps a slot in decimal to what is known of its unit."""
    return _header(FrameType.DICT, FULL if full else 0, 1, stamp, len(body)) + body


def decode(data: bytes) -> Frame:
    """The frame in ``data``. Raises FrameError naming what does not fit."""
    if len(data) < HEADER.size:
        raise FrameError(f"{len(data)} bytes are shorter than a header of {HEADER.size}")
    magic, kind, flags, stride, epoch, seq, t0_ms, count, _ = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError(f"magic {magic:#x} is not {MAGIC:#x}")
    try:
        frame_type = FrameType(kind)
    except ValueError:
        raise FrameError(f"unknown frame type {kind}") from None
    body = data[HEADER.size :]
    if len(body) != stride * count:
        raise FrameError(f"body of {len(body)} bytes is not {count} × {stride}")
    stamp = Stamp(epoch, seq, t0_ms, bool(flags & REPLAY))
    if frame_type is FrameType.DICT:
        return Frame(frame_type, flags, stamp, entries=msgspec.json.decode(body))
    if frame_type is FrameType.REMOVE:
        _expect(stride, SLOT.itemsize)
        return Frame(frame_type, flags, stamp, slots=np.frombuffer(body, dtype=SLOT))
    _expect(stride, ROW.itemsize)
    return Frame(frame_type, flags, stamp, rows=np.frombuffer(body, dtype=ROW))


def _header(kind: FrameType, flags: int, stride: int, stamp: Stamp, count: int) -> bytes:
    flags |= REPLAY if stamp.replay else 0
    return HEADER.pack(MAGIC, kind, flags, stride, stamp.epoch, stamp.seq & 0xFFFFFFFF, stamp.t0_ms, count, 0)


def _expect(stride: int, size: int) -> None:
    if stride != size:
        raise FrameError(f"stride {stride} is not {size}")
