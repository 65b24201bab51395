"""A file by byte ranges."""

import os

import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from web import ranges
from web.static import CompressedStatic

DATA = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "c.pmtiles"
    path.write_bytes(DATA)
    return path


@pytest.fixture(scope="module")
def client(file):
    api = FastAPI()

    @api.api_route("/basemap.pmtiles", methods=["GET", "HEAD"])
    async def answer(request: Request):
        return await ranges.answer(file, request.headers, request.method)

    return TestClient(CompressedStatic(api))


def ask(client, method="GET", **headers):
    return client.request(method, "/basemap.pmtiles", headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0), ("bytes=0-126", 0, 126), ("bytes=1000-", 1000, 1023), ("bytes=-24", 1000, 1023),
        ("bytes=1023-", 1023, 1023), ("bytes=100-999999", 100, 1023), ("bytes=-999999", 0, 1023),
        ("BYTES = 5 - 9", 5, 9),
    ],
)  # fmt: skip
def test_a_part(client, asked, first, last):
    got = ask(client, range=asked)
    assert got.status_code == 206
    assert got.content == DATA[first : last + 1]
    assert got.headers["content-range"] == f"bytes {first}-{last}/1024"
    assert got.headers["content-length"] == str(last - first + 1)
    assert "content-encoding" not in got.headers


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_beyond_the_end(client, asked):
    got = ask(client, range=asked)
    assert (got.status_code, got.content, got.headers["content-range"]) == (416, b"", "bytes */1024")


ODD = ("", "bytes", "bytes=", "bytes=-", "bytes=a-b", "items=0-1", "bytes=9-5", "bytes=0-1,5-6")


@pytest.mark.parametrize("asked", ODD)
def test_what_is_not_understood_gets_the_whole_file(client, asked):
    got = ask(client, range=asked)
    assert (got.status_code, got.content) == (200, DATA)
    assert got.headers["accept-ranges"] == "bytes"


def test_head_tells_the_size(client):
    got = ask(client, "HEAD", range="bytes=0-5")
    assert (got.status_code, got.content, got.headers["content-length"]) == (200, b"", "1024")


def test_what_the_browser_has_is_not_sent_again(client):
    tag = ask(client).headers["etag"]
    assert ask(client, range="bytes=0-5").headers["etag"] == tag
    for known in (tag, f'"other", W/{tag}', "*"):
        got = ask(client, if_none_match=known)
        assert (got.status_code, got.content, got.headers["etag"]) == (304, b"", tag)
    assert ask(client, if_none_match='"other"').status_code == 200


def test_a_part_of_another_file_is_not_given(client):
    assert ask(client, range="bytes=0-5", if_range='"other"').status_code == 200
    assert ask(client, range="bytes=0-5", if_range=ask(client).headers["etag"]).status_code == 206


def test_a_new_file_has_a_new_tag(client, file):
    before = ask(client).headers["etag"]
    stat = file.stat()
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert ask(client).headers["etag"] != before


def test_a_file_that_is_gone(client, file):
    away = file.rename(file.with_suffix(".away"))
    try:
        assert ask(client).status_code == 404
    finally:
        away.rename(file)
    assert ask(client).status_code == 200


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 1500))
def test_any_range_lies_inside_the_file(first, last, size):
    try:
        span = ranges.wanted(f"bytes={first}-{last}", size)
    except ranges.Unsatisfiable:
        assert first >= size
        return
    if span is None:
        assert last < first
    else:
        assert (span[0], span[1]) == (first, min(last, size - 1))


@given(st.text(max_size=40))
def test_no_header_is_too_strange(header):
    try:
        span = ranges.wanted(header, 100)
    except ranges.Unsatisfiable:
        return
    assert span is None or 0 <= span[0] <= span[1] < 100
