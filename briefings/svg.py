"""A picture of lines, areas and words as SVG: only what charts and maps need. Coordinates are points (1/72 inch)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from xml.sax.saxutils import escape

from briefings.palette import INK_2, LINE
from briefings.typeface import FAMILY

Spot = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


class Picture:
    """Things drawn one over the other."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(self, x: float, y: float, w: float, h: float, fill: str, stroke: str = "", thick: float = 0.5) -> None:
        edge = f' stroke="{stroke}" stroke-width="{thick}"' if stroke else ""
        if w > 0 and h > 0:
            self._parts.append(f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" fill="{fill}"{edge}/>')

    def line(self, spots: Sequence[Spot], stroke: str = LINE, thick: float = 0.5, dashes: str = "") -> None:
        """A line through ``spots``. ``dashes``: lengths of strokes and holes."""
        self.path(trail(spots), stroke=stroke, thick=thick, dashes=dashes)

    def path(self, d: str, fill: str = "none", stroke: str = "", thick: float = 0.5, dashes: str = "") -> None:
        ends = 'stroke-linejoin="round" stroke-linecap="round"'
        edge = f' stroke="{stroke}" stroke-width="{thick}" {ends}' if stroke else ""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        if d:
            self._parts.append(f'<path d="{d}" fill="{fill}" fill-rule="evenodd"{edge}{dashed}/>')

    def dot(self, x: float, y: float, r: float, fill: str, stroke: str = "none") -> None:
        self._parts.append(f'<circle cx="{n(x)}" cy="{n(y)}" r="{n(r)}" fill="{fill}" stroke="{stroke}"/>')

    def diamond(self, x: float, y: float, r: float, fill: str) -> None:
        """The mark of what stands out."""
        self.path(trail([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], closed=True), fill=fill, stroke="#ffffff")

    def text(
        self, x: float, y: float, words: str, size: float = 7.5, fill: str = INK_2, anchor: Anchor = "start",
        heavy: bool = False,
    ) -> None:  # fmt: skip
        """``words`` on the base line ``y``."""
        weight = ' font-weight="600"' if heavy else ""
        self._parts.append(
            f'<text x="{n(x)}" y="{n(y)}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"{weight}>'
            f"{escape(words)}</text>"
        )

    def halo(self, x: float, y: float, words: str, size: float, fill: str, heavy: bool = False) -> None:
        """``words`` around ``x`` that stay readable on whatever lies below."""
        weight = ' font-weight="600"' if heavy else ""
        self._parts.append(
            f'<text x="{n(x)}" y="{n(y)}" font-size="{size}" fill="{fill}" text-anchor="middle"{weight} '
            f'stroke="#ffffff" stroke-width="2" stroke-linejoin="round" paint-order="stroke">{escape(words)}</text>'
        )

    def clip(self, x: float, y: float, w: float, h: float) -> None:
        """Of what is drawn until ``unclip`` only what lies in this rectangle is seen."""
        name = f"clip{len(self._parts)}"
        shape = f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}"/>'
        self._parts.append(f'<clipPath id="{name}">{shape}</clipPath><g clip-path="url(#{name})">')

    def unclip(self) -> None:
        self._parts.append("</g>")

    def svg(self) -> str:
        """The whole picture."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(self.width)}" height="{n(self.height)}" '
            f'viewBox="0 0 {n(self.width)} {n(self.height)}" font-family="{FAMILY}">'
        )
        return head + "".join(self._parts) + "</svg>"


def n(value: float) -> str:
    """A coordinate, to a hundredth of a point."""
    return f"{round(value, 2):.7g}"


def trail(spots: Iterable[Spot], closed: bool = False) -> str:
    """The path through ``spots``."""
    d = " ".join(f"{'L' if k else 'M'}{n(x)} {n(y)}" for k, (x, y) in enumerate(spots))
    return d + "Z" if closed and d else d
