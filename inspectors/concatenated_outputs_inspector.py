"""Outputs that a concat makes of several tensors, which then share one range of codes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.joins.tensors import output_concats, tensor_width
from utils.findings import Finding, Severity
from utils.har.network import Layer, Network
from utils.har.quantization import HIGHEST_CODE
from utils.wording import listed

# Pass-through layers that the host would have to repeat if the network ended before them; an
# end node is looked for no further back.
WORK_OF_THE_CHIP = frozenset(
    "maxpool slice resize external_pad depth_to_space space_to_depth feature_shuffle".split()
)


class ConcatenatedOutputsInspector(BaseInspector):
    """Does an output join tensors whose ranges are too different to share one code?

    A concat at an output gives all joined tensors the same codes. Boxes up to 640 beside scores
    up to 1 leave the scores two of 256 codes: "all scores are 0", or 0 and 2.5. This inspector
    follows every output back through layers that only move values; where it meets a concat it
    compares the widths of the ranges that calibration stored for the joined tensors (measured
    ones where none are stored). It needs no data. A concat that is followed by arithmetic, or
    that joins one tensor only, is no concern. With 16-bit outputs the same ratio costs less:
    what counts is how many codes the narrowest tensor keeps.

    - `concatenated-output` (info, warning or error): an output is a concat; error if the widest
      range is at least 64 times the narrowest (6 of 8 bits lost), warning from 8 times on (3
      bits) or where a range is unknown or empty. Parse the model again with the named nodes as
      end nodes in place of this output, and join their outputs on the host. For an info nothing
      needs to be done.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.OUTPUT_STATISTICS

    WARNING_RATIO = 8.0  # widest to narrowest range: the narrowest tensor loses 3 of 8 bits
    ERROR_RATIO = 64.0  # the narrowest tensor loses 6 of 8 bits, 4 codes are left

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for each concat that reaches an output."""
        network = context.model.network
        for concat, outputs in output_concats(network).items():
            joined = joined_layers(network, network[concat])
            if len(joined) > 1:
                yield self._judge(context, network[concat], joined, outputs)

    def _judge(
        self, context: Context, concat: Layer, joined: tuple[Layer, ...], outputs: tuple[str, ...]
    ) -> Finding:
        widths = {layer.name: tensor_width(context, layer) for layer in joined}
        known = {name: width for name, width in widths.items() if width}
        ratio = max(known.values()) / min(known.values()) if len(known) > 1 else math.nan
        highest_code = context.model.highest_code(concat.name)
        concerned = {*widths, concat.name}
        measured = {f"width of {name}": w for name, w in widths.items() if w is not None}
        if len(known) > 1:
            measured |= {"ratio": ratio, "codes_of_narrowest": highest_code / ratio}
        severity = self._severity(ratio, highest_code, all_known=len(known) == len(joined))
        return Finding(
            id="concatenated-output",
            severity=severity,
            headline=self._headline(severity, ratio, highest_code),
            evidence=f"{concat.described()} joins {len(joined)} tensors into {listed(outputs)}: "
            f"{_comparison(joined, widths, highest_code)}",
            why=self._all_clear(ratio)
            if severity is Severity.INFO
            else "All values of an output share one range of codes.",
            remedy=""
            if severity is Severity.INFO
            else _remedy(joined, outputs, context.model.network),
            layers=tuple(name for name in context.model.network.layers if name in concerned),
            measured=measured,
        )

    def _all_clear(self, ratio: float) -> str:
        alike = ratio < self.WARNING_RATIO
        return "The ranges are alike." if alike else "So many codes are enough."

    def _headline(self, severity: Severity, ratio: float, highest_code: int) -> str:
        if severity is Severity.INFO:
            return "An output joins several tensors in one range of codes"
        if severity is self._severity(ratio, highest_code, all_known=True):
            return "An output joins tensors whose ranges are too far apart for the same codes"
        return "An output joins tensors, and the range of one of them is unknown or empty"

    def _severity(self, ratio: float, highest_code: int, *, all_known: bool) -> Severity:
        # The same number of codes is left to the narrowest tensor of an 8-bit output.
        ratio_at_8_bit = ratio * HIGHEST_CODE[8] / highest_code
        if ratio_at_8_bit >= self.ERROR_RATIO:
            return Severity.ERROR
        if ratio_at_8_bit >= self.WARNING_RATIO or not all_known:
            return Severity.WARNING
        return Severity.INFO


def joined_layers(network: Network, concat: Layer) -> tuple[Layer, ...]:
    """Layers whose outputs a concat joins, each once; a concat of concats counts as one.

    Walked back over layers that only move values, to where the network could end instead.
    """
    found: dict[str, Layer] = {}
    pending = list(network.predecessors(concat))
    while pending:
        layer = pending.pop(0)
        moves_only = layer.is_pass_through and layer.type not in WORK_OF_THE_CHIP
        if layer.inputs and (layer.type == "concat" or moves_only):
            pending = [*network.predecessors(layer), *pending]
        else:
            found[layer.name] = layer
    return tuple(found.values())


def _comparison(
    joined: tuple[Layer, ...], widths: Mapping[str, float | None], highest_code: int
) -> str:
    described = {layer.name: layer.described() for layer in joined}
    known = {name: width for name, width in widths.items() if width}
    parts = []
    if len(known) > 1:
        narrowest, *_, widest = sorted(known, key=known.__getitem__)
        ratio = known[widest] / known[narrowest]
        parts.append(
            f"{described[widest]} spans {known[widest]:.4g} and {described[narrowest]} "
            f"{known[narrowest]:.4g}, a ratio of {ratio:.3g} that leaves the narrower one "
            f"{highest_code / ratio:.3g} of {highest_code} codes"
        )
    silent = [described[name] for name, width in widths.items() if width == 0]
    if silent:
        parts.append(f"{listed(silent)} never fired in calibration")
    unknown = [described[name] for name, width in widths.items() if width is None]
    if unknown:
        parts.append(f"the range of {listed(unknown)} is unknown")
    return ", and ".join(parts)


def _remedy(joined: tuple[Layer, ...], outputs: tuple[str, ...], network: Network) -> str:
    # Of the nodes fused into a layer the last one computes what leaves it. Inputs and constants
    # are no end nodes: the host has them anyway.
    computed = [layer for layer in joined if layer.type not in ("input_layer", "const_input")]
    nodes = [layer.original_names[-1] for layer in computed if layer.original_names]
    if not nodes:
        return "End the network before the concat and join the tensors on the host."
    # End nodes are all that the parser keeps, so those of the other outputs must be named too.
    others = (
        f" in place of {listed(outputs)}, together with the end nodes of the others,"
        if len(network.output_layers) > len(outputs)
        else ""
    )
    return (
        f"Parse the model with the end nodes {listed(nodes, limit=12)}{others} and join them on "
        "the host."
    )
