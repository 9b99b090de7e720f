"""The quantized network beside what the chip gave for the same samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from utils.device_outputs.among_all import found_elsewhere
from utils.device_outputs.apart import is_constant
from utils.device_outputs.boxes import boxes_compared
from utils.device_outputs.comparing import Output, output_compared
from utils.device_outputs.dumped import Dump, Dumped
from utils.device_outputs.expected import Expected, expected_outputs
from utils.device_outputs.explaining import exact_input, exact_scale, explanation
from utils.device_outputs.layouts import CHANNELS_FIRST, other_count
from utils.device_outputs.matching import NO_FRAMES, Found, Frames, Matched, matched
from utils.device_outputs.names import OutputNames
from utils.device_outputs.nms.judging import Judged
from utils.device_outputs.of_floats import db_from_floats
from utils.device_outputs.order_seen import LATE, UNSEEN, order_reason
from utils.device_outputs.processed import Unmatched, processed
from utils.device_outputs.reading import read_dump
from utils.device_outputs.repetition import repetition
from utils.device_outputs.rerunning import Rerun
from utils.device_outputs.trials.changed_samples import input_facts
from utils.device_outputs.trials.pairs import Pairs
from utils.device_outputs.unexplained import notes_on_scales, rather_some_frames, unexplained
from utils.emulator.measuring.work import total_work
from utils.errors import DiagnosticError
from utils.har.model import Model
from utils.measurements.output_kind import WhatIsJudged
from utils.stages import Reason, StageRequest, Step
from utils.stages.runs import Samples, StageRun
from utils.wording import listed, plural, printable, tenths, without_scope

NEAR = "outputs decide alike and differ by no more than emulators differ from the chip"


@dataclass(frozen=True, eq=False)
class _Compared:
    """One dump beside the emulation.

    Parameters
    ----------
    outputs : those that were found in it.
    not_matched : outputs of the archive for which it has nothing.
    left_over : what matches nothing.
    boxes : what comes of lists of boxes; None where it holds none.
    """

    dump: Dump
    outputs: tuple[Output, ...]
    not_matched: tuple[str, ...]
    left_over: tuple[Dumped, ...]
    boxes: Judged | None = None

    @property
    def is_equal(self) -> bool:
        """Whether everything that was found is equal, or as near as emulators are."""
        found = [output.is_near for output in self.outputs]
        if self.boxes is not None:
            found.append(self.boxes.is_equal)
        return bool(found) and all(found)

    @property
    def are_near(self) -> bool:
        """Whether no output is farther off than emulators are, whatever it decides by that."""
        outputs = self.outputs
        return all(o.is_near for o in outputs) or all(o.apart.is_near for o in outputs)

    @property
    def pairs(self) -> Pairs:
        """What trials compare."""
        return tuple(output.pair for output in self.outputs)


def device_step(
    request: StageRequest,
    model: Model,
    quantized: StageRun,
    samples: Samples,
    judged: WhatIsJudged,
    floats: StageRun | None = None,
    work: float = math.inf,
) -> Step:
    """Compare the outputs of the chip with those of the quantized network.

    Parameters
    ----------
    request : names the dumps, and says which of the user's samples these are.
    floats : the float network, whose outputs are not taken for a chip's.
    work : what trials of faults of the input may take, in multiply-accumulates.

    Raises
    ------
    DiagnosticError : a dump cannot be read, or holds outputs of another number of samples, or of
        the float network.
    """
    outputs = expected_outputs(model, quantized, samples, judged)
    if not outputs:
        raise DiagnosticError(
            "the outputs of the chip cannot be compared, since no output of the archive can be "
            "emulated; run without --device-outputs"
        )
    names = OutputNames(outputs)
    frames = _frames(request)
    count = max(frames, default=outputs[0].samples)
    dumps = [read_dump(path, names, count) for path in request.device_outputs]
    compared = [_compared(dump, outputs, names, model, frames) for dump in dumps]
    _check_origin(compared, floats, samples)
    told = next((each for each in compared if not each.is_equal), compared[0])
    rerun = Rerun(
        samples,
        input_facts(model, quantized.network),
        partial(_outputs_of, quantized),
        total_work(quantized.network),
        work,
    )
    of_near = _of_what_is_near(told, rerun, request.positions)
    hidden = [reason for reason in of_near if reason.word != UNSEEN]
    is_equal = told.is_equal and not hidden
    reasons = rather_some_frames(_reasons(told, rerun), told.outputs, request.positions)
    reasons = (*reasons, *(of_near if is_equal else hidden))
    if not (reasons or is_equal or told.boxes) and request.positions:
        reasons = found_elsewhere(told.outputs, np.array(request.positions, np.int64))
    repeated = repetition([each.outputs for each in compared])
    # Where a fault of the code on the host explains one dump, the other may be without it.
    if not reasons or is_equal:
        reasons = (*reasons, *repeated.reasons)
    if not (reasons or is_equal or told.boxes):
        reasons = unexplained(told.outputs, request.positions)
    return Step(
        "quantized",
        "device",
        is_equal=is_equal and not repeated.is_apart,
        source=told.dump.path,
        outputs=tuple(output.match for output in told.outputs),
        parts_at=_first_apart(told, is_exact=bool(hidden)),
        reasons=(*reasons, *_of_unmatched(told, outputs, samples)),
        not_matched=() if told.boxes and told.boxes.is_compared else told.not_matched,
        left_over=tuple(printable(each.described) for each in told.left_over),
        notes=(*_notes(told, is_equal), *_on_scales(told, reasons)),
    )


def _frames(request: StageRequest) -> Frames:
    """Which frames belong to the samples, in a dump of everything that the user has."""
    if not request.positions:
        return NO_FRAMES
    return {request.samples_in_data: np.array(request.positions, np.int64)}


def _outputs_of(
    quantized: StageRun, samples: Samples, layers: Sequence[str]
) -> list[NDArray[np.float32]]:
    found = quantized.run(samples, layers)
    return [np.asarray(found[name], np.float32) for name in layers]


def _compared(
    dump: Dump,
    outputs: Sequence[Expected],
    names: OutputNames,
    model: Model,
    frames: Frames,
) -> _Compared:
    found = matched(dump, outputs, names, frames)
    boxes = None
    if not found.found:
        boxes = boxes_compared(found.left_over, outputs, model, frames)
    if boxes is None:
        _check_samples(dump, outputs, found, frames)
    left_over = () if boxes else found.left_over
    compared = tuple(output_compared(each) for each in found.found)
    return _Compared(dump, compared, found.not_matched, left_over, boxes)


def _check_samples(dump: Dump, outputs: Sequence[Expected], found: Matched, frames: Frames) -> None:
    """Refuse outputs of other samples than those that were run."""
    run = outputs[0].samples
    for output in outputs:
        for dumped in found.left_over if output.layer in found.not_matched else ():
            count = other_count(dumped, output.shape)
            if count and count != run and count not in frames:
                name = printable(dumped.name) or "an array"
                raise DiagnosticError(
                    f"{dump.path} holds outputs of {plural(count, 'sample')} ({name}), and "
                    f"-d holds {plural(max(frames, default=run), 'sample')}; give with -d the very "
                    "samples that the chip was given, in their order"
                )


def _check_origin(compared: Sequence[_Compared], floats: StageRun | None, samples: Samples) -> None:
    """Refuse outputs of the float network."""
    for each in compared:
        found = db_from_floats(each.outputs, floats, samples) if floats else None
        if found is not None:
            near = "in every digit" if math.isinf(found) else f"with an SNR of {tenths(found)} dB"
            raise DiagnosticError(
                f"{each.dump.path} holds what the float network computes, {near}, and no codes of "
                "a chip; keep the outputs that HailoRT gives on the device"
            )


def _reasons(told: _Compared, rerun: Rerun) -> tuple[Reason, ...]:
    """What explains the difference; of what is equal only how it lies."""
    if told.boxes is not None:
        return told.boxes.reasons
    found = list(_of_readings([output.found for output in told.outputs]))
    if not told.are_near:
        found.extend(explanation(told.pairs, rerun))
    return tuple(found)


def _of_what_is_near(told: _Compared, rerun: Rerun, positions: Sequence[int]) -> tuple[Reason, ...]:
    """What the tolerance for emulators would hide, and whether the order of frames shows."""
    if told.boxes is not None or not told.are_near:
        return ()
    order = order_reason(told.outputs, positions)
    if order is not None and order.word == LATE:
        return (order,)
    pairs = told.pairs
    is_all_equal = all(output.is_equal for output in told.outputs)
    hidden = () if is_all_equal else exact_input(pairs, rerun) or exact_scale(pairs)
    return hidden or ((order,) if order else ())


def _of_unmatched(
    told: _Compared, outputs: Sequence[Expected], samples: Samples
) -> tuple[Reason, ...]:
    """What the host made of outputs that were not found."""
    open_ = [output for output in outputs if output.layer in told.not_matched]
    return processed(Unmatched(open_, told.left_over, samples)) if told.left_over else ()


def _on_scales(told: _Compared, reasons: Sequence[Reason]) -> list[str]:
    return [] if reasons else notes_on_scales(told.outputs)


def _of_readings(found: Sequence[Found]) -> list[Reason]:
    """Faults that the way in which an array was read has undone already."""
    reasons: dict[str, Reason] = {}
    for each in found:
        layer, layout = each.expected.layer, each.reading.layout
        word, evidence = each.reading.undoes, layout or "the number of bytes tells it"
        if each.said_for:
            meant = without_scope(each.said_for)
            word, evidence = "outputs-exchanged", f"{without_scope(layer)} under that of {meant}"
        if layout.startswith(CHANNELS_FIRST):
            word = "transposed"
        if word:
            known = reasons.get(word, Reason(word, evidence))
            reasons[word] = Reason(word, known.evidence, layers=(*known.layers, layer))
    return list(reasons.values())


def _first_apart(told: _Compared, *, is_exact: bool) -> str:
    apart = [o for o in told.outputs if not (o.is_equal if is_exact else o.is_near)]
    apart = apart or list(told.outputs if is_exact else ())  # late by less than rounding does
    return apart[0].match.layer if apart else ""


def _notes(told: _Compared, is_equal: bool) -> list[str]:
    """Sentences on how the dump was read, and on what could not be compared."""
    notes = []
    if told.boxes is not None:
        notes.append(f"{told.boxes.note}.")
    coded = [without_scope(o.match.layer) for o in told.outputs if o.found.holds_codes]
    if coded:
        notes.append(f"Codes of {listed(coded, 3)} were read with the archive's scales.")
    loose = [o for o in told.outputs if o.is_near and not o.is_equal]
    if loose and is_equal:
        names = listed([without_scope(o.match.layer) for o in loose], 3)
        notes.append(f"At {names} {NEAR}.")
    by_order = [without_scope(o.match.layer) for o in told.outputs if o.match.by == "order"]
    if by_order:
        notes.append(f"Nothing but the order tells which array holds {listed(by_order, 3)}.")
    broken = [o for o in told.outputs if not np.isfinite(o.found.values).all()]
    if broken:
        names = listed([without_scope(output.match.layer) for output in broken], 3)
        notes.append(f"The dump holds values of {names} that are not finite.")
    for output in told.outputs:
        value = output.found.values.flat[0]
        if not output.is_near and is_constant(output.found.values):
            layer = without_scope(output.match.layer)
            notes.append(f"Every value of {layer} in the dump is {value + 0.0:.4g}.")
    if told.left_over:
        said = listed([printable(each.described) for each in told.left_over], 3)
        notes.append(f"Nothing in the network has the shape of {said}.")
    return notes
