"""Names of outputs: as HEFs, archives, original models and file systems write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from utils.device_outputs.expected import Expected
from utils.stages import MatchedBy

_BETWEEN = re.compile(r"[/\\.:\s_]+")


class Named(NamedTuple):
    """An output, and whose name for it was found."""

    layer: str
    by: MatchedBy


def canonical(name: str) -> str:
    """A name as it is compared: what stands between its parts does not matter."""
    return _BETWEEN.sub("_", name).strip("_")


class OutputNames:
    """All names of the outputs; one that several outputs have names none of them."""

    def __init__(self, outputs: Sequence[Expected]) -> None:
        """Take the outputs of the archive."""
        self._whole: dict[str, set[Named]] = {}
        self._last: dict[str, set[Named]] = {}
        for output in outputs:
            self._add(output.layer, output.own_names, "name")
            self._add(output.layer, output.original_names, "original name")

    def _add(self, layer: str, names: Iterable[str], by: MatchedBy) -> None:
        for name in names:
            last = name.rstrip("/").rpartition("/")[2]
            self._whole.setdefault(canonical(name), set()).add(Named(layer, by))
            self._last.setdefault(canonical(last), set()).add(Named(layer, by))

    def output_of(self, name: str) -> Named | None:
        """The output that a name of a dump names; None where it names none, or several.

        Names of the network in front differ from build to build: the last part decides then.
        """
        said = canonical(name)
        for known in (self._whole.get(said), self._last.get(said), self._ending(said)):
            found = _only(known)
            if found is not None:
                return found
        return None

    def _ending(self, said: str) -> set[Named]:
        """Outputs of the longest last part in which a name ends, as `net_conv41` in `conv41`."""
        ends = [part for part in self._last if part and said.endswith(f"_{part}")]
        return self._last[max(ends, key=len)] if ends else set()

    def within(self, path: str) -> Named | None:
        """The output that is named anywhere in a path; None where none is, or several are."""
        said = f"_{canonical(path)}_"
        for known in (self._whole, self._last):
            parts = [part for part in known if part and f"_{part}_" in said]
            found = _only(known[max(parts, key=len)]) if parts else None
            if found is not None:
                return found
        return None


def _only(known: set[Named] | None) -> Named | None:
    """The one output; of two names for the same one the archive's own."""
    if not known or len({named.layer for named in known}) != 1:
        return None
    return min(known, key=lambda named: named.by != "name")
