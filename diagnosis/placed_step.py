"""The next step beside the model script: which of its lines already say something else."""

from __future__ import annotations

from dataclasses import replace

from utils.causes import NextStep
from utils.har.network import Network
from utils.model_script import ModelScript
from utils.model_script.set_otherwise import lines_set_otherwise
from utils.wording import listed


def placed(step: NextStep | None, script: ModelScript | None, network: Network) -> NextStep | None:
    """A step whose lines the script contradicts, with where that is to be changed.

    Beside a line that sets the same otherwise, a new one would be a contradiction.
    """
    if step is None or not step.is_script:
        return step
    lines = lines_set_otherwise(script, step.commands, network)
    if not lines or " of the model script" in step.text:
        return step
    one = len(lines) == 1
    numbers = listed([str(line) for line in lines])
    there = f"Line{'' if one else 's'} {numbers} of the model script set{'s' if one else ''} this"
    return replace(step, text=f"{step.text} {there} otherwise: change it there.")
