"""Whether the images come in the order of the colour channels that the network was trained with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.channel_order.readings import (
    chances,
    confidences,
    kept_varieties,
    reasons_not_compared,
)
from inspectors.named_data import data_of
from inspectors.normalization.on_chip import REORDERING, conversions, values_are_converted
from utils.findings import Finding, NotChecked, Recommendation, Severity
from utils.har.network import Layer
from utils.measurements.channel_order import (
    FEWEST_SAMPLES,
    RELEVANT_GAIN,
    STANDARD_ERRORS,
    ChannelOrder,
    Confidence,
    is_colour_shaped,
)
from utils.measurements.left_out import CHANNEL_ORDER, sentence_on
from utils.model_script.free_names import free_layer_names
from utils.wording import listed, plural


class ChannelOrderInspector(BaseInspector):
    """Is the network surer of its answers with red and blue exchanged?

    OpenCV reads BGR, networks are mostly trained on RGB, and nothing complains about the wrong
    order: boxes are right, scores are lower, and a class that is told by its colour dies. Pixel
    statistics prove nothing, but a network is surest of what it was trained on. So the float
    network runs on up to 256 samples twice, with the channels as they are and reversed; compared
    is the mean largest probability of a classifier, and the mean of the best scores of a
    detector. Normalization on the chip stays as it is. Not judged are outputs that are no classes
    or scores (boxes, embeddings, depth), and logits that name one and the same class for every
    sample. Silence proves nothing where colour does not matter to the network.

    - `channels-look-swapped` (warning): with the channels reversed the network is more than 10 %
      surer, by more than three standard errors over the samples, its answers spread over as many
      classes (strange colours can make it sure of one and the same), and no output is less sure.
      A network that guesses in both orders, a quarter of the way from 1/classes to 1, is not told.
      Reverse the channels of the data, or drop the `input_conversion` that exchanges them, or
      add one; measure the accuracy before and after.
    """

    PRIORITY = Priority.LOW
    NEEDS = Need.OUTPUT_STATISTICS | Need.CHANNEL_SWAPPED

    GAIN = RELEVANT_GAIN
    STANDARD_ERRORS = STANDARD_ERRORS
    FEWEST_SAMPLES = FEWEST_SAMPLES
    # Classes that the answers spread over, reversed relative to as they are. Of 12 small networks
    # trained on colours and fed in the right order, 3 were 10 to 27 % surer reversed, of a
    # variety of 0.58 to 0.72: strange colours push all answers towards few classes.
    LEAST_VARIETY = 0.95
    # In the better order, from what chance gives to certain: below it no answer is worth comparing.
    # Small networks that guess, and were fed in the right order, were up to 21 % surer reversed;
    # none of them was more than 0.19 of the way.
    LEAST_KNOWN = 0.25

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without colour images there is nothing to exchange."""
        if context.measurements is None:
            return NotChecked("the network has to be run on the data", context.without_data)
        order = context.measurements.channel_order
        if order is None:
            left_out = sentence_on(context.measurements.left_out, CHANNEL_ORDER)
            return left_out or _reason_against(context)
        if values_are_converted(context.script):
            return "the model script converts the data from another colour format than RGB"
        if order.samples < self.FEWEST_SAMPLES:
            return (
                f"{plural(order.samples, 'sample')} of {order.samples + order.grey} "
                f"{'is' if order.samples == 1 else 'are'} in colour, the others have equal "
                f"channels; at least {self.FEWEST_SAMPLES} are needed"
            )
        if not confidences(context, order):
            return "; ".join(reasons_not_compared(context, order)) or "no output could be run"
        return ""

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Outputs that do not tell how sure the network is."""
        order = context.measurements.channel_order if context.measurements else None
        if order is not None:
            yield from reasons_not_compared(context, order)

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding if outputs are surer with the channels reversed and none is less."""
        order = context.measurements.channel_order if context.measurements else None
        if order is None:
            return
        compared = confidences(context, order)
        varieties, known = kept_varieties(context, order), chances(context)
        surer = {
            name: found
            for name, found in compared.items()
            if self._is_higher(found.mean_as_is, found.mean_reversed, found, known[name])
            and varieties.get(name, 1.0) >= self.LEAST_VARIETY
        }
        is_contradicted = any(
            self._is_higher(found.mean_reversed, found.mean_as_is, found, known[name])
            for name, found in compared.items()
        )
        if surer and not is_contradicted:
            yield self._swapped(context, order, surer)

    def _is_higher(self, usual: float, other: float, found: Confidence, chance: float) -> bool:
        error = found.standard_error
        return (
            other >= chance + self.LEAST_KNOWN * (1 - chance)
            and other > usual * (1 + self.GAIN)
            and error > 0  # without any spread the samples are copies of one
            and other - usual > self.STANDARD_ERRORS * error
        )

    def _swapped(
        self, context: Context, order: ChannelOrder, surer: Mapping[str, Confidence]
    ) -> Finding:
        network = context.model.network
        parts = [
            f"{network[name].described()} {found.mean_reversed:.3f} instead of "
            f"{found.mean_as_is:.3f}"
            for name, found in surer.items()
        ]
        best = max(surer.values(), key=lambda found: found.gain)
        remedy, recommendation = _remedy(context, order)
        return Finding(
            id="channels-look-swapped",
            severity=Severity.WARNING,
            headline="The network is surer of its answers with red and blue exchanged",
            evidence=f"mean confidence of {listed(parts, 3)}, over "
            f"{plural(order.samples, 'sample')}, with the channels of "
            f"{listed([network[name].described() for name in order.inputs], 3)} reversed",
            why="The data seem to be BGR where the network expects RGB, or RGB where it expects "
            "BGR.",
            remedy=f"{remedy}, and measure the accuracy before and after.",
            layers=tuple(n for n in network.layers if n in surer or n in order.inputs),
            measured={
                "confidence_as_is": best.mean_as_is,
                "confidence_reversed": best.mean_reversed,
                "standard_error": best.standard_error,
                "samples": float(order.samples),
            },
            recommendation=recommendation,
        )


def _reason_against(context: Context) -> str:
    """Why nothing was run with the channels reversed."""
    shaped = [x for x in context.model.float_network.input_layers if _is_colour_shaped(x)]
    if not shaped:
        return "no input holds images of three colours, at least 32 x 32 pixels"
    if not any(context.measured(layer.name) for layer in shaped):
        return "the inputs were not measured"
    return (
        f"the data of {listed([layer.described() for layer in shaped])} do not look like "
        "pictures, as most of their values are 0"
    )


def _is_colour_shaped(layer: Layer) -> bool:
    return bool(layer.output_shapes) and is_colour_shaped(layer.output_shape)


def _remedy(context: Context, order: ChannelOrder) -> tuple[str, Recommendation | None]:
    """What to do, as the beginning of a sentence and as lines of a script."""
    present = [name for name in conversions(context.script) if name in REORDERING]
    if present:
        return (
            f"Drop the input_conversion of the model script ({listed(present)}), or give it data "
            "in the other order",
            None,
        )
    names = free_layer_names(context.model, context.script, "input_conversion")
    lines = tuple(
        f"{next(names)} = input_conversion({context.model.network[name].base_name}, bgr_to_rgb)"
        for name in order.inputs
    )
    said = " and ".join(f"`{line}`" for line in lines)
    question = (
        "Are the data in the wrong order of colours on the device as well? Then add "
        f"{said} instead of changing the data"
    )
    these = "this line" if len(lines) == 1 else "these lines"
    return (
        f"Reverse the channels of {data_of(context, order.inputs)} with `x[..., ::-1]`, or add "
        f"{these} to the model script if the camera delivers that order",
        Recommendation(lines, question, default=False),
    )
