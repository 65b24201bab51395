#!/usr/bin/env python3
"""Makes assets/fonts and assets/css/fonts.css from an unpacked @fontsource-variable/noto-sans-sc.

    npm pack @fontsource-variable/noto-sans-sc@5.3.1 && tar xzf fontsource-variable-noto-sans-sc-5.3.1.tgz
    pip install fonttools brotli
    python tools/fonts.py package

The package's slices cover the whole script, 60 kB each. The interface's own characters lie scattered over most of
them, so they are cut out into small slices of their own, which come first: the large ones load only for names that
need them. Without a new run after new texts nothing breaks; those characters come from the large slices.
A browser takes the last face that fits, the map's worker the first entry of slices.json; both orders are written so.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAMILY = "Noto Sans SC Variable"
FACE = re.compile(r"@font-face\s*{.*?url\(\./files/([^)]+)\).*?unicode-range:\s*([^;]+);.*?}", re.S)
SPOKEN = (
    "components",
    "assets/js",
    "data_feeds/settings.py",
    "data_feeds/simulator",
)
# words of places and units that any city's data holds
COMMON = (
    "省市区县州盟旗镇乡村屯社组路街道巷弄里胡同桥河江湖海山岭坡口站场港湾岛园苑城楼厦广大小中东南西北前后左右上下内外"
    "新老旧高环线段号院校学医院银行商超市公园机场火车汽车地铁码头分局支队总派出所中心大队交巡特警治安刑侦"
    "一二三四五六七八九十百甲乙丙丁民族人民解放建设和平友谊胜利青年文化体育工业科技开发"
)


def faces(css: str) -> list[dict[str, str]]:
    """``{"file", "range"}`` of every face in the package's index.css, in its order (later faces win)."""
    return [{"file": file, "range": re.sub(r"\s+", "", ranges).upper()} for file, ranges in FACE.findall(css)]


def codes(ranges: str) -> set[int]:
    """The code points of a unicode-range without wildcards."""
    found: set[int] = set()
    for part in ranges.split(","):
        low, _, high = part.removeprefix("U+").partition("-")
        found.update(range(int(low, 16), int(high or low, 16) + 1))
    return found


def spans_of(points: Iterable[int]) -> list[list[int]]:
    """The first and the last of every run of neighbours."""
    spans: list[list[int]] = []
    for point in sorted(points):
        if spans and point == spans[-1][1] + 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return spans


def ranges_of(points: Iterable[int]) -> str:
    """Code points as a unicode-range, neighbours joined."""
    return ",".join(f"U+{low:X}" if low == high else f"U+{low:X}-{high:X}" for low, high in spans_of(points))


def spoken(root: Path) -> set[int]:
    """The characters beyond Latin-1 that the interface and the demo city write."""
    files = [
        file for place in SPOKEN for file in ([root / place] if (root / place).is_file() else (root / place).rglob("*"))
    ]
    text = COMMON + "".join(f.read_text(encoding="utf-8") for f in files if f.suffix in (".py", ".js"))
    return {ord(character) for character in text if ord(character) > 0xFF}


def cut(source: Path, target: Path, points: set[int]) -> None:
    """Writes the glyphs of ``points`` from ``source`` into ``target``, all weights kept."""
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=["*"])
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def stylesheet(slices: list[dict[str, str]]) -> str:
    """One @font-face a slice, relative to assets/css."""
    rules = [
        f'@font-face{{font-family:"{FAMILY}";font-weight:100 900;font-display:swap;'
        f'src:url(../fonts/{s["file"]}) format("woff2");unicode-range:{s["range"]}}}'
        for s in slices
    ]
    head = "/* Made by tools/fonts.py; Noto Sans SC, SIL Open Font License 1.1, see assets/fonts/LICENSE. */"
    return "\n".join([head, *rules]) + "\n"


def build(package: Path, root: Path = ROOT) -> tuple[int, int]:
    """Writes slices, licence, slices.json and fonts.css; returns the numbers of large and of small slices."""
    large = faces((package / "index.css").read_text(encoding="utf-8"))
    if not large:
        raise SystemExit(f"{package}/index.css has no @font-face with a unicode-range; is it the right package?")
    fonts = root / "assets" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for old in fonts.glob("*.woff2"):
        old.unlink()
    wanted = spoken(root)
    small = []
    for entry in large:
        shutil.copyfile(package / "files" / entry["file"], fonts / entry["file"])
        points = wanted & codes(entry["range"])
        if points and "latin" not in entry["file"]:
            number = re.search(r"-(\d+)-", entry["file"])
            file = f"wall-{number.group(1) if number else len(small)}.woff2"
            cut(package / "files" / entry["file"], fonts / file, points)
            small.append({"file": file, "range": ranges_of(points)})
    shutil.copyfile(package / "LICENSE", fonts / "LICENSE")
    (fonts / "slices.json").write_text(json.dumps([*small, *large], indent=0) + "\n", encoding="utf-8")
    (root / "assets" / "css" / "fonts.css").write_text(stylesheet([*large, *small]), encoding="utf-8")
    return len(large), len(small)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print("{} large and {} small slices".format(*build(Path(sys.argv[1]))))
