"""What checking model scripts as text files found, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from utils.findings import Finding, Severity
from utils.findings.ignored import Ignored


@dataclass(frozen=True)
class LintedScript:
    """One script.

    Parameters
    ----------
    path : the file.
    findings : in the order of its lines.
    failure : why it could not be read; "" if it could.
    ignored : findings that the configuration ignores; they are not among the others.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True)
class LintRun:
    """All scripts of one command.

    Parameters
    ----------
    scripts : in the order in which they were named.
    network : the archive whose layers they may name; "" where none was given.
    failures : sentences on files that could not be written.
    """

    scripts: tuple[LintedScript, ...]
    network: str = ""
    failures: tuple[str, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """Of all scripts."""
        for script in self.scripts:
            yield from script.findings

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """Of all scripts."""
        return tuple(each for script in self.scripts for each in script.ignored)

    def count(self, severity: Severity) -> int:
        """Number of findings of one severity."""
        return sum(finding.severity == severity for finding in self.findings())

    @property
    def read(self) -> int:
        """Number of scripts that could be read."""
        return sum(not script.failure for script in self.scripts)

    def all_failures(self) -> tuple[str, ...]:
        """What could not be read, and what could not be written."""
        return (*(script.failure for script in self.scripts if script.failure), *self.failures)

    def exit_code(self, fail_on: Severity | None) -> int:
        """0 it ran, 1 it found something as bad as `fail_on`, 2 it did not run to its end."""
        if self.all_failures():
            return 2
        return int(fail_on is not None and any(f.severity >= fail_on for f in self.findings()))
