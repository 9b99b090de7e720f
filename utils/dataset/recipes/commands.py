"""Recipes for whole files: which array becomes that of which input, and after which steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from utils.dataset.facts import DatasetFacts
from utils.dataset.recipes.shell_line import array_line, arrays_line, literal
from utils.dataset.recipes.steps import Steps, statements
from utils.har.network import Layer


@dataclass(frozen=True)
class Taken:
    """What an input takes from a file.

    Parameters
    ----------
    name : of the array in an npz file; "" for the one of an npy file.
    steps : what is done to it.
    """

    name: str
    steps: Steps = ()


def command_for(
    path: str, taken: Mapping[str, Taken], *, is_pickled: bool = False, before: str = ""
) -> str:
    """A line that makes a file that fits from one that does not.

    Parameters
    ----------
    path : the file that was refused.
    taken : by the name that the array is to have; of one array an npy file is made.
    is_pickled : whether Python's objects have to be loaded.
    before : statement on which the steps of several arrays rest; the file is `f`.
    """
    opened = opening(path, is_pickled=is_pickled)
    if len(taken) == 1:
        (one,) = taken.values()
        return array_line(path, _reading(opened, one.name), statements(one.steps))
    variable = "f" if any(each.name for each in taken.values()) else "whole"
    arrays = {
        name: (_reading(variable, each.name), statements(each.steps))
        for name, each in taken.items()
    }
    return arrays_line(path, [f"{variable} = {opened}", *([before] if before else [])], arrays)


def exchange_command(facts: DatasetFacts, inputs: Sequence[Layer], pair: tuple[str, str]) -> str:
    """A line that exchanges the arrays of two inputs; "" where they lie in no npz file.

    Parameters
    ----------
    inputs : all of the network.
    pair : scoped names of the two.
    """
    names = {name: info.array for name, info in facts.inputs.items()}
    if not all(names.values()):
        return ""
    one, other = pair
    names[one], names[other] = names[other], names[one]
    new = array_names(inputs)
    return command_for(facts.path, {new[name]: Taken(array) for name, array in names.items()})


def opening(path: str, *, is_pickled: bool = False) -> str:
    """An expression that opens a file; parameters as above."""
    return f"np.load({literal(path)}{', allow_pickle=True' if is_pickled else ''})"


def _reading(opened: str, name: str) -> str:
    return f"{opened}[{literal(name)}]" if name else opened


def array_names(inputs: Sequence[Layer]) -> dict[str, str]:
    """The name that an array for an input is to have, by scoped name of the input.

    The name without scope, as far as no two inputs share it.
    """
    bases = [layer.base_name for layer in inputs]
    return {
        layer.name: layer.base_name if bases.count(layer.base_name) == 1 else layer.name
        for layer in inputs
    }
