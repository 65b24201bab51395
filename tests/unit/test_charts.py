"""Charts and the heat map as SVG: well formed, inside their frame, honest about holes."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from briefings import charts, heatmap
from briefings.axes import ticks
from briefings.document import Chart, HeatMap, MapCell, Series
from briefings.palette import ORANGE
from tests.unit import pages_story

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = ("line", "columns", "bars", "stacked", "matrix")


def write(kind, value, digits):
    return "—" if value is None else f"{value:.{digits}f}"


def drawn(chart: Chart, wide: float = charts.WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(charts.picture(chart, write, wide))


def words(picture: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in picture.iter(f"{SVG}text")]


def numbers_of(picture: ElementTree.Element) -> list[tuple[float, float]]:
    """Every corner of every path and rectangle."""
    found = []
    for path in picture.iter(f"{SVG}path"):
        pairs = path.attrib["d"].replace("Z", " ").replace("M", " ").replace("L", " ").split()
        found += [(float(x), float(y)) for x, y in zip(pairs[::2], pairs[1::2], strict=True)]
    for rect in picture.iter(f"{SVG}rect"):
        x, y = float(rect.attrib["x"]), float(rect.attrib["y"])
        found += [(x, y), (x + float(rect.attrib["width"]), y + float(rect.attrib["height"]))]
    return found


values = st.lists(st.one_of(st.none(), st.floats(0, 1e7)), min_size=0, max_size=31)


@given(
    shape=st.sampled_from(SHAPES), values=values, before=values, names=st.lists(st.text(max_size=40), max_size=31),
    marks=st.lists(st.integers(0, 40), max_size=4), kind=st.sampled_from(["count", "share", "seconds", "number"]),
)  # fmt: skip
def test_whatever_comes_is_drawn_inside_its_frame(shape, values, before, names, marks, kind):
    series = (Series("<&", tuple(values), "value", tuple(marks)), Series("b", tuple(before), "before"),
              Series("l", tuple(before), "low"), Series("h", tuple(values), "high"))  # fmt: skip
    names = tuple("".join(c for c in name if c.isprintable()) for name in names)
    picture = drawn(Chart("c", "t", shape, names, series, kind=kind, missing=tuple(marks)))
    wide, high = float(picture.attrib["width"]), float(picture.attrib["height"])
    hatched = {path for clip in picture.iter(f"{SVG}g") for path in clip}
    for one in hatched:
        one.attrib["d"] = ""
    assert all(-1.1 <= x <= wide + 1.1 and -1.1 <= y <= high + 1.1 for x, y in numbers_of(picture))


@given(highest=st.floats(0, 1e12), kind=st.sampled_from(["count", "share", "seconds", "number"]))
def test_ticks_are_few_round_and_reach_the_highest(highest, kind):
    marks = ticks(highest, kind)
    assert marks[0] == 0
    assert marks[-1] >= highest * 0.999
    assert 2 <= len(marks) <= 7
    assert kind != "count" or all(mark == int(mark) for mark in marks)


def test_a_hole_breaks_the_line_and_missing_times_are_hatched():
    values = (1.0, 2.0, None, 4.0, 5.0)
    chart = Chart("c", "t", "line", tuple("abcde"), (Series("v", values),), missing=(2,))
    picture = drawn(chart)
    assert len(list(picture.iter(f"{SVG}clipPath"))) == 1
    lines = [path for path in picture.iter(f"{SVG}path") if path.attrib.get("stroke-width") == "1.7"]
    assert len(lines) == 3, "its sign and two stretches"


def test_what_stands_out_is_marked_by_shape_and_colour_and_told():
    chart = Chart("c", "t", "line", tuple("abc"), (Series("v", (1.0, 9.0, 2.0), marks=(1,)),))
    assert "9" in words(drawn(chart))
    assert [p for p in drawn(chart).iter(f"{SVG}path") if p.attrib["fill"] == ORANGE]


def test_bars_tell_every_value():
    chart = Chart("c", "t", "bars", ("江南", "=1+1"), (Series("v", (12.0, 3.0)), Series("b", (10.0, None), "before")))
    assert {"江南", "=1+1", "12", "3", "v", "b"} <= set(words(drawn(chart)))


def test_a_matrix_tells_values_where_they_fit_and_crosses_what_nobody_knows():
    row = Series("周一", (1.0, None, 3.0), "part")
    assert {"1", "3", "周一"} <= set(words(drawn(Chart("c", "t", "matrix", ("0", "1", "2"), (row,)))))
    wide = Series("周一", (123456789.0,) * 60, "part")
    assert words(drawn(Chart("c", "t", "matrix", ("0",) * 60, (wide,)))).count("123456789") <= 1, "only its scale"


def test_long_names_are_cut_and_hostile_ones_are_words():
    chart = Chart("c", "t", "bars", ("<script>" * 30,), (Series("v", (1.0,)),))
    assert any(word.startswith("<script>") and word.endswith("…") for word in words(drawn(chart)))


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_to_draw_is_drawn(shape):
    assert drawn(Chart("c", "t", shape, (), ())) is not None


def the_map() -> HeatMap:
    return pages_story.heat_map(lambda zh, en: zh)


def test_the_map_has_boundaries_legend_north_and_scale():
    picture = ElementTree.fromstring(heatmap.picture(the_map(), "北"))
    told = words(picture)
    assert {"北", "0", "5 km", "起 / km²", "< 2", "> 12", "热点（Gi*）", "江南分局", "江南1所"} <= set(told)
    assert told.count("江南分局") == 1


def test_the_hot_spots_edge_is_drawn_once_around():
    cells = [cell.cell for cell in the_map().cells if cell.hot]
    frame = heatmap.Frame([(22.7, 108.2), (22.9, 108.5)], 504)
    edge = heatmap._around(frame, [heatmap.h3.cell_to_boundary(cell) for cell in cells])
    assert edge.count("M") == 18, "seven hexagons around one have 18 outer edges"


def test_the_scale_is_right():
    frame = heatmap.Frame([(22.0, 108.0), (22.1, 108.1)], 504.0)
    south, north = frame.spot((22.0, 108.0)), frame.spot((22.1, 108.0))
    assert (south[1] - north[1]) * frame.metres == pytest.approx(11_119, rel=2e-3)
    assert (frame.spot((22.05, 108.1))[0] - south[0]) * frame.metres == pytest.approx(10_321, rel=2e-3)


def test_a_map_without_cells_or_outlines():
    heat = the_map()
    assert heatmap.picture(replace(heat, cells=(), outlines=()), "N") == ""
    assert heatmap.picture(replace(heat, cells=()), "N")
    assert heatmap.picture(replace(heat, outlines=()), "N")
    broken = replace(heat, cells=(*heat.cells, MapCell("zz", 1, 1.0, 99), MapCell("", 1, 1.0, -3)))
    assert heatmap.picture(broken, "N").count("<path") == heatmap.picture(heat, "N").count("<path")
