"""``python -m bench [name…] [--quick]``: run benchmarks, keep their results, write RESULTS.md.

A quick run keeps both in results/quick, where it spoils nothing.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from datetime import UTC, datetime

from bench import machine, report

NAMES = ("ingest", "browser", "first_load", "latency", "server", "viewers", "jitter", "dispatch", "asking")
LONG = ("memory", "history", "briefings")  # a quarter of an hour and more: only when they are named


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the wall.")
    parser.add_argument("names", nargs="*", metavar="name",
                        help=f"which (default: {', '.join(NAMES)}; also, and long: {', '.join(LONG)})")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, to see that everything works")
    parser.add_argument("--render", action="store_true", help="only write RESULTS.md from the results that are there")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - {*NAMES, *LONG}):
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES + LONG)}")
    failed = [] if chosen.render else [name for name in chosen.names or NAMES if not _run(name, chosen.quick)]
    folder = report.QUICK if chosen.quick else report.RESULTS
    docs = report.load_all(NAMES + LONG, folder)
    table = report.QUICK / "RESULTS.md" if chosen.quick else report.HERE / "RESULTS.md"
    folder.mkdir(parents=True, exist_ok=True)
    table.write_text(report.render(docs), encoding="utf-8")
    for doc in docs:
        for check in doc["checks"]:
            verdict = "ok " if check["met"] else "NOT"
            print(f"{verdict} {doc['name']}: {check['what']}: {report.number(check['value'])} {check['unit']} "
                  f"(target {check['target']})")
    print(f"tables: {table}")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, quick: bool) -> bool:
    print(f"{name} …", flush=True)
    where, when, begin = machine.describe(), datetime.now(UTC), time.monotonic()
    try:
        result = importlib.import_module(f"bench.{name}").run(quick)
    except Exception:
        traceback.print_exc()  # the others are still worth measuring
        return False
    took_s = time.monotonic() - begin
    doc = report.document(result, where, f"{when:%Y-%m-%d %H:%M} UTC", took_s, quick)
    report.save(doc, report.QUICK if quick else report.RESULTS)
    print(f"{name}: {took_s:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
