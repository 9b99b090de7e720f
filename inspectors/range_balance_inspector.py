"""Tensors that meet inside the graph although their ranges are far apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.joins.computing_readers import computing_readers, feeds_softmax
from inspectors.joins.losses import CODES, Loss, unknown_inputs, worst_loss
from inspectors.joins.root_remedies import root_remedy
from inspectors.joins.tensors import output_concats
from inspectors.noise.remedies import by_plan
from utils.findings import Finding, NotChecked, Recommendation, Severity
from utils.har.network import Layer, Network
from utils.har.quantization import precision_commands
from utils.measurements.own_noise import hardly_count
from utils.quantizer.sixteen_bit import closed_modes, sixteen_bit_mode
from utils.wording import itemized, listed

JOIN_TYPES = ("concat", "ew_add", "ew_sub", "ew_mult")


class RangeBalanceInspector(BaseInspector):
    """Does a tensor lose its bits where it is joined with one of a much wider range?

    It needs no data: ranges are those that calibration stored, measured ones where none are. For
    each join it asks how many of 255 codes are left to what loses most, a ratio of 8 being 3
    bits. What is lost differs. A *concat* gives all inputs the same codes; a narrow one keeps its
    width over that step (less is lost where the weights of the layers behind make little of it
    anyway). An *ew_add* reads each input in its own codes and loses what is finer than a step of
    the sum. The sum itself is as exact as any tensor, so residual additions, whose ranges are
    often 2 to 10 apart, are judged more mildly, except in front of a softmax, where a mask of
    -10000 leaves the scores no codes at all. At an *ew_mult* the ratio of the ranges costs
    nothing, since scales multiply: a gate of 0 to 1 on wide features is silent. There the noise
    counts that the step of one factor, times the typical size of the other, brings into the
    product. At an *ew_sub* it is the steps of both tensors beside the width of their difference:
    what they have in common takes their codes. Concats at outputs are left to
    ConcatenatedOutputsInspector; additions fused into a conv, whose sums have 16 bits, and
    summands of one constant value are not judged. Where it was measured that a join and what it
    joins make less than a tenth of the noise of every output, it is an info.

    - `join-range-imbalance` (info, warning or error): at a concat, an ew_mult, an ew_sub, or an
      ew_add before a softmax: warning from a ratio of 8 on (3 of 8 bits lost), error from 64 on.
      At other additions: info from 8 on, warning from 64 on. 16 bit for the join and
      what reads it gives the codes back. A mask that is added needs a smaller constant instead,
      and inputs of the network that are joined as they enter need another scale.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.OUTPUT_STATISTICS

    COARSE_RATIO = 8.0  # step over that of an own 8-bit code: 3 of 8 bits lost
    LOST_RATIO = 64.0  # 6 of 8 bits lost, 4 codes are left
    # The sum keeps its 8 bits: Hailo's scripts raise residual additions of transformers to 16
    # bit, but leave those of CNNs at 8.
    SEVERITIES: ClassVar[Mapping[bool, tuple[Severity, Severity]]] = {
        False: (Severity.WARNING, Severity.ERROR),
        True: (Severity.INFO, Severity.WARNING),
    }

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so if nothing is joined inside the graph."""
        if not inner_joins(context.model.network):
            return "no concat, ew_add, ew_sub or ew_mult joins tensors inside the graph"
        return ""

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Name the joins of whose inputs too little is known."""
        unknown = {
            join.name: layers
            for join in inner_joins(context.model.network)
            if (layers := unknown_inputs(context, join))
        }
        if unknown:
            inputs = dict.fromkeys(layer.name for layers in unknown.values() for layer in layers)
            yield NotChecked(
                f"at {listed(list(unknown))} the ranges of {listed(list(inputs))} are not stored "
                "in the archive",
                context.without_data,
            )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for each kind of join and severity, the worst first."""
        groups: dict[tuple[Severity, str], list[Loss]] = {}
        for join in inner_joins(context.model.network):
            loss = worst_loss(context, join)
            severity = loss and self._severity(context, loss)
            if loss and severity:
                groups.setdefault((severity, join.type), []).append(loss)
        for (severity, kind), losses in sorted(groups.items(), key=lambda item: -item[0][0]):
            yield self._finding(context, severity, kind, losses)

    def _severity(self, context: Context, loss: Loss) -> Severity | None:
        network = context.model.network
        mild = loss.join.type == "ew_add" and not feeds_softmax(network, loss.join)
        coarse, lost = self.SEVERITIES[mild]
        if loss.ratio < self.COARSE_RATIO:
            return None
        if hardly_count(context.measurements, _coded_for([loss])):
            return Severity.INFO
        return lost if loss.ratio >= self.LOST_RATIO else coarse

    def _finding(
        self, context: Context, severity: Severity, kind: str, losses: Sequence[Loss]
    ) -> Finding:
        worst_first = sorted(losses, key=lambda loss: -loss.ratio)
        network = context.model.network
        concerned = {loss.join.name for loss in losses}
        concerned |= {loss.narrow.name for loss in losses if loss.narrow}
        recommendation = _sixteen_bit(context, losses)
        at_the_root = root_remedy(context, worst_first)
        if hardly_count(context.measurements, _coded_for(losses)):
            recommendation, at_the_root = None, ""
        return Finding(
            id="join-range-imbalance",
            severity=severity,
            headline=_WHAT_HAPPENS[kind],
            evidence=itemized([_described(loss) for loss in worst_first]),
            why=_why(context, severity, losses),
            remedy=at_the_root or self._remedy(context, severity, worst_first, recommendation),
            layers=tuple(name for name in network.layers if name in concerned),
            measured={f"bits lost at {loss.join.name}": loss.bits for loss in worst_first},
            recommendation=recommendation,
            removes_cause=bool(at_the_root),
        )

    def _remedy(
        self,
        context: Context,
        severity: Severity,
        losses: Sequence[Loss],
        recommendation: Recommendation | None,
    ) -> str:
        if recommendation is not None:
            widened = listed(_widened(context, losses))
            condition = " if accuracy is lost" if severity is Severity.INFO else ""
            return f"Give {widened} 16 bit with these lines and quantize again{condition}."
        if severity is Severity.INFO:
            return ""
        return by_plan(context) or _rescaled([loss.join for loss in losses])


def _why(context: Context, severity: Severity, losses: Sequence[Loss]) -> str:
    if hardly_count(context.measurements, _coded_for(losses)):
        return "It was measured that hardly any noise of the outputs comes from there."
    return _RESIDUAL if severity is Severity.INFO else _WHY[losses[0].join.type]


def _coded_for(losses: Sequence[Loss]) -> set[str]:
    """Layers in whose codes something is lost: the joins, and what they join."""
    return {name for loss in losses for name in (loss.join.name, *loss.join.inputs)}


def _rescaled(joins: Sequence[Layer]) -> str:
    names = listed([join.name for join in joins])
    if joins[0].type == "ew_mult":
        return f"Narrow the ranges of the factors of {names} in the model."
    if joins[0].type == "ew_sub":
        return f"Take what both inputs of {names} have in common, as an offset, out of the model."
    return f"Scale the inputs of {names} alike in the model."


_WHAT_HAPPENS = {
    "concat": "A concat leaves few codes to an input of narrow range",
    "ew_add": "An addition leaves few codes to a summand of narrow range",
    "ew_sub": "The codes of two tensors are too coarse for their difference",
    "ew_mult": "The codes of the factors are too coarse for their product",
}
_RESIDUAL = "In residual additions that is common, and seldom does harm."
_WHY = {
    "concat": "All inputs of a concat get the same codes.",
    "ew_add": "What is finer than a code of the sum is lost.",
    "ew_sub": "What both have in common takes their codes, and leaves few to the difference.",
    "ew_mult": "The rounding of one factor is multiplied by the size of the other.",
}


def inner_joins(network: Network) -> list[Layer]:
    """Joins of several tensors whose result is computed with inside the graph."""
    at_outputs = output_concats(network)
    return [
        layer
        for layer in network
        if layer.type in JOIN_TYPES and layer.name not in at_outputs
        # Concats of concats at an output belong to that output.
        if len(layer.inputs) > 1 and (layer.type != "concat" or computing_readers(network, layer))
    ]


def _described(loss: Loss) -> str:
    place = loss.join.described()
    if loss.narrow is None:
        blurred = min(loss.ratio, CODES)
        return f"{blurred:.3g} of {CODES} codes are blurred at {place}, {loss.bits:.1f} bits"
    # Readers may make the best of a shared code, so codes do not follow from the ranges alone.
    return (
        f"{loss.narrow.described()}, {loss.width:.3g} wide, keeps {loss.codes:.2g} of {CODES} "
        f"codes at {place}, {loss.bits:.1f} bits lost"
    )


def _sixteen_bit(context: Context, losses: Sequence[Loss]) -> Recommendation | None:
    """Lines to be asked for; None if chip and layers accept no more bits.

    None, too, where noise was measured: the plan then has what is proven.
    """
    if context.measurements is not None and context.measurements.noise is not None:
        return None
    model, target = context.model, context.target or context.model.hw_arch
    widened = _widened(context, losses)
    if not widened:
        return None
    modes = closed_modes(model.network, widened, target, model.precision_mode)
    # A fused addition is no layer of its own any more, to which bits could be given.
    unfused = "pre_quantization_optimization(ew_add_fusing, policy=disabled)"
    adds = any(loss.join.type == "ew_add" for loss in losses)
    question = (
        f"Give {listed(widened)} 16 bit? It costs frames per second, and what "
        "it gains was not tried, for want of data."
    )
    commands = (*([unfused] if adds else []), *precision_commands(modes))
    return Recommendation(commands, question, default=False)


def _widened(context: Context, losses: Sequence[Loss]) -> list[str]:
    """Layers that keep what is lost if they get 16 bit, as far as chip and layer accept it."""
    model, target = context.model, context.target or context.model.hw_arch
    names = [
        layer.name
        for loss in losses
        for layer in _with_own_bits(model.network, loss.join)
        if sixteen_bit_mode(layer, target, model.precision_mode(layer.name))
    ]
    return list(dict.fromkeys(names))


def _with_own_bits(network: Network, join: Layer) -> list[Layer]:
    """The layers whose bits decide at a join.

    A concat only hands on codes, and a sum gets 16 bit only if its readers take them; a product,
    or a difference, needs no more than inputs of 16 bit.
    """
    own = [] if join.type == "concat" else [join]
    return own if join.type in ("ew_mult", "ew_sub") else [*own, *computing_readers(network, join)]
