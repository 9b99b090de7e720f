"""The browser and the pages that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.fixtures.built_once import built_once
from tests.renderers.html.browser import Browser, started
from tests.renderers.html.reports import REPORTS, documented
from utils.renderers.html import render

Pages = Callable[[str], Path]
# Pages of a real archive and of a network of 300 layers, which take a browser the longest.
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("jet", "deep")]


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """A function from the name of a report to its page; each is made once."""

    def write(name: str, folder: Path) -> None:
        text = render(REPORTS[name](folder), documented())
        (folder / "report.html").write_text(text, encoding="utf-8")

    def page(name: str) -> Path:
        folder = built_once(tmp_path_factory, f"page_{name}", partial(write, name))
        return folder / "report.html"

    return page
