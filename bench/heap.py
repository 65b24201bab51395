"""What a JavaScript heap holds, asked through the DevTools protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession

READINGS = 4
# not the page's own data: compiled code comes and goes as the browser likes, native memory is not of this heap
NOT_DATA = frozenset({"code", "native", "synthetic"})


def least_heap(ask: Callable[[str], Any]) -> dict[str, float]:
    """The least of some readings, each after a collection: between the two a tick may have filled the heap again.

    ``ask`` sends a method of the DevTools protocol to what has the heap; sizes are bytes.
    """
    readings = []
    for _ in range(READINGS):
        ask("HeapProfiler.collectGarbage")
        readings.append(ask("Runtime.getHeapUsage"))
    return min(readings, key=lambda reading: reading["usedSize"])


def data_mb(devtools: CDPSession) -> float:
    """MB of objects, arrays, strings, closures and numbers that a page holds after a collection: no compiled code."""
    chunks: list[str] = []

    def received(event: dict[str, str]) -> None:
        chunks.append(event["chunk"])

    devtools.on("HeapProfiler.addHeapSnapshotChunk", received)
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    devtools.remove_listener("HeapProfiler.addHeapSnapshotChunk", received)
    return sum(size for kind, size in kinds(json.loads("".join(chunks))).items() if kind not in NOT_DATA) / 1e6


def kinds(snapshot: dict[str, Any]) -> dict[str, int]:
    """Bytes of each kind of node of a heap snapshot (V8's format: nodes as rows of numbers in one list)."""
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, names = meta["node_fields"], meta["node_types"][0]
    wide, kind, size = len(fields), fields.index("type"), fields.index("self_size")
    found: dict[str, int] = {}
    for at in range(0, len(nodes), wide):
        name = names[nodes[at + kind]]
        found[name] = found.get(name, 0) + nodes[at + size]
    return found
