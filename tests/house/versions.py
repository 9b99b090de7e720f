"""Which version of the SDK's stand-in the fast part of the tests uses."""

from __future__ import annotations

import pytest

IN_THE_FAST_PART = "3.33"


def is_of_another_version(item: pytest.Item) -> bool:
    """The test is repeated for several versions, and this one is for none of the fast part."""
    callspec = getattr(item, "callspec", None)
    version = callspec.params.get("flavour", IN_THE_FAST_PART) if callspec else IN_THE_FAST_PART
    return bool(version != IN_THE_FAST_PART)
