"""The document of a period, in one language, from what is known of it. Pure."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from msgspec.structs import replace

from analytics.figures.result import Report
from briefings.document import Band, Block, Document, Section, Text
from briefings.material import Material
from briefings.said import ARROWS
from briefings.sections import appendix, counts, drones, heat, hours, presence, proposals, response, situation
from briefings.words import Words

VERDICTS = ("up", "down", "noise", "few", "good", "bad", "gap", "lack")


def document(material: Material, words: Words, formulas: Mapping[str, str]) -> Document:
    """Every section in its order. ``formulas``: the text of each formula in the same language, by its id."""
    report = material.report
    band = _band(material, words)
    sections = (
        situation.section(material, words), counts.categories(material, words), hours.section(material, words),
        response.section(material, words), heat.section(material, words), counts.ranking(material, words),
        presence.quiet(material, words), presence.presence(material, words), drones.section(material, words),
        proposals.section(material, words), appendix.section(material, words, formulas),
    )  # fmt: skip
    footer = words("brief.footer", city=band.city, title=band.title, period=band.period, data=band.data_time)
    return Document(
        name_of(report, material.around.mark, words.lang), "en" if words.lang == "en" else "zh", band,
        stamp_ms(material), tuple(_lean(one) for one in sections if one is not None), footer, words("brief.page"),
        words("brief.more"), {name: _verdict(words, name) for name in VERDICTS}, report.request.zone,
    )  # fmt: skip


def _lean(section: Section) -> Section:
    """``section`` without the sentence that its message is already."""
    blocks: list[Block] = []
    for block in section.blocks:
        if isinstance(block, Text):
            block = replace(block, sentences=tuple(one for one in block.sentences if one.text != section.message))
        if not isinstance(block, Text) or block.sentences:
            blocks.append(block)
    return replace(section, blocks=tuple(blocks))


def name_of(report: Report, mark: str, lang: str) -> str:
    """The name of its files: kind, first day, scope and language, in plain ASCII."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "", mark)
    if plain != mark:  # a name in other letters; what is left of it may be that of another
        plain = f"{plain}{zlib.crc32(mark.encode()):08x}"
    parts = ("briefing", report.period.kind, report.period.first.isoformat(), plain, lang)
    return "_".join(part for part in parts if part)


def stamp_ms(material: Material) -> float:
    """The data's time; of a history without one the moment up to which the period counts."""
    data_time_ms = material.report.data.data_time_ms
    return material.report.request.now_ms if data_time_ms is None else data_time_ms


def _band(material: Material, words: Words) -> Band:
    report, en = material.report, words.lang == "en"
    period, data = report.period, report.data
    name = words.period(period.kind, period.first, period.last, period.name)
    if period.kind != "day":
        name = words("brief.period", name=name, span=words.span(period.first, period.last))
    warnings = []
    if not period.complete:
        warnings.append(words("brief.sofar", time=words.moment(report.request.now_ms, material.zone)))
    if data.recorded < 1:
        warnings.append(words("brief.gaps", share=words.share(1 - data.recorded)))
    at = words.moment(data.data_time_ms, material.zone) if data.data_time_ms else words("page.nodata")
    return Band(
        material.around.city[en], words(f"brief.title.{period.kind}"), name, material.around.scope[en],
        words("page.data", time=at), (" · ").join(warnings),
    )  # fmt: skip


def _verdict(words: Words, name: str) -> str:
    """Mark and word; a share in target that fell is bad, and says so as the page does."""
    same = {"good": "up", "bad": "down"}.get(name, name)
    if same in ARROWS:
        return f"{ARROWS[same]} {words(f'verdict.{same}')}".strip()
    return words({"gap": "vs.gap", "lack": "verdict.none"}[same])
