"""Which packages an environment holds: recorded, compared later, and at their lowest.

    python -m tests.house.package_versions record FILE
    python -m tests.house.package_versions check FILE
    python -m tests.house.package_versions lowest REQUIREMENTS FILE

A record has one line ``name==version`` a package, so pip takes it as constraints. `check` fails if
a package of the record moved or went; new ones are welcome. `lowest` prints the packages of a
requirements file that are not in the record, pinned to their lower bounds. `make test-oldest` uses
all three.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import distributions
from pathlib import Path

Versions = dict[str, str]
BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)\s*(?:[#;].*)?")


def canonical(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> Versions:
    """Every package of the running interpreter."""
    return {canonical(found.metadata["Name"]): found.version for found in distributions()}


def recorded(path: Path) -> Versions:
    """What `record` wrote."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines)


def moved(before: Versions, after: Versions) -> list[str]:
    """One line for each package that has another version than before, or none."""
    return [
        f"{name} {version} -> {after.get(name, 'gone')}"
        for name, version in sorted(before.items())
        if after.get(name) != version
    ]


def lowest(requirements: Iterable[str], present: Versions) -> list[str]:
    """Requirements that are not present yet, at the lowest version that they claim."""
    bounds = (BOUND.fullmatch(line.strip()) for line in requirements)
    return [
        f"{bound['name']}=={bound['version']}"
        for bound in bounds
        if bound and canonical(bound["name"]) not in present
    ]


def record(path: str) -> str:
    """Write down what is installed."""
    lines = [f"{name}=={version}\n" for name, version in sorted(installed().items())]
    Path(path).write_text("".join(lines), encoding="utf-8")
    return f"{len(lines)} packages recorded\n"


def check(path: str) -> str:
    """Compare what is installed with what was; ends the process if a package moved."""
    before, after = recorded(Path(path)), installed()
    if changes := moved(before, after):
        sys.exit("Installing our requirements moved what was there:\n  " + "\n  ".join(changes))
    new = sorted(after.keys() - before.keys())
    return f"{len(before)} packages kept their version; {len(new)} are new: {', '.join(new)}\n"


def print_lowest(requirements: str, path: str) -> str:
    """The lower bounds of a requirements file, as requirements."""
    lines = Path(requirements).read_text(encoding="utf-8").splitlines()
    return "".join(f"{line}\n" for line in lowest(lines, recorded(Path(path))))


COMMANDS: dict[str, Callable[..., str]] = {
    "record": record,
    "check": check,
    "lowest": print_lowest,
}

if __name__ == "__main__":
    sys.stdout.write(COMMANDS[sys.argv[1]](*sys.argv[2:]))
