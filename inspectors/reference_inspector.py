"""The original model against the archive's float network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import ClassVar

from inspectors.base_inspector import BaseInspector, Context, NotChecked, Priority
from inspectors.reference.reasons import Advice, advice_at, advice_on
from utils.findings import Finding, Severity
from utils.measurements.noise import snr_in_words
from utils.stages import Match, Step
from utils.wording import itemized, listed, plural, printable, rounded, sentences

ORIGINAL = "original"
EQUAL_DB = 40.0  # of one tensor, computed by two libraries


class ReferenceInspector(BaseInspector):
    """Does the archive compute what the original model does, before any quantization?

    The first question is whose fault it is: the export, the parser, the preparation of the
    samples, or the quantization. With ``--reference`` the original (ONNX, TFLite, Keras,
    SavedModel) is run on the same samples as the archive's float network: the parsed graph, or
    the optimized one where the archive holds only that. Its tensors are matched to layers by the
    names that the parser left, by shape, and where names are lost by their values; how each lies
    is found. Both count as equal if every output decides the same and has an SNR of at least
    40 dB; two libraries that compute the same are 90 dB apart and more.

    The samples are prepared for the original as the model script does it, as they are, divided by
    255, and with the constants of ImageNet; the first under which both agree is named. A
    normalization that the script lacks, or does twice, is then the same on both sides:
    ``--reference-normalization`` says how the original was trained. Where both differ, every layer
    is run by itself on what the original has in front of it. Where that differs as well, changes
    are tried one by one, and what makes it equal is the reason.

    - `reference-differs` (error): outputs are not those of the original. The finding names the
      first layer where they part, and the reasons that trials show. Of the samples: `scale-255`
      (a division by 255 is missing, or one too many), `normalization-missing`,
      `normalization-twice`, `other-normalization` (other constants), `channels-swapped` (RGB for
      BGR), `input-transposed` (height and width exchanged). Of the network: `wrong-end-node` (an
      output is another tensor than it is named after), `other-weights` (kernels that are not the
      original's, layer by layer), `kernel-transposed` (their weights in another order),
      `other-order` (of what is joined or subtracted), `channels-reordered` (of an output, so that
      labels do not fit), `layer-added`, `batch-norm-not-folded`, `other-resize` and
      `other-padding` (of another mode), `activation-missing`, `activation-twice`,
      `activation-added`, `other-activation`. Mend the export, the parsing or the model script
      before anything else.
    - `reference-not-matched` (warning): an output of the archive has nothing in the original that
      it can be compared with. Pass the whole model, or every part of it.
    - `reference-equal` (info): the float network computes what the original does. Whatever is
      wrong comes later: in the quantization, on the chip, or in the application.
    """

    PRIORITY = Priority.FIRST
    JUDGES_UNQUANTIZED: ClassVar[bool] = True

    MOST_SAID = 4  # outputs and reasons of one finding

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without the original there is nothing to compare."""
        if _step(context) is not None:
            return ""
        missing = context.stages.missing if context.stages else ()
        reasons = (reason for stage, reason in missing if stage == ORIGINAL)
        not_given = NotChecked(
            "the original model was not given", "pass the original model with --reference"
        )
        return next(reasons, not_given)

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield whether both are equal, and what could not be compared."""
        step, samples = _step(context), context.stages.samples if context.stages else 0
        if step is None:
            return
        if step.not_matched:
            yield self._not_matched(context, step)
        if not step.outputs:
            return
        if step.is_equal:
            yield self._equal(step, samples)
        else:
            yield self._differs(context, step, samples)

    def _differs(self, context: Context, step: Step, samples: int) -> Finding:
        worst = _worst(step.outputs)
        advice = _advice(context, step)
        concerned = {step.parts_at, worst.layer, *(n for r in step.reasons for n in r.layers)}
        network = context.model.float_network
        others = sorted(concerned - set(network.layers) - {""})
        return Finding(
            id="reference-differs",
            severity=Severity.ERROR,
            headline=advice.headline,
            evidence=itemized(list(_evidence(context, step, samples)), self.MOST_SAID + 2),
            why=advice.why,
            remedy=advice.remedy,
            layers=(*(name for name in network.layers if name in concerned), *others),
            measured=_finite(
                snr_db=worst.snr_db,
                largest_difference=worst.largest,
                **{f"snr_db_without_{r.word}": r.after_db for r in step.reasons},
            ),
        )

    def _equal(self, step: Step, samples: int) -> Finding:
        worst = _worst(step.outputs)
        return Finding(
            id="reference-equal",
            severity=Severity.INFO,
            headline="The float network computes what the original does",
            evidence=f"SNR {snr_in_words(worst.snr_db, 'not defined')} at the worst of "
            f"{plural(len(step.outputs), 'output')} on {plural(samples, 'sample')} of "
            f"{printable(step.source)}",
            why=sentences(
                "Whatever is wrong comes later: in the quantization, on the chip, or in the "
                "application.",
                *step.notes,
            ),
            layers=tuple(match.layer for match in step.outputs),
            measured=_finite(snr_db=worst.snr_db, largest_difference=worst.largest),
        )

    def _not_matched(self, context: Context, step: Step) -> Finding:
        outputs = [_described(context, name) for name in step.not_matched]
        left = f"; the original has {listed(step.left_over, 3)} left" if step.left_over else ""
        return Finding(
            id="reference-not-matched",
            severity=Severity.WARNING,
            headline="Outputs of the archive have no counterpart in the original",
            evidence=f"{listed(outputs, self.MOST_SAID)} of {printable(step.source)}{left}",
            why="Neither names, nor shapes, nor values lead to a tensor of the original, so that "
            "nothing is known of these outputs.",
            remedy="Pass the whole model that the archive was parsed from, or all of its parts, "
            "each with its own `--reference`.",
            layers=step.not_matched,
            measured={"outputs": float(len(step.not_matched))},
        )


def _step(context: Context) -> Step | None:
    steps = context.stages.steps if context.stages else ()
    return next((step for step in steps if step.earlier == ORIGINAL), None)


def _advice(context: Context, step: Step) -> Advice:
    """On the first reason, by where its layers stand."""
    network = context.model.float_network
    if not step.reasons:
        at = network.layers.get(step.parts_at)
        entering = {layer.name for layer in network.input_layers}
        are_equal = any(m.snr_db >= EQUAL_DB for m in step.inner if m.layer not in entering)
        return advice_at(at.base_name) if at and are_equal else advice_on("")
    advice = advice_on(step.reasons[0].word)
    known = [network[name] for name in step.reasons[0].layers if name in network]
    at_outputs = [x for x in known if x.type == "output_layer" or x.name in network.feeds_output]
    return advice.for_inside() if known and not at_outputs else advice


def _worst(outputs: Sequence[Match]) -> Match:
    """The output that differs most; of class numbers there is no SNR."""
    return min(outputs, key=lambda m: math.inf if math.isnan(m.snr_db) else m.snr_db)


def _finite(**numbers: float) -> dict[str, float]:
    """Numbers that there are; what is equal to the last bit has no SNR."""
    return {name: value for name, value in numbers.items() if math.isfinite(value)}


def _evidence(context: Context, step: Step, samples: int) -> Iterator[str]:
    if step.parts_at:
        yield f"the first layer that differs is {_described(context, step.parts_at)}"
    outputs = sorted(step.outputs, key=lambda m: math.inf if math.isnan(m.snr_db) else m.snr_db)
    for match in outputs[:2]:
        yield (
            f"SNR at {match.layer} {snr_in_words(match.snr_db, 'not defined')}, largest "
            f"difference {rounded(match.largest)} of a span of {rounded(match.span)}, on "
            f"{plural(samples, 'sample')}"
        )
    yield from (f"{reason.word}: {reason.evidence}" for reason in step.reasons)


def _described(context: Context, name: str) -> str:
    layer = context.model.float_network.layers.get(name)
    return printable(layer.described() if layer else name)
