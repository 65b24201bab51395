"""The scripts and styles of a folder as one answer: a wall asks for a handful of files instead of ninety.

Dash lists every asset of the page by itself; ``Bundles.packed`` puts one address in the place of each folder's, and
the files follow one another there in Dash's order. An address names its content, so a browser never asks again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dash import Dash
from dash.development.base_component import Component
from fastapi import FastAPI, Response

DIGITS = 16
KINDS = {".js": "text/javascript", ".css": "text/css"}
TAG = re.compile(
    r'<(?:script src|link rel="stylesheet" href)="(?P<root>[^"]*?/?assets/)(?P<folder>[\w/-]+)/'
    r'(?P<name>[\w.-]+?(?P<kind>\.js|\.css))(?:\?m=[^"]*)?">(?:</script>)?'
)
LIBRARY = re.compile(r'<script src="[^"]*/_dash-component-suites/(?P<path>[^"]+)"></script>')
ALWAYS = ("dash/deps", "dash/dash-renderer")
FOLDERS = {"dash_html_components": "dash/html", "dash_core_components": "dash/dcc", "dash_table": "dash/dash_table"}


class Bundles:
    """What was packed, by the last part of its address. ``assets``: the folder that Dash serves."""

    def __init__(self, assets: Path) -> None:
        self._assets = assets
        self._made: dict[str, bytes] = {}

    def packed(self, tags: str) -> str:
        """``tags`` of scripts or styles with one tag a folder, at the place of the folder's first."""
        files: dict[tuple[str, str], list[str]] = {}
        for tag in TAG.finditer(tags):
            files.setdefault((tag["folder"], tag["kind"]), []).append(tag["name"])
        named = {key: self._make(*key, names) for key, names in files.items()}

        def one(tag: re.Match[str]) -> str:
            key = tag["folder"], tag["kind"]
            if (name := named.pop(key, None)) is None:
                return ""
            url = f"{tag['root']}{tag['folder']}/{name}"
            return f'<script src="{url}"></script>' if key[1] == ".js" else f'<link rel="stylesheet" href="{url}">'

        return TAG.sub(one, tags)

    def content(self, folder: str, name: str) -> bytes | None:
        """What has the address ``assets/folder/name``; None if it was never packed."""
        return self._made.get(f"{folder}/{name}")

    def _make(self, folder: str, kind: str, names: list[str]) -> str:
        parts = [_headed(name, (self._assets / folder / name).read_bytes(), kind) for name in names]
        content = b"\n".join(parts)
        name = f"all.{hashlib.sha256(content).hexdigest()[:DIGITS]}{kind}"
        self._made[f"{folder}/{name}"] = content
        return name


def _headed(name: str, content: bytes, kind: str) -> bytes:
    """One file of a bundle. An error in a script ends that script and no other, as if each came by itself."""
    if kind == ".js":
        content = b"try { (function () {\n%b\n}).call(globalThis); } catch (error) { reportError(error); }" % content
    return f"/* {name} */\n".encode() + content


def needed(tags: str, namespaces: Iterable[str]) -> str:
    """``tags`` without the libraries of components that the page has none of.

    Dash lists every library that some module has imported; one more costs a wall's first picture its loading time.
    """
    kept = {*ALWAYS, *(FOLDERS.get(name, name) for name in namespaces)}

    def one(tag: re.Match[str]) -> str:
        return tag[0] if any(tag["path"].startswith(f"{folder}/") for folder in kept) else ""

    return LIBRARY.sub(one, tags)


class PackedDash(Dash):
    """Dash whose page loads its own assets as bundles, and the libraries of its own components only.

    ``namespaces``: of the components that its layout or its callbacks may bring. ``templates``: HTML that the page
    brings for its own scripts; ``head``: what comes before all scripts.
    """

    bundles: Bundles
    namespaces: frozenset[str] = frozenset()
    templates: str = ""
    head: str = ""

    def interpolate_index(self, **parts: Any) -> str:
        packed = {name: needed(self.bundles.packed(parts[name]), self.namespaces) for name in ("css", "scripts")}
        own = {"app_entry": f"{parts['app_entry']}{self.templates}", "metas": f"{parts['metas']}{self.head}"}
        return str(super().interpolate_index(**(parts | packed | own)))


def namespaces_of(page: Component) -> frozenset[str]:
    """The libraries of a layout's components, by the names that Dash gives them."""
    return frozenset(one._namespace for one in (page, *page._traverse()) if isinstance(one, Component))


def register(api: FastAPI, bundles: Bundles) -> None:
    """The bundles' addresses, below those of the files that they hold: what these name relatively stays right."""

    @api.get("/assets/{folder:path}/all.{digest}", include_in_schema=False)
    def bundle(folder: str, digest: str) -> Response:
        content = bundles.content(folder, f"all.{digest}")
        if content is None:
            return Response("no such bundle: the page is of another build, load it again", 404)
        return Response(content, media_type=KINDS["." + digest.rsplit(".", 1)[-1]])
