"""Findings sorted into causes and what they explain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from utils.causes import Cause, Diagnosis, Proof
from utils.causes.explanations import Explanation, Where, ranks
from utils.causes.links import PROOFS, Link, link_of
from utils.causes.next_step import next_step
from utils.findings import Finding
from utils.har.network import Network


def diagnosis_of(
    findings: Sequence[Finding], network: Network, table: Sequence[Explanation]
) -> Diagnosis:
    """What explains what, the cause that matters most first.

    Only what nothing explains explains something else: a consequence of a consequence is folded
    where the table says that the cause explains it, too.

    Parameters
    ----------
    findings : of a run, in the order in which they were made.
    network : says what lies behind what.
    table : what explains what.
    """
    explained_by: dict[int, Finding] = {}
    reach, rank = _Reach(network), ranks(table)
    roots: list[Finding] = []
    # All that might explain a finding comes before it, so it is known whether that stands itself.
    for finding in sorted(findings, key=lambda finding: rank.get(finding.id, 0)):
        cause = _explaining(finding, roots, table, reach)
        if cause is None:
            roots.append(finding)
        else:
            explained_by[id(finding)] = cause
    consequences: dict[int, list[Finding]] = {}
    for finding in findings:
        if id(finding) in explained_by:
            consequences.setdefault(id(explained_by[id(finding)]), []).append(finding)
    causes = [Cause(f, _proof(f), tuple(consequences.get(id(f), ()))) for f in roots]
    told = tuple(sorted(causes, key=_urgency))
    return Diagnosis(told, next_step(told, findings), explained_by)


def _explaining(
    finding: Finding, roots: Iterable[Finding], table: Sequence[Explanation], reach: _Reach
) -> Finding | None:
    """The cause of a finding; of several that explain it together, the one that reaches most."""
    best: Finding | None = None
    most, reached = 0, frozenset[str]()
    for root in roots:
        for entry in table:
            if entry.cause != root.id or finding.id not in entry.explains:
                continue
            own = reach.of(entry.where, root, finding)
            if own is None:
                return root
            if len(own) > most:
                best, most = root, len(own)
            reached |= own
    return best if best is not None and reached.issuperset(finding.layers) else None


def _proof(finding: Finding) -> Proof:
    if finding.recommendation is not None and finding.recommendation.proven:
        return Proof.TRIAL
    return PROOFS.get(finding.id, Proof.RULE)


def _urgency(cause: Cause) -> tuple[int, bool, bool, int, int]:
    """What has the lowest is told first: the worst, causes before symptoms, the surest."""
    link = link_of(cause.finding.id)
    is_symptom = link >= Link.LAYER and not cause.explains
    return (
        -cause.severity,
        link == Link.FACT,
        is_symptom,
        list(Proof).index(cause.proof) // 3,  # a rule of thumb comes last
        -sum(int(finding.severity) for finding in cause.explains),
    )


class _Reach:
    """Which layers lie behind which."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._behind: dict[tuple[str, ...], frozenset[str]] = {}

    def of(self, where: Where, cause: Finding, other: Finding) -> frozenset[str] | None:
        """Those layers of another finding that a cause reaches; None where places do not matter."""
        if where is Where.ANYWHERE or not cause.layers or not other.layers:
            return None
        reached = self._around(cause.layers)
        if where is Where.BEHIND:
            reached |= self._behind_of(cause.layers)
        return reached & frozenset(other.layers)

    def _around(self, layers: Collection[str]) -> frozenset[str]:
        """The layers, and outputs that hand on nothing but what these compute."""
        own = set(layers)
        for output in self._network.output_layers:
            producers = {producer.name for producer in self._network.producers(output)}
            if producers & own:
                own.add(output.name)
            if output.name in layers:
                own |= producers
        return frozenset(own)

    def _behind_of(self, layers: tuple[str, ...]) -> frozenset[str]:
        """Every layer that computes with what these hand on."""
        if layers not in self._behind:
            reached = set(layers)
            for layer in self._network:
                if not reached.isdisjoint(layer.inputs):
                    reached.add(layer.name)
            self._behind[layers] = frozenset(reached - set(layers))
        return self._behind[layers]
