"""The city of Yunling: a plain first ground."""

from __future__ import annotations

import numpy as np

from data_feeds import embedded_city
from data_feeds.roads import CLASSES, USUAL_SPEED_MPS, RoadGraph, lengths_m
from data_feeds.simulator import settle
from data_feeds.simulator.city import City


def build(seed: int, size: float) -> City:
    """See ``city.build``."""
    old = embedded_city.build(seed)
    lat, lon = embedded_city.to_degrees(old.x, old.y)
    start, column = np.nonzero(old.neighbours >= 0)
    end = old.neighbours[start, column]
    names = ("", *dict.fromkeys(old.names))
    index = {name: k for k, name in enumerate(names)}
    street = np.array([index[name] for name in old.names], dtype=np.int32)
    ends = np.column_stack([start, end]).ravel()
    cls = np.where(street[start] == street[end], CLASSES.index("secondary"), CLASSES.index("residential"))
    graph = RoadGraph(
        np.asarray(lat), np.asarray(lon), start.astype(np.int32), end.astype(np.int32),
        lengths_m(lat[ends], lon[ends], np.arange(0, len(ends) + 1, 2, dtype=np.int32)), np.array(USUAL_SPEED_MPS)[cls],
        cls.astype(np.uint8), street[start], np.zeros(len(start) + 1, dtype=np.int32), np.zeros(0), np.zeros(0),
        names, names,
    )  # fmt: skip
    from dataclasses import replace

    return replace(settle.on_roads(graph, seed), basemap=old.geojson, name_zh="云岭市", name_en="Yunling")
