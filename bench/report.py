"""What a benchmark found, as JSON for machines and as tables for people. Pure but for ``save`` and ``load_all``."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
QUICK = RESULTS / "quick"
HEAD = """# Benchmarks

Written by `make bench` (`python -m bench`); one JSON file a benchmark lies in [results](results). Every figure was
measured next to its baseline in the same run: on another machine the times differ, the ratios hold better.
"""


@dataclass(frozen=True)
class Check:
    """One figure that has a target."""

    what: str
    value: float
    unit: str
    target: str
    met: bool


@dataclass(frozen=True)
class Table:
    """Rows of plain values; ``columns`` name their units."""

    title: str
    columns: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True)
class Result:
    """What one benchmark found."""

    name: str
    title: str
    checks: list[Check] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def document(result: Result, machine: dict[str, Any], when: str, took_s: float, quick: bool) -> dict[str, Any]:
    """``result`` with where and when it was measured, as plain values."""
    head = {"name": result.name, "when": when, "quick": quick, "took_s": round(took_s, 1), "machine": machine}
    return {**head, **{key: value for key, value in asdict(result).items() if key != "name"}}


def save(doc: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write one benchmark's document; the last one stays."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{doc['name']}.json"
    path.write_text(json.dumps(_plain(doc), indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def load_all(names: Sequence[str], folder: Path = RESULTS) -> list[dict[str, Any]]:
    """The documents of ``names`` that exist, in that order."""
    paths = [folder / f"{name}.json" for name in names]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def render(docs: Sequence[dict[str, Any]]) -> str:
    """The whole table for people, as Markdown."""
    parts = [HEAD]
    if checks := [(doc, check) for doc in docs for check in doc["checks"]]:
        rows = [
            [doc["name"], check["what"], f"{number(check['value'])} {check['unit']}".strip(), check["target"],
             "yes" if check["met"] else "**no**"]
            for doc, check in checks
        ]  # fmt: skip
        parts.append("## Targets\n\n" + table(["benchmark", "figure", "measured", "target", "met"], rows))
    parts += [_section(doc) for doc in docs]
    return "\n".join(parts)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; numbers stand right."""
    numeric = [bool(rows) and all(isinstance(row[k], int | float | None) for row in rows) for k in range(len(columns))]
    lines = [_line(columns), _line(["---:" if is_number else "---" for is_number in numeric])]
    lines += [_line([number(cell) for cell in row]) for row in rows]
    return "\n".join(lines) + "\n"


def number(value: Any) -> str:
    """A cell's text: three significant digits below a hundred, thousands apart above, a dash for what is unknown."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{float(f'{value:.3g}'):g}"


def _section(doc: dict[str, Any]) -> str:
    lines = [f"## {doc['title']}", ""]
    quick = " A quick run: shorter and smaller than the full one." if doc["quick"] else ""
    lines += [f"{doc['when']}, in {number(doc['took_s'])} s.{quick} {machine_line(doc['machine'])}", ""]
    for entry in doc["tables"]:
        lines += [f"**{entry['title']}**", "", table(entry["columns"], entry["rows"])]
    lines += [f"- {note}" for note in doc["notes"]]
    return "\n".join([*lines, ""]) if doc["notes"] else "\n".join(lines)


def machine_line(machine: dict[str, Any]) -> str:
    """One sentence about the machine."""
    load = f", load average at the start {machine['load']}" if "load" in machine else ""
    return (
        f"{machine['cores']} cores {machine['model']}, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, {machine['chromium']}, Kafka {machine['kafka']}{load}."
    )


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _plain(value: Any) -> Any:
    """``value`` without NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
