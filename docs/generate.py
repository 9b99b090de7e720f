"""Write the parts of the documentation that come from the code.

`python -m docs.generate` rewrites docs/inspectors.md, docs/evidence.md and the marked blocks of
README.md and docs/sdk.md; a test fails when they differ from what this program would write.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import inspectors
from docs.evidence import evidence_page
from docs.marked_blocks import with_block
from docs.sdk_ways import ways_table
from inspectors.base_inspector import BaseInspector
from inspectors.documentation import finding_list
from utils.options.options import build_parser

ROOT = Path(__file__).resolve().parent.parent
HELP_WIDTH = 98
_HEADER = """# The inspectors

Made from the docstrings by `make docs`; change the docstring, not this page.
"""


def documents() -> dict[Path, str]:
    """Text of every generated file, by path."""
    available, _ = inspectors.discover()
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = with_block(text, "help", f"```\n{help_text(available)}```")
    text = with_block(text, "messages", messages(available))
    sdk = ROOT / "docs" / "sdk.md"
    return {
        readme: text,
        sdk: with_block(sdk.read_text(encoding="utf-8"), "ways", ways_table()),
        ROOT / "docs" / "inspectors.md": inspector_pages(available),
        ROOT / "docs" / "evidence.md": evidence_page(available, ROOT / "tests"),
    }


def help_text(available: Sequence[type[BaseInspector]]) -> str:
    """What ``--help`` prints on a terminal of fixed width."""
    # argparse reads the width of the terminal from here, and leaves two columns free.
    with mock.patch.dict(os.environ, {"COLUMNS": str(HELP_WIDTH + 2)}):
        return build_parser({cls.name(): cls.summary() for cls in available}).format_help()


def inspector_pages(available: Sequence[type[BaseInspector]]) -> str:
    """One section for each inspector: its docstring, with its place in the order."""
    sections = [
        f"## {cls.name()}\n\nPriority: {cls.PRIORITY.name.lower()}\n\n{inspect.getdoc(cls)}\n"
        for cls in available
    ]
    return "\n".join([_HEADER, *sections])


def messages(available: Sequence[type[BaseInspector]]) -> str:
    """The finding lists of all inspectors, without the paragraphs around them."""
    return "\n".join(
        f"**{cls.name()}** {cls.summary()}\n\n{finding_list(cls)}\n" for cls in available
    ).rstrip()


def main() -> None:
    """Rewrite all generated files."""
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
