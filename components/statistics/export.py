"""The briefing of what is shown, at a press: which file, how far it is, the download (assets/js/stats/export.js)."""

from __future__ import annotations

from dash import html

FORMATS = ("pdf", "xlsx", "pptx", "csv", "png")
STATES = ("waiting", "working", "done", "failed")
LIST = "/briefings/"


def render() -> html.Details:
    """The closed menu; its state is an attribute that the script changes."""
    choices = [html.Button(name.upper(), className="plain", type="button", **{"data-export": name}) for name in FORMATS]
    told = [html.Span(className=f"export-{state}", **{"data-t": f"export.{state}.title"}) for state in STATES[:2]]
    told += [
        html.Span(html.Progress(max=100, value="0"), className="export-bar"),
        html.A(className="export-done", download="", **{"data-t": "export.done.title"}),
        html.Span(className="export-failed", **{"data-t": "export.failed.title"}),
        html.Span(className="export-why"),
    ]
    menu = html.Div(
        [
            html.P(className="export-hint", **{"data-t": "export.hint.title"}),
            html.Div(choices, className="export-choices"),
            html.P(told, className="export-told", role="status"),
            html.A(href=LIST, className="export-list", **{"data-t": "export.list.title"}),
        ],
        className="export-menu",
    )
    return html.Details(
        [html.Summary(className="plain", **{"data-t": "export.title"}), menu],
        className="export", **{"data-state": "none"},
    )  # fmt: skip
