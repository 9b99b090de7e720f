"""Whose workers they are, and whether any will come again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from diagnosis.fleet.own_workers import are_own, is_none_left
from tests.diagnosis.fleet.fleets import cluster

distributed = pytest.importorskip("distributed")


def client_of(*statuses: str) -> Any:
    """A client of a cluster of this run whose nannies are so."""
    nannies = {at: nanny(status) for at, status in enumerate(statuses)}
    return SimpleNamespace(cluster=SimpleNamespace(workers=nannies))


def nanny(status: str) -> Any:
    """A nanny that starts nothing, and has nothing to end."""
    parts = {"status": None, "__del__": lambda self: None}
    made: Any = object.__new__(type("Nanny", (distributed.Nanny,), parts))
    made.status = distributed.Status[status]
    return made


def test_workers_of_others_are_not_our_own() -> None:
    client = SimpleNamespace(cluster=None)  # as of an address
    assert not are_own(client)
    assert not is_none_left(client)


def test_threads_have_nobody_who_starts_them_again() -> None:
    with cluster() as client:
        assert not are_own(client)
        assert not is_none_left(client)


@pytest.mark.parametrize(
    ("statuses", "is_lost"),
    [
        (["running", "running"], False),
        (["failed", "running"], False),
        (["failed", "starting"], False),
        (["failed", "closed"], True),
    ],
)
def test_workers_come_again_as_long_as_any_nanny_is_there(
    statuses: list[str], is_lost: bool
) -> None:
    client = client_of(*statuses)
    assert are_own(client)
    assert is_none_left(client) is is_lost
