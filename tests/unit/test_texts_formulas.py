"""Every formula that a figure may name is told in both languages."""

import re
from pathlib import Path

import msgspec
import pytest

from analytics.figures import parts, result
from components.texts_formulas import FORMULAS, formula

FIGURES = Path(__file__).parents[2] / "analytics/figures"


def named() -> set[str]:
    """The ids in the figures' code, and the defaults of their structs."""
    found = set()
    for path in FIGURES.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:_about\(own,|About\(|formula=|formula: str =)\s*"(\w+)"', source))
    for module in (parts, result):
        for struct in vars(module).values():
            if isinstance(struct, type) and issubclass(struct, msgspec.Struct):
                fields = {field.name: field.default for field in msgspec.structs.fields(struct)}
                if isinstance(fields.get("formula"), str):
                    found.add(fields["formula"])
    return found


def test_every_formula_that_is_named_is_told():
    assert named() >= {"count", "spread", "sighting"}
    assert named() - set(FORMULAS) == set()


@pytest.mark.parametrize("name", FORMULAS)
def test_both_languages_say_as_much(name):
    zh, en = FORMULAS[name]
    assert len(zh.split("\n")) == len(en.split("\n"))
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert not re.search(r"[\u3000-\u9fff]", en)
    assert not re.search(r"[{}\\$]", zh + en)  # plain text: no places to fill in, no LaTeX
    assert formula(name, "zh") == zh
    assert formula(name, "en") == en


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_and_symbols_agree(name):
    digits = re.compile(r"\d+\.\d+|\d\d+")  # smaller ones may be words
    zh, en = (sorted(set(digits.findall(text))) for text in FORMULAS[name])
    assert zh == en
