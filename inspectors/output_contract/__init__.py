"""What leaves the network against what its readers will take it for."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.output_contract.empty_channels import empty_channels
from inspectors.output_contract.forced_ranges import linear_and_forced
from inspectors.output_contract.inner_wishes import left_out
from inspectors.output_contract.repeated_activations import repeated_activations
from inspectors.output_contract.scores import (
    missing_sigmoids,
    never_firing,
    scores_without_statistics,
)
from inspectors.output_contract.sixteen_bit_wishes import broken_chains, not_applied
from utils.findings import Finding, NotChecked


class OutputContractInspector(BaseInspector):
    """Do the outputs carry what the code behind them expects: scores, ranges, bits?

    An archive can be quantized well and still hand out what nobody can use. Scores are taken from
    heads with a sigmoid; in detectors from the NMS configuration, or from heads that stand beside
    box heads of 64 channels at every scale. `nms_postprocess` gives scores their sigmoid by
    itself, and the graph does not show it, so the model script is asked, too. Linear outputs of
    classifiers are legal, and a softmax is not a score that fires. A head that has the same number
    of channels at several scales is judged as one: data may well lack objects of one size. It
    needs no data. What the host does with the outputs is not known here.

    - `activation-repeated` (error): an output goes through a sigmoid or softmax twice, as if the
      probabilities of the first were logits. Behind two sigmoids
      all scores lie in 0.50 to 0.73, behind two softmaxes all classes are nearly as likely.
      Remove one of the two, from the model or from the script. Gates inside a network, and a
      softmax over another axis, are no concern.
    - `score-never-fires` (info or warning): a sigmoid output stayed below 0.3 for all of the
      calibration data. Perhaps there was no positive example among them, or they do not look as
      the network expects; then all ranges in front of it are too narrow. Calibrate with data in
      which it fires. It is an info where nothing tells that the output is a score, as of a single
      map, and it is not made where the kind of the output is known to be another.
    - `sigmoid-missing` (warning): scores of a detector leave as logits, and neither graph nor
      script makes probabilities of them. Add `change_output_activation(layer, sigmoid)`, unless
      the code on the host applies a sigmoid.
    - `output-channel-empty` (info or warning): all weights of some channels of an output are 0,
      those of others are not, so that such a class never comes. Compare the weights with the
      trained model. An info at the end of a number of channels that 4 divides, which they fill up.
    - `linear-output-forced` (error): the script forces a linear layer to the range [0, 1] although
      more than a fifth of the range that calibration saw lies outside, or that range is unknown.
      Delete the setting, or give the layer a sigmoid in its place.
    - `sixteen-bit-not-applied` (error): the script asks for 16 bit at an output, or the output has
      a zero point beyond 255, but the archive records 8 bit. Use another release of the compiler,
      or settle for 8 bit.
    - `sixteen-bit-left-out` (info or warning): layers inside of the network have fewer bits than a
      line of the script asks for. It is a warning where the line names a layer that can have them.
      Where a pattern names it, or chip or layer are known to take no more, it is an info: the
      evidence has the rule. Look in the compiler's log why, or use another release of it.
    - `sixteen-bit-chain-broken` (warning): a layer is to read 16 bit behind a concat, splitter or
      shortcut, which hand on what they receive, and what feeds these writes 8 bit. Give the
      producers a 16-bit output, `precision_mode=a8_w8_a16`. Behind inputs the compiler itself
      changes the width.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    FIRES = 0.3  # probability; a guess from few cases, trained detectors reach 0.9 on objects
    HARMLESS_SHARE = 0.2  # of a range; images and depths overshoot 0 and 1 by a tenth at either end

    def should_skip(self, context: Context) -> str:
        """Say so if there is nothing that leaves."""
        return "" if context.model.network.output_layers else "the network has no output layer"

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Yield what an unreadable script and missing statistics leave open."""
        if self._is_script_unreadable(context):
            yield (
                "what the model script asks of the outputs (sigmoids, forced ranges, 16 bit): it "
                "cannot be read"
            )
        yield from scores_without_statistics(context)

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what concerns scores first, then ranges, then bits."""
        yield from repeated_activations(context)
        yield from never_firing(context, self.FIRES)
        if not self._is_script_unreadable(context):
            yield from missing_sigmoids(context)
        yield from empty_channels(context)
        yield from linear_and_forced(context, self.HARMLESS_SHARE)
        yield from not_applied(context)
        yield from left_out(context)
        yield from broken_chains(context)

    def _is_script_unreadable(self, context: Context) -> bool:
        return context.script is None and context.model.script_text is not None
