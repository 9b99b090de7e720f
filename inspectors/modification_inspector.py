"""Modifications between parsing and quantizing, which must not change what is computed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, NotChecked, Priority
from utils.findings import Finding, Severity
from utils.measurements.agreement.outcome import Outcome
from utils.measurements.noise import snr_in_words
from utils.stages import Match, Step
from utils.wording import itemized, plural

REMEDIES = {
    "normalization-not-applied": "Name the input of this network in the line `normalization` of "
    "the model script, and optimize the parsed archive again.",
    "channels-zeroed": "Optimize the parsed archive again without the lines of the model script "
    "that remove or sparsify channels.",
}
WITHOUT_SCRIPT = (
    "Optimize the parsed archive again without its model script, and add the lines one by one "
    "until the outputs change."
)


class ModificationInspector(BaseInspector):
    """Does the optimized network compute what the parsed one does, before quantization?

    Between parsing and quantizing, the model script and the compiler modify the network: they
    insert a normalization or a conversion of the input, change an activation, equalize channels,
    take layers apart. None of that may change what is computed. The archive holds both graphs.
    Where they are the same layer by layer, but for what was inserted at the inputs, nothing has to
    be run. Otherwise both are run in float: the parsed one with samples that are normalized as
    the script says, the optimized one with the samples as they are. An activation, a softmax or an
    NMS that the script asks for at an output is wanted, so what stands in front of it is compared.
    The same layer with channels in another scale, which the next layer takes back, is the same.

    - `modification-differs` (warning or error): an output of the optimized network differs from
      that of the parsed one; error if decisions change, warning if the SNR is below 40 dB. The
      finding names the first layer that differs, and what is known of it: the normalization of the
      script was not applied, channels leave as 0, or the layer has another type, other inputs,
      another activation, other attributes or weights. Optimize the parsed archive again without
      its model script, and add the lines one by one until the outputs change.
    """

    PRIORITY = Priority.HIGH
    JUDGES_UNQUANTIZED = True

    def should_skip(self, context: Context) -> NotChecked | str:
        """Skip where the two networks were not run, or need not be."""
        if context.stages is None:
            return "the parsed and the optimized network were not run for this"
        if context.stages.step_to("optimized") is not None:
            return ""
        reason = dict(context.stages.missing).get("parsed", "")
        return reason or "the archive holds one of the two networks only"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield a finding where the outputs differ."""
        stages = context.stages
        step = stages.step_to("optimized") if stages else None
        if stages is None or step is None or step.is_equal or not step.outputs:
            return
        worst = _worst(step)
        first = [step.parts_at] if step.parts_at else [worst.layer]
        word = step.reasons[0].word if step.reasons else ""
        yield Finding(
            id="modification-differs",
            severity=_severity(step),
            headline="The optimized network computes other values than the parsed one",
            evidence=itemized(list(_evidence(context, step, worst, stages.samples)), limit=5),
            why="The compiler quantizes a float network that differs from the parsed one, so the "
            "outputs are wrong before any quantization.",
            remedy=REMEDIES.get(word, WITHOUT_SCRIPT),
            layers=tuple(dict.fromkeys(name for name in (*first, worst.layer))),
            measured={"snr_db": worst.snr_db, "largest_difference": worst.largest},
        )


def _severity(step: Step) -> Severity:
    outcomes = [Outcome.of(match.agreement) for match in step.outputs if match.agreement]
    return Severity.WARNING if all(each.is_fine for each in outcomes) else Severity.ERROR


def _worst(step: Step) -> Match:
    """The output that differs most; one that has no SNR differs in what it decides."""
    return min(step.outputs, key=lambda m: -math.inf if math.isnan(m.snr_db) else m.snr_db)


def _evidence(context: Context, step: Step, worst: Match, samples: int) -> Iterator[str]:
    counted = plural(samples, "sample")
    yield f"SNR at {worst.layer} {snr_in_words(worst.snr_db, 'not defined')} on {counted}"
    if step.parts_at:
        layer = context.model.float_network.layers.get(step.parts_at)
        yield f"the first layer that differs is {layer.described() if layer else step.parts_at}"
    yield from (reason.evidence for reason in step.reasons)
