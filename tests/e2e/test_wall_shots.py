"""Every size and language is composed: nothing cut, nothing over anything else; pictures to be looked at in shots/."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.pages import Wall

SHOTS = Path(__file__).with_name("shots")
SIZES = [(1920, 1080), (3840, 2160), (1366, 768)]
SMALLEST_PX_AT_SCALE_2 = 24.0

# Every visible piece of text with what is wrong with it: `cut` by its own box without an ellipsis that a title
# completes, `clipped` by an element around it, or `gone` outside of that (fine where a title around it says it).
LOOK = """() => {
  const wall = document.getElementById("wall"), texts = [];
  const boxOf = ({left, top, right, bottom}) => [left, top, right, bottom];
  const hides = (style) => style.overflowX !== "visible" || style.overflowY !== "visible";
  const seen = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true})
    && !e.closest(".for-readers, #map");
  const titled = (e, text) => e.closest("[title]")?.title.includes(text.slice(0, 40));
  for (const e of wall.querySelectorAll("*")) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join("").trim();
    if (!text || !seen(e)) continue;
    const style = getComputedStyle(e), range = document.createRange(), px = parseFloat(style.fontSize);
    range.selectNodeContents(e);
    let box = boxOf(range.getBoundingClientRect()), trouble = "";
    // a note without room wraps out of sight as a whole
    if (e.matches(".head-note") && titled(e, text) && box[1] >= e.getBoundingClientRect().bottom - 2) continue;
    if (hides(style)) {
      const short = e.scrollWidth > e.clientWidth + 1;
      if (short && !(style.textOverflow === "ellipsis" && titled(e, text))) trouble = "cut";
      const clamped = style.webkitLineClamp !== "none" && titled(e, text); // it ends in an ellipsis, too
      if (!clamped && e.scrollHeight > e.clientHeight + 0.35 * px) trouble = "cut";
      box = boxOf(e.getBoundingClientRect());
    }
    for (let up = e.parentElement; up && up !== wall.parentElement; up = up.parentElement) {
      if (!hides(getComputedStyle(up)) && !up.matches("[data-panel], .wall")) continue;
      const [left, top, right, bottom] = boxOf(up.getBoundingClientRect()), slack = 0.35 * px;
      if (box[2] <= left || box[0] >= right || box[3] - slack <= top || box[1] + slack >= bottom) trouble ||= "gone";
      else if (box[0] < left - 1 || box[2] > right + 1 || box[1] < top - slack || box[3] > bottom + slack) {
        trouble ||= "clipped";
      }
    }
    // fresh feeds may give way in a narrow header: those that need a person stand first
    const mayGo = titled(e, text) || e.closest(".feed[data-age=fresh]");
    if (trouble === "gone" && mayGo) continue;
    const within = e.closest("[data-panel]")?.dataset.panel ?? "page";
    // letters fill their line's box only in part
    const [left, top, right, bottom] = box, ink = [left, top + 0.2 * px, right, bottom - 0.2 * px];
    texts.push({name: text.slice(0, 60), within, trouble, px, box: ink});
  }
  const panels = [...wall.querySelectorAll("[data-panel]")].filter((p) => p.checkVisibility())
    .map((p) => ({name: p.dataset.panel, box: boxOf(p.getBoundingClientRect())}));
  const {scrollWidth, scrollHeight} = document.documentElement;
  return {texts, panels, over: Math.max(scrollWidth - innerWidth, scrollHeight - innerHeight)};
}"""


def overlap(a: list[float], b: list[float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share more than a hair."""
    return min(a[2], b[2]) - max(a[0], b[0]) > 2 and min(a[3], b[3]) - max(a[1], b[1]) > 2


def troubles(wall: Wall) -> list[str]:
    """What a designer would not let pass."""
    seen = wall.ask(LOOK)
    said = [f"the page is {seen['over']} px too large"] if seen["over"] > 0 else []
    said += [f"{t['trouble']}: {t['name']!r} in {t['within']}" for t in seen["texts"] if t["trouble"]]
    for things in (seen["texts"], seen["panels"]):
        said += [
            f"{one['name']!r} {one['box']} lies over {other['name']!r} {other['box']}"
            for k, one in enumerate(things) for other in things[k + 1 :] if overlap(one["box"], other["box"])
        ]  # fmt: skip
    return said


def composed(wall: Wall, name: str) -> None:
    """Wait until the page is right, and keep a picture of it in any case."""
    SHOTS.mkdir(exist_ok=True)
    try:
        wall.until(lambda: troubles(wall), f"a composed page ({name})", lambda said: not said)
        rasters = wall.stats()["rasters"]
        wall.until(wall.stats, "a map of this size", lambda s: s["rasters"] >= rasters + 2)
    finally:
        wall.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_city(city, open_wall, size, lang):
    wall = open_wall(city.url, size=size, lang=lang)
    wall.drawn()
    wall.until(lambda: wall.page.locator("#queue .incident").count(), "the queue")
    hero = next(u["unit_id"] for u in city.json("/api/snapshot")["units"] if (u["speed_mps"] or 0) > 5)
    wall.ask("(id) => wallboard.live.emit('select', {kind: 'unit', id})", hero)
    wall.until(lambda: wall.page.locator("#card .fact").count(), "the card", lambda n: n >= 8)
    composed(wall, f"city-{size[0]}x{size[1]}-{lang}")
    heads = wall.page.locator("[data-panel] .head-time")
    wall.until(lambda: {"no data yet", "尚无数据", ""} & set(heads.all_inner_texts()), "all data",
               lambda none: not none)  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_bad_day_at_every_size(day, open_wall, lang):
    wall = open_wall(day.url, size=SIZES[0], lang=lang)
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "40")
    for width, height in SIZES:
        wall.page.set_viewport_size({"width": width, "height": height})
        composed(wall, f"bad-day-{width}x{height}-{lang}")
    wall.ask("() => wallboard.live.emit('select', {kind: 'unit', id: 'X2'})")
    wall.until(lambda: wall.page.locator("#card .fact").count(), "the card", lambda n: n >= 8)
    composed(wall, f"bad-day-card-{width}x{height}-{lang}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_twice_as_large_everything_can_be_read_from_afar(day, open_wall, lang):
    wall = open_wall(day.url, size=(1920, 1080), lang=lang, scale=2)
    wall.drawn()
    wall.until(lambda: wall.text("#queue .head-count"), "the queue", lambda n: n == "40")
    composed(wall, f"scale2-1920x1080-{lang}")
    seen = wall.until(lambda: wall.ask(LOOK), "the panels that stay", lambda now: {"header", "queue", "alarms"} <= {
        panel["name"] for panel in now["panels"]})  # fmt: skip
    small = [(t["name"], t["px"]) for t in seen["texts"] if t["px"] < SMALLEST_PX_AT_SCALE_2 - 0.01]
    assert not small
