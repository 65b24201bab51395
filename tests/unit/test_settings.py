import tomllib
from dataclasses import FrozenInstanceError, fields
from datetime import date
from pathlib import Path

import pytest

from data_feeds import settings as module
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic
from data_feeds.settings import ENV_PREFIX, Settings, SettingsError, changed, load
from data_feeds.settings_checks import KAFKA_PASSTHROUGH

DEFAULTS = {entry.name: getattr(Settings(), entry.name) for entry in fields(Settings)}


@pytest.fixture
def config(tmp_path: Path):
    """Write a settings file and return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "wallboard.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_file_and_environment_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load(environ={}) == Settings()


def test_file_in_the_working_directory_is_read(config, monkeypatch):
    monkeypatch.chdir(config("port = 9000").parent)
    assert load(environ={}).port == 9000


def test_file_is_named_by_the_environment(config):
    path = config("port = 9001")
    assert load(environ={"WALLBOARD_CONFIG": str(path)}).port == 9001


def test_environment_goes_before_the_file(config):
    path = config('port = 9000\nlang = "en"')
    loaded = load(path, {"WALLBOARD_PORT": "9002"})
    assert (loaded.port, loaded.lang) == (9002, "en")


def test_tables_of_file_and_environment_are_merged(config):
    path = config('[kafka]\nsasl_mechanism = "PLAIN"\nsasl_plain_password = "old"\n[topics]\nposition = "fleet.gps"')
    loaded = load(path, {"WALLBOARD_KAFKA": '{sasl_plain_password = "s3cret"}'})
    assert loaded.kafka == {"sasl_mechanism": "PLAIN", "sasl_plain_password": "s3cret"}
    assert loaded.topics == {"position": "fleet.gps"}


def test_no_password_is_shown_with_the_settings():
    assert "s3cret" not in repr(Settings(kafka={"sasl_plain_password": "s3cret"}))


def test_process_environment_is_the_default(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WALLBOARD_PORT", "9003")
    assert load().port == 9003


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("allow_unauthenticated", "1", True),
        ("allow_unauthenticated", " Yes ", True),
        ("allow_unauthenticated", "off", False),
        ("allow_unauthenticated", "", False),
        ("port", "8051", 8051),
        ("tick_s", "0.5", 0.5),
        ("tick_s", "2", 2.0),
        ("title_zh", "临江市公安局", "临江市公安局"),
        ("kafka", '{security_protocol = "SSL", ssl_check_hostname = true}',
         {"security_protocol": "SSL", "ssl_check_hostname": True}),
        ("topics", '{position = "fleet.gps"}', {"position": "fleet.gps"}),
        ("map_center", "[30.5, 114.3]", [30.5, 114.3]),
        ("detection_kinds", '["fire"]', ["fire"]),
    ],
)  # fmt: skip
def test_environment_text_becomes_the_settings_type(tmp_path, monkeypatch, name, text, value):
    monkeypatch.chdir(tmp_path)
    loaded = getattr(load(environ={ENV_PREFIX + name.upper(): text}), name)
    assert loaded == value
    assert type(loaded) is type(value)


def test_whole_numbers_serve_as_seconds(config):
    tick_s = load(config("tick_s = 2"), {}).tick_s
    assert tick_s == 2.0
    assert isinstance(tick_s, float)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port = 0", ["port", "0", "between 1 and 65535"]),
        ('port = "80"', ["port", "must be a int"]),
        ("port = true", ["port", "must be a int"]),
        ("tick_s = nan", ["tick_s", "between"]),
        ("tick_s = true", ["tick_s", "must be a float"]),
        ("allow_unauthenticated = 1", ["allow_unauthenticated", "must be a bool"]),
        ('feed = "mqtt"', ["feed", "mqtt", "embedded, kafka"]),
        ('lang = "fr"', ["lang", "zh, en"]),
        ('colour = "red"', ["colour", "wallboard.toml.example"]),
        ("port = ", ["wallboard.toml", "wallboard.toml.example"]),
        ('topics = {positions = "x"}', ["positions", "position", "roster"]),
        ('topics = {position = ""}', ["position", "must be text"]),
        ("topics = {position = 3}", ["position", "must be text"]),
        ('topics = {position = "a", status = "a"}', ["two kinds share"]),
        ('topics = {position = "wall.incident"}', ["two kinds share"]),
        ('kafka = {group_id = "x"}', ["kafka", "group_id", "sasl_mechanism"]),
        ("stale_after_s = 100\noffline_after_s = 50", ["offline_after_s", "stale_after_s"]),
        ("feed_stale_s = 100\nfeed_lost_s = 50", ["feed_lost_s", "feed_stale_s"]),
        ("map_center = [1.0]", ["map_center", "latitude, longitude"]),
        ('map_center = ["north", "east"]', ["map_center", "latitude, longitude"]),
        ("map_center = [100.0, 10.0]", ["map_center", "latitude, longitude"]),
        ("detection_kinds = [1]", ["detection_kinds", "text"]),
        ("scenes = []", ["scenes", "list of scenes"]),
        ('scenes = ["map", "map"]', ["scenes", "once"]),
        ("scenes = [1]", ["scenes", "list of scenes"]),
        ("road_speeds = {lane = 30}", ["road_speeds", "'lane'", "residential"]),
        ("road_speeds = {residential = 0}", ["road_speeds", "residential", "km/h between 1 and 200"]),
        ("road_speeds = {residential = true}", ["road_speeds", "True"]),
        ("road_speeds = 30", ["road_speeds", "dict"]),
        ('road_hours = {"7-24" = [1, 1, 1]}', ["road_hours", "'7-24'", "7-8"]),
        ('road_hours = {"8-7" = [1, 1, 1]}', ["road_hours", "'8-7'"]),
        ('road_hours = {morning = [1, 1, 1]}', ["road_hours", "'morning'"]),
        ('road_hours = {"7-8" = [1, 1, 1], "8" = [1, 1, 1]}', ["hour 8 is named twice"]),
        ('road_hours = {"7" = 0.5}', ["'7'", "three shares"]),
        ('road_hours = {"7" = [0, 1, 1]}', ["three shares between 0.05 and 2"]),
        ("category_needs = {fire = 'ladder'}", ["category_needs", "fire", "list"]),
        ("dispatch_costs = {late = 9}", ["dispatch_costs", "'late'", "other_branch"]),
        ("dispatch_costs = {stale = -1}", ["stale", "seconds between 0 and 3600"]),
        ("scale = 9.0", ["scale", "between 0.5 and 4.0"]),
        ('time_zone = "Asia/Nowhere"', ["time_zone", "Asia/Nowhere", "Asia/Shanghai"]),
        ('time_zone = "../etc/passwd"', ["time_zone", "IANA"]),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_name_with_the_way_out(config, text, named):
    with pytest.raises(SettingsError) as refused:
        load(config(text), {})
    for word in named:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("WALLBOARD_PORT", "eighty"),
        ("WALLBOARD_TICK_S", "fast"),
        ("WALLBOARD_ALLOW_UNAUTHENTICATED", "perhaps"),
        ("WALLBOARD_TOPICS", "position=fleet.gps"),
        ("WALLBOARD_MAP_CENTER", "30.5, 114.3"),
        ("WALLBOARD_PORT", "70000"),
        ("WALLBOARD_FEED", "mqtt"),
    ],
)
def test_a_wrong_variable_is_refused_by_its_own_name(tmp_path, monkeypatch, variable, text):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as refused:
        load(environ={variable: text})
    assert variable in str(refused.value)


def test_a_named_file_must_exist(tmp_path):
    missing = tmp_path / "absent.toml"
    with pytest.raises(SettingsError, match=r"absent\.toml does not exist"):
        load(missing, {})
    with pytest.raises(SettingsError, match="unset WALLBOARD_CONFIG"):
        load(environ={"WALLBOARD_CONFIG": str(missing)})


@pytest.mark.parametrize("content", [b"port = \xff", b"title_zh = \"\xd6\xd0\""])
def test_a_file_that_is_not_utf8_is_refused(tmp_path, content):
    path = tmp_path / "wallboard.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"wallboard\.toml"):
        load(path, {})


def test_a_directory_is_refused_as_settings_file(tmp_path):
    with pytest.raises(SettingsError, match=r"wallboard\.toml\.example"):
        load(tmp_path, {})


def test_settings_are_frozen_and_share_nothing():
    one, other = Settings(), Settings()
    with pytest.raises(FrozenInstanceError):
        one.port = 1  # type: ignore[misc]
    one.topics["position"] = "changed"
    assert other.topics == {}


def test_topics_keep_their_names_unless_renamed():
    renamed = Settings(topics={"position": "fleet.gps"})
    assert renamed.topic_name(Topic.POSITION) == "fleet.gps"
    assert renamed.topic_name(Topic.STATUS) == DEFAULT_TOPIC_NAMES[Topic.STATUS]
    assert renamed.topic_of()["fleet.gps"] is Topic.POSITION
    assert set(renamed.topic_of().values()) == set(Topic)


def test_zone_is_the_citys():
    assert Settings(time_zone="America/Chicago").zone.key == "America/Chicago"


def test_example_without_its_comment_signs_is_the_defaults():
    lines = module.example().splitlines()
    table = tomllib.loads("\n".join(line[1:] if line.startswith("#") and line[1] != " " else line for line in lines))
    assert set(table) == set(DEFAULTS)
    assert table.pop("topics") == {topic.value: name for topic, name in DEFAULT_TOPIC_NAMES.items()}
    assert set(table.pop("kafka")) <= KAFKA_PASSTHROUGH
    for name in ("key_dates", "road_speeds", "road_hours", "category_needs", "dispatch_costs"):
        assert getattr(changed(Settings(), {name: table.pop(name)}, "t"), name)
    assert table == {name: DEFAULTS[name] for name in table}


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_default_would_pass_its_own_check(name):
    entry = next(f for f in fields(Settings) if f.name == name)
    assert module._checked(entry, DEFAULTS[name], name) == DEFAULTS[name]
    assert entry.metadata["help"]


def test_key_dates_and_the_days_begin():
    values = {"key_dates": {"国庆": [date(2025, 10, 1), date(2025, 10, 8)]}, "day_starts_at": "08:00"}
    settings = changed(Settings(), values, "t")
    assert settings.day_start_minute == 480


@pytest.mark.parametrize(("name", "value"), [
    ("day_starts_at", "25:00"), ("day_starts_at", "08:00:01"), ("day_starts_at", "eight"),
    ("history_name", "../x"), ("history_name", "a/b"), ("history_name", ".."),
    ("cache_url", "localhost:6379"), ("cache_url", "http://127.0.0.1"), ("cache_url", "memcached://127.0.0.1"),
    ("key_dates", {"a": [date(2025, 1, 2), date(2025, 1, 1)]}), ("key_dates", {"a": ["2025-01-01", "2025-01-02"]}),
])  # fmt: skip
def test_what_history_cannot_use_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=name):
        changed(Settings(), {name: value}, "t")


def test_the_caches_password_is_not_told():
    with pytest.raises(SettingsError) as told:
        changed(Settings(), {"cache_url": "http://me:secret@127.0.0.1"}, "t")
    assert "secret" not in str(told.value)
    assert "secret" not in repr(changed(Settings(), {"cache_url": "redis://me:secret@127.0.0.1"}, "t"))
