"""Stand-in for contract tests: archives that a version of it can load."""

from __future__ import annotations

from pathlib import Path

from tests.har.archives import rewrite, write_small
from tests.sdk_standin.flavours import V3_25, V3_33, V5_3

IS_STAND_IN = True
CHIPS = {"3.25": V3_25.chips[0], "3.33": V3_33.chips[0], "5.3": V5_3.chips[0]}


def made_for(flavour: str, path: str) -> str:
    """The archive at `path`, changed in place to one for a chip that this version knows."""
    return rewrite(path, metadata={"hw_arch": CHIPS[flavour]})


def small_archive(flavour: str, folder: Path) -> str:
    """The small network of the archive tests, for this version."""
    return made_for(flavour, write_small(folder / "small.har"))
