"""Which HailoRT runs what which Dataflow Compiler has built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_VERSION = re.compile(r"\s*(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class RuntimePair:
    """A HailoRT version with where the pair is known from."""

    runtime: str
    source: str


_ZOO = "Hailo model zoo CHANGELOG"
# By major and minor version of the compiler. Of 3.27 the CHANGELOG says 4.18, like of 3.28, which
# other sources doubt; it is left out.
PAIRS: Mapping[tuple[int, int], RuntimePair] = MappingProxyType(
    {(3, minor): RuntimePair(f"4.{minor - 10}", f"{_ZOO} v2.6 to v2.10") for minor in range(22, 27)}
    | {
        (3, minor): RuntimePair(f"4.{minor - 10}", f"{_ZOO} v2.12 to v2.16")
        for minor in range(28, 33)
    }
    | {(3, 33): RuntimePair("4.23", "README of a public project that names both wheels")}
    | {(5, minor): RuntimePair(f"5.{minor}", f"{_ZOO} v5.0 to v5.2") for minor in range(3)}
)


def runtime_for(compiler: str) -> RuntimePair | None:
    """The HailoRT that fits a compiler's version such as ``3.33.0``; None if not known."""
    match = _VERSION.match(compiler)
    return PAIRS.get((int(match[1]), int(match[2]))) if match else None


def compiler_line(compiler: str) -> str:
    """The line that a compiler's version belongs to, such as ``3.x``; "" if it is none."""
    match = _VERSION.match(compiler)
    return f"{int(match[1])}.x" if match else ""
