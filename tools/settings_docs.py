"""Writes wallboard.toml.example and the README's table of settings from ``data_feeds.settings``: ``make docs``."""

import json
import re
from dataclasses import fields
from pathlib import Path

from data_feeds.settings import Settings, example

ROOT = Path(__file__).parents[1]
HEAD = "| setting | default | meaning |\n| --- | --- | --- |\n"
LONGEST_DEFAULT = 40


def row(name: str, default: object, help: str) -> str:
    """One line of the table; a long default is left to the example file."""
    shown = json.dumps(default, ensure_ascii=False)
    return f"| `{name}` | {f'`{shown}`' if len(shown) <= LONGEST_DEFAULT else 'see the example'} | {help} |\n"


def main() -> None:
    defaults = Settings()
    rows = "".join(row(f.name, getattr(defaults, f.name), f.metadata["help"]) for f in fields(Settings))
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(re.sub(re.escape(HEAD) + r"(\|.*\n)*", lambda _: HEAD + rows, text), encoding="utf-8")
    (ROOT / "wallboard.toml.example").write_text(example(), encoding="utf-8")


if __name__ == "__main__":
    main()
