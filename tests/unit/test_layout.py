"""The page is composed of the panels that are there, and carries what the browser's scripts need."""

import json
import re
from pathlib import Path

import pytest

from components import ids, layout
from components.panel import COLUMNS, Panel
from components.stand import Stand
from components.texts import TEXTS

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "assets/js/ui").glob("*.js"))


def build(**values):
    return layout.build(title_zh="一张图", title_en="One Map", **values)


def components(page):
    return [page, *page._traverse()]


def by_id(page, name):
    return next(c for c in components(page) if getattr(c, "id", None) == name)


def classes(page):
    return {name for c in components(page) for name in (getattr(c, "className", None) or "").split()}


def test_scripts_use_the_same_ids():
    source = (ROOT / "assets/js/ui/ids.js").read_text(encoding="utf-8")
    in_browser = dict(re.findall(r'^\s+([A-Z_]+): "([^"]+)"', source, re.MULTILINE))
    here = {name: value for name, value in vars(ids).items() if name.isupper()}
    assert in_browser
    assert in_browser.items() <= here.items()


def test_every_drawn_panel_stands_on_the_page():
    found = {c.id for c in components(build()) if getattr(c, "id", None)}
    drawn = {
        name
        for path in SCRIPTS
        for name in re.findall(r'panels \?\?= \[\]\)\.push\(\{\s+id: "([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(drawn) >= 7
    assert drawn <= found


def test_every_part_that_a_script_looks_for_is_made_somewhere():
    sources = [path.read_text(encoding="utf-8") for path in SCRIPTS]
    looked_for = {name for source in sources for name in re.findall(r'part\([\w.]+, "\.([\w-]+)"', source)}
    made = {
        word for source in sources for text in re.findall(r'make\("\w+", "([^"]+)"', source) for word in text.split()
    }
    assert looked_for
    assert looked_for - made - classes(build()) == {"glyph"} - classes(build())


def test_the_wall_carries_the_settings_as_plain_values():
    page = build(lang="en", time_zone="America/Chicago", stale_after_s=45, offline_after_s=600.5, tick_s=0.5, trail_s=9)
    wall = by_id(page, ids.WALL)
    told = {"lang": "en", "zone": "America/Chicago", "stale-after": "45", "offline-after": "600.5", "tick": "0.5"}
    assert {name: getattr(wall, f"data-{name}") for name in told} == told
    assert getattr(wall, "data-trail") == "9"


def test_the_wall_carries_how_it_stands():
    stand = Stand(("drones", "map"), 30.0, True, 1.5, 8, "0a1b")
    wall = by_id(build(stand=stand), ids.WALL)
    told = {"scene": "drones", "scenes": "drones map", "turn": "30", "kiosk": "1", "scale": "1.5", "drift": "8",
            "build": "0a1b"}  # fmt: skip
    assert {name: getattr(wall, f"data-{name}") for name in told} == told
    assert getattr(by_id(build(), ids.WALL), "data-kiosk") == ""


def test_scenes_are_those_that_panels_stand_in_and_have_names():
    assert layout.scene_names() == ["map", "drones"]
    for scene in layout.scene_names():
        assert f"scene.{scene}" in TEXTS
        standing = [p.name for p in layout.panel_list() if not p.scenes or scene in p.scenes]
        assert {"header", "alarms", "card", "scale"} <= set(standing)
    assert Panel("new", "left", order=1, leaves=1).scenes == ("map",)


def test_the_map_has_no_tiles_and_starts_where_told():
    leaflet = by_id(build(center=(29.76, -95.37), zoom=11.5), ids.MAP)
    assert leaflet.center == [29.76, -95.37]
    assert leaflet.zoom == 11.5
    assert leaflet.children == []
    assert leaflet.preferCanvas
    assert not leaflet.attributionControl


def test_titles_are_carried_as_they_are_in_both_languages():
    page = layout.build(title_zh="<b>图</b>", title_en="A & B")
    title = next(c for c in components(page) if getattr(c, "className", None) == "wall-title")
    assert vars(title)["data-zh"] == "<b>图</b>"
    assert vars(title)["data-en"] == "A & B"


def test_nothing_is_styled_or_scripted_in_line():
    for component in components(build()):
        assert getattr(component, "style", None) is None
        assert type(component).__name__ not in ("Script", "Style", "Markdown", "DangerouslySetInnerHTML")


def test_panels_stand_in_their_columns_in_order():
    page = build()
    for column, place in (("left", ids.LEFT), ("right", ids.RIGHT)):
        told = [panel.name for panel in layout.panel_list() if panel.column == column]
        stand = [getattr(child, "data-panel") for child in by_id(page, place).children]
        assert stand == told


def test_the_order_of_leaving_is_documented_and_clear():
    leaving = sorted((panel for panel in layout.panel_list() if panel.leaves), key=lambda panel: panel.leaves)
    assert len({panel.leaves for panel in leaving}) == len(leaving)
    guide = (ROOT / "docs/wall.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\d+\. `([\w-]+)`", guide, re.MULTILINE)
    assert rows == [panel.name for panel in leaving]
    assert next(panel for panel in layout.panel_list() if panel.name == "queue").leaves == 0


def test_a_panel_in_no_column_is_refused():
    with pytest.raises(ValueError, match="column 'top' must be one of " + ", ".join(COLUMNS)):
        Panel("odd", "top", order=1, leaves=1)


def test_font_slices_are_the_stylesheets_and_all_there():
    slices = json.loads((ROOT / "assets/fonts/slices.json").read_text(encoding="utf-8"))
    css = (ROOT / "assets/css/fonts.css").read_text(encoding="utf-8")
    in_css = re.findall(r"url\(\.\./fonts/([^)]+)\).*?unicode-range:([^}]+)}", css)
    small = [(s["file"], s["range"]) for s in slices if s["file"].startswith("wall-")]
    large = [(s["file"], s["range"]) for s in slices if not s["file"].startswith("wall-")]
    # the worker takes the first that fits, a browser the last: the small ones win with both
    assert [(s["file"], s["range"]) for s in slices] == small + large
    assert in_css == large + small
    assert [file for file, _ in in_css if not (ROOT / "assets/fonts" / file).is_file()] == []
    assert "Open Font License" in (ROOT / "assets/fonts/LICENSE").read_text(encoding="utf-8")
