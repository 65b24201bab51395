"""The texts call things as shared/design/vocabulary.md does."""

import pytest

from briefings.texts import BRIEFING_TEXTS
from components.texts import TEXTS
from components.texts_formulas import FORMULAS
from components.texts_rows import COLUMN_TEXTS
from components.texts_statistics import STATISTICS_TEXTS
from tests.unit.simulated import a_city

CATALOGUES = {
    "wall": TEXTS, "statistics": STATISTICS_TEXTS, "rows": COLUMN_TEXTS, "formulas": FORMULAS,
    "briefings": BRIEFING_TEXTS,
}  # fmt: skip
# a zone of figures may be of any of these kinds, so no text calls all zones by one of them
ZONES = {
    "responsibility_area": ("责任区", "responsibility area"), "patrol_zone": ("巡区", "patrol zone"),
    "defence_zone": ("大防区", "defence zone"), "rapid_response_zone": ("快反区", "rapid-response zone"),
}  # fmt: skip
TIMES = {"call_received": "接警", "dispatched": "派警", "accepted": "接单", "enroute": "出警", "on_scene": "到场",
         "closed": "办结"}  # fmt: skip


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_no_text_calls_every_zone_by_one_kind(catalogue):
    kinds = {word for pair in ZONES.values() for word in pair}
    told = {key: pair for key, pair in CATALOGUES[catalogue].items() for text in pair if any(k in text for k in kinds)}
    assert told == {}


def test_the_demo_citys_zones_are_named_by_their_kind():
    features = [feature["properties"] for feature in a_city().places["features"]]
    named = [one for one in features if one["kind"] in ZONES]
    assert {one["kind"] for one in named} >= {"patrol_zone", "defence_zone", "rapid_response_zone"}
    for one in named:
        zh, en = ZONES[one["kind"]]
        assert zh in one["name_zh"]
        assert en in one["name_en"].lower()


def test_times_have_one_name_each():
    assert {name: COLUMN_TEXTS[f"{name}_ms"][0] for name in TIMES} == TIMES
    assert {name: STATISTICS_TEXTS[f"lacks.{name}"][0] for name in TIMES} == {n: f"{w}时间" for n, w in TIMES.items()}
    assert TEXTS["order.accepted"][0] == TEXTS["stage.accepted"][0] == "已接单"
