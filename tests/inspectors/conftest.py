"""Whatever an inspector says in any of its tests, it has to say well."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest

import inspectors
from inspectors.base_inspector import BaseInspector, Context
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding

INSPECTORS, _ = inspectors.discover()


@pytest.fixture(autouse=True)
def well_worded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold the wording of all findings of a test to the rules, after the test."""
    made: list[Finding] = []
    for cls in INSPECTORS:
        monkeypatch.setattr(cls, "inspect", _noting(cls.inspect, made))
    yield
    for finding in made:
        assert_well_worded(finding)


def _noting(inspect: Any, made: list[Finding]) -> Any:
    @wraps(inspect)
    def noted(self: BaseInspector, context: Context) -> Iterator[Finding]:
        for finding in inspect(self, context):
            made.append(finding)
            yield finding

    return noted
