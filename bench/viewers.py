"""Viewers of a wall without a browser: ``python -m bench.viewers PORT COUNT SECONDS`` reads all frames, prints JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from websockets.asyncio.client import connect

OPEN_S = 30.0


async def main() -> None:
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    told: Counter[str] = Counter()
    opened = asyncio.Semaphore(20)
    joined = asyncio.Event()

    async def view() -> None:
        async with opened:
            socket = await connect(
                f"ws://127.0.0.1:{port}/live", origin=f"http://127.0.0.1:{port}", compression=None, max_size=None,
                open_timeout=OPEN_S,
            )  # fmt: skip
        told["viewers"] += 1
        if told["viewers"] == count:
            joined.set()
        async with socket:
            async for frame in socket:
                told["frames" if isinstance(frame, bytes) else "texts"] += 1
                told["bytes"] += len(frame)

    tasks = [asyncio.create_task(view()) for _ in range(count)]
    await asyncio.wait_for(joined.wait(), OPEN_S + count / 10)
    await asyncio.sleep(2.0)  # the snapshots that everyone gets at first
    told["frames"] = told["texts"] = told["bytes"] = 0
    print("ready", flush=True)
    await asyncio.sleep(seconds)
    alive = sum(not task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps({**told, "alive": alive}))


if __name__ == "__main__":
    asyncio.run(main())
