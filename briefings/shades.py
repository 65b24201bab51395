"""Classes of values for maps. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SHADES = 5


def classes(values: Sequence[float]) -> list[float]:
    """Lower edges of the shades: quantiles that are among what is shown, so that no shade stands for nothing."""
    if not values:
        return []
    edges = np.quantile(np.array(values), np.linspace(0.0, 1.0, SHADES + 1)[:-1], method="lower")
    return np.unique(edges).tolist()
