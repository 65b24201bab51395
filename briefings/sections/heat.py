"""Where it happened: the map, the hot spots and what has become of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import h3.api.basic_str as h3
import numpy as np

from analytics.figures.parts import Heat
from briefings.document import Block, Cell, Column, HeatMap, MapCell, Section, Sentence, Table, Text
from briefings.material import Material
from briefings.shades import classes
from briefings.tables import lacking
from briefings.words import Words

DIGITS = 5  # of degrees: a metre


def section(material: Material, words: Words) -> Section:
    """The map with its hot spots, the list of these, those that have gone, and every cell as data."""
    heat = material.report.heat
    if heat is None or heat.lacks:
        return Section("heat", words("section.heat"), (lacking(words, heat.lacks if heat else ("position",)),))
    said = about_hot(material, words)
    notes = []
    if heat.unplaced:
        notes.append(Sentence(words("say.unplaced", n=words.number(heat.unplaced)), "lack"))
    if heat.suppressed:
        below = words.number(material.around.suppress_below)
        notes.append(Sentence(words("say.suppressed", n=words.number(heat.suppressed), below=below)))
    blocks: list[Block] = [Text((said, *notes), listed=True), _map(material, heat, words)]
    if heat.hot:
        blocks.append(_hot(material, heat, words))
    if gone := _gone(material):
        blocks.append(_gone_table(material, gone, words))
    if heat.cells:
        blocks.append(_cells(heat, words))
    return Section("heat", words("section.heat"), tuple(blocks), said.text)


def about_hot(material: Material, words: Words) -> Sentence:
    """How many cells are hot, and what has become of those of the period before."""
    heat, before = material.report.heat, material.before
    assert heat is not None
    told = {"n": words.number(len(heat.hot)), "tested": words.number(heat.tested), "km2": words.number(heat.km2)}
    if before is None:
        return Sentence(words("say.hot" if heat.hot else "say.hot.none", **told), "plain" if heat.hot else "noise")
    told["before"] = words.number(len(before.hot))
    if not heat.hot:
        return Sentence(words("say.hot.none.before" if before.hot else "say.hot.none", **told), "noise")
    still = {one.cell for one in heat.hot} & {one.cell for one in before.hot}
    counts = {"still": len(still), "new": len(heat.hot) - len(still), "gone": len(before.hot) - len(still)}
    return Sentence(words("say.hot.before", **told, **{name: words.number(n) for name, n in counts.items()}))


def new_hot(material: Material) -> list[str]:
    """Hot cells that were not hot in the period before; none where nobody knows."""
    heat, before = material.report.heat, material.before
    if heat is None or before is None:
        return []
    known = {one.cell for one in before.hot}
    return [one.cell for one in heat.hot if one.cell not in known]


def place(material: Material, words: Words, cell: str) -> str:
    """How the place of a cell is called: by the jurisdiction that holds it, else by where it lies."""
    if material.lies.get(cell):
        return words.place(material.lies[cell])
    lat, lon = h3.cell_to_latlng(cell)
    return f"({words.number(lat, 3)}, {words.number(lon, 3)})"


def _map(material: Material, heat: Heat, words: Words) -> HeatMap:
    shown = [one for one in heat.cells if one.n]
    edges = classes([one.n for one in shown])
    hot = {one.cell for one in heat.hot}
    shades = (np.searchsorted(edges, [one.n for one in shown], side="right") - 1).tolist() if shown else []
    cells = tuple(
        MapCell(one.cell, one.n, one.per_km2, shade, one.cell in hot)
        for one, shade in zip(shown, shades, strict=True)
    )
    # shades go by counts, since hexagons differ in size by a few parts in a hundred, and are told per km²
    least = [round(min(one.per_km2 for one in shown if one.n >= edge), 1) for edge in edges]
    digits = 0 if all(value.is_integer() for value in least) else 1
    return HeatMap(
        "heat", words("chart.heat"), cells, material.around.outlines, words("heat.unit"),
        tuple(words("heat.legend", n=words.number(value, digits)) for value in least),
        words("heat.hot.legend") if hot else "", "" if cells else words("heat.none"),
    )  # fmt: skip


def _hot(material: Material, heat: Heat, words: Words) -> Table:
    columns = (
        *_lies(material, words), *_where(words), Column("n", words("column.n"), "count"),
        Column("z", "Gi*", "number", 1), Column("q", words("column.q"), "chance"),
        Column("status", words("column.status")),
    )  # fmt: skip
    new = set(new_hot(material))
    rows = []
    for one in heat.hot:
        status = "unknown" if material.before is None else "new" if one.cell in new else "still"
        line: tuple[Cell, ...] = (*_holder(material, words, one.cell), *_at(one.cell), one.n, one.z, one.q)
        rows.append((*line, words(f"status.{status}")))
    return Table("hot", words("table.hot"), columns, tuple(rows))


def _gone(material: Material) -> list[tuple[str, int]]:
    """Cells that were hot in the period before and are not now, with their incidents then."""
    if material.before is None or material.report.heat is None:
        return []
    now = {one.cell for one in material.report.heat.hot}
    return [(one.cell, one.n) for one in material.before.hot if one.cell not in now]


def _gone_table(material: Material, cells: Sequence[tuple[str, int]], words: Words) -> Table:
    columns = (*_lies(material, words), *_where(words), Column("before", words("column.before"), "count"))
    rows = tuple((*_holder(material, words, cell), *_at(cell), n) for cell, n in cells)
    return Table("gone", words("table.gone"), columns, rows, 10)


def _lies(material: Material, words: Words) -> tuple[Column, ...]:
    """The column of the jurisdictions that hold the cells, where any is known to."""
    return (Column("lies", words("column.lies")),) if material.lies else ()


def _holder(material: Material, words: Words, cell: str) -> tuple[Cell, ...]:
    if not material.lies:
        return ()
    return (words.place(material.lies[cell]) if cell in material.lies else None,)


def _cells(heat: Heat, words: Words) -> Table:
    columns = (
        *_where(words), Column("n", words("column.n"), "count"), Column("per_km2", words("column.km2"), "number", 1),
        Column("before", words("column.before"), "count"), Column("verdict", words("column.judged"), "verdict"),
    )  # fmt: skip
    rows = tuple(
        (*_at(one.cell), one.n, one.per_km2, one.before, one.change.verdict if one.change else "lack")
        for one in heat.cells
        if one.n
    )
    return Table("cells", words("table.cells"), columns, rows, 0)


def _where(words: Words) -> tuple[Column, ...]:
    return (
        Column("cell", words("column.cell")), Column("lat", words("column.lat"), "number", DIGITS),
        Column("lon", words("column.lon"), "number", DIGITS),
    )  # fmt: skip


def _at(cell: str) -> tuple[str, float, float]:
    lat, lon = h3.cell_to_latlng(cell)
    return cell, round(float(lat), DIGITS), round(float(lon), DIGITS)
