"""The shell line that quantizes a parsed archive.

Source: public scripts that call Hailo's Dataflow Compiler with these options. Whatever is not known
stands there in capitals, for the user to replace.
"""

from __future__ import annotations

import shlex

PARSED, DATASET, CHIP, SCRIPT = "PARSED.har", "CALIBSET.npy", "CHIP", "SCRIPT.alls"
CHANGED = "NEW_CALIBSET.npy"  # where the samples at hand are what is wrong
_STAND_FOR = {
    PARSED: "your archive as hailo parser saved it",
    CHIP: "your chip, such as hailo8",
    DATASET: "your calibration set",
    CHANGED: "the calibration set as this step makes it",
    SCRIPT: "your model script",
}


def optimize_command(
    har: str = PARSED, dataset: str = DATASET, chip: str = CHIP, script: str = ""
) -> str:
    """What to type.

    Parameters
    ----------
    har : the archive that the parser wrote.
    dataset : the calibration set.
    chip : for which the network is quantized.
    script : the model script; "" for none.
    """
    parts = ["hailo", "optimize", har, "--hw-arch", chip, "--calib-set-path", dataset]
    return shlex.join([*parts, *(["--model-script", script] if script else [])])


def stand_ins(command: str) -> str:
    """What the words in capitals stand for, as a clause; "" for a line without any."""
    words = command.split()
    return ", ".join(f"{word} is {meant}" for word, meant in _STAND_FOR.items() if word in words)
