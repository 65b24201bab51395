"""The OpenAPI document: it is one, its schemas are, its examples and the real answers are as it says."""

import jsonschema
import pytest
from fastapi.openapi.models import OpenAPI

from tests.unit.figures_story import Story, client_of, service
from web import figures_params

ADDRESSES = {
    "/api/figures": figures_params.FIGURES,
    "/api/figures/choices": figures_params.CHOICES,
    "/api/figures/rows": figures_params.ROWS,
    "/api/figures/rows.csv": figures_params.ROWS_CSV,
}
DRAFT = jsonschema.Draft202012Validator


@pytest.fixture(scope="module")
def document():
    return client_of(Story()).get("/openapi.json").json()


def check(document, schema, value):
    """``value`` is what ``schema`` says; its references point into the document."""
    DRAFT({**schema, "components": document["components"]}, format_checker=DRAFT.FORMAT_CHECKER).validate(value)


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from references(one)


def test_the_document_is_openapi_and_every_schema_a_schema(document):
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == set(ADDRESSES)
    OpenAPI.model_validate(document)
    for schema in document["components"]["schemas"].values():
        DRAFT.check_schema(schema)
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= named


def test_it_is_the_same_when_asked_again():
    client = client_of(Story())
    assert client.get("/openapi.json").json() == client.get("/openapi.json").json()
    assert service(Story()).openapi() == service(Story()).openapi()


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_parameter_is_documented_with_an_example_that_fits(document, address):
    told = document["paths"][address]["get"]["parameters"]
    assert [one["name"] for one in told] == [parameter.name for parameter in ADDRESSES[address]]
    for one in told:
        assert (one["in"], one["required"], bool(one["description"])) == ("query", False, True)
        DRAFT.check_schema(one["schema"])
        check(document, one["schema"], one["example"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_a_schema_and_an_example_that_fits(document, address):
    answers = document["paths"][address]["get"]["responses"]
    assert {"200", "422", "503"} <= set(answers)
    assert "Retry-After" in answers["503"]["headers"]
    for answer in answers.values():
        for content in answer.get("content", {}).values():
            check(document, content["schema"], content["example"])


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/figures?period=month&date=2025-02-10", 200), ("/api/figures/rows?period=month&date=2025-02-10", 200),
        ("/api/figures/choices", 200), ("/api/figures?period=x&hour=77", 422), ("/api/figures/rows?limit=x", 422),
    ],
)  # fmt: skip
def test_real_answers_are_as_documented(document, address, status):
    answer = client_of(Story()).get(address)
    assert answer.status_code == status
    content = document["paths"][address.split("?")[0]]["get"]["responses"][str(status)]["content"]
    check(document, content["application/json"]["schema"], answer.json())


def test_an_answer_without_history_is_as_documented(document):
    story = Story()
    story.store = None
    answer = client_of(story).get("/api/figures")
    content = document["paths"]["/api/figures"]["get"]["responses"]["503"]["content"]
    check(document, content["application/json"]["schema"], answer.json())
