"""Findings sorted into causes and what they explain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from utils.causes import Cause, Diagnosis, Proof
from utils.causes.consequences import LOST, NOISE
from utils.causes.explanations import Explanation, Where
from utils.causes.links import FITTED_UNLESS_REFUSED, PROOFS, Link, link_of
from utils.causes.next_step import PLAN, next_step
from utils.causes.offers import adds_nothing, spoils_measurements, undoes_a_line
from utils.causes.order import ranks
from utils.findings import Finding, Severity
from utils.har.network import Network
from utils.har.reach import reached_from

# What a trial of other layers can clear of having cost the outputs anything, and of what: values
# that are cut off, and weights of 4 bit.
SUSPECTS = frozenset(
    {
        "accumulator-saturates",
        "range-saturates",
        "fragile-layer-compressed",
        "implicit-compression",
    }
)
CALIBRATED_ON_NOTHING = frozenset(
    {"calibrated-on-noise", "calibrated-on-constant", "dfc-random-calibration"}
)
# What ranges of another calibration are suspected of, until emulation brings all outputs right with
# these very ranges, by wider weights alone, or shows that other ranges would bring nothing back.
OF_RANGES = CALIBRATED_ON_NOTHING | {"dataset-differs"}
# What other ranges would gain, or not, as emulation has shown.
RANGES_COST, RANGES_COST_NOTHING = "calibration-costs", "calibration-not-to-blame"
# What a layer that is cut off does to those that compute with it, where a line of the script cuts
# it. A range that calibration made is as wide as its values were: what lies beside it is no
# consequence.
OF_CUT_RANGES = frozenset(
    """
    join-range-imbalance concatenated-output weights-shrunk channel-without-codes output-constant
    """.split()
)
# The same, and the noise: all that is of whatever made the line that cuts.
OF_CUTS = OF_CUT_RANGES | frozenset(NOISE.split())
EIGHT_BIT_WEIGHTS = "precision_mode=a8_w8)"


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
    rank = ranks(table)
    folding = _Folding(table, network, findings)
    # All that might explain a finding comes before it, so it is known whether that stands itself.
    for finding in sorted(findings, key=lambda finding: rank.get(finding.id, -1)):
        folding.add(finding)
    causes = list(folding.causes(findings))
    ordered = sorted(causes, key=lambda cause: _urgency(cause, causes))
    diagnosis = Diagnosis(tuple(ordered))
    return replace(diagnosis, next=next_step(diagnosis, findings))


class _Folding:
    """Roots so far, and what each of them explains."""

    def __init__(
        self, table: Iterable[Explanation], network: Network, findings: Sequence[Finding]
    ) -> None:
        self._reach = _Reach(network)
        plans = [f for f in findings if f.id == PLAN and _is_proven(f)]
        # The layers whose 16 bit bring all outputs right, as emulation has shown.
        self._mended = {name for plan in plans for name in plan.layers}
        is_of_weights = bool(plans) and all(
            line.endswith(EIGHT_BIT_WEIGHTS) for plan in plans for line in plan.commands
        )
        is_in_vain = any(f.id == RANGES_COST_NOTHING for f in findings)
        self._are_ranges_right = is_of_weights or is_in_vain
        self._entries: dict[str, list[Explanation]] = {}
        for entry in table:
            for consequence in entry.explains:
                self._entries.setdefault(consequence, []).append(entry)
        self._roots: dict[str, list[Finding]] = {}
        self._explained: dict[int, int] = {}  # identities of a consequence and of its cause
        self._cuts: list[tuple[Finding, Finding]] = []  # with what explains them

    def add(self, finding: Finding) -> None:
        """Fold a finding under a root, or make it one."""
        cause = self._cause_of(finding) or self._cause_of_cut_before(finding)
        if cause is not None and finding.id == "range-saturates" and undoes_a_line(finding):
            self._cuts.append((finding, cause))
        if cause is None:
            self._roots.setdefault(finding.id, []).append(finding)
        else:
            self._explained[id(finding)] = id(cause)

    def _cause_of(self, finding: Finding) -> Finding | None:
        """Of several that explain it together, the one that reaches most of its layers."""
        best: Finding | None = None
        most, reached = 0, frozenset[str]()
        for entry in self._entries.get(finding.id, ()):
            for root in self._roots.get(entry.cause, ()):
                if not _is_to_blame(root, finding) or self._is_cleared(root, finding):
                    continue
                if self._reach.are_at_other_inputs(root, finding):
                    continue
                own = self._reach.of(entry.where, root, finding)
                if own is None:
                    return root
                if len(own) > most:
                    best, most = root, len(own)
                reached |= own
        return best if reached.issuperset(finding.layers) else None

    def _cause_of_cut_before(self, finding: Finding) -> Finding | None:
        """What explains a range that a line cuts, where the finding lies behind that."""
        for cut, cause in self._cuts if finding.id in OF_CUTS else ():
            own = self._reach.of(Where.BEHIND, cut, finding)
            if own is None or own.issuperset(finding.layers):
                return cause
        return None

    def _is_cleared(self, root: Finding, finding: Finding) -> bool:
        """Whether outputs came right in emulation while a suspected place stayed as it is."""
        if root.id in OF_RANGES:
            return self._are_ranges_right and finding.id in {*LOST, PLAN}
        is_tried = bool(self._mended) and bool(root.layers) and root.id in SUSPECTS
        return is_tried and finding.id in LOST and self._mended.isdisjoint(root.layers)

    def _tell_once(self, findings: Sequence[Finding]) -> None:
        """Fold infos under a graver root that asks for the same lines: that is one advice."""
        graver: dict[tuple[str, ...], Finding] = {}
        roots = [finding for finding in findings if id(finding) not in self._explained]
        for root in roots:
            if root.commands and root.severity > Severity.INFO:
                graver.setdefault(root.commands, root)
        for root in roots:
            cause = graver.get(root.commands)
            if root.severity is Severity.INFO and cause is not None and not self._explains(root):
                self._explained[id(root)] = id(cause)

    def _fold_plans(self, findings: Sequence[Finding]) -> None:
        """Fold plans that work around a line of the script under what says that it has to go.

        An info that explains a plan does not say what to do about it.
        """
        told = {id(f): f.severity for f in findings}
        undone = [f for f in findings if undoes_a_line(f) and id(f) not in self._explained]
        for plan in findings:
            cause = self._explained.get(id(plan))
            if plan.id != PLAN or told.get(cause or 0, Severity.INFO) > Severity.INFO:
                continue
            at = (each for each in undone if not set(each.layers).isdisjoint(plan.layers))
            self._explained.update((id(plan), id(each)) for each in list(at)[:1])

    def _explains(self, root: Finding) -> bool:
        return id(root) in self._explained.values()

    def causes(self, findings: Sequence[Finding]) -> Iterator[Cause]:
        """The roots with what they explain, both in the order of the findings."""
        self._tell_once(findings)
        self._fold_plans(findings)
        consequences: dict[int, list[Finding]] = {}
        roots = []
        for finding in findings:
            if id(finding) in self._explained:
                consequences.setdefault(self._explained[id(finding)], []).append(finding)
            else:
                roots.append(finding)
        for root in roots:
            explained = tuple(consequences.get(id(root), ()))
            yield Cause(root, _proof(root, explained), explained)


def _is_proven(finding: Finding) -> bool:
    return finding.recommendation is not None and finding.recommendation.proven


def _is_to_blame(root: Finding, finding: Finding) -> bool:
    """Whether a root can have done it: what is only worth knowing did nothing worse.

    Data of which so much is told, such as their type, were read whole and did nothing at all.
    What calibration saw does not change the data that are given now.
    """
    if finding.holds_for_any_calibration and root.id in CALIBRATED_ON_NOTHING:
        return False
    if root.id == "range-saturates" and finding.id in OF_CUT_RANGES:
        return undoes_a_line(root)
    if root.severity > Severity.INFO:
        return True
    return finding.severity == Severity.INFO and link_of(root.id) != Link.JUDGEABLE


def _proof(finding: Finding, explained: Iterable[Finding]) -> Proof:
    if _is_proven(finding) or finding.id == RANGES_COST:
        return Proof.TRIAL
    asks_for_other_ranges = bool(finding.command) and finding.id in OF_RANGES
    if asks_for_other_ranges and any(each.id == RANGES_COST for each in explained):
        return Proof.TRIAL
    if finding.id in FITTED_UNLESS_REFUSED and finding.severity < Severity.ERROR:
        return Proof.FIT
    return PROOFS.get(finding.id, Proof.RULE)


def _urgency(
    cause: Cause, causes: Iterable[Cause]
) -> tuple[int, bool, bool, bool, bool, bool, bool, bool, bool, bool, int]:
    """The lowest is told first: the worst, what is lost earliest, wrong data, the surest."""
    link = link_of(cause.finding.id)
    return (
        -cause.severity,
        link != Link.FLOAT,
        not spoils_measurements(cause),
        adds_nothing(cause),
        link != Link.JUDGEABLE,
        not any(_is_wrong_before(cause, other) for other in causes),
        link == Link.FACT,
        LOST.isdisjoint(each.id for each in (cause.finding, *cause.explains)),
        link >= Link.LAYER and not cause.explains,
        cause.proof is Proof.RULE,
        -sum(int(finding.severity) for finding in cause.explains),
    )


def _is_wrong_before(cause: Cause, other: Cause) -> bool:
    """Whether an input is wrong in float already, and not only by what calibration saw there."""
    at_one_input = not set(cause.finding.layers).isdisjoint(other.finding.layers)
    shadowed = CALIBRATED_ON_NOTHING
    if cause.finding.id != "calibration-scrambled":
        shadowed |= {"calibration-scrambled"}
    is_shadowed = other.finding.id in shadowed
    return cause.finding.holds_for_any_calibration and at_one_input and is_shadowed


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

    def are_at_other_inputs(self, cause: Finding, other: Finding) -> bool:
        """Whether both are about inputs, and about none of the same."""
        inputs = {layer.name for layer in self._network.input_layers}
        own, others = inputs.intersection(cause.layers), inputs.intersection(other.layers)
        return bool(own and others) and own.isdisjoint(others)

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
            self._behind[layers] = frozenset(reached_from(self._network, layers) - set(layers))
        return self._behind[layers]
