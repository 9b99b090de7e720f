"""Which findings share a card, and where links to them lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from utils.causes import Cause
from utils.causes.links import relation
from utils.findings import Finding, Severity
from utils.renderers.explains import how_sure
from utils.report import Report


@dataclass(frozen=True)
class Group:
    """Findings of one kind: of one id, of one inspector, told at one severity.

    Parameters
    ----------
    anchor : where links lead.
    severity : at which they are told; that of a cause is the worst of what it explains.
    proof : how sure they are as causes, in words; "" for those that explain nothing.
    consequences : what they explain.
    """

    id: str
    anchor: str
    severity: Severity
    inspector: str
    findings: tuple[Finding, ...]
    proof: str = ""
    consequences: tuple[Group, ...] = ()

    @property
    def explained(self) -> int:
        """How many findings they explain."""
        return sum(len(group.findings) for group in self.consequences)

    @property
    def relation(self) -> str:
        """What they do with their consequences, as a verb."""
        return relation(self.id)

    @property
    def explains_trouble(self) -> bool:
        """Whether it explains something to be mended; see `Cause`."""
        return bool(self.consequences) and self.severity > Severity.INFO

    @property
    def is_quiet(self) -> bool:
        """Whether it is worth knowing, and no more, as is then all that it explains."""
        return self.severity is Severity.INFO and self.findings[0].asks_for_nothing


class _Kind(NamedTuple):
    """What findings of one group have in common."""

    id: str
    inspector: str
    severity: Severity
    explains: bool
    asks_for_nothing: bool


def groups(report: Report) -> list[Group]:
    """All findings, in the order in which the diagnosis tells them."""
    inspector = {id(f): result.name for result in report.results for f in result.findings}
    anchors = _Anchors()
    by_kind: dict[_Kind, list[Cause]] = {}
    for cause in report.diagnosis.causes:
        finding = cause.finding
        name = inspector.get(id(finding), "")
        explains = bool(cause.explains)
        kind = _Kind(finding.id, name, cause.severity, explains, finding.asks_for_nothing)
        by_kind.setdefault(kind, []).append(cause)
    return [
        Group(
            kind.id,
            anchors.new(kind.id),
            kind.severity,
            kind.inspector,
            tuple(cause.finding for cause in causes),
            how_sure(causes[0]) if kind.explains else "",
            tuple(_consequences(causes, inspector, anchors)),
        )
        for kind, causes in by_kind.items()
    ]


def _consequences(
    causes: Iterable[Cause], inspector: Mapping[int, str], anchors: _Anchors
) -> Iterator[Group]:
    by_kind: dict[tuple[str, str, Severity], list[Finding]] = {}
    for cause in causes:
        for finding in cause.explains:
            key = (finding.id, inspector.get(id(finding), ""), finding.severity)
            by_kind.setdefault(key, []).append(finding)
    for (finding_id, name, severity), found in by_kind.items():
        yield Group(finding_id, anchors.new(finding_id), severity, name, tuple(found))


class _Anchors:
    """Names of places, each used once."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()

    def new(self, finding_id: str) -> str:
        self._times[finding_id] += 1
        times = self._times[finding_id]
        # No finding's id holds two hyphens in a row.
        return f"finding-{finding_id}{f'--{times}' if times > 1 else ''}"
