"""Every setting of the wall, read once: defaults, then ``wallboard.toml``, then ``WALLBOARD_*`` from the environment.

This is the only module that reads the environment or the settings file. ``python -m data_feeds.settings`` prints all
of them with their help, as a settings file.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data_feeds import settings_checks
from data_feeds.model import DEFAULT_TOPIC_NAMES, Topic

ENV_PREFIX = "WALLBOARD_"
CACHE_SCHEMES = ("redis://", "rediss://", "unix://")


class SettingsError(ValueError):
    """A setting is wrong; the text names it and the way out."""


def _setting(default: Any, help: str, **limits: Any) -> Any:
    if isinstance(default, dict | list | tuple):
        return field(default_factory=lambda: type(default)(default), metadata={"help": help, **limits})
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, immutable. Durations end in ``_s`` (seconds)."""

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8050, "port to listen on", low=1, high=65535)
    allow_unauthenticated: bool = _setting(
        False, "answer other hosts and proxies without any login; only behind something that asks for one"
    )
    allowed_origins: list[str] = _setting([], "pages of other addresses that may open sockets: https://wall.example")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR", choices=("DEBUG", "INFO", "WARNING", "ERROR"))

    feed: str = _setting(
        "embedded", "embedded (a moving city in process), kafka, or none (a wall of figures without live data)",
        choices=("embedded", "kafka", "none"),
    )
    kafka_bootstrap_servers: str = _setting("127.0.0.1:9092", "host:port of one or more brokers, comma separated")
    kafka: dict[str, Any] = field(  # not in the repr: it may hold a password
        default_factory=dict,
        repr=False,
        metadata={"help": "TLS and SASL settings handed to kafka-python as they are (table [kafka])"},
    )
    topics: dict[str, str] = _setting({}, "other names for topics (table [topics]: position = \"my.topic\")")
    replication_factor: int = _setting(1, "copies of each topic that `topics create` asks for", low=1, high=7)
    embedded_units: int = _setting(
        1200, "units of the embedded city; on an extract's streets at most one every 250 m", low=1, high=50_000
    )
    embedded_seed: int = _setting(1, "seed of the embedded city", low=0, high=2**31)
    cache_dir: str = _setting(".cache/wall", "folder for what can be made again, such as the embedded city")
    embedded_rate: float = _setting(1.0, "times the usual number of fixes in the embedded city", low=0.01, high=50.0)
    embedded_calls: float = _setting(1.0, "times the usual number of calls in the embedded city", low=0.01, high=50.0)
    embedded_past_days: int = _setting(7, "days of closed incidents that the embedded city remembers", low=1, high=30)

    clock: str = _setting(
        "system", "system, or replay: follow the clock topic of a replay", choices=("system", "replay")
    )
    tick_s: float = _setting(1.0, "seconds between two frames of positions", low=0.1, high=60.0)
    stale_after_s: float = _setting(30.0, "a unit whose fix is older looks stale", low=1.0, high=86_400.0)
    offline_after_s: float = _setting(300.0, "a unit whose fix is older counts as lost", low=1.0, high=86_400.0)
    feed_stale_s: float = _setting(15.0, "a feed silent for longer is shown as stale", low=1.0, high=86_400.0)
    feed_lost_s: float = _setting(
        60.0, "a feed silent for longer is shown as lost and raises an alarm", low=1.0, high=86_400.0
    )
    max_skew_s: float = _setting(60.0, "a message further ahead of the clock is refused", low=1.0, high=86_400.0)
    max_units: int = _setting(65_536, "units the board holds at most", low=1, high=1 << 24)
    trail_s: float = _setting(1800.0, "length of a unit's trail", low=60.0, high=7200.0)
    trail_step_s: float = _setting(10.0, "seconds between two points of a trail", low=1.0, high=600.0)
    target_key_spot_s: float = _setting(60.0, "target from call to arrival at key spots", low=1.0, high=86_400.0)
    target_centre_s: float = _setting(180.0, "target in the city centre", low=1.0, high=86_400.0)
    target_other_s: float = _setting(300.0, "target elsewhere", low=1.0, high=86_400.0)
    road_speeds: dict[str, Any] = _setting(
        {}, "km/h that cars usually drive by class of street, instead of what the road file says (table [road_speeds])"
    )
    road_hours: dict[str, Any] = _setting(
        {}, "shares of these speeds by hour, instead of those in docs/dispatch.md (table [road_hours])"
    )
    category_needs: dict[str, Any] = _setting(
        {}, "capability words of which a unit should have one, by category of incident (table [category_needs])"
    )
    dispatch_costs: dict[str, Any] = _setting(
        {}, "seconds of travel that a candidate's drawback counts for (table [dispatch_costs])"
    )
    incident_open_max_s: float = _setting(
        86_400.0, "an incident open for longer is only counted, not listed", low=60.0, high=31_536_000.0
    )
    operator: str = _setting(
        "", "who gives orders at this machine; orders say so, and nothing proves it; empty: no orders can be given"
    )
    detection_kinds: list[str] = _setting(
"crowd vehicle illegal_parking fire smoke congestion accident intrusion wrong_way illegal_stall fireworks "
        "drowning_risk waste_dumping road_damage fallen_tree flood abandoned_object construction boat other".split(),
        "what drones may detect; another kind is shown as unknown",
    )

    lang: str = _setting("zh", "language of the wall when the address names none: zh or en", choices=("zh", "en"))
    title_zh: str = _setting("云岭市公安局 · 一张图", "title in Chinese")
    title_en: str = _setting("Yunling Police · One Map", "title in English")
    time_zone: str = _setting("Asia/Shanghai", "time zone of the city (IANA name)")
    basemap: str = _setting(
        "",
        "a .geojson or .geojson.gz file, a .pmtiles file, tianditu, tianditu-image, gaode, tencent, or the address of"
        " tiles with {z} {x} {y}; empty: the embedded city's own, or none",
    )
    basemap_datum: str = _setting(
        "", "its datum; empty: the provider's, WGS84 for a file", choices=("", "WGS84", "CGCS2000", "GCJ02", "BD09")
    )
    basemap_key: str = field(
        default="", repr=False, metadata={"help": "what {key} in its address stands for; viewers' browsers get it"}
    )
    basemap_attribution: str = _setting("", "whose map it is, shown in its corner; empty: as file or provider say")
    basemap_max_zoom: int = _setting(0, "closest zoom that an online map has; 0: the provider's", low=0, high=22)
    basemap_look: str = _setting(
        "", "online tiles are shown dark (a light map inverted), dim or plain; empty: as suits the provider",
        choices=("", "dark", "dim", "plain"),
    )
    places: str = _setting(
        "", "GeoJSON (.geojson or .geojson.gz) of jurisdictions, zones and spots; empty: the embedded city's, or none"
    )
    places_datum: str = _setting("WGS84", "datum of that file", choices=("WGS84", "CGCS2000", "GCJ02", "BD09"))
    map_center: list[float] = _setting([], "latitude, longitude at start; empty: the middle of basemap or data")
    map_zoom: float = _setting(0.0, "zoom at start; 0: so that the basemap fits", low=0.0, high=20.0)
    scenes: list[str] = _setting(["map"], "scenes of the wall in their order: map, drones")
    scene_s: float = _setting(60.0, "seconds that each scene is shown; 0: only keys change it", low=0.0, high=86_400.0)
    kiosk: bool = _setting(False, "a wall that nobody operates: no controls, no pointer; ?kiosk=1 for one screen")
    scale: float = _setting(1.0, "size of everything when the address names none (?scale=)", low=0.5, high=4.0)
    drift_px: int = _setting(
        8, "how far a kiosk's picture wanders against burn-in, in pixels of 1920x1080; 0: not at all", low=0, high=40
    )

    history_dir: str = _setting("history", "folder in which incidents and tracks are kept; empty: nothing is kept")
    history_name: str = _setting("", "which set in it; empty: demo for the embedded city, else live")
    incidents_days: int = _setting(
        0, "days for which incidents and drones' detections are kept; 0: for ever", low=0, high=36_500
    )
    tracks_days: int = _setting(
        90, "days for which units' tracks and drones' minutes in the air are kept; 0: for ever", low=0, high=36_500
    )
    demo_past_months: int = _setting(14, "months of past the embedded city gets at its first start", low=0, high=120)
    day_starts_at: str = _setting("00:00", "when a day of the figures begins, such as 08:00")
    key_dates: dict[str, Any] = _setting({}, "named periods: first and last day of each (table [key_dates])")
    lunar_comparison: bool = _setting(False, "same period last year follows the lunar calendar around Spring Festival")
    suppress_below: int = _setting(3, "cells with fewer incidents are left out of exported maps", low=1, high=1000)
    briefings_dir: str = _setting("", "folder for written briefings, one in it for each set; empty: in the history's")
    briefings_at: str = _setting("07:30", "when briefings of the last day, week and month are written; empty: never")
    briefings_formats: list[str] = _setting(["pdf", "xlsx"], "as which files: pdf, xlsx, pptx, csv, png")
    cache_url: str = field(
        default="", repr=False, metadata={"help": "redis://host:port/0 for several web processes; empty: in memory"}
    )

    def topic_name(self, topic: Topic) -> str:
        """The name of ``topic`` on the broker."""
        return self.topics.get(topic.value, DEFAULT_TOPIC_NAMES[topic])

    def topic_of(self) -> dict[str, Topic]:
        """Broker name → kind, for every topic."""
        return {self.topic_name(topic): topic for topic in Topic}

    @property
    def day_start_minute(self) -> int:
        """Minutes after midnight at which a day of the figures begins."""
        return _minute(self.day_starts_at)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def load(path: str | Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``path`` (default: ``WALLBOARD_CONFIG`` or ./wallboard.toml if it exists) and the environment.

    Raises SettingsError naming the setting at fault, where it was set and what it may be.
    """
    environ = os.environ if environ is None else environ
    explicit = path or environ.get(ENV_PREFIX + "CONFIG")
    file = Path(explicit or "wallboard.toml")
    values: dict[str, Any] = {}
    if file.exists():
        values.update(_from_file(file))
    elif explicit:
        raise SettingsError(f"settings file {file} does not exist; create it or unset {ENV_PREFIX}CONFIG")
    for name, value in _from_environment(environ).items():
        # a table is merged, so that the file may hold all but the password
        values[name] = {**values.get(name, {}), **value} if isinstance(value, dict) else value
    settings = Settings(**values)
    _check_together(settings)
    return settings


def changed(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    """``settings`` with other ``values``, checked like a settings file; ``where`` names their origin in errors.

    Raises SettingsError.
    """
    known = {f.name: f for f in fields(Settings)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise SettingsError(f"{where}: no setting is called {', '.join(unknown)}; see wallboard.toml.example")
    checked = {name: _checked(known[name], value, f"{where}: {name}") for name, value in values.items()}
    new = replace(settings, **checked)
    _check_together(new)
    return new


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file}: {error}; see wallboard.toml.example") from None
    known = {f.name: f for f in fields(Settings)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise SettingsError(f"{file}: no setting is called {', '.join(unknown)}; see wallboard.toml.example")
    return {name: _checked(known[name], value, f"{file}: {name}") for name, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for f in fields(Settings):
        text = environ.get(ENV_PREFIX + f.name.upper())
        if text is not None:
            values[f.name] = _checked(f, _parsed(f, text), ENV_PREFIX + f.name.upper())
    return values


def _parsed(f: Any, text: str) -> Any:
    """An environment variable's text as the setting's type; what does not parse stays text and is refused later."""
    kind = str(f.type).split("[")[0]
    try:
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False,
                    "off": False, "": False}[text.strip().lower()]
        if kind in ("int", "float"):
            return int(text) if kind == "int" else float(text)
        if kind in ("dict", "list"):
            return tomllib.loads(f"value = {text}")["value"]
    except (KeyError, ValueError):
        return text
    return text


def _checked(f: Any, value: Any, where: str) -> Any:
    expected: Any
    kind = str(f.type).split("[")[0]
    expected = {"bool": bool, "int": int, "float": float, "str": str, "dict": dict, "list": list}[kind]
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not expected:
        raise SettingsError(f"{where} = {value!r}: must be a {kind} ({f.metadata['help']})")
    low, high, choices = (f.metadata.get(k) for k in ("low", "high", "choices"))
    if choices and value not in choices:
        raise SettingsError(f"{where} = {value!r}: must be one of {', '.join(c or 'empty' for c in choices)}")
    if low is not None and not low <= value <= high:
        raise SettingsError(f"{where} = {value!r}: must lie between {low} and {high}")
    if wrong := settings_checks.problem(f.name, value):
        raise SettingsError(f"{where}: {wrong}")
    return value


def _minute(text: str) -> int:
    at = time.fromisoformat(text)
    if at.second or at.microsecond or at.tzinfo:
        raise ValueError(text)
    return at.hour * 60 + at.minute


def _is_place(values: list[Any]) -> bool:
    return (
        len(values) == 2
        and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        and abs(values[0]) <= 90.0
        and abs(values[1]) <= 180.0
    )


def _is_folder_name(name: str) -> bool:
    return not name or (name == Path(name).name and name not in (".", "..") and "\\" not in name and "\0" not in name)


def _check_together(settings: Settings) -> None:
    names = [settings.topic_name(topic) for topic in Topic]
    if len(set(names)) != len(names):
        raise SettingsError("topics: two kinds share one topic name; give each its own")
    if settings.offline_after_s < settings.stale_after_s:
        raise SettingsError("offline_after_s must not be below stale_after_s")
    if settings.feed_lost_s < settings.feed_stale_s:
        raise SettingsError("feed_lost_s must not be below feed_stale_s")
    if settings.map_center and not _is_place(settings.map_center):
        raise SettingsError(f"map_center = {settings.map_center!r}: must be [latitude, longitude] in degrees, or empty")
    if settings.operator and not (settings.operator.isprintable() and settings.operator.strip() == settings.operator
                                  and len(settings.operator) <= 64):  # fmt: skip
        raise SettingsError(f"operator = {settings.operator!r}: must be a name of at most 64 characters on one line")
    for name in ("day_starts_at", "briefings_at"):
        try:
            _minute(getattr(settings, name) or "00:00")
        except ValueError:
            raise SettingsError(f"{name} = {getattr(settings, name)!r}: must be a time such as 08:00") from None
    if not settings.day_starts_at:
        raise SettingsError("day_starts_at is empty: it must be a time such as 00:00")
    if not _is_folder_name(settings.history_name):
        raise SettingsError(f"history_name = {settings.history_name!r}: must be a plain folder name, or empty")
    if settings.cache_url and not settings.cache_url.startswith(CACHE_SCHEMES):
        # not shown: it may hold a password
        raise SettingsError(f"cache_url must begin with {', '.join(CACHE_SCHEMES)}, or be empty")
    try:
        ZoneInfo(settings.time_zone)
    except Exception:
        name = settings.time_zone
        raise SettingsError(f"time_zone = {name!r}: not an IANA time zone such as Asia/Shanghai") from None


def example() -> str:
    """A settings file with every setting, its help and its default, all commented out."""
    settings, plain, tables = Settings(), [], []
    for entry in fields(Settings):
        note = f"# {entry.metadata['help']} ({ENV_PREFIX}{entry.name.upper()})\n"
        if entry.name in _EXAMPLE_TABLES:
            rows = "".join(f"#{_key(key)} = {_toml(value)}\n" for key, value in _EXAMPLE_TABLES[entry.name].items())
            tables.append(f"{note}#[{entry.name}]\n{rows}")
        else:
            plain.append(f"{note}#{entry.name} = {_toml(getattr(settings, entry.name))}\n")
    return "\n".join([_EXAMPLE_HEAD, *plain, *tables])


def _toml(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], date):
        return f"[{', '.join(day.isoformat() for day in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.isidentifier() else _toml(name)


_EXAMPLE_HEAD = """# Settings of the wall with their defaults. Copy to wallboard.toml and uncomment what you change.
# Each can also be set in the environment under the name in brackets, which goes before this file.
# `python -m data_feeds.settings` prints this text.
"""
_EXAMPLE_TABLES: dict[str, dict[str, Any]] = {
    "kafka": {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": "/etc/one-map/kafka-ca.pem",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "wallboard",
        "sasl_plain_password": "...",
    },
    "topics": {topic.value: name for topic, name in DEFAULT_TOPIC_NAMES.items()},
    "road_speeds": {"residential": 25, "primary": 50},
    "road_hours": {"7-8": [0.7, 0.6, 0.8], "17-19": [0.65, 0.55, 0.75]},
    "category_needs": {"fire": ["first_aid", "ladder"], "medical": []},
    "dispatch_costs": {
        "stale": 60, "other_station": 20, "other_branch": 60, "uncovers": 45, "incapable": 60, "unfit_type": 90,
    },
    "key_dates": {"National Day 2025": [date(2025, 10, 1), date(2025, 10, 8)]},
}

if __name__ == "__main__":
    print(example(), end="")
