"""What a panel says about itself, and the frame that all panels share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

COLUMNS = ("header", "left", "map", "below", "right")
MAP_SCENE = "map"
EVERY_SCENE: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Where a panel stands and when it gives way.

    ``column``: header, left, right, map (lies over the map) or below (the row under it). ``order``: top to bottom,
    left to right.
    ``leaves``: the lower, the sooner the panel leaves a wall with too little room; 0 = never leaves.
    ``least_rem``: the height below which the panel is of no use; 0 = its natural height, it does not shrink.
    ``feeds``: the feeds behind its figures; when one is stale, the panel looks stale.
    ``entities``: of what it tells; what a replayed source lacks of them is said in a line of the panel.
    ``scenes``: the arrangements of the wall in which it stands; a new name makes a new scene.
    """

    name: str
    column: str
    order: int
    leaves: int
    least_rem: float = 0.0
    feeds: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    scenes: tuple[str, ...] = (MAP_SCENE,)

    def __post_init__(self) -> None:
        if self.column not in COLUMNS:
            raise ValueError(f"panel {self.name}: column {self.column!r} must be one of {', '.join(COLUMNS)}")


def word(key: str, tag: type[Component] = html.Span, **props: Any) -> Component:
    """An element whose text is the catalogue's ``key`` in the viewer's language."""
    return tag(**{"data-t": key}, **props)


def attributes(panel: Panel) -> dict[str, Any]:
    """The data attributes by which the browser fits the panel and judges its age."""
    return {
        "data-panel": panel.name,
        "data-leaves": str(panel.leaves),
        "data-least": f"{panel.least_rem:g}",
        "data-feeds": " ".join(panel.feeds),
        "data-entities": " ".join(panel.entities),
        "data-scenes": " ".join(panel.scenes),
    }


def frame(panel: Panel, id: str, title: str, *body: Component, classes: str = "", **props: Any) -> html.Section:
    """A panel with its head (title, count, note, data time) and ``body``; ``title`` is a key of the catalogue."""
    head = html.H2(
        [
            word(title, className="head-title", id=f"{id}-title"),
            html.Span(className="head-count"),
            html.Span(className="head-note"),
            html.Time(className="head-time"),
        ],
        className="panel-head",
    )
    lacks = html.P(className="lacks", hidden=True)
    return html.Section(
        [head, lacks, *body],
        id=id,
        className=f"panel {classes}".strip(),
        **{"aria-labelledby": f"{id}-title"},
        **attributes(panel),
        **props,
    )
