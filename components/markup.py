"""Components that no callback needs, as plain HTML: the browser's parser builds at once what takes React a component
at a time, and a wall shows its first unit so much sooner.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterator
from typing import Any

from dash.development.base_component import Component

PLAIN = "dash_html_components"
LIFT = "data-lift"
NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex"}


def lifted(page: Component, kept: Collection[str] = ()) -> str:
    """Takes the children of every element out of ``page`` below which there is nothing but HTML; answers templates.

    What holds an id of ``kept`` stays a component, because a callback names it. Each lifted element says in
    ``data-lift`` which template belongs into it (assets/js/ui/skeleton.js puts it there). The page itself keeps its
    children, so that Dash has something to stand on. Raises ValueError for a property that
    HTML has no attribute for.
    """
    templates: list[str] = []
    for element in list(_outermost(page, kept)):
        inner = "".join(text_of(child) for child in _children(element))
        setattr(element, LIFT, str(len(templates)))
        templates.append(f'<template {LIFT}ed="{len(templates)}">{inner}</template>')
        element.children = None
    return "".join(templates)


def text_of(part: Any) -> str:
    """A component of HTML, or a text, as HTML."""
    if not isinstance(part, Component):
        return html.escape(str(part))
    tag, inner = part._type.lower(), "".join(text_of(child) for child in _children(part))
    return f"<{tag}{''.join(_attributes(part))}>{inner}</{tag}>"


def _attributes(part: Component) -> Iterator[str]:
    for name, value in sorted(part.to_plotly_json()["props"].items()):
        if name == "children" or value is None or value is False:
            continue
        if not isinstance(value, str | int | float):
            raise ValueError(f"{part._type}: {name} cannot be written as an attribute of HTML")
        name = NAMES.get(name, name)
        yield f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'


def _outermost(part: Component, kept: Collection[str]) -> Iterator[Component]:
    """Below ``part`` the highest elements that hold nothing but HTML, and something."""
    for child in _children(part):
        if not isinstance(child, Component):
            continue
        if _children(child) and _plain(child, kept):
            yield child
        else:
            yield from _outermost(child, kept)


def _plain(part: Component, kept: Collection[str]) -> bool:
    below = [one for one in (part, *part._traverse()) if isinstance(one, Component)]
    return all(one._namespace == PLAIN and getattr(one, "id", None) not in kept for one in below)


def _children(part: Component) -> list[Any]:
    children = getattr(part, "children", None)
    if children is None:
        return []
    return list(children) if isinstance(children, list | tuple) else [children]
