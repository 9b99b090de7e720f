"""Where the documentation of an inspector and of its findings is to be read."""

from __future__ import annotations

import re

from utils import tool

FOLDER = "docs/"  # what the site is made from; its pages keep their paths below it
SOURCE, PUBLISHED = ".md", ".html"


def page_of(inspector: str) -> str:
    """Path of an inspector's page from the folder of the project, by the inspector's name."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", inspector).lower()
    return f"{FOLDER}inspectors/{re.sub(r'[^a-z0-9]+', '-', words)}{SOURCE}"


def reference(page: str, finding_id: str = "") -> str:
    """A page, at the entry of a finding: its address where there is a site, else its path."""
    place = f"#{finding_id}" if finding_id else ""
    if not tool.DOCUMENTATION_URL:
        return page + place
    published = page.removeprefix(FOLDER).removesuffix(SOURCE) + PUBLISHED
    return tool.DOCUMENTATION_URL + published + place
