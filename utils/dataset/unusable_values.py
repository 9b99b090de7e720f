"""Why values that are no numbers are refused, and the line that makes numbers of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from utils.dataset.headers import UnusableValuesError
from utils.dataset.recipes.commands import Taken, array_names, command_for
from utils.dataset.recipes.shell_line import dictionary_line
from utils.dataset.recipes.steps import Kind, Step, in_words
from utils.dataset.recipes.values import Values, number_steps
from utils.dataset.refusals import PASS_AGAIN, as_remedy
from utils.errors import DatasetError
from utils.har.network import Layer

# Pickled objects can run code of their own; the tool itself never loads them.
TRUST = "run this only on a file that you made yourself, as loading pickled objects can run code"


def values_refusal(
    path: str,
    error: UnusableValuesError,
    inputs: Sequence[Layer],
    names: Mapping[str, str] | None = None,
    concerned: str = "",
) -> DatasetError:
    """The error once more, with what mends it.

    Parameters
    ----------
    names : array in an npz file by scoped name of the input; None for an npy file.
    concerned : the input whose array it is, in an npz file.
    """
    is_pickled = error.dtype.hasobject
    if is_pickled and not error.shape and names is None:
        step = Step(Kind.UNPACK_DICTIONARY)
        return _refusal(error, as_remedy(in_words((step,)), TRUST), dictionary_line(path))
    takers = [layer for layer in inputs if concerned in ("", layer.name)]
    steps = number_steps(Values(error.shape, error.dtype, error.first), takers)
    if steps is None:
        return _refusal(error, error.remedy, "", concerned)
    new = array_names(inputs)
    if names is None:
        taken = {"": Taken("", steps)}
    else:
        taken = {
            new[name]: Taken(own, steps if name == concerned else ()) for name, own in names.items()
        }
    which = f"for {concerned} " if concerned and len(inputs) > 1 else ""
    return _refusal(
        error,
        as_remedy(f"{which}{in_words(steps)}", TRUST if is_pickled else PASS_AGAIN),
        command_for(path, taken, is_pickled=is_pickled),
        concerned,
    )


def _refusal(
    error: UnusableValuesError, remedy: str, command: str, concerned: str = ""
) -> DatasetError:
    inputs = (concerned,) if concerned else ()
    return DatasetError(
        error.headline, error.finding_id, error.evidence, remedy, command, inputs=inputs
    )
