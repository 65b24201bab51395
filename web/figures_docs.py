"""What the OpenAPI document says of the figures' addresses: parameters, answers with schema and example, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec
from fastapi import FastAPI, Response

from analytics.changes import change
from analytics.figures.request import COMPARATORS, PARTS, PERIODS, Request
from analytics.figures.result import About, Against, Comparison, Data, Figure, Period, Row
from data_feeds.history.query import Filters, Rows, Span
from web.figures_params import MAX_VALUES, Parameter, Problem
from web.figures_shapes import (
    Away,
    Choices,
    Figures,
    IncidentRow,
    Jurisdiction,
    Refused,
    RowsAnswer,
    Word,
)

REF = "#/components/schemas/{name}"
JSON = "application/json"
SHAPES = (Figures, Choices, RowsAnswer, Refused, Away)
_MARCH, _FEBRUARY = Span(date(2025, 3, 1), date(2025, 3, 31)), Span(date(2025, 2, 1), date(2025, 2, 28))
_WHERE = Filters(categories=("theft",))
_ROWS = Rows(_MARCH, _WHERE)
_AGAINST = {"previous": Against(3012.0, 1, change(3180, 3012.0))}
_ABOUT = About("count", _WHERE, _ROWS)
_DATA_MS = 1_743_483_540_000.0


def _figures() -> Figures:
    return Figures(
        Request("month", date(2025, 3, 15), 1_763_769_600_000.0, "America/Chicago", where=_WHERE,
                comparators=("previous",), parts=("by",)),
        Period("month", _MARCH.first, _MARCH.last, _MARCH.last),
        [Comparison("previous", (_FEBRUARY,), (0,), why=("length",), days=28.0)],
        Data(41, _DATA_MS, ("houston",), ("dispatched", "on_scene")),
        Figure(3180, 3180, against=_AGAINST),  # type: ignore[arg-type]
        {"exercise": Figure(0, 0), "invalid": Figure(12, 12), "diverted": Figure(0, 0)},
        {"category": [Row("theft", 3180, 3180, 1, 1.0, _AGAINST)]},  # type: ignore[arg-type]
        about={"total": _ABOUT, "by.category": msgspec.structs.replace(_ABOUT, narrow="categories")},
        formulas={"count": "incidents of the period, without exercises, invalid and diverted ones"},
    )  # fmt: skip


def _choices() -> Choices:
    return Choices(
        date(2023, 11, 1), _MARCH.last, _MARCH.last, 512_000, 41, _DATA_MS, False, "America/Chicago", 0, None,
        ("houston",), ("dispatched", "on_scene"), PERIODS, COMPARATORS, PARTS, [Word("theft", 120_400)],
        [Word("high", 9_100)], [Word("call", 512_000)], [Word("other", 512_000)],
        [Jurisdiction("B1", "branch", "", "城东分局", "East Branch", 48_000)],
        [Jurisdiction("S1", "station", "B1", "桥头派出所", "Bridge Station", 9_000)], [], (),
    )  # fmt: skip


def _rows() -> RowsAnswer:
    row = IncidentRow(
        "A-17", date(2025, 3, 31), int(_DATA_MS), "theft", "low", "call", "counted", "centre", "Market", "B1", "S1", "",
        29.7604, -95.3698, int(_DATA_MS), None, int(_DATA_MS) + 40_000, None, int(_DATA_MS) + 70_000,
        int(_DATA_MS) + 310_000, None, None, 40.0, 30.0, 240.0, 310.0, None, 2, "", "houston",
    )  # fmt: skip
    return RowsAnswer(3180, 0, 100, 41, msgspec.structs.replace(_ROWS, limit=100), [row])


def _refused() -> Refused:
    message = "no jurisdiction and no zone is called so; /api/figures/choices lists them"
    return Refused([Problem(("query", "scope"), message, "value_error")])


def _away() -> Away:
    return Away("the history is not open yet")


EXAMPLES: dict[type, Callable[[], Any]] = {
    Figures: _figures, Choices: _choices, RowsAnswer: _rows, Refused: _refused, Away: _away,
}  # fmt: skip
ABOUT = {
    "figures": ("Figures of a period",
                "Counts with comparators, distributions, response times and heat of one day, week, month, quarter, "
                "year or key date. `ETag` changes with the data of the days that are looked at. Cells of the heat with "
                "few incidents are left out (setting `suppress_below`)."),
    "choices": ("What may be asked for", "The words, jurisdictions and key dates that the other addresses accept."),
    "rows": ("The incidents behind a figure", "One page of the incidents that a block of figures counts."),
    "csv": ("The incidents behind a figure as CSV",
            "UTF-8 with a byte order mark. Texts that a spreadsheet would take for a formula begin with an apostrophe. "
            "Of more than 50,000 rows only the first are given: `X-Rows-Cut` is true, the file's name and last line "
            "say so, and `X-Total-Rows` how many there are."),
}  # fmt: skip


def route(name: str, parameters: Sequence[Parameter], shape: type | None) -> dict[str, Any]:
    """Keyword arguments of FastAPI's ``get`` for address ``name``; ``shape``: of its answer, None for CSV."""
    summary, description = ABOUT[name]
    if shape is None:
        content = {"text/csv": {"schema": {"type": "string"}, "example": "\ufeffincident,day,received\r\n"}}
    else:
        content = _content(shape)
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "as asked", "content": content},
        422: {"description": "a parameter is wrong", "content": _content(Refused)},
        503: {
            "description": "there is no history, or not now",
            "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}},
            "content": _content(Away),
        },
    }
    if name == "figures":
        answers[304] = {"description": "the figures have not changed since `If-None-Match`"}
    return {
        "tags": ["figures"], "summary": summary, "description": description, "responses": answers,
        "response_class": Response,
        "operation_id": f"get_{name}", "openapi_extra": {"parameters": [_parameter(one) for one in parameters]},
    }  # fmt: skip


def extend(api: FastAPI) -> None:
    """Add the shapes of the answers and their examples to the OpenAPI document of ``api``."""
    made = api.openapi
    examples = {REF.format(name=shape.__name__): example for shape, example in EXAMPLES.items()}

    def openapi() -> dict[str, Any]:
        document = made()
        shapes = msgspec.json.schema_components(SHAPES, ref_template=REF)[1]
        document.setdefault("components", {}).setdefault("schemas", {}).update(shapes)
        for content in _contents(document):  # not by FastAPI, which takes every null out of an example
            if content.get("schema", {}).get("$ref") in examples:
                content["example"] = msgspec.to_builtins(examples[content["schema"]["$ref"]](), str_keys=True)
        return document

    api.openapi = openapi  # type: ignore[method-assign]


def _content(shape: type) -> dict[str, Any]:
    return {JSON: {"schema": {"$ref": REF.format(name=shape.__name__)}}}


def _contents(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every JSON answer of the document."""
    for path in document.get("paths", {}).values():
        for operation in path.values():
            for answer in operation.get("responses", {}).values():
                if JSON in answer.get("content", {}):
                    yield answer["content"][JSON]


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": one.schema, "maxItems": MAX_VALUES} if one.many else one.schema
    example = [one.example] if one.many else one.example
    return {"name": one.name, "in": "query", "required": False, "description": one.help, "schema": schema,
            "example": example, **({"style": "form", "explode": True} if one.many else {})}  # fmt: skip
