"""The states of an archive, from parsed to compiled."""

from __future__ import annotations

from utils.errors import ArchiveError, NotQuantizedError
from utils.facts.optimize_command import CHIP, DATASET, optimize_command
from utils.har.archive import Archive

QUANTIZED_STATES = ("quantized_model", "compiled_model")
PARSED_STATE = "hailo_model"
UNQUANTIZED_STATES = (PARSED_STATE, "fp_optimized_model")


def check_quantized(archive: Archive, dataset: str = DATASET) -> None:
    """Refuse an archive that holds no integers.

    Parameters
    ----------
    dataset : the calibration set, for the command that quantizes it.

    Raises
    ------
    NotQuantizedError : it is in a state before quantization.
    ArchiveError : its state is unknown, or members are missing that such an archive has.
    """
    state = archive.metadata["state"]
    if state in UNQUANTIZED_STATES:
        raise NotQuantizedError(
            f"{archive.path}: Model is not quantized (state {state})",
            "Quantize it with this command, or in Python by runner.optimize(...) and "
            "runner.save_har(path), and pass the archive that comes out; or add --reference MODEL "
            "and -d to compare its float network with the original model.",
            (_optimize_command(archive, dataset),),
        )
    if state not in QUANTIZED_STATES:
        raise ArchiveError(
            f"{archive.path}: unknown state {state!r}; known are "
            f"{', '.join((*UNQUANTIZED_STATES, *QUANTIZED_STATES))}"
        )
    for key in ("fp_hn", "params_fp_opt", "params_translated"):
        if key not in archive.metadata:
            raise ArchiveError(
                f"{archive.path}: a quantized archive needs a member for {key!r}, "
                "but metadata.json names none; save it again with runner.save_har(path)"
            )


def _optimize_command(archive: Archive, dataset: str) -> str:
    chip = archive.metadata.get("hw_arch")
    known = chip if isinstance(chip, str) and chip else CHIP
    return optimize_command(archive.path, dataset, known)
