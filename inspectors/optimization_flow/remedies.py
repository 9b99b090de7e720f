"""What to try where the optimization did less than it could: to be measured, not believed."""

from __future__ import annotations

from inspectors.base_inspector import Context
from inspectors.bias_correction import how_to_correct, is_in_vain, lines, tried_lines
from utils.facts.optimization_levels import (
    DEFAULT_LEVEL,
    RECOMMENDED_IMAGES,
    calibration_line,
    with_gpu,
)
from utils.findings import Recommendation
from utils.model_script.calibration_size import requested_calibration_size

MORE_IMAGES = (
    f"Optimize again on at least {RECOMMENDED_IMAGES:,} samples, or finetune at level 2 on a "
    "machine with a GPU."
)
NOTHING_TO_GAIN = (
    "On these data the outputs lose next to nothing, so a higher level has little to gain."
)
SEE_ALL = ", and let calibration see all of them with this line"
CALIBRATE_ON_MORE = (
    "Raise calibset_size with this line if your samples differ much, and quantize again."
)


def images_at_hand(context: Context) -> int | None:
    """Number of samples in the data given; None without any."""
    return context.calibration.samples if context.calibration else None


def look_in_the_log(context: Context) -> str:
    """To find the reason, where no line is known to help."""
    give = "" if context.dfc_logs else ", or pass the log with --dfc-log,"
    return f"Look for the reason in the log of the run{give} and optimize again."


def remedy_for(context: Context, level: int) -> str:
    """What the lines of `higher_level` are for, in one sentence; "" where there are none."""
    if level < 1:
        return MORE_IMAGES if is_in_vain(context) else how_to_correct(context)
    if higher_level(context, level) is not None:
        return (
            "Quantize again at level 2 with these lines on a machine with a GPU, and compare the "
            "accuracy."
        )
    return ""


def higher_level(context: Context, level: int) -> Recommendation | None:
    """Lines to try after a question.

    None where a number in them is not known, where the level ran that they ask for, where the
    script asks for it already, or where a trial has shown that it gains nothing.
    """
    images = images_at_hand(context)
    if level < 1:
        own = lines(context)
        if not own or is_in_vain(context):
            return None
        return tried_lines(context) or Recommendation(
            own,
            "Optimize at level 1, which needs no GPU? Some networks lose by it: measure both.",
            default=False,
        )
    if images is None or level >= DEFAULT_LEVEL:
        return None
    return Recommendation(
        with_gpu(images),
        f"Finetune on the {images:,} samples at level 2, which needs a GPU? Some networks lose by "
        "it: measure both.",
        default=False,
    )


def larger_calibration(images: int) -> Recommendation:
    """A line, after a question, that lets calibration see more of the images."""
    return Recommendation(
        (calibration_line(images),),
        f"Calibrate on {min(images, RECOMMENDED_IMAGES):,} samples? It takes more memory and time.",
        default=False,
    )


def calibrated_again(context: Context, remedy: str) -> tuple[str, Recommendation | None]:
    """To calibrate again, and the line without which the compiler sees but a part of the samples.

    Parameters
    ----------
    remedy : one sentence that asks for a calibration on samples such as those at hand.
    """
    images = images_at_hand(context)
    if images is None or images <= requested_calibration_size(context.script):
        return remedy, None
    return f"{remedy.removesuffix('.')}{SEE_ALL}.", larger_calibration(images)
