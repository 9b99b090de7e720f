"""Decisions of the quantized network against those of the float network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from inspectors.agreement.distant_inputs import distant_input_findings
from inspectors.agreement.inputs import coarse_inputs, input_findings
from inspectors.agreement.judgement import Judged, judged_decisions, kind_wanted
from inspectors.agreement.noisy_inputs import noisy_input_findings
from inspectors.agreement.silence import silent_outputs
from inspectors.agreement.wide_channels import wide_channel_findings
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.noise.remedies import by_searching, by_training, by_trial
from utils.findings import Finding, Severity
from utils.har.network import Layer
from utils.measurements.agreement import AgreementMeasurements, OutputAgreement
from utils.outputs.kinds import ASKED
from utils.wording import itemized, listed

MORE_SAMPLES = "Pass more samples that hold what the network is to find: these are too few to tell."


class AgreementInspector(BaseInspector):
    """Does the quantized network decide as the float network does?

    The SNR of an output pools samples and channels: one clipped value, or one wide channel, can
    decide it. What counts is what the network decides. For every output the tool counts how often
    the chip decides as float does, in the unit of its kind: classes, scores, pixels, cells and
    their boxes, neighbours of vectors, numbers channel by channel, pictures, peaks of maps. The
    kind comes from the graph, the names and the script; where these do not tell it is unknown, and
    `--output-kind` says it. Noise that changes no decision is no fault, so where the decisions
    are measured they bound how bad the findings about noise are. Limits hold against the better
    end of a 95 % interval, so that few samples accuse nobody.

    - `decisions-change` (warning or error): less than 95 % of the classes, scores, pixels or peaks
      are the same, or 92 % of the cells that fire (error: 85 % and 80 %); the mean IoU of classes
      is below 0.85 (0.7), the median IoU of boxes below 0.9 (0.75), the cosine of vectors below
      0.99 (0.95), the PSNR of pictures below 35 dB (25 dB), or a quarter of the values of a channel
      is off by 10 % (30 %) of its spread. An output of unknown kind is a warning where the median
      sample has less than 12 dB, or where all kinds that it may be of are beyond these limits; an
      error where it has less than 0 dB, and all kinds are beyond those of an error.
      Fewer than 4 decisions are at most a warning: pass more samples. Follow the 16-bit plan, or
      mend the cause that is named.
    - `channel-without-codes` (info, warning or error): the channels of a tensor share the width of
      a code, and one of them is left with hardly any. At an input, where the values of a channel
      span less than two codes in calibration (where nothing of that is stored, in the data),
      although the network makes much of it: an error below one code where the weights behind it
      are known. A channel of which it makes a tenth needs a tenth of these codes. A warning as
      well where half of the channels span less than 16 codes, others reach 16 times as far, and
      the input alone leaves an output less than 20 dB and makes a quarter of the noise there.
      Divide every feature by its standard deviation on the host. Likewise where all values lie far
      from 0 and span less than 16 codes, as air pressure in Pa does: codes begin at 0, whatever
      normalizes the values on the chip. Normalize them on the host. At an output, where a channel
      that varies in float has the same code for every sample: an error where the output is known
      to hold scores or numbers that count one by one, an info where it may hold classes that come
      out alike, and of scores that stay 16 codes or more below the threshold in float, as those of
      rare classes do. Scale the targets of all channels to one range in training, or take what a
      trial shows to help: a scale for each channel of the output, or 16 bit. In front of a choice
      among channels that comes out differently, where without a few channels, at most a tenth, the
      range would be an eighth or less: bound these channels, or give the layer 16 bit.
    - `score-cannot-fire` (info, warning or error): the highest code of the output does not exceed
      the threshold, so that no input can ever fire. It is an error where the output is known to
      hold scores, and an info at a map that may be anything and does not fire in float either.
      Calibrate on samples that fire.
    - `nothing-decided` (info or warning): nothing fires in float, so these data do not show what
      the network decides. An info where other maps of a detector fire: each is for objects of
      another size. Pass samples with what it is to find. Where the graph alone says that the
      numbers are scores, they may be others, as rates of clicks are: `--output-kind` says so.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.SCALE_TRIALS

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where nothing was compared, and what the archive holds shows nothing either."""
        return "" if context.known(coarse_inputs) else _not_compared(context)

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say where only the inputs could be judged."""
        yield from super().not_checked(context)
        if missing := _not_compared(context):
            yield missing

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is counted first, then what is decided."""
        yield from input_findings(context)
        yield from noisy_input_findings(context)
        yield from distant_input_findings(context)
        measurements = context.measurements
        if measurements is None or measurements.agreement is None:
            return
        judged = context.known(judged_decisions)
        yield from silent_outputs(context, measurements.agreement)
        yield from wide_channel_findings(context, measurements.agreement)
        yield from self._cannot_fire(context, measurements.agreement)
        yield from self._changed(context, judged)
        yield from self._nothing_decided(judged, measurements.agreement)

    def _changed(self, context: Context, judged: dict[str, Judged]) -> Iterator[Finding]:
        def key(name: str) -> tuple[int, bool]:
            return -(judged[name].severity or Severity.INFO), judged[name].kind == "unknown"

        changed = sorted((name for name, each in judged.items() if each.severity), key=key)
        for (severity, is_unknown), names in groupby(changed, key):
            layers = list(names)
            yield Finding(
                id="decisions-change",
                severity=Severity(-severity),
                headline=f"The chip {_how_often(severity, is_unknown)} differently from the float "
                "network",
                evidence=itemized([f"{name}: {judged[name].evidence}" for name in layers]),
                why="Where the float network is right, these answers of the chip are wrong."
                if not is_unknown
                else "How much this matters depends on the kind of output.",
                remedy=by_trial(context)
                or (MORE_SAMPLES if all(judged[name].is_doubtful for name in layers) else "")
                or (kind_wanted(layers) if is_unknown else "")
                or by_searching(context)
                or by_training(context.model),
                layers=tuple(layers),
                measured={
                    f"{name} {measure}": value
                    for name in layers
                    for measure, value in judged[name].measured
                },
            )

    def _cannot_fire(self, context: Context, found: AgreementMeasurements) -> Iterator[Finding]:
        network = context.model.network
        for name, output in found.outputs.items():
            is_scores = output.settled.kind == "scores"
            one = len(output.codes.floats.low) == 1 and output.settled.kind == "unknown"
            encoding = context.model.encoding(name)
            if encoding is None or not (is_scores or one):
                continue
            producers = network.producers(network[name])
            threshold = output.threshold
            highest_code = context.model.highest_code(name)
            highest = float(np.max((highest_code - encoding.zero_points) * encoding.scales))
            if highest > threshold:
                continue
            yield Finding(
                id="score-cannot-fire",
                severity=_of_an_output_that_cannot_fire(network[name], output),
                headline="No input can make the output fire"
                if is_scores
                else "If the output is a score, no input can make it fire",
                evidence=f"the highest code of {name} is {highest:.3g}, the threshold "
                f"{threshold:.3g}",
                why="Calibration saw no sample that fires, so no code was left for one.",
                remedy="Calibrate again on samples of which some fire.",
                layers=tuple(dict.fromkeys([*(p.name for p in producers), name])),
                measured={"highest": highest, "threshold": threshold},
            )

    def _nothing_decided(
        self, judged: dict[str, Judged], found: AgreementMeasurements
    ) -> Iterator[Finding]:
        silent = [name for name, each in judged.items() if each.decides_nothing]
        if not silent:
            return
        kinds = {judged[name].kind for name in silent}
        # Each map of a detector is for objects of another size, of which data may hold none.
        is_scale = kinds == {"detection"} and any(
            each.kind == "detection" and not each.decides_nothing for each in judged.values()
        )
        told = all(found.outputs[name].settled.reason == ASKED for name in silent)
        others = ", or give --output-kind for numbers that count as they are"
        yield Finding(
            id="nothing-decided",
            severity=Severity.INFO if is_scale else Severity.WARNING,
            headline="Nothing fires in float, so these data show no decision",
            evidence=listed(silent),
            why="Whether the chip decides as float does cannot be seen on them."
            + (" Other outputs of the detector fire." if is_scale else ""),
            remedy=""
            if is_scale
            else f"Pass samples that hold what the network is to find{'' if told else others}.",
            layers=tuple(silent),
        )


def _of_an_output_that_cannot_fire(layer: Layer, output: OutputAgreement) -> Severity:
    """A map that never fires in float, and nobody calls scores, may well be one of distances."""
    if output.settled.kind == "scores":
        return Severity.ERROR
    fires = float(output.codes.floats.high.max()) > output.threshold
    height, width, _ = layer.output_shape
    return Severity.WARNING if fires or height * width == 1 else Severity.INFO


def _not_compared(context: Context) -> NotChecked | str:
    if context.measurements is None:
        return NotChecked("both networks have to be run on data", context.without_data)
    return "" if context.measurements.agreement else "the quantized network was not run"


def _how_often(severity: int, is_unknown: bool) -> str:
    if is_unknown:
        return "may decide"
    return "often decides" if -severity == Severity.ERROR else "sometimes decides"
