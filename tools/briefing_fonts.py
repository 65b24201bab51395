#!/usr/bin/env python3
"""Makes briefings/fonts from an unpacked @expo-google-fonts/noto-sans-sc (static Noto Sans SC, SIL Open Font License).

    npm pack @expo-google-fonts/noto-sans-sc@0.4.3 && tar xzf expo-google-fonts-noto-sans-sc-0.4.3.tgz
    pip install fonttools
    python -m tools.briefing_fonts package

Running text keeps every character of GBK (20,902 hanzi: names of places go far beyond GB2312) and all that is no hanzi;
the heavier weight for titles and figures keeps GB2312, what it lacks is drawn in the lighter one. characters.txt
tells what the lighter one holds, widths.json how wide its Latin letters are (per thousand of the type size): so nobody
needs to read a font at run time.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from tools.fonts import spans_of

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "briefings" / "fonts"
FACES = {"400Regular": "gbk", "600SemiBold": "gb2312"}
NEVER = ((0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
         (0xD800, 0xF8FF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFF))  # fmt: skip
HAN = ((0x1100, 0x11FF), (0x3400, 0x9FFF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
LATIN = range(0x20, 0x180)


def hanzi(codec: str) -> set[int]:
    """Every character of two bytes in ``codec``."""
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            text = bytes((lead, trail)).decode(codec, "ignore")
            found |= {ord(text)} if len(text) == 1 and ord(text) > 0x7F else set()
    return found


def within(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= point <= high for low, high in ranges)


def build(package: Path) -> None:
    """Writes the faces, what they hold and their licence."""
    from fontTools import subset

    FONTS.mkdir(exist_ok=True)
    for face, codec in FACES.items():
        source = package / face / f"NotoSansSC_{face}.ttf"
        options = subset.Options(layout_features=["ccmp", "kern", "liga", "locl", "mark"], hinting=False,
                                 notdef_outline=True, name_IDs=["*"], recalc_timestamp=False)  # fmt: skip
        font = subset.load_font(str(source), options)
        wanted = hanzi(codec) | {point for point in font.getBestCmap() if not within(point, HAN)}
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes={point for point in wanted if not within(point, NEVER)})
        subsetter.subset(font)
        subset.save_font(font, str(FONTS / f"NotoSansSC-{face[3:]}.ttf"), options)
        if codec == "gbk":
            told(font)
    shutil.copyfile(package / "LICENSE_FONT", FONTS / "LICENSE")


def told(font) -> None:
    """Writes what ``font`` holds and how wide its Latin letters are."""
    names, per_em = font.getBestCmap(), font["head"].unitsPerEm
    lines = [f"{low:X}-{high:X}" for low, high in spans_of(names)]
    (FONTS / "characters.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    widths = {chr(point): round(font["hmtx"][names[point]][0] * 1000 / per_em) for point in LATIN if point in names}
    (FONTS / "widths.json").write_text(json.dumps(widths, indent=0) + "\n", encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    build(Path(sys.argv[1]))
