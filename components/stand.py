"""How a wall stands in its room: scenes and their turns, kiosk, size, drift, and which build it shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stand:
    """Plain values for the page; ``scene_s`` in seconds, ``drift_px`` in pixels of a 1920×1080 wall."""

    scenes: tuple[str, ...] = ("map",)
    scene_s: float = 60.0
    kiosk: bool = False
    scale: float = 1.0
    drift_px: int = 0
    build: str = ""

    def facts(self) -> dict[str, str]:
        """As data attributes of the wall; the browser's scripts read them at the start."""
        return {
            "data-scene": self.scenes[0],
            "data-scenes": " ".join(self.scenes),
            "data-turn": f"{self.scene_s:g}",
            "data-kiosk": "1" if self.kiosk else "",
            "data-scale": f"{self.scale:g}",
            "data-drift": str(self.drift_px),
            "data-build": self.build,
        }
