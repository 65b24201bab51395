"""``python -m data_feeds.basemap build city.osm.pbf``: a basemap and a road graph from an OpenStreetMap extract."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from data_feeds.basemap import BasemapError, to_set
from data_feeds.interrupt import INTERRUPTED


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m data_feeds.basemap", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("build", help="make NAME.pmtiles and NAME.roads.npz")
    verb.add_argument("extract", type=Path, help="an OpenStreetMap extract (.osm.pbf)")
    verb.add_argument("-o", "--out", type=Path, default=Path(), metavar="DIR", help="where to (default: here)")
    verb.add_argument("--name", help="name of both files (default: the extract's)")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leaves as clean as ctrl-C
    try:
        from data_feeds.basemap import build  # osmium is loaded only to build
    except ImportError as error:
        print(f"basemap: {error.name} is missing: `pip install -r requirements.txt` brings it", file=sys.stderr)
        return 2
    name = args.name or build.default_name(args.extract)
    if Path(name).name != name or name.startswith("."):
        print(f"basemap: --name {name}: must be a plain name; the folder is named by -o", file=sys.stderr)
        return 2
    try:
        built = build.build(args.extract, args.out, name, _say)
    except BasemapError as error:
        print(f"basemap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("basemap: interrupted; nothing has changed", file=sys.stderr)
        return INTERRUPTED
    for note in built.notes:
        _say(f"note: {note}")
    print(to_set(built.tiles))
    return 0


def _say(text: str) -> None:
    print(f"basemap: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
