"""Rows of a table that one test goes through, where they need no names of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def row(*values: object) -> Iterator[None]:
    """Say in the failure of what stands inside which row it was."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        raise AssertionError(f"in row {values!r}: {error}") from error
