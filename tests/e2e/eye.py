"""Looks at pictures of a page: where pixels of a colour lie. The browser itself decodes them, on a page of its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from playwright.sync_api import Browser

# lowest and highest red, green and blue
Range = tuple[int, int, int, int, int, int]

LOOK = """
async ([picture, ranges, clip]) => {
  const bytes = Uint8Array.from(atob(picture), (c) => c.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height), c = canvas.getContext("2d");
  c.drawImage(bitmap, 0, 0);
  const [x0, y0, w, h] = clip ?? [0, 0, bitmap.width, bitmap.height];
  const {data} = c.getImageData(x0, y0, w, h);
  return ranges.map(([r0, r1, g0, g1, b0, b1]) => {
    const found = {n: 0, left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity};
    for (let i = 0, p = 0; i < data.length; i += 4, p++) {
      const r = data[i], g = data[i + 1], b = data[i + 2];
      if (r < r0 || r > r1 || g < g0 || g > g1 || b < b0 || b > b1) continue;
      const x = p % w + x0, y = (p / w | 0) + y0;
      found.n++;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x + 1);
      found.top = Math.min(found.top, y);
      found.bottom = Math.max(found.bottom, y + 1);
    }
    return found.n ? found : null;
  });
}
"""


@dataclass(frozen=True)
class Patch:
    """The pixels of one colour: how many, and the box around them in pixels of the picture."""

    n: int
    left: float
    right: float
    top: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


class Eye:
    """``find(png, ranges)``: one Patch or None a range."""

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_page()

    def find(
        self, png: bytes | str, ranges: list[Range], clip: tuple[int, int, int, int] | None = None
    ) -> list[Patch | None]:
        """``png`` as bytes or base64; ``clip`` (x, y, width, height) keeps out the rest of the page."""
        text = png if isinstance(png, str) else base64.b64encode(png).decode()
        found = self._page.evaluate(LOOK, [text, [list(r) for r in ranges], list(clip) if clip else None])
        return [Patch(**patch) if patch else None for patch in found]
