"""Pre-activations that are too wide, and whether batch normalization was seen at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from inspectors.agreement.judgement import spared
from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.few_samples import FewSamplesInspector
from inspectors.few_samples.ranges import ranges_of_few
from inspectors.firing_channels import has_sleepers
from inspectors.logit_layers import logit_layers
from inspectors.normalization.heads import answers_as_trained
from inspectors.normalized_behind import are_narrow_behind
from inspectors.unactivated import enters_no_activation
from inspectors.wide_values import (
    JudgedLayer,
    cost_little,
    costs_nothing,
    is_first,
    is_some_of_many,
    remedy,
    shows_other_inputs,
    why,
)
from utils.findings import Finding, NotChecked, Severity
from utils.har.network import Layer, Network
from utils.har.statistics import ChannelStatistics
from utils.measurements import PREACTIVATION_TYPES
from utils.wording import listed, plural, rounded

# Whatever enters these, 0 to 6, -1 to 1 or 0 to 1 is all that is coded.
BOUNDED = ("relu6", "tanh", "hardsigmoid")
SOME = "Some layers of trained networks are so wide, and measuring shows no loss at the outputs."
SPARED = "On these data next to nothing is lost by it."
HIDDEN = "the SDK does not show what enters the activation of"
EMBEDDED = "measure it with --backend embedded"


class BatchNormInspector(BaseInspector):
    """Are the values before the activations as narrow as batch normalization leaves them?

    Batch normalization keeps what enters an activation near 0 with a standard deviation near 1,
    which 8-bit codes resolve well; wide pre-activations waste codes and lose accuracy. This
    inspector takes the mean and standard deviation of every channel of conv, dw and dense
    layers before their activation, measured or else stored by calibration, so it needs no data.
    Layers that feed an output or a softmax, directly or through pooling, resizing, scaling, sums
    and the like, and those with a sigmoid are left out: logits, box coordinates and gates are
    meant to be wide, and so are those that few samples alone widen (`few-samples-decide`).
    Channels that a ReLU never lets through pass as normal, for nothing of them is coded, and so
    do layers with a ReLU6 or a tanh, which cut at both ends, and layers whose values go to a batch
    normalization behind the activation and leave that narrow. Networks exported from PyTorch never
    show batch normalization, because the export folds it into the weights; alone that is no
    finding.

    - `abnormal-preactivation` (info, warning or error): in some layers more than 5 % of the
      channels have an absolute mean above 5 or a standard deviation above 3; an error if that is
      more than half of the layers judged, unless all of them enter no activation, as the
      projections of inverted residuals; only an info if fewer than 4 layers are judged or the
      network uses layer normalization. Also an info where it costs nothing: 16 samples or more
      show that the outputs behind decide as in float, or are clear where their kind is unknown;
      or half of the channels of each wide layer have 20 dB by themselves; or these layers make
      less than a tenth of the noise. For that, inputs and first layers have to be narrow, and no
      wide layer but these and dense ones says that it had batch normalization; or the inputs are
      wide, no layer says so, and the outputs spread by at most 12, as in networks that were trained
      on such values. The same holds where inputs are narrow, most layers are not wide, and no
      channel lies beyond 1.5 times the limits; or at most a third of the layers is wide, none of
      them says that it had batch normalization, and 16 samples show no loss at the outputs. Check
      first that the inputs are scaled as in training. Where their values are as narrow as
      normalized ones, compare the archive with the original model if the outputs lose nothing by
      quantization, as a ReLU6 that became a ReLU in the export does this; else bound the values
      inside the network. If it is an error and a first layer with batch normalization is wide,
      compare the constants of the normalization with those of the training before that.
    - `batch-norm-not-seen` (info): beside abnormal pre-activations, no layer says that batch
      normalization was folded into it. If the inputs are normalized correctly, ask whether the
      network was trained with it.
    """

    PRIORITY = Priority.HIGH
    NEEDS = Need.PREACTIVATION_STATISTICS

    HIGHEST_MEAN = 5.0  # absolute; behind batch normalization the mean is its beta, mostly below 2
    HIGHEST_STD = 3.0  # behind batch normalization it is its gamma, mostly around 1
    TOLERATED_CHANNELS = 0.05  # share; single channels of good networks are wider
    ERROR_SHARE = 0.5  # of the layers judged: no longer single layers but the network
    FAR = 1.5  # times these; between two sets of 32 pictures a deviation of 3.0 became 3.3
    FEWEST_LAYERS = 4  # with fewer a single layer decides the share

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without pre-activation statistics there is nothing to judge."""
        if self._judged(context):
            return ""
        if hidden := self._hidden(context):
            return NotChecked(f"{HIDDEN} {listed(hidden)}", EMBEDDED)
        return NotChecked(
            "no statistics before the activation are known but of layers that may be wide there: "
            "of logits, gates, with a ReLU6 or a tanh",
            context.without_data,
        )

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Layers that the SDK does not show before their activation."""
        if hidden := self._hidden(context):
            yield NotChecked(f"{HIDDEN} {listed(hidden)}", EMBEDDED)

    def _hidden(self, context: Context) -> list[str]:
        """Layers of which neither the SDK nor the archive tells what enters the activation."""
        if context.measurements is None:
            return []
        network = context.model.network
        names = context.measurements.preactivation_not_measured.keys() - logit_layers(network)
        return [
            layer.described()
            for layer in network
            if layer.name in names and context.preactivation_statistics(layer.name) is None
        ]

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Judge the network as a whole, in one finding."""
        judged = self._judged(context)
        abnormal = self._abnormal(context, judged)
        if not abnormal:
            return
        worst = max(abnormal, key=lambda layer: (layer.share, layer.std, layer.mean))
        is_normalized = has_batch_norm(context.model.network, context.model.float_network)
        are_narrow = self._are_inputs_narrow(context)
        layers = tuple(layer.layer.name for layer in abnormal)
        severity = self._severity(context.model.network, abnormal, len(judged))
        is_trained = are_narrow and not (severity is Severity.ERROR and has_sleepers(context))
        is_from_inputs = severity is Severity.ERROR and shows_other_inputs(
            context.model.network, [each.layer for each in abnormal]
        )
        finding = Finding(
            id="abnormal-preactivation",
            severity=severity,
            headline="The values before the activation are unusually large",
            evidence=f"{len(abnormal)} of {plural(len(judged), 'judged layer')}: "
            f"{listed([layer.layer.described() for layer in abnormal], 3)}; the worst is "
            f"{worst.layer.described()}, where {worst.share:.0%} of "
            f"{plural(worst.channels, 'channel')} exceed a mean of {self.HIGHEST_MEAN:g} or a "
            f"standard deviation of {self.HIGHEST_STD:g}, with absolute means up to "
            f"{rounded(worst.mean)} and standard deviations up to {rounded(worst.std)}, "
            f"{listed(list(dict.fromkeys(layer.source for layer in judged)))}",
            why=why(context, layers, are_inputs_trained=is_trained and not is_from_inputs),
            remedy=remedy(
                context,
                layers,
                are_inputs_trained=is_trained,
                is_from_inputs=is_from_inputs,
                is_normalized=is_normalized,
            ),
            layers=layers,
            measured={
                "abnormal_layers": float(len(abnormal)),
                "judged_layers": float(len(judged)),
                "worst_share": worst.share,
                "worst_mean": worst.mean,
                "worst_std": worst.std,
            },
            removes_cause=is_from_inputs,
        )
        reason = self._why_spared(context, abnormal, len(judged), severity)
        yield spared(finding, reason) if reason else finding
        if not is_normalized:
            yield Finding(
                id="batch-norm-not-seen",
                severity=Severity.INFO,
                headline="No layer shows that the network was trained with batch normalization",
                why="The export may have folded it into the weights, as that of PyTorch does.",
                measured={"layers_with_batch_norm": 0.0},
            )

    def _abnormal(self, context: Context, judged: Sequence[JudgedLayer]) -> list[JudgedLayer]:
        """The wide ones, but for those that only a few samples widen, of which others tell."""
        wide = [layer for layer in judged if layer.share > self.TOLERATED_CHANNELS]
        by_few = ranges_of_few(context, FewSamplesInspector.RANGES) if wide else ()
        told = {each.layer.name for each in by_few}
        return [layer for layer in wide if layer.layer.name not in told]

    def _why_spared(
        self, context: Context, abnormal: Sequence[JudgedLayer], judged: int, severity: Severity
    ) -> str:
        """Why wide values are only worth knowing; "" where they are more.

        Wide inputs, first layers or most layers show data that float itself was not trained on.
        """
        if not self._are_inputs_narrow(context):
            is_normalized = has_batch_norm(context.model.network, context.model.float_network)
            is_usual = not is_normalized and answers_as_trained(context)
            return SPARED if is_usual and cost_little(context, abnormal) else ""
        if severity is Severity.ERROR:
            return ""
        if self._costs_little(context, abnormal):
            return SPARED
        return SOME if is_some_of_many(context, abnormal, judged) else ""

    def _costs_little(self, context: Context, abnormal: Sequence[JudgedLayer]) -> bool:
        """Whether layers behind narrow inputs may be so wide, and next to nothing is lost by it."""
        is_usual = all(self._may_be_wide(context, each.layer) for each in abnormal)
        if (is_usual or all(map(self._is_near, abnormal))) and cost_little(context, abnormal):
            return True
        return costs_nothing(context, [each.layer.name for each in abnormal])

    def _may_be_wide(self, context: Context, layer: Layer) -> bool:
        """Whether nothing promises that a layer is narrow: batch normalization, or the inputs."""
        network = context.model.network
        is_normalized = layer.params.get("batch_norm") is True
        is_bound = is_normalized and not enters_no_activation(network, layer)
        return layer.type == "dense" or not (is_first(network, layer) or is_bound)

    def _is_near(self, layer: JudgedLayer) -> bool:
        """Whether no channel is far beyond the limits, where other samples may lie within."""
        is_mean_near = layer.mean <= self.FAR * self.HIGHEST_MEAN
        return is_mean_near and layer.std <= self.FAR * self.HIGHEST_STD

    def _severity(self, network: Network, abnormal: Sequence[JudgedLayer], judged: int) -> Severity:
        if judged < self.FEWEST_LAYERS or any(
            layer.type == "layer_normalization" for layer in network
        ):
            return Severity.INFO
        # The projections of inverted residuals alone are no network that is wide as a whole.
        is_whole = not all(enters_no_activation(network, each.layer) for each in abnormal)
        is_most = len(abnormal) > self.ERROR_SHARE * judged
        return Severity.ERROR if is_most and is_whole else Severity.WARNING

    def _are_inputs_narrow(self, context: Context) -> bool:
        """Whether what enters the first layers is as narrow as values that are normalized."""
        found = [
            context.output_statistics(_normalized(context.model.network, layer).name)
            for layer in context.model.network.input_layers
        ]
        return bool(found) and all(
            sourced is not None
            and bool((np.abs(sourced.values.mean) <= self.HIGHEST_MEAN).all())
            and bool((sourced.values.std <= self.HIGHEST_STD).all())
            for sourced in found
        )

    def _judged(self, context: Context) -> list[JudgedLayer]:
        """Layers whose pre-activations are known and ought to be narrow."""
        network = context.model.network
        left_out = logit_layers(network)
        limits = self.HIGHEST_MEAN, self.HIGHEST_STD, self.TOLERATED_CHANNELS
        found = []
        for layer in network:
            if layer.type not in PREACTIVATION_TYPES or layer.name in left_out:
                continue
            if layer.activation in BOUNDED or are_narrow_behind(context, layer, limits):
                continue
            sourced = context.preactivation_statistics(layer.name)
            if sourced is not None and (known := _known_channels(sourced.values)) is not None:
                found.append(self._judge(layer, known, sourced.source))
        return found

    def _judge(self, layer: Layer, statistics: ChannelStatistics, source: str) -> JudgedLayer:
        mean, std = np.abs(statistics.mean), statistics.std
        wide = (mean > self.HIGHEST_MEAN) | (std > self.HIGHEST_STD)
        if layer.activation == "relu":
            wide &= ~(statistics.maximum <= 0.0)
        return JudgedLayer(
            layer=layer,
            channels=len(wide),
            share=float(wide.mean()),
            mean=float(mean[wide].max(initial=0.0)),
            std=float(std[wide].max(initial=0.0)),
            source=source,
        )


def _normalized(network: Network, layer: Layer) -> Layer:
    """The last normalization behind an input; the input itself where none follows."""
    readers = network.successors(layer)
    while len(readers) == 1 and readers[0].type in ("normalization", "batch_norm"):
        layer, readers = readers[0], network.successors(readers[0])
    return layer


def has_batch_norm(*networks: Network) -> bool:
    """Whether any layer is batch normalization, or had it folded into its weights."""
    return any(
        layer.type == "batch_norm" or layer.params.get("batch_norm") is True
        for network in networks
        for layer in network
    )


def _known_channels(statistics: ChannelStatistics) -> ChannelStatistics | None:
    """The channels without NaN or infinity; None if there are none."""
    known = np.isfinite(statistics.mean) & np.isfinite(statistics.energy)
    if not known.any():
        return None
    return ChannelStatistics(
        statistics.minimum[known],
        statistics.maximum[known],
        statistics.mean[known],
        statistics.energy[known],
    )
