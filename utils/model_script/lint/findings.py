"""Problems of a model script as findings, and the graphs that its names are looked up in."""

from __future__ import annotations

from dataclasses import dataclass

from utils.errors import ArchiveError
from utils.findings import Finding, Location, Recommendation
from utils.har.archive import Archive
from utils.har.network import Network, network_from_hn
from utils.model_script.lint import Problem, lint_problems
from utils.wording import printable

MAX_SCRIPT_CHARACTERS = 4 << 20  # the largest scripts that Hailo ships have 0.3 million


@dataclass(frozen=True)
class Stages:
    """The graphs of an archive.

    Parameters
    ----------
    last : of the latest state.
    others : of the states before it.
    parsed : as it was parsed, before any model script; None if the archive does not hold it.
    chip : for which it was made; "" where it does not say.
    """

    last: Network
    others: tuple[Network, ...] = ()
    parsed: Network | None = None
    chip: str = ""

    def problems(self, text: str) -> tuple[Problem, ...]:
        """What is wrong with a script for this network."""
        return lint_problems(text, self.last, self.others, self.parsed, self.chip)


def stages_of(archive: Archive) -> Stages:
    """The graphs of an archive of any state.

    Raises
    ------
    ArchiveError : the graph of the present state is damaged.
    """
    last = network_from_hn(archive.json["hn"], f"{archive.path}: the graph (.hn)")
    others = [_readable(archive, key) for key in ("fp_hn", "native_hn")]
    parsed = last if archive.metadata.get("state") == "hailo_model" else others[1]
    chip = str(archive.metadata.get("hw_arch") or "")
    return Stages(last, tuple(each for each in others if each is not None), parsed, chip)


def parsed_network(archive: Archive) -> Network | None:
    """The graph as it was parsed; None if the archive does not hold it, or it is damaged."""
    return _readable(archive, "native_hn")


def _readable(archive: Archive, key: str) -> Network | None:
    try:
        return network_from_hn(archive.json[key], key) if key in archive.json else None
    except ArchiveError:
        return None


def script_finding(
    problem: Problem, path: str, script: str = "", recommendation: Recommendation | None = None
) -> Finding:
    """A problem of a script as a finding; names in scripts are untrusted.

    Parameters
    ----------
    script : what to call the script in a sentence, for those who see no location; else "".
    """
    line, remedy = f"line {problem.line}", problem.remedy
    place = f"{line}, column {problem.column} of {script}" if script else ""
    if script:
        remedy = f"In {line} of {script}, {remedy[0].lower()}{remedy[1:]}"
    return Finding(
        id=problem.id,
        severity=problem.severity,
        headline=printable(problem.headline),
        evidence=printable(": ".join(filter(None, (place, problem.evidence)))),
        why=printable(problem.why),
        remedy=printable(remedy),
        recommendation=recommendation,
        location=Location(path, problem.line, problem.column),
    )
