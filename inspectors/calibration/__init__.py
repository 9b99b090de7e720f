"""The calibration set: whether it fits, is what it should be, and is enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.calibration.colour_differences import colour_differences
from inspectors.calibration.constant_channels import constant_channels
from inspectors.calibration.flat_samples import constant_samples, flat_samples
from inspectors.calibration.masks_among_pictures import masks_among_pictures
from inspectors.calibration.misfit import misfits
from inspectors.calibration.mixed_scales import mixed_scales
from inspectors.calibration.narrow_range import narrow_ranges
from inspectors.calibration.noise_images import noise_images
from inspectors.calibration.random_calibration import (
    NoiseTest,
    calibrated_on_constant,
    calibrated_on_noise,
)
from inspectors.calibration.repeated_samples import RepetitionLimits, repeated_samples
from inspectors.calibration.scrambled import scrambled_samples
from inspectors.calibration.sentinel_values import sentinel_values
from inspectors.calibration.set_size import too_few_samples
from inspectors.calibration.shared_arrays import shared_arrays
from inspectors.calibration.swapped_inputs import swapped_inputs
from inspectors.calibration.unchanging_inputs import unchanging_inputs
from inspectors.calibration.value_types import value_types
from inspectors.preparation.casts import flags_severity
from inspectors.preparation.noise import LEAST_OF_PICTURES
from utils.dataset.sample_digests import SampleDigests
from utils.dataset.stored_inputs import stored_input_statistics
from utils.facts.optimization_levels import DEFAULT_CALIBRATION_SIZE, RECOMMENDED_IMAGES
from utils.findings import Finding, NotChecked, Severity


class CalibrationInspector(BaseInspector):
    """Is the calibration set whole, of the right shape, real, varied and large enough?

    All ranges of a quantized network come from its calibration set, and most that goes wrong is
    in there: pictures with their axes swapped, copies to fill it up, blank frames, random
    numbers. This inspector looks at every sample that is measured, at least at the first 1,024 of
    the file, which is all that the compiler uses unless it is told to use more. Rules about
    pictures are silent unless an input is image-like: 1, 3 or 4 channels of at least 32 x 32 with
    at least 20 % of values other than 0 in samples that are not blank. Tables, sparse maps and
    tokens may repeat or be empty, so there these are infos at most. Without data it still judges
    what the archive stores of its own calibration.

    Data that were refused come before all else, each with the reason and, where anything mends
    them, with a line for a shell that writes the mended array beside the file. Nothing is measured
    until then.

    - `calibration-unreadable` (error): there is no such file or folder, nothing in it can be read
      as samples, or a file, picture or record is damaged or too large. Pass data that are whole. Of
      an npy file into which several arrays were saved, numpy.load reads the first alone: the line
      joins them.
    - `calibration-file-kind` (error): the file is something else than samples, as its content
      tells: a pointer of Git LFS, a pickle, raw frames, a packed or tabular file, a script, a
      network, a log, a video. Nothing of it is unpickled or run. The line that makes samples of it
      is given.
    - `calibration-shape` (error): samples do not have the shape of the input. The line moves, adds,
      removes and joins axes; of pictures it also leaves out an alpha channel, repeats or averages
      channels, converts frames of NV12 and resizes; for files of pictures there is `--resize`, and
      `resize.jpg` shows what each of its ways makes of some of them. Pictures with height and width
      exchanged are stretched, so they are resized, not transposed. Behind an `input_conversion` of
      the script the shape of either format is accepted.
    - `calibration-not-finite` (error): samples hold NaN, infinity, or values beyond 1e18. Repair
      them, or leave them out as the line does, if samples are left then. Until then nothing is
      measured.
    - `calibration-mixed-scales` (warning or error): samples of an input were scaled in two ways. Of
      pictures some end at 1 and others at 255, some at 255 or 1 and others at 65535. A warning for
      other data, where the largest values lie in two groups that are 100, 255, 257, 1000, 32768 or
      65535 times apart, within 10 %, with at least 3 samples in each. Prepare all samples alike:
      as the normalization on the chip takes them, else as most of them are.
    - `calibration-masks` (warning): at least 3 pictures, and 5 %, are masks, maps of classes or
      drawings: 90 % of their neighbours in a row are equal, and 97 % of their values are up to 24
      different ones, from 0 to 32 or 8 and more apart. Of most others, and at least 3, no more than
      50 % of the neighbours are equal. Leave the masks out.
    - `calibration-constant-sample` (info, warning or error): pictures whose values spread by less
      than 1/255 of the range of the data; a warning where they are 5 % at most, which change no
      range and may be dark scenes. An info for other samples whose values are all equal; a warning
      where they have the shape of pictures and are 25 % or more. Find out why they are empty, and
      leave them out.
    - `calibration-constant-input` (info or error): an input holds one value in all samples; an info
      where that is not 0 and no picture. Give it real pictures, or the values that it will see.
    - `calibration-constant-channel` (info or warning): single channels of an input hold one value
      in all samples, as alpha does where depth is meant; an info where it holds no pictures. Unless
      it was so in training, give it what the network will see.
    - `calibration-duplicates` (info, warning or error): more than 1 % of the samples, and at least
      3, are byte-identical copies of earlier ones, error above 10 % where fewer than 64 different
      ones remain; an info above 10 % where no input holds pictures. Blank frames do not count.
      Also an info if more than 50 % of the pictures look like an earlier one (8 x 8 differences of
      brightness differ in at most 3). A warning if one input holds the same picture in all
      samples, and another changes; an info if it holds no pictures. Take other samples instead.
    - `calibration-noise` (error): the median correlation of neighbouring pixels is below 0.3; sets
      of real pictures have 0.72 and more, random numbers 0. Speckled or raw pictures, whose means
      over 8 x 8 cells hang together, and noisy maps of 0.1 and more are none where calibration
      stored the like. Calibrate on real
      pictures, or only pass such where the archive stores that its calibration saw other data.
    - `calibration-too-few` (info, warning or error): the file holds fewer than 1,024 samples, for
      which the compiler lowers its optimization level; a warning below 64, on which it calibrates,
      an error for a single one. Add samples, or let calibration see all of them. Where the archive
      stores ends or means of other samples, calibration had more than these few: an info, and a
      warning for a single one, with which little can be measured. Below 8 no change of the network
      is tried.
    - `calibration-colour-space` (warning): pictures hold a brightness and two differences of
      colours, as YCbCr, YUV and Lab do, and neither a conversion of the script asks for them nor
      constants of a normalization, far smaller for channels 1 and 2. Read as YCbCr no more than 2 %
      of the pixels show no colour, and channels 1 and 2 lie around the middle, spread less than
      channel 0 and do not follow it. Convert them to RGB.
    - `calibration-narrow-range` (info): pictures of 8 bit use less than a quarter of the values
      that pixels can take, as at night. Add pictures of all conditions that the network will see.
    - `calibration-sentinel` (warning): a value other than 0 is held exactly by 0.1 % to 90 % of the
      values of an input, and the space between it and all others is empty and at least 1.5 times as
      wide as these. It stands for what was not measured, as 65.535 in depth maps, -999 in tables
      and a floor of -230 dB do, or is padding in another unit. The ranges have to reach it. Replace
      it in the data and on the device, and quantize again.
    - `calibration-dtype` (info or error): values are stored as int16, float64 or another type than
      uint8 and float, which gains nothing; an error for types that cannot be used, such as texts
      and pickled objects, of which the line makes numbers, and for integers that hold only 0 and 1
      where pictures belong: these were divided by 255 and then cast, as are those that hold only
      values next to 0 and 255, which were normalized; so were bytes of other inputs of which none
      is farther than 8 from 0 and 256. One channel of 0 and 1 is taken for a mask,
      unless the archive was calibrated on more; so are floats of 0 and 1. An error as well for
      pixels that began again at the other end of 8 bit, as sums of uint8 do, or became negative as
      int8: of the steps between neighbours more than 0.3 % are above 191, 2.5 times as many as
      are from 96 to 159, most of them not from end to end. Another one for pixels of 16 bit whose
      steps are 0.7 of their spread or more, and half as much or less with both bytes exchanged.
    - `calibration-input-names` (warning or error): the file holds no array for an input, or each
      array has the shape of another input. Where shapes tell which is which, the line names them.
      Of several arrays for a single input the only one of its shape is taken. A warning: the arrays
      of two inputs of one shape seem to be swapped, since each has the mean and spread that the
      archive stores for the other, or two inputs hold the same pictures. Name the arrays after
      their inputs.
    - `calibration-counts` (error): the inputs have different numbers of samples. The line cuts
      them, or repeats an array of one sample.
    - `calibration-scrambled` (warning or error): the shape is right, but neighbouring values are
      far more alike in another order: those of pictures that were reshaped instead of transposed
      from channels first, or axes of equal size that changed places. They correlate there by at
      least 0.6, and what they lack to 1 is at most 0.6 of what they lack as they are. Of a reshape
      the steps between neighbours have to be as large within a pixel as between pixels, within
      20 %, and two of the planes have to correlate by 0.5; so grey and padded pictures in order
      and raw frames of NV12 are none. An error for
      pictures. Also a warning if the data are right and the archive stores the statistics of
      such an order. Change the data with the line of numpy, and quantize again if the archive was
      calibrated on them.
    - `calibrated-on-noise` (error): the archive was calibrated on random numbers: what it stores of
      its inputs has, in at least 95 % of the channels, mean and variance of uniform random numbers
      between 0 and 1 within 4 standard errors, and their ends; for pictures also of those between 0
      and 255 or -1 and 1, of random pixels, and of normal random numbers; for small pictures of
      three channels, from 12 rows on, of those between 0 and 255. It needs no data.
      Quantize again on real samples.
    - `calibrated-on-constant` (error): the archive was calibrated on zeros, or on another single
      value, at an input for pictures or the only input. Quantize again on real samples.
    """

    PRIORITY = Priority.FIRST
    NEEDS = Need.SAMPLE_DIGESTS
    TELLS_REFUSALS = True

    FLAT_SHARE = 1 / 255  # of the range of the data: one grey level
    REPETITION = RepetitionLimits(
        warning=0.01,  # of the samples; public sets of pictures hold 0 to 2 % that look alike
        error=0.1,  # sets that were filled up with copies hold half and more
        enough=64,  # which the compiler calibrates on by default
        copies=3,  # one or two among a few dozen samples are an accident
        alike=0.5,  # of the pictures; an augmented public set has 0.65, others at most 0.02
        distance=3,  # of 64 bits
    )
    LOWEST_CORRELATION = LEAST_OF_PICTURES
    NARROW = 64.0  # grey levels between which as good as all pixels lie; a quarter of all
    NOISE = NoiseTest(
        samples=DEFAULT_CALIBRATION_SIZE,
        errors=4.0,  # pure chance passes them once in 16,000 channels
        share=0.95,  # of the channels
        edge=0.02,  # of the range; of 1,000 random numbers none lies nearer to an end once in 10^9
        tail=1.2,  # standard deviations; the extremes themselves have one of 0.3
        values=16,  # in a sample; one scaled feature in four looks uniform by chance
    )

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without data and without stored statistics there is nothing to judge."""
        if context.calibration or context.samples or context.data_error or _has_stored(context):
            return ""
        return NotChecked("the archive holds no statistics of its inputs", context.without_data)

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Yield what takes data, or statistics, that are not there."""
        if not _has_stored(context):
            yield "whether the archive was calibrated on noise, as it lacks input statistics"
        if context.calibration is None and context.samples is None:
            yield NotChecked("the samples themselves", context.without_data)
        elif context.samples is None:
            yield "the samples themselves, as they could not be read"
        elif context.calibration and context.samples.samples < context.calibration.samples:
            seen, number = context.samples.samples, context.calibration.samples
            yield f"the samples behind the first {seen:,} of {number:,}"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what keeps data from being used, then what they are and what is missing."""
        yield from misfits(context)
        yield from calibrated_on_noise(context, self.NOISE)
        yield from calibrated_on_constant(context)
        yield from scrambled_samples(context)
        yield from swapped_inputs(context)
        yield from value_types(context)
        if context.samples:
            yield from shared_arrays(context)
            yield from mixed_scales(context, context.samples)
            yield from masks_among_pictures(context)
            yield from colour_differences(context)
            yield from self._samples(context, context.samples)
            yield from sentinel_values(context, context.samples)
            yield from narrow_ranges(context.model.network, context.samples, self.NARROW)
        yield from too_few_samples(context, DEFAULT_CALIBRATION_SIZE, RECOMMENDED_IMAGES)

    def _samples(self, context: Context, digests: SampleDigests) -> Iterator[Finding]:
        network = context.model.network
        # What casting to integers has destroyed is blank and alike for that reason alone.
        judged = {
            name: seen
            for name, seen in digests.inputs.items()
            if name not in network or flags_severity(context, network[name]) is not Severity.ERROR
        }
        rest = replace(digests, inputs=judged)
        blank = self._blank(rest)
        yield from constant_samples(network, rest, self.FLAT_SHARE)
        yield from constant_channels(network, rest)
        yield from unchanging_inputs(network, rest)
        if len(judged) == len(digests.inputs):
            yield from repeated_samples(network, rest, blank, self.REPETITION)
        yield from noise_images(context, rest, blank, self.LOWEST_CORRELATION, self.NOISE)

    def _blank(self, digests: SampleDigests) -> NDArray[np.bool_]:
        """Samples with a blank picture, or with nothing but equal values at every input."""
        blank = np.zeros(digests.samples, dtype=bool)
        empty = np.full(digests.samples, bool(digests.inputs))
        for seen in digests.inputs.values():
            flat = flat_samples(seen, self.FLAT_SHARE)
            empty &= flat
            if seen.is_image_like:
                blank |= flat
        blank |= empty
        return blank


def _has_stored(context: Context) -> bool:
    inputs = context.model.network.input_layers
    return any(stored_input_statistics(context.model, layer) for layer in inputs)
