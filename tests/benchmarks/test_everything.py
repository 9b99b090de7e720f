"""All benchmarks run and fill the page; what they measure is for quiet machines to say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from docs.marked_blocks import block
from tests.docs.markdown_pages import links

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "benchmarks" / "README.md"
# Lines of the blocks in a small run: head, rule, rows.
ROWS = {"race": 2, "procedures": 6, "growth": 3 + 3 + 3, "goals": 9}


def test_the_page_has_every_block_and_its_links_lead_somewhere() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"<!-- begin {name} -->" in text for name in (*ROWS, "machine"))
    assert [link for link in links(PAGE) if not (PAGE.parent / link).exists()] == []
    assert links(PAGE)


@pytest.mark.slow
def test_a_small_run_fills_every_table_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    shutil.copy(PAGE, page)
    assert main(["--small", "--markdown", str(page)]) == 0
    text = page.read_text("utf-8")
    for name, rows in ROWS.items():
        lines = block(text, name).splitlines()
        assert len(lines) == 2 + rows, name
        assert "nan s" not in block(text, name)
    assert "ViT-S/16, 32, 4" in block(text, "race")
    assert "onnxruntime" in block(text, "machine")
