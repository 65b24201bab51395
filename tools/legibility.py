"""From how far the wall's texts can be read, by screen and scale; ``python -m tools.legibility`` writes docs/wall.md.

ISO 9241-303 counts the height of characters as an angle at the eye: at least 16 minutes of arc, 20 to 22 preferred.
Figures and capitals of Noto Sans SC are 0.733 of the size of their type; Chinese characters are larger than that.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

CAPITAL = 0.733
REM_PX = 12.0
DESIGN = (1920.0, 1080.0)
LEAST_ARCMIN = 16.0
VIEW_M = 8.0
GUIDE = Path(__file__).parents[1] / "docs/wall.md"
BEGIN, END = "<!-- legibility -->\n", "<!-- /legibility -->\n"

# what is measured where, and its size in rem by the columns that a wall has room for; tests/e2e/test_wall_legible.py
# measures the same in a browser
SELECTORS = {
    "clock": ".clock-time",
    "countdowns": ".incident-count",
    "incidents": ".incident-name",
    "alarms": ".alarm-words",
    "smallest": ".scale",
}
SIZES_REM = {
    "wide": {"clock": 2.333, "countdowns": 1.833, "incidents": 1.5, "alarms": 1.333, "smallest": 1.0},
    "mid": {"clock": 2.0, "countdowns": 1.667, "incidents": 1.333, "alarms": 1.167, "smallest": 1.0},
    "narrow": {"clock": 2.0, "countdowns": 1.667, "incidents": 1.333, "alarms": 1.333, "smallest": 1.0},
}
WIDE_REM, NARROW_REM = 140.0, 100.0  # as in assets/js/ui/fit.js


@dataclass(frozen=True, slots=True)
class Screen:
    """A wall's lit area in millimetres, and the scales worth showing."""

    name: str
    width_mm: float
    height_mm: float
    scales: tuple[float, ...]

    def rem_mm(self, scale: float) -> float:
        """Height of the smallest type: the wall grows with the smaller of both ratios, whatever its pixels."""
        return REM_PX * scale * min(self.width_mm / DESIGN[0], self.height_mm / DESIGN[1])

    def columns(self, scale: float) -> str:
        """wide, mid or narrow: what the wall has room for."""
        width_rem = self.width_mm / self.rem_mm(scale)
        return "wide" if width_rem >= WIDE_REM else "mid" if width_rem >= NARROW_REM else "narrow"


SCREENS = (
    Screen('55"', 1218, 685, (1, 2, 3)),
    Screen('65"', 1439, 809, (1, 2, 3)),
    Screen('86"', 1904, 1071, (1, 2, 3)),
    Screen('98"', 2170, 1221, (1, 2, 3)),
    Screen('3 × 2 of 55"', 3654, 1370, (1, 2, 2.6)),
    Screen("LED 4 × 2.25 m", 4000, 2250, (1, 1.6, 2)),
)


def distance_m(height_mm: float, arcmin: float) -> float:
    """From how far a character of that height is seen under that angle."""
    return height_mm / (2.0 * math.tan(math.radians(arcmin / 60.0) / 2.0)) / 1000.0


def reach_m(screen: Screen, scale: float, text: str, arcmin: float = LEAST_ARCMIN) -> float:
    """Metres up to which a kind of text is seen under at least that angle."""
    size_mm = SIZES_REM[screen.columns(scale)][text] * screen.rem_mm(scale)
    return distance_m(CAPITAL * size_mm, arcmin)


def table() -> str:
    """Metres up to which each kind of text reaches the least angle; bold from VIEW_M on."""
    head = ["screen", "`?scale=`", *SELECTORS]
    rows = [head, ["---"] * len(head)]
    for screen in SCREENS:
        for scale in screen.scales:
            cells = []
            for text in SELECTORS:
                metres = f"{reach_m(screen, scale, text):.1f} m"
                cells.append(f"**{metres}**" if reach_m(screen, scale, text) >= VIEW_M else metres)
            rows.append([screen.name, f"{scale:g}", *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def documented(guide: str) -> str:
    """``guide`` with the table of today."""
    before, rest = guide.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def main() -> int:
    GUIDE.write_text(documented(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
