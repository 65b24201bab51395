import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data_feeds import frames
from data_feeds.frames import FrameType, Stamp

STAMPS = st.builds(
    Stamp, st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1), st.floats(0, 4e12, allow_nan=False), st.booleans()
)
TEXTS = st.text('aé中<&"', max_size=6)
ROWS = hnp.arrays(frames.ROW, st.integers(0, 50))


def test_layout_is_as_pinned():
    assert frames.HEADER.size == 32
    assert frames.ROW.itemsize == 24
    assert {name: frames.ROW.fields[name][1] for name in frames.ROW.names} == {
        "slot": 0, "x": 4, "y": 8, "age": 12, "speed": 14, "course": 16, "heading": 18, "altitude": 20, "status": 22,
        "flags": 23,
    }  # fmt: skip


@given(STAMPS, ROWS, st.sampled_from([FrameType.SNAPSHOT, FrameType.DELTA]))
def test_rows_round_trip(stamp, rows, kind):
    frame = frames.decode(frames.encode_rows(kind, stamp, rows))
    assert (frame.kind, frame.stamp) == (kind, stamp)
    assert frame.rows.tobytes() == rows.tobytes()


@given(STAMPS, hnp.arrays(np.uint32, st.integers(0, 50)))
def test_remove_round_trip(stamp, slots):
    frame = frames.decode(frames.encode_remove(stamp, slots))
    assert frame.kind is FrameType.REMOVE
    assert frame.slots.tolist() == slots.tolist()


@given(STAMPS, st.dictionaries(st.integers(0, 2**32 - 1).map(str), st.fixed_dictionaries({"id": TEXTS})), st.booleans())
def test_dict_round_trip(stamp, entries, full):
    frame = frames.decode(frames.encode_dict(stamp, msgspec.json.encode(entries), full))
    assert frame.entries == entries
    assert bool(frame.flags & frames.FULL) is full


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"short", "shorter than a header"),
        (b"\0" * 32, "magic"),
        (frames.HEADER.pack(frames.MAGIC, 9, 0, 24, 1, 1, 0.0, 0, 0), "unknown frame type 9"),
        (frames.HEADER.pack(frames.MAGIC, 1, 0, 24, 1, 1, 0.0, 1, 0), "body of 0 bytes"),
        (frames.HEADER.pack(frames.MAGIC, 1, 0, 8, 1, 1, 0.0, 0, 0), "stride 8 is not 24"),
    ],
)
def test_what_is_no_frame_is_named(data, said):
    with pytest.raises(frames.FrameError, match=said):
        frames.decode(data)
