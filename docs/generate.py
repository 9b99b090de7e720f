"""Write the parts of the documentation that come from the code.

`python -m docs.generate` rewrites the pages of the inspectors, the schemas of jobs and of the
configuration, the man page, docs/evidence.md and the marked blocks of other pages; a test fails
when they differ from what this program would write.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

import inspectors
from docs import configuration_schema, man_page
from docs.evidence import evidence_page
from docs.floors import drawing
from docs.inspector_pages import INDEX, inspector_documents, navigation
from docs.marked_blocks import with_block
from docs.packages import package_table
from docs.schemas import schema_files
from docs.sdk_ways import ways_table
from inspectors.base_inspector import BaseInspector
from utils.options.options import build_parser

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
HELP_WIDTH = 98


def documents() -> dict[Path, str]:
    """Text of every generated file, by path."""
    available, _ = inspectors.discover()
    pages = {ROOT / path: text for path, text in inspector_documents(available).items()}
    schemas = {DOCS / "schemas" / name: text for name, text in schema_files().items()}
    return {
        **pages,
        **schemas,
        ROOT / "mkdocs.yml": _filled(ROOT / "mkdocs.yml", {"inspectors": navigation(available)}),
        DOCS / man_page.FILE: _manual(available),
        DOCS / configuration_schema.FILE: configuration_schema.configuration_schema(),
        DOCS / "evidence.md": evidence_page(available, ROOT / "tests"),
        DOCS / "usage.md": _filled(DOCS / "usage.md", {"help": fenced(help_text(available))}),
        DOCS / "sdk.md": _filled(DOCS / "sdk.md", {"ways": ways_table()}),
        DOCS / "development.md": _filled(
            DOCS / "development.md",
            {"floors": fenced(drawing()), "packages": package_table(ROOT)},
        ),
    }


def _filled(page: Path, blocks: dict[str, str]) -> str:
    text = page.read_text(encoding="utf-8")
    for name, content in blocks.items():
        text = with_block(text, name, content)
    return text


def fenced(text: str) -> str:
    """Text that is shown as it is."""
    return f"```text\n{text.rstrip()}\n```"


def help_text(available: Sequence[type[BaseInspector]]) -> str:
    """What ``--help`` prints on a terminal of fixed width."""
    with _terminal_of_fixed_width():
        return build_parser({cls.name(): cls.summary() for cls in available}).format_help()


def _manual(available: Sequence[type[BaseInspector]]) -> str:
    with _terminal_of_fixed_width():
        return man_page.man_page(cls.name() for cls in available)


def _terminal_of_fixed_width() -> AbstractContextManager[object]:
    # argparse reads the width of the terminal from here, and leaves two columns free.
    return mock.patch.dict(os.environ, {"COLUMNS": str(HELP_WIDTH + 2)})


def left_over() -> Iterator[Path]:
    """Pages of inspectors that are gone."""
    written = documents()
    folder = (ROOT / INDEX).parent
    return (path for path in sorted(folder.glob("*.md")) if path not in written)


def main() -> None:
    """Rewrite all generated files."""
    for path in left_over():
        path.unlink()
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
