"""Writes tests/js/live/heat_town.json: a heat document and what the browser must make of it, see test_heat.py."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from tests.unit.heat_story import TOWN_NOW, town
from tests.unit.test_heat import FIXTURE, body_of, town_cells


def main(path: Path = FIXTURE) -> None:
    told = town(TOWN_NOW)
    body = json.loads(msgspec.json.encode(body_of(told)))
    path.write_text(json.dumps({"body": body, "cells": town_cells(told)}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
