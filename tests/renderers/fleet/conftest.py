"""The browser of the page of a single archive."""

from __future__ import annotations

from tests.renderers.html.conftest import browser

__all__ = ["browser"]
