"""The head of the page: which period, which incidents, compared with what, and how far the data go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analytics.figures.request import COMPARATORS, PERIODS, KeyDate
from analytics.figures.result import Gap, Report
from briefings.said import named
from components.statistics import export, ids
from components.statistics.choices import Choices, Page
from components.statistics.frame import Drawn, pressed, sets, toggles
from components.statistics.state import FILTERS, View
from components.statistics.words import Words

SHOWN_KINDS, MENU_KINDS = PERIODS[:3], PERIODS[3:5]
ONE = timedelta(days=1)
LEAST_SHARE = 0.001
Facts = dict[str, str]
OUTPUTS = [
    f"{ids.NAME}.children", f"{ids.STANDING}.children", f"{ids.DATA}.children", f"{ids.KINDS}.children",
    f"{ids.MORE}.children", f"{ids.STEPS}.children", f"{ids.AGAINST}.children", f"{ids.CHIPS}.children",
    f"{ids.DATE}.maxDate", f"{ids.DATE}.minDate", f"{ids.DATE}.ariaLabels",
    f"{ids.DATE}.monthLabelFormat", f"{ids.DATE}.monthsListFormat", f"{ids.SCOPE}.data",
    f"{ids.SCOPE}.placeholder", f"{ids.CATEGORY}.data", f"{ids.CATEGORY}.placeholder",
]  # fmt: skip


def render(page: Page) -> html.Header:
    """The controls before anything is known of the records."""
    title = html.Div(
        [
            html.A([html.Span("←", **{"aria-hidden": "true"}), html.Span(**{"data-t": "page.back"})],
                   id=ids.BACK, href=page.wall, className="back"),
            html.H1([html.Span(**{"data-t": "page.title"})], className="page-title"),
            html.Span(id=ids.NAME, className="period-name"),
            html.Span(id=ids.STANDING, className="period-standing"),
            html.Span(className="spring"),
            html.Span(id=ids.DATA, className="data-time"),
            export.render(),
            html.Button(id=ids.COPY, className="plain", type="button", **{"data-t": "page.copy"}),
            html.Button(id=ids.LANGUAGE, className="plain", type="button",
                        **{"data-t": "page.language", "data-t-title": "page.language.title"}),
        ],
        className="head-line head-title",
    )  # fmt: skip
    small: dict[str, Any] = {"size": "xs", "clearable": True, "searchable": True, "comboboxProps": {"shadow": "md"}}
    controls = html.Div(
        [
            html.Div(id=ids.KINDS, className="segments", role="group", **{"data-t-label": "period.label"}),
            dmc.Menu(
                [dmc.MenuTarget(html.Button(["⋯"], className="plain more", type="button",
                                            **{"data-t-title": "period.more"})),
                 dmc.MenuDropdown([], id=ids.MORE)],
                shadow="md", position="bottom-start",
            ),
            html.Div(
                [
                    dmc.DatePickerInput(
                        id=ids.DATE, size="xs", valueFormat="YYYY-MM-DD", firstDayOfWeek=1, className="date",
                        weekdayFormat="dd", yearLabelFormat="YYYY", highlightToday=True,
                    ),
                    html.Div(id=ids.STEPS, className="steps"),
                ],
                className="date-group",
            ),
            dmc.Select(id=ids.SCOPE, className="scope", nothingFoundMessage="—", maxDropdownHeight=420, **small),
            dmc.MultiSelect(id=ids.CATEGORY, className="category", nothingFoundMessage="—", maxDropdownHeight=420,
                            hidePickedOptions=True, **small),
            html.Span(className="spring"),
            html.Div(id=ids.AGAINST, className="segments", role="group", **{"data-t-label": "vs.label"}),
        ],
        className="head-line head-controls",
    )  # fmt: skip
    chips = html.Div(id=ids.CHIPS, className="head-line chips")
    said = html.Div(id=ids.SAID, className="said", role="status")
    return html.Header([title, controls, chips, said, html.Div(className="progress")], className="head")


def draw(report: Report, view: View, choices: Choices, words: Words) -> Drawn:
    """The controls of a state, and what stands beside the title."""
    period = report.period
    categories = sorted({*choices.categories, *view.category})
    return {
        f"{ids.NAME}.children": words.period(period.kind, period.first, period.last, period.name),
        f"{ids.STANDING}.children": _standing(report, words, choices),
        f"{ids.DATA}.children": _data(report, words, choices),
        f"{ids.KINDS}.children": _kinds(view, words),
        f"{ids.MORE}.children": _more(view, choices, words),
        f"{ids.STEPS}.children": _steps(report, choices, words),
        f"{ids.AGAINST}.children": _against(report, view, words),
        f"{ids.CHIPS}.children": _chips(view, words),
        f"{ids.DATE}.maxDate": str(choices.latest),
        f"{ids.DATE}.minDate": str(choices.first or choices.latest),
        f"{ids.DATE}.ariaLabels": {"monthLevelControl": words("date.level"), "yearLevelControl": words("date.level"),
                                   "previousMonth": words("date.previous"), "nextMonth": words("date.next")},
        f"{ids.DATE}.monthLabelFormat": "YYYY年M月" if words.lang == "zh" else "MMMM YYYY",
        f"{ids.DATE}.monthsListFormat": "M月" if words.lang == "zh" else "MMM",
        f"{ids.SCOPE}.data": _scopes(choices, words),
        f"{ids.SCOPE}.placeholder": words("filter.city"),
        f"{ids.CATEGORY}.data": [{"value": one, "label": words.name("category", one)} for one in categories],
        f"{ids.CATEGORY}.placeholder": "" if view.category else words("filter.category.all"),
    }  # fmt: skip


def before(report: Report, key_dates: Iterable[KeyDate]) -> Facts:
    """What goes to the period before; nothing where there is none."""
    if report.period.kind == "key":
        return _key([one for one in key_dates if one.first < report.period.first][-1:])
    return sets(date=report.period.first - ONE)


def after(report: Report, key_dates: Iterable[KeyDate], latest: date) -> Facts:
    """What goes to the next period; nothing where it has not begun."""
    if report.period.kind == "key":
        return _key([one for one in key_dates if report.period.first < one.first <= latest][:1])
    day = report.period.last + ONE
    return sets(date=day) if day <= latest else {}


def _key(found: list[KeyDate]) -> Facts:
    return sets(period="key", key=found[0].name, date=found[0].first) if found else {}


def _standing(report: Report, words: Words, choices: Choices) -> list[Component]:
    period = report.period
    parts: list[Component] = []
    if period.kind != "day":
        parts.append(html.Span(words.span(period.first, period.last), className="span"))
    if not period.complete:
        until = words.moment(report.request.now_ms, choices.zone)
        parts.append(html.Span(words("period.sofar", time=until), className="mark mark-open"))
    if report.data.gaps:
        lost = 1 - report.data.recorded
        share = words.share(lost) if lost >= LEAST_SHARE else f"<{words.share(LEAST_SHARE)}"
        told = "\n".join(gap_lines(report.data.gaps, words, choices))
        parts.append(html.Span(words("gap.in", share=share), className="mark mark-gap", title=told))
    return parts


def gap_lines(gaps: Sequence[Gap], words: Words, choices: Choices, most: int = 8) -> list[str]:
    """Gaps, one a line."""
    lines = [
        words("gap.one", how=words(f"gap.{gap.how}"),
              **{"from": words.moment(gap.begin_ms, choices.zone), "to": words.moment(gap.end_ms, choices.zone)})
        for gap in gaps[:most]
    ]  # fmt: skip
    return lines + ([words("gap.more", n=len(gaps) - most)] if len(gaps) > most else [])


def _data(report: Report, words: Words, choices: Choices) -> str:
    ms = report.data.data_time_ms
    return words("page.nodata") if ms is None else words("page.data", time=words.moment(ms, choices.zone))


def _kinds(view: View, words: Words) -> list[Component]:
    shown = [*SHOWN_KINDS, *([view.period] if view.period not in SHOWN_KINDS else [])]
    return [
        html.Button(
            words(f"period.{kind}"), type="button", className="segment",
            **sets(period=kind, key=""), **{"aria-pressed": pressed(view.period == kind)},
        )
        for kind in shown
    ]  # fmt: skip


def _more(view: View, choices: Choices, words: Words) -> list[Component]:
    items: list[Component] = [dmc.MenuItem(words(f"period.{kind}"), **sets(period=kind, key="")) for kind in MENU_KINDS]
    items += [dmc.MenuDivider(), dmc.MenuLabel(words("period.key"))]
    dates = [one for one in choices.key_dates if one.first <= choices.latest]
    items += [dmc.MenuItem(one.name, **_key([one])) for one in sorted(dates, key=_newest)] or [
        dmc.MenuItem(words("period.nokeys"), disabled=True)
    ]
    return items


def _newest(one: KeyDate) -> tuple[int, str]:
    return -one.first.toordinal(), one.name


def _steps(report: Report, choices: Choices, words: Words) -> list[Component]:
    dates = sorted(choices.key_dates, key=lambda one: (one.first, one.name))
    earlier, later = before(report, dates), after(report, dates, choices.latest)
    if choices.first and report.period.first <= choices.first:
        earlier = {}
    latest = sets(date="", key="", period="day" if report.period.kind == "key" else report.period.kind)
    return [_step("‹", "period.previous", earlier, words), _step("›", "period.next", later, words),
            _step("»", "period.latest", latest if later else {}, words)]  # fmt: skip


def _step(sign: str, key: str, go: Facts, words: Words) -> html.Button:
    facts = {**go, "aria-label": words(key)}
    return html.Button(sign, type="button", className="plain step", disabled=not go, title=words(key), **facts)


def _against(report: Report, view: View, words: Words) -> list[Component]:
    kind = report.period.kind
    return [
        html.Button(
            words(named(one, kind, short=True)), type="button", className="segment", title=words(named(one, kind)),
            **sets(vs=one), **{"aria-pressed": pressed(view.main == one)},
        )
        for one in COMPARATORS
    ]  # fmt: skip


def _chips(view: View, words: Words) -> list[Component]:
    chips: list[Component] = []
    if view.scope:
        chips.append(_chip(words("filter.scope"), words.place(view.scope), sets(scope=""), words))
    for parameter in FILTERS:
        chips += [
            _chip(words(f"filter.{parameter}"), _value(parameter, value, words), toggles(parameter, value), words)
            for value in view.chosen(parameter)
        ]
    if not chips:
        return [html.Span(words("filter.none"), className="hint")]
    everything = sets(**dict.fromkeys(("scope", *FILTERS), ""))
    clear = html.Button(words("filter.clear"), type="button", className="plain", **everything)
    return [*chips, clear]


def _value(parameter: str, value: str, words: Words) -> str:
    return f"…{value.rstrip('f')[-5:]}" if parameter == "cell" else words.name(parameter, value)


def _chip(kind: str, name: str, go: Facts, words: Words) -> html.Button:
    parts = [html.Span(kind, className="chip-kind"), html.Span(name, className="chip-name"),
             html.Span("×", className="chip-drop", **{"aria-hidden": "true"})]  # fmt: skip
    told = words("filter.drop", name=name)
    facts = {**go, "aria-label": told}
    return html.Button(parts, type="button", className="chip", title=told, **facts)


def _scopes(choices: Choices, words: Words) -> list[dict[str, Any]]:
    """Branches as groups, each with itself and its stations; stations of no branch at the end."""
    branches = [one for one in choices.jurisdictions if one.level == "branch"]
    stations = [one for one in choices.jurisdictions if one.level == "station"]
    groups = [
        {"group": words.place(branch.code),
         "items": [_option(one.code, words) for one in (branch, *(s for s in stations if s.parent == branch.code))]}
        for branch in branches
    ]  # fmt: skip
    known = {branch.code for branch in branches}
    if others := [one for one in stations if one.parent not in known]:
        groups.append({"group": words("filter.others"), "items": [_option(one.code, words) for one in others]})
    return groups


def _option(code: str, words: Words) -> dict[str, str]:
    return {"value": code, "label": words.place(code)}
