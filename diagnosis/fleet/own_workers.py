"""Workers that this run has started itself: each is a process, which a nanny starts again."""

from __future__ import annotations

from typing import Any

ALL_DIED = (
    "all workers died, also when they ran this archive alone, mostly because memory ran out; give "
    "workers more memory, on one machine by fewer --workers, or a smaller batch-size to the archive"
)
NONE_LEFT = (
    "all workers died, and none could be started again, mostly because memory ran out; give "
    "workers more memory, on one machine by fewer --workers, and run the fleet again"
)
_ENDED = {"closing", "closed", "failed"}


def are_own(client: Any) -> bool:
    """Whether the workers of a cluster are processes of this run."""
    return bool(_nannies(client))


def is_none_left(client: Any) -> bool:
    """Whether the nannies have given up, as where a worker cannot even begin."""
    nannies = _nannies(client)
    return bool(nannies) and all(each.status.name in _ENDED for each in nannies)


def _nannies(client: Any) -> list[Any]:
    from distributed import Nanny

    workers = getattr(client.cluster, "workers", None) or {}
    return [each for each in workers.values() if isinstance(each, Nanny)]
