"""What to try where the optimization did less than it could: to be measured, not believed."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.facts.optimization_levels import (
    RECOMMENDED_IMAGES,
    WITHOUT_GPU,
    calibration_line,
    with_gpu,
)
from utils.findings import Recommendation

_MEASURE = "measure both, since some networks lose at a higher level"


def images_at_hand(context: Context) -> int | None:
    """Number of samples in the data given; None without any."""
    return context.calibration.samples if context.calibration else None


def higher_level_in_words(context: Context, level: int, *, lacks_gpu: bool | None) -> str:
    """What to try, as clauses.

    Parameters
    ----------
    level : the level that ran.
    lacks_gpu : whether a GPU was missing; None where that is not known.
    """
    first, second = with_gpu(images_at_hand(context))
    clauses = []
    if lacks_gpu is not False and level < 1:
        clauses.append(
            f"without a GPU, where more images alone change nothing, add `{WITHOUT_GPU}` (bias "
            "correction, half an hour or more)"
        )
    if lacks_gpu:
        clauses.append(
            "if there is a GPU, it is taken only while less than 5 % of its memory is in use, or "
            "if CUDA_VISIBLE_DEVICES names it"
        )
    clauses += [
        f"with a GPU and fewer than {RECOMMENDED_IMAGES:,} images add `{first}` and `{second}`",
        _MEASURE,
    ]
    return "; ".join(clauses)


def higher_level(context: Context, level: int) -> Recommendation | None:
    """Lines to try after a question; None where a number in them is not known."""
    images = images_at_hand(context)
    if level < 1:
        return Recommendation(
            (WITHOUT_GPU,),
            "Optimize at level 1, which takes no GPU? Some networks lose by it: measure both.",
            default=False,
        )
    if images is None:
        return None
    return Recommendation(
        with_gpu(images),
        f"Finetune on the {images:,} images at level 2, which takes a GPU? Some networks lose by "
        "it: measure both.",
        default=False,
    )


def larger_calibration(images: int) -> Recommendation:
    """A line, after a question, that lets calibration see more of the images."""
    return Recommendation(
        (calibration_line(images),),
        f"Calibrate on {min(images, RECOMMENDED_IMAGES):,} images? It takes more memory and time.",
        default=False,
    )
