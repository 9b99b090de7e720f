"""The arrays of an npz file, one for each input; where names do not tell, shapes may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from utils.dataset.arrays import NpzMember, StoredArray, npz_headers, npz_members, open_npz_member
from utils.dataset.facts import NAMES_LISTED
from utils.dataset.headers import ArrayHeader, UnusableValuesError
from utils.dataset.input_names import accepted_names, match_names, pairings_by_shape
from utils.dataset.recipes.commands import Taken, array_names, command_for
from utils.dataset.recipes.fitting import fitting_steps
from utils.dataset.recipes.member_stack import stacked_members
from utils.dataset.recipes.steps import Kind, Step, Steps, in_words
from utils.dataset.refusals import as_remedy, shape_refusal
from utils.dataset.unusable_values import values_refusal
from utils.errors import DatasetError
from utils.har.network import Layer, Shape
from utils.wording import listed, without_scope

Found = tuple[dict[str, tuple[str, StoredArray]], tuple[str, ...]]


def npz_arrays(path: str, inputs: Sequence[Layer], converted: Mapping[str, Shape]) -> Found:
    """Array of each input with its name in the file, and what was ignored.

    Names decide. Where a network has one input, and none of several arrays is named after it, the
    only one of the input's shape is taken. Several inputs take no array by its shape: the compiler
    finds them by their names, so these have to be mended.

    Raises
    ------
    DatasetError : the file cannot be read, or lacks the array of an input.
    """
    members = npz_members(path)
    if not members:
        raise DatasetError(
            "The data file holds no arrays",
            evidence=path,
            remedy="Save the arrays of the inputs with numpy.savez.",
        )
    matched = match_names(tuple(members), inputs)
    notes = _renamed_notes(path, matched, inputs)
    if len(matched) < len(inputs):
        headers = npz_headers(path, members)
        if len(inputs) > 1:
            raise _missing_refusal(path, inputs, matched, members, headers)
        name = _only_fitting(path, inputs[0], members, headers, converted)
        matched = {inputs[0].name: name}
        notes = (f"{path}: took {name}, the only array of the input's shape",)
    ignored = [name for name in members if name not in matched.values()]
    if ignored:
        notes = (*notes, f"{path}: ignored {_listed(ignored)}, as no input takes it")
    return {
        layer.name: (matched[layer.name], _opened(path, inputs, matched, members, layer))
        for layer in inputs
    }, notes


def _opened(
    path: str,
    inputs: Sequence[Layer],
    matched: Mapping[str, str],
    members: Mapping[str, str],
    layer: Layer,
) -> NpzMember:
    try:
        return open_npz_member(path, members[matched[layer.name]])
    except UnusableValuesError as error:
        raise values_refusal(path, error, inputs, matched, layer.name) from error


def _renamed_notes(
    path: str, matched: Mapping[str, str], inputs: Sequence[Layer]
) -> tuple[str, ...]:
    """What was taken although its scope is of another network."""
    if len(inputs) == len(matched) == 1:
        return ()
    other = {
        name: own
        for name, own in matched.items()
        if name != own and own != without_scope(own) == without_scope(name)
    }
    taken = [f"{own} for {name}" for name, own in other.items()]
    return (f"{path}: took {_listed(taken)}",) if taken else ()


def _only_fitting(
    path: str,
    layer: Layer,
    members: Mapping[str, str],
    headers: Mapping[str, ArrayHeader],
    converted: Mapping[str, Shape],
) -> str:
    """The one array that fits the only input as it is.

    Raises
    ------
    DatasetError : there is none, or more than one.
    """
    shapes = (layer.output_shape, converted.get(layer.name))
    fitting = {name: header for name, header in headers.items() if header.shape[1:] in shapes}
    if len(fitting) == 1:
        return next(iter(fitting))
    evidence = f"{path} holds {_listed(members)}; missing: {layer.name}"
    if fitting:
        largest = max(fitting, key=lambda name: fitting[name].shape[0])
        raise _names_refusal(
            "Several arrays of the file fit the network's only input",
            f"{path} holds {_listed(fitting)}",
            as_remedy(in_words((Step(Kind.TAKE_ARRAY, of=(largest,)),)), ""),
            command_for(path, {"": Taken(largest)}),
        )
    if stack := stacked_members(path, headers, layer.output_shape):
        steps, command = stack
        raise _names_refusal(
            "The data file holds an array for each sample, not one of all samples",
            evidence,
            as_remedy(in_words(steps), ""),
            command,
        )
    mendable = [name for name in headers if fitting_steps(headers[name], layer.output_shape)]
    if len(mendable) == 1:
        arrays = {layer.name: headers[mendable[0]]}
        raise shape_refusal(path, [layer], {layer.name: mendable[0]}, arrays)
    raise _lacking(path, [layer], {}, members, headers)


def _missing_refusal(
    path: str,
    inputs: Sequence[Layer],
    matched: Mapping[str, str],
    members: Mapping[str, str],
    headers: Mapping[str, ArrayHeader],
) -> DatasetError:
    """Inputs without an array: other arrays may be theirs, as shapes tell."""
    missing = [layer for layer in inputs if layer.name not in matched]
    free = {name: header for name, header in headers.items() if name not in matched.values()}
    pairings = pairings_by_shape(free, missing)
    if not pairings:
        return _lacking(path, inputs, matched, members, headers)
    pairs = {**matched, **pairings[0]}
    steps: dict[str, Steps] = {
        layer.name: fitting_steps(headers[pairs[layer.name]], layer.output_shape) or ()
        for layer in inputs
        if pairs[layer.name] in headers
    }
    doubt = (
        " (check the order, as their shapes do not tell which is which)"
        if len(pairings) > 1
        else ""
    )
    new = array_names(inputs)
    order = ", ".join(f"{pairs[layer.name]} as {new[layer.name]}" for layer in inputs)
    return _names_refusal(
        "The arrays of the file are not named after the inputs",
        f"{path} holds {_listed(members)}; missing: {_listed(layer.name for layer in missing)}",
        as_remedy(in_words((Step(Kind.NAME_ARRAYS, remark=f": {order}{doubt}"),)), ""),
        command_for(
            path,
            {
                new[layer.name]: Taken(pairs[layer.name], steps.get(layer.name, ()))
                for layer in inputs
            },
        ),
        missing,
    )


def _lacking(
    path: str,
    inputs: Sequence[Layer],
    matched: Mapping[str, str],
    members: Mapping[str, str],
    headers: Mapping[str, ArrayHeader],
) -> DatasetError:
    """Inputs for which the file holds nothing that could be theirs."""
    missing = [layer for layer in inputs if layer.name not in matched]
    held = [f"{name} {headers[name].shape}" if name in headers else name for name in members]
    wanted = [f"{accepted_names(layer)} with samples {layer.output_shape}" for layer in missing]
    return _names_refusal(
        "The data file lacks the array of an input",
        f"{path} holds {_listed(held)}; missing: {_listed(layer.name for layer in missing)}",
        f"Add an array named {_listed(wanted)} to the file.",
        "",
        missing,
    )


def _names_refusal(
    headline: str, evidence: str, remedy: str, command: str, missing: Sequence[Layer] = ()
) -> DatasetError:
    inputs = tuple(layer.name for layer in missing)
    return DatasetError(
        headline, "calibration-input-names", evidence, remedy, command, inputs=inputs
    )


def _listed(names: Iterable[object]) -> str:
    return listed([str(name) for name in names], NAMES_LISTED)
