import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_feeds.messages import MAX_BYTES, DecodeError, Decoder, Tombstone, encode, unix_ms
from data_feeds.model import Clock, Incident, Topic, UnitStatus, VehiclePosition, enum_of

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NOW_MS = NOW.timestamp() * 1000
FIX = {"unit_id": "P-1", "lat": 26.0, "lon": 105.0, "fix_time": "2026-11-21T10:00:00Z"}


def decode(topic, key, value, now_ms=NOW_MS):
    if isinstance(value, dict):
        value = json.dumps(value).encode()
    return Decoder(60.0).decode(topic, key, value, now_ms)


def refused(topic, key, value):
    with pytest.raises(DecodeError) as caught:
        decode(topic, key, value)
    return caught.value.kind


def test_a_position():
    assert decode(Topic.POSITION, b"P-1", FIX) == VehiclePosition("P-1", 26.0, 105.0, NOW)


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("empty_key", b"", FIX),
        ("empty_key", None, FIX),
        ("too_large", b"P-1", b" " * (MAX_BYTES + 1)),
        ("not_json", b"P-1", b"<xml/>"),
        ("not_json", b"P-1", b""),
        ("not_json", b"P-1", b'{"unit_id":"P-1"'),
        ("bad_utf8", b"P-1", b'{"unit_id":"\xff\xfe"}'),
        ("too_deep", b"P-1", b'{"x":' + b"[" * 20_000),
        ("wrong_type", b"P-1", b"[1]"),
        ("wrong_type", b"P-1", {**FIX, "lat": "26.0"}),
        ("wrong_type", b"P-1", {**FIX, "fix_time": "2026-11-21T10:00:00"}),
        ("wrong_type", b"P-1", {k: v for k, v in FIX.items() if k != "lat"}),
        ("wrong_type", b"P-1", {**FIX, "unit_id": "x" * 65}),
        ("bad_coordinates", b"P-1", {**FIX, "lat": 90.5}),
        ("bad_coordinates", b"P-1", {**FIX, "lon": -180.5}),
        ("bad_coordinates", b"P-1", {**FIX, "lat": math.nan}),
        ("bad_coordinates", b"P-1", json.dumps(FIX).replace("26.0", "1e999").encode()),
        ("null_island", b"P-1", {**FIX, "lat": 0, "lon": 0.0}),
        ("future_time", b"P-1", {**FIX, "fix_time": "2026-11-21T10:01:01Z"}),
        ("key_mismatch", b"P-2", FIX),
        ("unknown_datum", b"P-1", {**FIX, "datum": "MARS"}),
    ],
)
def test_each_kind_of_bad_position_has_its_name(kind, key, value):
    assert refused(Topic.POSITION, key, value) == kind


def test_a_time_just_within_the_skew_is_taken():
    assert decode(Topic.POSITION, b"P-1", {**FIX, "fix_time": "2026-11-21T10:00:59Z"})


def test_without_a_clock_the_skew_is_not_judged():
    assert decode(Topic.POSITION, b"P-1", {**FIX, "fix_time": "2036-11-21T10:00:59Z"}, now_ms=None)


def test_any_time_of_an_incident_may_be_too_far_ahead():
    late = (NOW + timedelta(seconds=61)).isoformat()
    assert refused(Topic.INCIDENT, b"A", {"incident_id": "A", "version": 1, "on_scene": late}) == "future_time"


def test_half_a_place_is_none():
    assert refused(Topic.INCIDENT, b"A", {"incident_id": "A", "version": 1, "lat": 3.0}) == "bad_coordinates"


def test_an_incident_in_an_unknown_datum_is_kept():
    value = {"incident_id": "A", "version": 1, "lat": 3.0, "lon": 4.0, "datum": "MARS"}
    assert decode(Topic.INCIDENT, b"A", value).datum == "MARS"


def test_a_tombstone_names_its_entity():
    assert decode(Topic.ROSTER, "铁骑-1".encode(), None) == Tombstone("铁骑-1")
    assert refused(Topic.ROSTER, b"\xff", None) == "bad_utf8"


def test_unknown_fields_are_ignored_and_unknown_words_survive():
    message = decode(Topic.STATUS, b"P-1", {"unit_id": "P-1", "status": "FLOATING", "mood": 3})
    assert message.status == "FLOATING"
    assert enum_of(UnitStatus, message.status) is UnitStatus.UNKNOWN


@pytest.mark.parametrize("word", ["on scene", "On_Scene", "ON-SCENE", " on_scene "])
def test_enumeration_words_are_lenient(word):
    assert enum_of(UnitStatus, word) is UnitStatus.ON_SCENE


def test_the_clock_has_one_key():
    assert isinstance(decode(Topic.CLOCK, b"clock", {"now": "2008-05-30T07:00:00Z", "speed": 60}), Clock)
    assert refused(Topic.CLOCK, b"c", {"now": "2008-05-30T07:00:00Z"}) == "key_mismatch"


def test_the_error_names_the_field_but_not_its_text():
    with pytest.raises(DecodeError) as caught:
        decode(Topic.POSITION, b"P-1", {**FIX, "speed_mps": "secret words"})
    assert "speed_mps" in str(caught.value)
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_message_or_a_decode_error(value):
    for topic in Topic:
        try:
            Decoder().decode(topic, b"k", value, NOW_MS)
        except DecodeError as error:
            assert error.kind


TIMES = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))


@given(
    st.builds(
        Incident,
        incident_id=st.just("A"),
        version=st.integers(0, 9),
        lat=st.none(),
        lon=st.none(),
        category=st.text("aé中<&\"", max_size=20),
        severity=st.sampled_from(["low", "HIGH", "?"]),
        summary=st.text("aé中<&\"", max_size=99),
        call_received=TIMES,
        dispatched=TIMES,
        accepted=TIMES,
        enroute=TIMES,
        on_scene=TIMES,
        closed=TIMES,
        priority=st.none() | st.integers(0, 100),
        place_class=st.just(""),
        units=st.lists(st.just("P-1"), max_size=3),
    )
)
def test_incidents_round_trip(incident):
    assert Decoder().decode(Topic.INCIDENT, b"A", encode(incident), NOW_MS) == incident


def test_unix_ms():
    assert unix_ms(None) is None
    assert unix_ms(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1000.0


def test_characters_that_turn_or_break_a_line_are_taken_out_of_texts():
    message = decode(Topic.ROSTER, b"P-1", {"unit_id": "P-1", "callsign": "P\u202e001\n", "station": "青秀　1所"})
    assert (message.callsign, message.station) == ("P 001 ", "青秀　1所")


@pytest.mark.parametrize("unit_id", ["P\u202e1", "P\x00", "P\n1"])
def test_characters_that_turn_or_break_a_line_make_no_id(unit_id):
    assert refused(Topic.POSITION, unit_id.encode(), {**FIX, "unit_id": unit_id}) == "wrong_type"
    assert refused(Topic.ROSTER, unit_id.encode(), {"unit_id": unit_id}) == "wrong_type"


@pytest.mark.parametrize("now", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_a_clock_outside_all_reason_is_refused(now):
    assert refused(Topic.CLOCK, b"clock", {"now": now}) == "wrong_type"
