"""Sentences on what differs between the archives and the data of two runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from utils.baseline.run_facts import LayerFacts, Range, RunFacts
from utils.tool import NAME
from utils.wording import listed, plural, printable, without_scope

# Of the wider range; calibration on other samples of the same kind moves bounds further.
NOTICEABLE_RANGE = 0.01
LONGEST_STATEMENT = 100  # characters of a statement that are shown in a sentence
Pairs = Mapping[str, tuple[LayerFacts, LayerFacts]]


def differences(
    before: RunFacts,
    now: RunFacts,
    script: tuple[tuple[str, ...], tuple[str, ...]],
    names: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """What differs, the most telling first.

    Parameters
    ----------
    before : with the names that its layers have today.
    script : statements of the archives' own model scripts that were added and removed.
    names : those of today by the names in the earlier run, of the layers that were renamed.
    """
    pairs = _pairs(before, now)
    sentences = (
        *_precision(pairs),
        *_script(*script),
        *_levels(before, now),
        *_weights(pairs),
        *_ranges(pairs),
        *_graph(before, now),
        *_names(names or {}, before, now),
        *_target(before, now),
        *_data(before, now, pairs),
        *_tools(before, now),
    )
    return tuple(map(printable, sentences))


def _precision(pairs: Pairs) -> Iterator[str]:
    changed: dict[tuple[str, str], list[str]] = {}
    for name, (was, is_now) in pairs.items():
        if was.precision_mode != is_now.precision_mode:
            modes = was.precision_mode or "no mode", is_now.precision_mode or "no mode"
            changed.setdefault(modes, []).append(name)
    for (was_mode, mode), names in changed.items():
        count = plural(len(names), "layer")
        yield f"Precision: {count} went from {was_mode} to {mode}: {listed(names, 3)}"


def _script(added: tuple[str, ...], removed: tuple[str, ...]) -> Iterator[str]:
    for what, statements in (("added", added), ("removed", removed)):
        if statements:
            shown = listed([_shortened(text) for text in statements], 3)
            yield f"Model script: {plural(len(statements), 'statement')} {what}: {shown}"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_STATEMENT else f"{text[: LONGEST_STATEMENT - 3]}..."


def _levels(before: RunFacts, now: RunFacts) -> Iterator[str]:
    was, is_now = before.model, now.model
    yield from _moved("Optimization level", was.optimization_level, is_now.optimization_level)
    yield from _moved("Compression level", was.compression_level, is_now.compression_level)


def _moved(what: str, was: object, is_now: object) -> Iterator[str]:
    if was != is_now:
        yield f"{what}: {_known(is_now)}, before {_known(was)}"


def _known(value: object) -> str:
    return "not recorded" if value in (None, "") else str(value)


def _weights(pairs: Pairs) -> Iterator[str]:
    known = {n: (a.weights, b.weights) for n, (a, b) in pairs.items() if a.weights and b.weights}
    others = [name for name, (was, is_now) in known.items() if was != is_now]
    if others:
        yield (
            f"Float weights: they differ at {len(others)} of {plural(len(known), 'layer')} "
            f"({listed(others, 3)}): trained on, or changed before quantization"
        )


def _ranges(pairs: Pairs) -> Iterator[str]:
    known = {
        name: (was.calibrated_range, is_now.calibrated_range)
        for name, (was, is_now) in pairs.items()
        if was.calibrated_range and is_now.calibrated_range
    }
    moved = {name: ranges for name, ranges in known.items() if _shift(*ranges) > NOTICEABLE_RANGE}
    if not moved:
        return
    farthest = max(moved, key=lambda name: _shift(*moved[name]))
    was, is_now = moved[farthest]
    yield (
        f"Calibrated ranges: they differ at {len(moved)} of {plural(len(known), 'layer')}, most at "
        f"{farthest}: {_span(is_now)}, before {_span(was)}"
    )


def _shift(was: Range | None, is_now: Range | None) -> float:
    """How far the bounds moved, as a share of the wider range."""
    if was is None or is_now is None:
        return 0.0
    width = max(was[1] - was[0], is_now[1] - is_now[0])
    moved = max(abs(was[0] - is_now[0]), abs(was[1] - is_now[1]))
    return moved / width if width > 0 and math.isfinite(width) else 0.0


def _span(bounds: Range) -> str:
    return f"{bounds[0]:.4g} to {bounds[1]:.4g}"


def _graph(before: RunFacts, now: RunFacts) -> Iterator[str]:
    for run, other, when in ((now, before, "this"), (before, now, "the earlier")):
        alone = [name for name in run.layers if name not in other.layers]
        if alone:
            yield f"Graph: only {when} archive has {listed(alone, 3)}"


def _names(names: Mapping[str, str], before: RunFacts, now: RunFacts) -> Iterator[str]:
    if before.model.name != now.model.name:
        yield f"Network: {now.model.name}, before {before.model.name}"
    renamed = {
        without_scope(was): without_scope(name) for was, name in names.items() if name in now.layers
    }
    shown = [f"{name} was {was}" for was, name in renamed.items() if name != was]
    if shown:
        count = plural(len(shown), "layer")
        yield f"Layer names: {count} had other names: {listed(shown, 3)}"


def _target(before: RunFacts, now: RunFacts) -> Iterator[str]:
    yield from _moved("Dataflow Compiler", before.model.sdk_version, now.model.sdk_version)
    yield from _moved("Chip", before.model.hw_arch, now.model.hw_arch)


def _data(before: RunFacts, now: RunFacts, pairs: Pairs) -> Iterator[str]:
    if before.data != now.data:
        yield f"Data: {_data_in_words(now)}, before {_data_in_words(before)}"
    for name, was, is_now in _other_values(pairs):
        yield f"Data at {name}: {_values(is_now)}, before {_values(was)}"


def has_other_data(before: RunFacts, now: RunFacts) -> bool:
    """Whether the samples of both runs differ: in their values, or in how many were used.

    Then an SNR may have moved although nothing was quantized anew.
    """
    if before.data is None or now.data is None:
        return False
    return before.data.used != now.data.used or any(_other_values(_pairs(before, now)))


def _pairs(before: RunFacts, now: RunFacts) -> Pairs:
    """Every layer that both runs have, as it was and as it is now."""
    return {n: (before.layers[n], now.layers[n]) for n in now.layers if n in before.layers}


def _other_values(pairs: Pairs) -> Iterator[tuple[str, LayerFacts, LayerFacts]]:
    """Inputs whose samples have another range or mean."""
    for name, (was, is_now) in pairs.items():
        if is_now.type != "input_layer" or was.output is None or is_now.output is None:
            continue
        shifts = _shift(was.output, is_now.output), _shift_of_mean(was, is_now)
        if max(shifts) > NOTICEABLE_RANGE:
            yield name, was, is_now


def _data_in_words(run: RunFacts) -> str:
    data = run.data
    return f"{data.path} ({data.used:,} of {data.samples:,} samples)" if data else "none"


def _shift_of_mean(was: LayerFacts, is_now: LayerFacts) -> float:
    if was.mean is None or is_now.mean is None or was.output is None:
        return 0.0
    width = was.output[1] - was.output[0]
    return abs(was.mean - is_now.mean) / width if width > 0 and math.isfinite(width) else 0.0


def _values(layer: LayerFacts) -> str:
    span = _span(layer.output) if layer.output else "not measured"
    return span if layer.mean is None else f"{span} (mean {layer.mean:.4g})"


def _tools(before: RunFacts, now: RunFacts) -> Iterator[str]:
    if before.backend != now.backend:
        yield f"Emulated by: {now.backend}, before {before.backend}"
    if before.tool_version != now.tool_version:
        yield f"{NAME}: {now.tool_version}, before {before.tool_version}"
