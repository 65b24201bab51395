"""Somebody who asks for candidates and rings of one incident after the other, without a pause.

``python -m bench.asker PORT INCIDENTS SECONDS`` prints JSON: how long each answer took (ms), and how many were
refused.
"""

from __future__ import annotations

import http.client
import itertools
import json
import sys
import time
from contextlib import closing

PAUSE_S = 0.5  # after a refusal: the road network is being prepared
BASIS = b'"basis":"road"'


def incident_ids(count: int) -> list[str]:
    """The incidents that the wall is told of."""
    return [f"J-{k:02d}" for k in range(count)]


def ask(port: int, count: int, seconds: float) -> dict[str, object]:
    """Raises RuntimeError when an answer is none by road."""
    took_ms, refused = [], 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30.0)) as wall:
        end = time.monotonic() + seconds
        for incident_id, what in itertools.cycle(itertools.product(incident_ids(count), ("candidates", "rings"))):
            begin = time.monotonic()
            if begin >= end:
                return {"took_ms": took_ms, "refused": refused}
            wall.request("GET", f"/api/incidents/{incident_id}/{what}")
            answer = wall.getresponse()
            body = answer.read()
            if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
                refused += 1
                time.sleep(PAUSE_S)
            elif answer.status != http.HTTPStatus.OK or BASIS not in body:
                raise RuntimeError(f"{incident_id} {what}: {answer.status} {body[:200]!r}")
            else:
                took_ms.append((time.monotonic() - begin) * 1000.0)
    return {}


if __name__ == "__main__":
    print(json.dumps(ask(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
