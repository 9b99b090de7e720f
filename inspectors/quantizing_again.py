"""The line that quantizes the network of an archive once more."""

from __future__ import annotations

from inspectors.base_inspector import Context
from utils.facts.optimize_command import CHIP, DATASET, SCRIPT, optimize_command
from utils.wording import printable

ON_THESE = "Quantize again on these data if the network will see such data."


def given_set(context: Context, other: str = DATASET) -> str:
    """The calibration set that was given, as the compiler takes it; else a placeholder.

    Parameters
    ----------
    other : the placeholder.
    """
    return (context.calibration.for_compiler if context.calibration else "") or other


def quantize_again(context: Context, dataset: str = DATASET) -> str:
    """What to type in a shell.

    An archive does not tell the name of the parsed one that it was made from, nor where its model
    script lies; the line has placeholders for these.

    Parameters
    ----------
    dataset : the calibration set, where it is known to be a right one.
    """
    chip = context.target or context.model.hw_arch or CHIP
    has_script = bool((context.model.script_text or "").strip())
    return optimize_command(
        dataset=printable(dataset), chip=printable(chip), script=SCRIPT if has_script else ""
    )
