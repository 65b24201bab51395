"""The native charts of slides: their colours, axes and signs, and the workbook behind each."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_AXIS_CROSSES, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.oxml.ns import qn
from pptx.util import Pt
from xlsxwriter import Workbook

from briefings.document import Chart
from briefings.native import LABELLED, ends_at_one
from briefings.palette import BEFORE, CALM, CALM_SOFT, INK_2, LINE, LINE_STRONG, ORANGE, PARTS

FONT = "Noto Sans SC"
MOST_LABELS = 14
NUMBERS = {"share": "0%", "count": "#,##0", "number": "#,##0.0"}
SHOWN = {"share": "0.0%", "number": "#,##0.0"}
SIGNS = {"partly": (XL_MARKER_STYLE.CIRCLE, CALM_SOFT, CALM), "out": (XL_MARKER_STYLE.DIAMOND, ORANGE, ORANGE)}


def look(drawn: Any, chart: Chart) -> None:
    """Dress ``drawn``, made of ``chart``, as the pages' own charts are."""
    drawn.font.size, drawn.font.name = Pt(11), FONT
    drawn.font.color.rgb = rgb(INK_2)
    drawn.has_title = False
    drawn.has_legend = len(chart.series) > 1
    if drawn.has_legend:
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    names, axis = drawn.category_axis, drawn.value_axis
    if chart.shape in ("bars", "stacked"):  # the first name on top, the values below
        names.reverse_order = True
        axis._element.crosses.val = XL_AXIS_CROSSES.MAXIMUM  # python-pptx knows this only of value axes
    elif len(chart.labels) > MOST_LABELS:
        _every(names, -(-len(chart.labels) // MOST_LABELS))
    axis.minimum_scale = 0
    if ends_at_one(chart):
        axis.maximum_scale = 1
    axis.tick_labels.number_format = NUMBERS.get(chart.kind, "#,##0")
    axis.tick_labels.number_format_is_linked = False
    axis.major_gridlines.format.line.color.rgb = rgb(LINE)
    axis.format.line.fill.background()
    if chart.axis:
        axis.has_title = True
        axis.axis_title.text_frame.text = chart.axis
        font = axis.axis_title.text_frame.paragraphs[0].runs[0].font
        font.size, font.bold, font.name = Pt(10), False, FONT
    plot = drawn.plots[0]
    if chart.shape != "line":
        plot.gap_width = 60
        plot.overlap = 100 if chart.shape == "stacked" else 0
    for k, (series, told) in enumerate(zip(plot.series, chart.series, strict=True)):
        colour = {"mean": BEFORE, "low": LINE_STRONG, "high": LINE_STRONG, "before": BEFORE}.get(told.role, CALM)
        if told.role == "part":
            colour = PARTS[k % len(PARTS)]
        if chart.shape == "line":
            series.smooth = False
            series.format.line.color.rgb = rgb(colour)
            series.format.line.width = Pt(2.5 if told.role == "value" else 1)
            series.marker.style = XL_MARKER_STYLE.NONE
            if told.role in SIGNS:
                _sign(series, told.role)
        else:
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = rgb(colour)
            if chart.shape == "bars" and told.role == "value" and len(chart.labels) <= LABELLED:
                labels = series.data_labels
                labels.show_value, labels.font.size = True, Pt(10)
                labels.number_format = SHOWN.get(chart.kind, "#,##0")
                labels.number_format_is_linked = False
            for at in told.marks if chart.shape == "bars" else ():
                series.points[at].format.fill.solid()
                series.points[at].format.fill.fore_color.rgb = rgb(INK_2)


def _sign(series: Any, role: str) -> None:
    """Marks without a line."""
    style, fill, edge = SIGNS[role]
    series.format.line.fill.background()
    series.marker.style, series.marker.size = style, 8
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = rgb(fill)
    series.marker.format.line.color.rgb = rgb(edge)


def _every(axis: Any, step: int) -> None:
    """Only every ``step``-th name; python-pptx has no word for it."""
    for name in ("c:tickLblSkip", "c:tickMarkSkip"):
        skip = axis._element.makeelement(qn(name), {"val": str(step)})
        axis._element.insert_element_before(skip, "c:noMultiLvlLbl", "c:extLst")


def clean(text: str) -> str:
    """Without control characters, which XML cannot hold."""
    return "".join(letter if letter.isprintable() or letter in "\n\u3000" else " " for letter in text)


def rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())


def workbook(chart: Chart, stamp: datetime) -> bytes:
    """The data of a chart as python-pptx lays it out, with every text a text."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": stamp})
    sheet = book.add_worksheet("Sheet1")
    for at, label in enumerate(chart.labels, 1):
        sheet.write_string(at, 0, clean(label))
    for k, series in enumerate(chart.series, 1):
        sheet.write_string(0, k, clean(series.name))
        for at, value in enumerate(series.values, 1):
            if value is not None:
                sheet.write_number(at, k, value)
    book.close()
    return out.getvalue()
