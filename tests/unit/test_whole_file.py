"""Files within a bound: plain, packed, too large, damaged, absent."""

import gzip

import pytest

from data_feeds import whole_file


@pytest.mark.parametrize("name", ["a.geojson", "a.geojson.gz"])
def test_a_file_comes_whole_or_not_at_all(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"x" * 100) if name.endswith(".gz") else b"x" * 100)
    assert whole_file.read(path, 100) == b"x" * 100
    with pytest.raises(OSError, match="more than 99 bytes"):
        whole_file.read(path, 99)


def test_what_is_damaged_or_absent_is_an_oserror(tmp_path):
    packed = bytearray(gzip.compress(bytes(range(256)) * 40))
    for data in (packed[:-9], packed[:12] + b"\xff" * 20 + packed[32:], b"no gzip"):
        path = tmp_path / "a.gz"
        path.write_bytes(data)
        with pytest.raises(OSError, match="."):
            whole_file.read(path, 1 << 20)
    with pytest.raises(FileNotFoundError):
        whole_file.read(tmp_path / "b", 10)
