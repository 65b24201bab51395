"""The catalogue says everything in both languages, and everything that the page says is in it."""

import json
import re
from pathlib import Path

import pytest

from analytics.heat import WINDOWS
from analytics.heat_past import PAST_WINDOWS
from analytics.strip import CLASSES, NEEDED
from components import layout, texts
from components.panels.dispatch import TABS
from components.panels.layers import LAYERS
from data_feeds.history.query import CAUSES
from data_feeds.model import DeviceKind, DeviceState, PlaceClass, Severity, Source, Topic, UnitStatus, UnitType
from data_feeds.settings import Settings

ROOT = Path(__file__).parents[2]
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "assets/js/ui").glob("*.js"))}
PLACES = re.compile(r"\{(\w+)\}")
WEAK = ("reach", "absent", "gap", "uneven", "partial")
STATES = ["reading", "seeding", "trouble"]
# families whose members are looked up by a word of the messages
FAMILIES = {
    "status": [*UnitStatus.__members__, "LOST"],
    "type": list(UnitType.__members__),
    "severity": list(Severity.__members__),
    "class": list(PlaceClass.__members__),
    "source": list(Source.__members__),
    "device": list(DeviceKind.__members__),
    "condition": list(DeviceState.__members__),
    "feed": [topic.value for topic in Topic],
    "detection": Settings().detection_kinds,
    "layers": list(LAYERS),
    "data": ["stale", "lost"],
    "scene": layout.scene_names(),
    "verdict": [f"{head}{word}" for head in ("", "short.") for word in ("few", "noise", "up", "down")],
    "today": ["why.empty", "why.reach", "why.gap", "exercise", "invalid", "diverted"],
    "against": ["yesterday", "weekday", "year", "lunar", "usual", *(f"why.{w}" for w in WEAK)],
    "past": STATES,
    "response": [*(kind.name for kind in CLASSES), *STATES, *(f"lacks.{field}" for field in NEEDED)],
    "cause": list(CAUSES),
    "basis": ["road", "straight"],
    "derived": ["place_class", "branch", "station", "zone"],
    "drawer": list(TABS),
    "order": [
        *"written delivered accepted enroute on_scene refused failed overdue".split(),
        *(f"why.{word}" for word in "busy off_duty incapable too_far closed no_place".split()),
    ],
    "reason.for": ["nearest", "closest", "in_target", "in_target.by", "in_zone", "capable", "capable.by", "idle"],
    "reason.against": [
        *(code + by for by in ("", ".by")
          for code in "slower farther stale lost sent busy off_duty wrong_type incapable other_zone uncovers".split()),
        "late", "late.by", "no_position", "unreachable", "even",
    ],
    "heat": [*(f"said.{name}" for name in (*WINDOWS, *PAST_WINDOWS)), *STATES, "off"],
    "stage": ["none", "dispatched", "accepted", "enroute", "on_scene"],
    "alarms": (
        "sos breach forecast order_overdue order_refused order_failed feed_lost feed_missing feed_refused clock_lost "
        "panel_broken board_full history_busy history_full history_broken history_failing other"
    ).split(),
}
OPEN_FAMILIES = ("category", "detection", "lacks", "capability")


def keys_in_scripts() -> set[str]:
    """The keys that the scripts name in full."""
    quoted = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')
    heads = {key.split(".")[0] for key in texts.TEXTS}
    return {key for source in SCRIPTS.values() for key in quoted.findall(source) if key.split(".")[0] in heads}


def keys_on_page() -> set[str]:
    page = layout.build(title_zh="一张图", title_en="One Map")
    marks = ("data-t", "data-t-title", "data-t-label")
    return {getattr(c, mark) for c in page._traverse() for mark in marks if getattr(c, mark, None)}


@pytest.mark.parametrize("key", texts.TEXTS)
def test_every_text_has_two_languages_with_the_same_places(key):
    zh, en = texts.TEXTS[key]
    assert zh.strip()
    assert en.strip()
    assert sorted(PLACES.findall(zh)) == sorted(PLACES.findall(en))
    assert not re.search(r"[\u4e00-\u9fff]", en) or key.startswith("language.")  # the other one names itself


def test_every_key_that_a_script_names_exists():
    found = keys_in_scripts()
    assert len(found) > 40
    assert found - set(texts.TEXTS) == set()


def test_every_key_on_the_page_exists():
    assert keys_on_page() - set(texts.TEXTS) == set()


@pytest.mark.parametrize(("family", "members"), FAMILIES.items())
def test_every_member_of_a_family_has_a_name(family, members):
    assert [name for name in members if f"{family}.{name}" not in texts.TEXTS] == []


def test_no_text_is_left_over():
    used = keys_in_scripts() | keys_on_page() | {f"{family}.{m}" for family, ms in FAMILIES.items() for m in ms}
    left = {key for key in texts.TEXTS if key not in used and key.split(".")[0] not in OPEN_FAMILIES}
    assert left - {"replay", "more"} == set()  # keys of one word, which no pattern finds


def test_the_catalogue_is_json_by_language():
    table = json.loads(texts.catalogue())
    assert set(table) == set(texts.LANGUAGES)
    assert table["en"]["status.AVAILABLE"] == "Available"
    assert texts.text("status.LOST", "zh") == "失联"


def test_an_unknown_key_is_refused():
    with pytest.raises(KeyError):
        texts.text("no.such", "zh")
