"""Whether the data given are those that the archive was quantized with."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.calibration.identity import explained_otherwise
from inspectors.calibration.unlike import unlike_finding
from inspectors.preparation.bars import bars_not_calibrated, of_bars
from inspectors.preparation.difference import calibrated_samples
from inspectors.preparation.judged import Prepared, prepared_inputs
from utils.dataset.stored_inputs import stored_input_statistics
from utils.findings import Finding, NotChecked


class DatasetIdentityInspector(BaseInspector):
    """Are the data given those that the archive was quantized with, or of their kind?

    Every verdict that rests on data is about the data given. If these are of another kind than
    those of calibration, either the wrong file was passed, or the archive was calibrated on the
    wrong one; both have to be known first. An archive stores minimum, maximum and mean of every
    channel of its inputs, from 64 samples unless `calibset_size` says otherwise. Of any other 64
    samples of the same kind some lie outside, by chance; so values count only where they
    leave the range of their channel by more than 2 % of it, and in more samples than chance
    explains. A mean counts as off if it differs by more than 6 standard errors and by more than a
    quarter of the standard deviation. It looks at the samples that are measured, at least at
    the first 1,024 of the file. Inputs whose arrays are swapped, that hold 0 and 1 where pictures
    belong, noise, or values in another order, or whose data are normalized twice, are left to the
    inspector that says so.

    What differs is explained, if it can be: usual preparations are taken back one by one (scales of
    pixels, of 10, 12 and 16 bit, of percent, millimetres, degrees and g, temperatures, Hounsfield
    units, ranges around 0, black and white of letters and digits, the constants of ImageNet, Caffe
    and the model script, each also with red and blue exchanged), and the samples are compared
    again. What then comes within a distance of 0.5 is named, the simplest of those that sampling
    cannot tell apart. The distance adds the largest difference of the standard deviations, as a
    logarithm, the largest of the means, in standard deviations, and ten times the share of values
    outside. A single factor is named only if the standard deviations have the same ratio within 3
    to 10 %, as sampling explains, or if nothing is negative and the largest values do within 10 %.
    Otherwise the measured ratio is told, and no line of numpy.

    What is no single step for all channels is looked for as well, but not in pictures: two channels
    or more that are as many times as large as a unit says, within 10 %, while the others are as
    before; channels whose mean lies 1.5 standard deviations or more on the other side of 0, and
    that fit with the opposite sign; another order, in which every channel has its mean and its
    spread again; features of about 0 to 1 where calibration saw mean 0 and standard deviation 1, or
    the reverse; power or amplitude where calibration saw decibels. Of pictures it is told if
    calibration saw equal channels, and these are coloured, or the reverse, and if one side is in
    YCbCr, YUV, HSV or Lab as OpenCV writes them, and the other in RGB: once that is undone the
    distance has to be at most 0.3, and smaller by 0.5.

    - `dataset-differs` (info, warning or error): more than 0.1 % of the values of an input lie
      outside the stored ranges of their channels, error above 10 %, an info below 2 % that reach no
      farther than a quarter of the stored width, while it is measured that all outputs stay; or the
      means of more than 20 % of the channels are off, or the values spread 10 times more or less, a
      warning; or pictures lean towards blue as far as those of the calibration towards red, within
      3 standard errors and by more than 5 apart, and fit with both exchanged; or pictures lie
      between bars of one colour, 5 % of them or more, and spread as those of the calibration only
      without the bars. An error as well if a preparation explains it, a colour space, or another
      unit, order or scaling of channels, but no exchange of red and blue: change the data with the
      line of numpy. If none does, the data are others, or were prepared in a way that was not
      tried: quantize again on them if the network will see data like these; if not, pass the set
      that it was quantized with, prepared in the same way. Where the first samples of the file have
      the very ends that the archive stores, it was calibrated on these, and the file is sorted:
      shuffle it, or let calibration see all of it.
      Where calibration saw a few values far from all others, such as -999, quantize again on these
      data; also where these are the pixels that the chip normalizes, and it saw far darker ones,
      though a usual scale has the same ratio, or values far beyond. Which of the two is as in
      training is told where channels behind relu show it, more than 10 % of a layer: if they slept
      in calibration and fire on these data, quantize again on these; if it is the other way round
      and the scales differ, change the data.
    """

    PRIORITY = Priority.FIRST
    NEEDS = Need.SAMPLE_DIGESTS | Need.PREACTIVATION_STATISTICS

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without data, or without anything to compare them with, there is nothing to say."""
        inputs = context.model.network.input_layers
        if not any(stored_input_statistics(context.model, layer) for layer in inputs):
            return "the archive holds no statistics of its inputs to compare data with"
        if context.samples is None:
            return NotChecked(
                "there are no data to compare with the archive's own", context.without_data
            )
        return ""

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Yield inputs that cannot be compared, or of which another finding tells why."""
        for name, finding_id in context.known(explained_otherwise).items():
            yield f"whether the data of {name} are of another kind, as {finding_id} explains them"
        for layer in context.model.network.input_layers:
            seen = context.samples.inputs.get(layer.name) if context.samples else None
            if seen is None or seen.outside is None:
                yield (
                    f"whether the data of {layer.name} are of another kind, as the archive holds "
                    "no statistics that fit them"
                )

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield one finding for each input."""
        samples = context.samples.samples if context.samples else 0
        explained = context.known(explained_otherwise)
        for name, found in context.known(prepared_inputs).items():
            if name in explained:
                continue
            if bars := _bars_around(context, found):
                yield bars
            elif found.difference is not None:
                yield unlike_finding(context, found, found.difference, samples)


def _bars_around(context: Context, found: Prepared) -> Finding | None:
    """That pictures lie between bars, where nothing else explains how they differ."""
    fault = found.difference.fault if found.difference else None
    stored = stored_input_statistics(context.model, found.layer)
    if found.recipe or found.ratio or fault or stored is None or context.samples is None:
        return None
    calibrated = calibrated_samples(context)
    bars = bars_not_calibrated(context.samples, found.layer.name, stored, calibrated)
    seen = context.samples.inputs[found.layer.name].statistics
    return of_bars(found.layer, bars, seen, stored) if bars else None
