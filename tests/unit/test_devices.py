"""Cameras on the board, their counts, and the list that viewers fetch."""

import asyncio
import json
from datetime import UTC, datetime

import msgspec
import pytest

from analytics import documents
from data_feeds import devices as devices_module
from data_feeds.board import Board
from data_feeds.devices import DeviceBook
from data_feeds.geo import from_wgs84
from data_feeds.limits import BoardFull
from data_feeds.messages import Tombstone
from data_feeds.model import (
    Datum,
    Device,
    DeviceKind,
    DeviceState,
    DroneTelemetry,
    Roster,
    Topic,
    VehiclePosition,
)
from data_feeds.scopes import CITY, Scope
from tests.unit.hand_clock import HandClock
from web.devices import MAX_SCOPES, RENEWED_S, DeviceList

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def board_of(*devices):
    board = Board(10, 60.0, 10.0)
    board.apply([(Topic.DEVICE, device) for device in devices], 0.0)
    return board


def test_a_device_is_placed_in_wgs84_and_its_words_are_understood():
    lat, lon = from_wgs84([31.2], [121.4], Datum.GCJ02)
    book = DeviceBook()
    assert book.apply(Device("C1", "camera", "Gate", float(lat[0]), float(lon[0]), "GCJ02", "online"))
    (placed,) = book.all()
    assert (placed.lat, placed.lon) == pytest.approx((31.2, 121.4), abs=1e-8)
    assert (placed.kind, placed.state) == (DeviceKind.CAMERA, DeviceState.ONLINE)


def test_what_cannot_be_placed_or_opened_stays_without_it():
    book = DeviceBook()
    book.apply(Device("C1", "odd", lat=31.0, lon=121.0, datum="MOON", stream_url="javascript:alert(1)"))
    book.apply(Device("C2", "body camera", lat=31.0, stream_url="rtsp://10.0.0.7/2"))
    first, second = book.all()
    assert (first.lat, first.kind, first.stream_url, book.bad_urls) == (None, DeviceKind.UNKNOWN, "", 1)
    assert (second.lat, second.kind, second.stream_url) == (None, DeviceKind.BODY_CAMERA, "rtsp://10.0.0.7/2")


def test_only_changes_raise_the_revision():
    board = board_of(Device("C1"), Device("C1"), Device("C2", state="fault"))
    assert board.devices_revision() == 2
    board.apply([(Topic.DEVICE, Tombstone("C1")), (Topic.DEVICE, Tombstone("C9"))], 0.0)
    assert (board.devices_revision(), [d.device.device_id for d in board.devices()]) == (3, ["C2"])


def test_the_document_can_be_sent_when_a_unit_with_a_station_is_gone():
    board = board_of(Device("C1"))
    board.apply([(Topic.ROSTER, Roster("U1", branch="B1", station="S1"))], 0.0)
    before = board.devices_revision()
    board.apply([(Topic.ROSTER, Tombstone("U1"))], 0.0)
    assert board.devices_revision() > before
    body = documents.devices_body(board.devices(), board.devices_revision(), board.shown(board.devices()))
    assert msgspec.json.decode(msgspec.json.encode(body))["revision"] == board.devices_revision()


def test_a_full_book_takes_changes_but_no_new_device(monkeypatch):
    monkeypatch.setattr(devices_module, "MAX_DEVICES", 1)
    book = DeviceBook()
    book.apply(Device("C1"))
    assert book.apply(Device("C1", state="fault"))
    with pytest.raises(BoardFull):
        book.apply(Device("C2"))
    assert len(book) == 1


def test_counts_by_kind_and_state():
    devices = [
        Device("C1", "camera", state="online", lat=31.0, lon=121.0), Device("C2", "camera", state="fault"),
        Device("C3", "CAMERA", state="online"), Device("B1", "body camera", state="offline", unit_id="U1"), Device("X"),
    ]  # fmt: skip
    body = documents.devices_body(board_of(*devices).devices(), 7, 1)
    assert body == {
        "revision": 7, "total": 5, "on_map": 1,
        "kinds": {"UNKNOWN": {"UNKNOWN": 1}, "CAMERA": {"FAULT": 1, "ONLINE": 2}, "BODY_CAMERA": {"OFFLINE": 1}},
    }  # fmt: skip


def test_on_the_map_is_what_has_a_place_or_is_carried_by_who_has_one():
    here = {"lat": 31.0, "lon": 121.0}
    board = board_of(
        Device("C1", "camera", **here), Device("C2", "camera"), Device("B1", "body camera", unit_id="U1"),
        Device("B2", "body camera", unit_id="U2"), Device("B3", "body camera", unit_id="nobody"),
        Device("B4", "body camera", unit_id="nobody", **here), Device("P1", "platform camera", unit_id="D1"),
    )  # fmt: skip
    fix = VehiclePosition("U1", 31.0, 121.0, AT)
    board.apply([(Topic.POSITION, fix), (Topic.ROSTER, Roster("U2"))], 0.0)
    board.apply([(Topic.TELEMETRY, DroneTelemetry("D1", 31.0, 121.0, AT))], 0.0)
    assert board.shown(board.devices()) == 4  # C1, B1, B4, P1
    board.apply([(Topic.POSITION, Tombstone("U1"))], 0.0)
    assert board.shown(board.devices()) == 3


def test_units_that_come_and_go_change_the_count_without_having_the_points_fetched_anew():
    clock, board = HandClock(), board_of(Device("B1", "body camera", unit_id="U1"))
    listed = DeviceList(board, clock)
    first = listed.counts(0.0, CITY)
    assert (first["on_map"], first["total"]) == (0, 1)
    board.apply([(Topic.POSITION, VehiclePosition("U1", 31.0, 121.0, AT))], 0.0)
    clock.wait(RENEWED_S)
    told = listed.counts(0.0, CITY)
    assert told == first | {"on_map": 1}
    clock.wait(RENEWED_S)
    assert listed.counts(0.0, CITY) is told


def test_viewers_are_told_of_changes_together_and_the_points_are_made_once():
    clock, board = HandClock(), board_of(Device("C1"))
    listed = DeviceList(board, clock)
    first = listed.counts(0.0, CITY)
    assert first["total"] == 1
    board.apply([(Topic.DEVICE, Device("C2"))], 0.0)
    clock.wait(RENEWED_S - 0.1)
    assert listed.counts(0.0, CITY) is first
    clock.wait(0.1)
    told = listed.counts(0.0, CITY)
    assert (told["total"], told["revision"]) == (2, 2)

    async def ask_often():
        return await asyncio.gather(*(listed.points(CITY) for _ in range(50)))

    answers = asyncio.run(ask_often())
    assert all(answer is answers[0] for answer in answers)
    points = json.loads(answers[0])
    assert (points["revision"], [p["id"] for p in points["devices"]]) == (2, ["C1", "C2"])


def test_a_list_that_could_not_be_made_is_made_anew():
    board = board_of(Device("C1"))
    listed = DeviceList(board, HandClock())
    whole = board.devices
    board.devices = lambda scope: 1 / 0
    with pytest.raises(ZeroDivisionError):
        asyncio.run(listed.points(CITY))
    board.devices = whole
    assert json.loads(asyncio.run(listed.points(CITY)))["revision"] == 1


def test_scopes_that_anybody_may_name_do_not_fill_the_memory():
    listed = DeviceList(board_of(Device("C1")), HandClock())
    for n in range(3 * MAX_SCOPES):
        listed.counts(0.0, Scope(str(n), ""))
    assert len(listed) == MAX_SCOPES
