#!/usr/bin/env python3
"""Makes assets/fonts and assets/css/fonts.css from an unpacked @fontsource-variable/noto-sans-sc.

    npm pack @fontsource-variable/noto-sans-sc@5.3.1 && tar xzf fontsource-variable-noto-sans-sc-5.3.1.tgz
    python tools/fonts.py package

The browser loads a slice when a character of its range appears; the map's worker does the same by slices.json.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FAMILY = "Noto Sans SC Variable"
FACE = re.compile(r"@font-face\s*{.*?url\(\./files/([^)]+)\).*?unicode-range:\s*([^;]+);.*?}", re.S)


def faces(css: str) -> list[dict[str, str]]:
    """``{"file", "range"}`` of every face in the package's index.css, in its order (later faces win)."""
    return [{"file": file, "range": re.sub(r"\s+", "", ranges).upper()} for file, ranges in FACE.findall(css)]


def stylesheet(slices: list[dict[str, str]]) -> str:
    """One @font-face a slice, relative to assets/css."""
    rules = [
        f'@font-face{{font-family:"{FAMILY}";font-weight:100 900;font-display:swap;'
        f'src:url(../fonts/{s["file"]}) format("woff2");unicode-range:{s["range"]}}}'
        for s in slices
    ]
    return (
        "/* Made by tools/fonts.py; Noto Sans SC, SIL Open Font License 1.1, see assets/fonts/LICENSE. */\n"
        + "\n".join(rules)
        + "\n"
    )


def build(package: Path, root: Path = ROOT) -> int:
    """Copies the slices and the licence, writes slices.json and fonts.css; returns the number of slices."""
    slices = faces((package / "index.css").read_text(encoding="utf-8"))
    if not slices:
        raise SystemExit(f"{package}/index.css has no @font-face with a unicode-range; is it the right package?")
    fonts = root / "assets" / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for old in fonts.glob("*.woff2"):
        old.unlink()
    for entry in slices:
        shutil.copyfile(package / "files" / entry["file"], fonts / entry["file"])
    shutil.copyfile(package / "LICENSE", fonts / "LICENSE")
    (fonts / "slices.json").write_text(json.dumps(slices, indent=0) + "\n", encoding="utf-8")
    (root / "assets" / "css" / "fonts.css").write_text(stylesheet(slices), encoding="utf-8")
    return len(slices)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(f"{build(Path(sys.argv[1]))} slices")
