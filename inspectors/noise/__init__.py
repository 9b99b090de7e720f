"""How far the quantized network is from its float original, and where the distance comes from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from inspectors.agreement.judgement import bounded
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.noise.bias import cure, suspects
from inspectors.noise.born_here import noise_born_here
from inspectors.noise.concentration import Concentration, concentrations, remedy_for_few
from inspectors.noise.constant_findings import constant_findings
from inspectors.noise.constants import constant_outputs
from inspectors.noise.headlines import named
from inspectors.noise.limits import (
    SUMS,
    VALUES,
    Limit,
    clipped_values,
    cut_by_lines,
    exceeded,
    fitting_in_float,
    saturated_sums,
)
from inspectors.noise.origins import Origin, origins
from inspectors.noise.output_findings import low_outputs, outputs_not_judged
from inspectors.noise.outputs import JudgedOutput, WantedRatios, judged_outputs
from inspectors.noise.samples import worst_samples
from inspectors.noise.stored_analysis import agreements
from inspectors.searched_plan import has_proven_plan, plan_of
from utils.findings import Finding, NotChecked, Severity
from utils.har.network import Network
from utils.har.reach import reaching
from utils.measurements.noise import MOSTLY_BIAS, NoiseMeasurements, Sensitivity
from utils.measurements.spread import count_by_chance
from utils.wording import itemized, listed


class NoiseInspector(BaseInspector):
    """How much noise does quantization bring to the outputs, and what is its cause?

    It takes data: the network runs in float and, beside it, with the integers of the archive. The
    signal-to-noise ratio (SNR) of a tensor is 10 log10 of the energy of its float values over
    that of the error, pooled over all samples and values, so it depends neither on batch size
    nor on amplitude: 10 dB are noise with a tenth of the signal's power, 20 dB with a hundredth.
    Outputs of nms, argmax and the like are not judged, since an SNR says nothing about a selection.
    An output counts as a regression or an embedding where the graph shows it: behind a tanh, a
    layer normalization, or a division by the length of the vector. Causes are named where the
    tensor stays below 30 dB, the best that any output is asked for; above, clipped values and
    saturated accumulators are no more than an info. So are values that are clipped only because
    noise from layers in front pushes them out of a range that holds all float values.

    - `output-snr-low` (info, warning or error): with everything quantized an output has less than
      25 dB, warning below 20, error below 10; warning below 30 for a regression or an embedding.
      No more than an info from 25 to 30 dB where the output is linear and might be one, for a
      probability whose rms error is below one 8-bit code, and for outputs that are not judged.
      The remedy is the 16-bit plan if emulation has proven one, else that of the cause that was
      found in front of the output, else training.
    - `output-constant` (warning or error): an output is the same for all samples, at least two.
      Where the data differ, and the float network answers all of them alike, it is an error, and
      neither SNR nor agreement proves anything: check how the samples are prepared, and the weights
      in front of the layer from which on nothing differs. Where all
      weights of a layer are 0 and nothing gets past it, export the model again. It is an error,
      too, where the chip alone answers alike, although the float values span more than one code.
      Where the data themselves stay within one code of the input, or are copies of one sample, it
      is a warning: pass samples for which the float network gives different results.
    - `noise-born-here` (info): at these layers, at most five, the SNR falls more than 6 dB below
      that of their worst input. Other layers only inherit their noise.
    - `accumulator-saturates` (info, warning or error): more than 0.1 % of the sums of a layer
      reach the limit of its accumulator, error above 1 %: large sums are cut off. Calibrate again
      on data that reach as far as these; at 16 bit the accumulator is wider. Not said of layers
      whose range a line of the model script cuts: the accumulator follows that range.
    - `range-saturates` (info, warning or error): more than 0.1 % of the values of a layer do not
      fit into its codes, error above 5 %, and in more samples than chance explains with data of the
      same kind. Calibrate again on data that reach as far as these, with the line for
      calibset_size where the script lets calibration see fewer. Take back the activation_clipping
      or force_range_out that cut the range: layers that these cut are told apart.
    - `error-is-bias` (info or warning): at an output below 30 dB, or at a layer in front of one
      that `noise-born-here` names, more than half of the error's energy is a constant offset of
      the channels; an info where no output behind it loses decisions. It is judged from 16 samples
      on, as few samples look like an offset by chance, not behind an `accumulator-saturates` or
      `range-saturates` that is an error and explains it, and not where the table of an activation
      holds most of the error (`activation-table`). Try bias_correction: it costs nothing on the
      chip, and more bits would not help. If it ran already, finetune.
    - `noise-concentrated` (info): at most a tenth of the layers that add noise, at least one,
      hold more than 70 % of the noise at an output below 30 dB. Mend what else is said of these;
      else give them 16 bit (4-bit weights 8), as far as `mixed-precision-plan` confirms it.
    - `noise-diffuse` (info): the SNR of an output is a warning or an error, and neither its three
      loudest layers nor a tenth of the layers add more than half of the noise, nor is there a
      16-bit plan of at most three layers. To mend single layers gains little.
    - `worst-samples` (info): samples whose own SNR at an output lies more than 10 dB below the
      pooled one and below 30 dB, by their index in the data; where these are more than half, it is
      `few-samples-decide`. Look at what is special about those below 20 dB.
    - `stored-analysis-compared` (info): how far the noise analysis that the compiler stored
      agrees with what was measured here. Large differences mean different data, or layers that
      this tool does not run as the compiler does; then trust neither blindly.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.NOISE | Need.SENSITIVITY | Need.HISTOGRAMS

    WANTED = WantedRatios(
        error_db=10.0,  # Hailo's own mark: noise has a tenth of the signal's power
        warning_db=20.0,  # a hundredth
        info_db=25.0,  # a robot driven by features of 19 to 26 dB is reported to fail every task
        quantity_db=30.0,  # rms error of 3 %
        probability_error=1 / 255,  # one 8-bit code of the range 0 to 1
    )
    MATTERS_DB = 30.0  # what is better at a layer is good enough for every output
    DROP_DB = 6.0  # the noise becomes four times as loud
    BEST_INPUT_DB = 50.0  # what 8 bit reach at best, so that exact inputs compare with others
    MOST_ORIGINS = 5  # layers; more are no help to start with
    SATURATED = Limit(  # shares of a layer's sums
        id="accumulator-saturates", words=SUMS, warning=0.001, error=0.01, harmless_db=MATTERS_DB
    )
    CLIPPED = Limit(  # shares of a layer's values
        id="range-saturates", words=VALUES, warning=0.001, error=0.05, harmless_db=MATTERS_DB
    )
    CALIBRATION_SAMPLES = 64  # the compiler's default, however many are supplied
    CHANCE = 1e-4  # of passing one end of a range; a false alarm at any end then has 1e-3
    BIAS_SHARE = MOSTLY_BIAS
    BIAS_MINIMUM = 16  # samples; with these pure noise passes a share of 0.5 once in 700 times
    FEW_LAYERS = 0.1  # share of the layers that add noise
    HELD = 0.7  # share of the noise at an output
    FEW = 3  # layers, in a network of any size: nobody would call these many
    MOST = 0.5  # share of the noise at an output
    SAMPLE_GAP_DB = 10.0  # ten times the noise, or a tenth of the signal

    def should_skip(self, context: Context) -> NotChecked | str:
        """Say so where no noise was measured."""
        if context.measurements is None:
            return NotChecked("the network has to be run on data", context.without_data)
        noise = context.measurements.noise
        if noise is None:
            return "the quantized network was not run"
        if not noise.layers:
            reasons = list(dict.fromkeys(noise.not_measured.values()))
            return f"noise could be measured at no layer: {listed(reasons, 1) or 'none was run'}"
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is wrong at the outputs first, then the causes."""
        measurements, network = context.measurements, context.model.network
        if measurements is None or measurements.noise is None:
            return
        noise, every = measurements.noise, judged_outputs(network, measurements.noise)
        constant = context.known(constant_outputs)
        silent = {each.output.layer.name for each in constant if each.is_so_in_float}
        outputs = [
            output
            for output in every
            if output.snr_db > -math.inf  # without any signal there is nothing to compare with
            if output.layer.name not in silent or self._is_far_off(output)
        ]
        noisy = [output for output in outputs if self._matters(output)]
        born = self._worst_origins(network, noise)
        limits = list(self._limits(context, measurements.samples, noise))
        bias = list(self._error_is_bias(context, measurements.samples, noisy, born, limits))
        spread = self._spread(context, noise.sensitivity, noisy, [*limits, *bias])
        causes = [*limits, *noise_born_here(network, born), *bias, *spread]
        yield from low_outputs(self.WANTED, context, outputs, causes)
        yield from constant_findings(context, constant, causes)
        yield from outputs_not_judged(network, noise)
        yield from causes
        yield from worst_samples(context, noise, outputs, self.SAMPLE_GAP_DB, self.MATTERS_DB)
        yield from self._stored_analysis(context, noise)

    def _matters(self, output: JudgedOutput) -> bool:
        is_noisy = output.snr_db < self.MATTERS_DB
        return is_noisy and not self.WANTED.is_harmless(output)

    def _is_far_off(self, output: JudgedOutput) -> bool:
        """Whether even one value for all samples is proof of a fault, as the chip has another."""
        return self.WANTED.severity(output) is Severity.ERROR

    def _worst_origins(self, network: Network, noise: NoiseMeasurements) -> list[Origin]:
        born = [
            origin
            for origin in origins(network, noise, self.BEST_INPUT_DB)
            if origin.output_db < self.MATTERS_DB and origin.drop_db > self.DROP_DB
        ]
        return sorted(born, key=lambda origin: -origin.drop_db)[: self.MOST_ORIGINS]

    def _limits(
        self, context: Context, samples: int, noise: NoiseMeasurements
    ) -> Iterator[Finding]:
        network = context.model.network
        by_chance = count_by_chance(max(samples, 1), self.CALIBRATION_SAMPLES, self.CHANCE)
        clipped = clipped_values(network, noise, by_chance)
        cut = cut_by_lines(context, clipped, self.CLIPPED.warning)
        sums = {n: count for n, count in saturated_sums(network, noise).items() if n not in cut}
        yield from exceeded(self.SATURATED, context, noise, sums)
        fitting = fitting_in_float(context, clipped, by_chance, self.CLIPPED.warning)
        yield from exceeded(self.CLIPPED, context, noise, clipped, fitting)

    def _error_is_bias(
        self,
        context: Context,
        samples: int,
        outputs: Sequence[JudgedOutput],
        born: Sequence[Origin],
        limits: Sequence[Finding],
    ) -> Iterator[Finding]:
        network = context.model.network
        cut_off = {n for f in limits if f.severity is Severity.ERROR for n in f.layers}
        biased = [
            suspect
            for suspect in suspects(context, outputs, born)
            if suspect.noise.bias_share > self.BIAS_SHARE
            if min(samples, suspect.noise.count) >= self.BIAS_MINIMUM
            if cut_off.isdisjoint(reaching(network, [suspect.name]))
        ]
        if biased:
            mended = cure(context, biased)
            shares = {suspect.name: suspect.noise.bias_share for suspect in biased}
            where = itemized([suspect.described() for suspect in biased])
            yield Finding(
                id="error-is-bias",
                severity=bounded(context, Severity.WARNING, tuple(shares)),
                headline="Most of the error is a constant shift of the channels, not noise",
                evidence="; ".join(filter(None, (where, mended.remark))),
                why=mended.why,
                remedy=mended.remedy,
                layers=tuple(name for name in network.layers if name in shares),
                measured=shares,
                recommendation=mended.recommendation,
            )

    def _spread(
        self,
        context: Context,
        sensitivity: Sensitivity | None,
        outputs: Sequence[JudgedOutput],
        causes: Sequence[Finding],
    ) -> Iterator[Finding]:
        network = context.model.network
        spreads = concentrations(network, sensitivity, outputs, self.FEW_LAYERS)
        few = {s: guilty for s in spreads if (guilty := s.guilty(self.HELD))}
        if few:
            guilty_layers = {name for guilty in few.values() for name in guilty}
            names = tuple(name for name in network.layers if name in guilty_layers)
            yield Finding(
                id="noise-concentrated",
                severity=Severity.INFO,
                headline=f"Most noise at the outputs comes from {named(names, 'few layers')}",
                evidence=itemized([s.described(network, g) for s, g in few.items()]),
                remedy=remedy_for_few(names, context, causes),
                layers=names,
                measured={s.measured_name(n): s.shares[n] for s, g in few.items() for n in g},
            )
        diffuse = [s for s in spreads if s not in few and self._is_diffuse(context, s)]
        if diffuse:
            held = {s: max(self.FEW, s.allowed) for s in diffuse}
            yield Finding(
                id="noise-diffuse",
                severity=Severity.INFO,
                headline="The noise at the outputs comes from many layers",
                evidence=itemized([s.described_held(network, n) for s, n in held.items()]),
                why="Mending single layers gains little.",
                layers=tuple(s.output.layer.name for s in diffuse),
                measured={s.output.layer.name: s.held(n) for s, n in held.items()},
            )

    def _is_diffuse(self, context: Context, spread: Concentration) -> bool:
        """Whether many layers share the noise of a low output, and no few of them mend it."""
        if self.WANTED.severity(spread.output) in (None, Severity.INFO):
            return False
        plan = plan_of(context)
        if plan is not None and has_proven_plan(context) and len(plan.modes) <= self.FEW:
            return False
        return spread.held(max(self.FEW, spread.allowed)) <= self.MOST

    def _stored_analysis(self, context: Context, noise: NoiseMeasurements) -> Iterator[Finding]:
        found = agreements(context.model, noise)
        if found:
            yield Finding(
                id="stored-analysis-compared",
                severity=Severity.INFO,
                headline="The compiler's own noise analysis was compared with this one",
                evidence=itemized([each.described(context.model) for each in found]),
                why="Large differences mean other data, or layers that this tool runs differently "
                "from the compiler.",
                layers=tuple(dict.fromkeys(each.farthest for each in found)),
                measured={name: db for each in found for name, db in each.numbers().items()},
            )
