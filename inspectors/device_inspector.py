"""What the chip gave, beside what the quantized network computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from inspectors.base_inspector import BaseInspector, Context, NotChecked, Priority
from inspectors.device_reasons import (
    EQUAL,
    MISSING,
    PROCESSED,
    REASONS,
    UNKNOWN,
)
from utils.findings import Finding, Severity
from utils.stages import Match, Reason, Step
from utils.wording import as_clause, itemized, listed, plural, printable, without_scope

# More would hide what is said beside them.
MOST_OUTPUTS, MOST_FACTS = 2, 5
# Whether frames lie beside their samples is not known, although they are near.
UNSEEN = "order-unseen"
# What is known where no trial says why.
KNOWN = (
    "own-scales",
    "like-samples",
    "some-equal",
    "frames-alike",
    "some-frames-equal",
    "output-empty",
    UNSEEN,
)


class DeviceInspector(BaseInspector):
    """Does the chip compute what was quantized?

    Outputs that a user kept on the device are held against the archive's own integers, run on the
    same samples: decisions first, as for quantization, then the codes. Where they differ, known
    faults of code on a host are undone one after the other, and one is named where that makes
    both equal, or takes away most of the difference.

    Reasons about values: `codes-as-numbers`, codes without scale and zero point; `other-scale`,
    those of another output or archive; `scale-per-channel`, one scale for channels that have
    their own; `scaled-by-frame`, scaled by the host so that every frame has one range or length;
    `smoothed`, averaged by the host over frames;
    `bytes-for-words`, `words-for-bytes` and `bytes-swapped`, codes read with the wrong width or
    order of bytes; `codes-wrapped`, codes in a type that is too small for them;
    `activation-missing`, `activation-twice` and `activation-added`, a sigmoid or softmax too few
    or too many; `log-probabilities`, logarithms of probabilities; `function-applied`, another
    function; `channels-reordered`; `values-sorted`, scores from the best to the worst;
    `transposed`, another order of axes; `padded-layout`, rows or channels padded to 8.

    Reasons about what belongs to what: `outputs-exchanged`, one output under the name of another;
    `late`, results some frames away from their samples; `repeated`, one buffer for many frames;
    `not-renewed`, the result of an earlier frame once more;
    `frames-missing`, results that never came; `reordered`, frames in another order;
    `not-repeatable`, two runs on the same samples that differ.

    Reasons about what was sent: `input-scale`, values off by 255; `input-cast`, prepared values
    cast to bytes; `input-black`, zeros alone; `input-raw`, pixels that the host was to normalize;
    `input-normalized-twice`; `input-channels`, BGR for RGB; `input-layout`, bytes in another order
    of axes; `input-turned`, mirrored or turned frames; `input-range`, 16 to 235 for 0 to 255, or
    the reverse; `input-grey`, frames without colours; `input-resized`, stretched for letterboxed
    or the reverse; `input-cropped`, the middle of frames alone; `input-signed`, pixels less 128;
    `input-wide`, the bytes of a wider type; `input-stride`, rows with gaps; `input-alpha`, a fourth
    channel; `input-units` and `input-axes`, sensors in another unit or direction;
    `inputs-exchanged` and `input-empty`, of networks with several inputs.

    What is known where nothing explains the rest: `own-scales`, values are codes of this archive;
    `like-samples`, and they follow it from frame to frame;
    `some-equal`, other outputs of the same run are equal; `some-frames-equal`, other frames are;
    `output-empty`, other outputs hold results; `frames-alike`, all frames hold the same.

    Reasons about lists of boxes: `nms-threshold`, cut at another score; `nms-columns`, sides in
    another order, or centres and sizes; `nms-labels`, classes off by one; `nms-most-boxes`, lists
    that are full; `nms-empty`, no boxes at all. Boxes may lie `late` as well.

    - `device-equal` (info): the chip decides as the quantized network, and 99 % of the codes lie
      within 2 of one another, or all of them, or no farther apart than emulators were seen to lie
      from the chip. `order-unseen`: of samples that hardly change, results a frame off would pass
      as well.
      What goes wrong on the device lies outside these numbers: look at thresholds, decoding,
      labels, and at the frames that are sent.
    - `device-differs` (error): the chip computes other values than the quantized network. Each
      reason is named with what shows it; `measured` holds, by their words, the share of the
      difference that each takes away.
    - `device-not-matched` (warning): the file has nothing for some outputs, by name, by shape or by
      what it holds, or lists of boxes that cannot be decoded here. Where the file shows what the
      host made of them, that is said: `classes-kept`, the largest class alone; `outputs-joined`,
      all in one array; `boxes-kept`, boxes of decoded heads; `outputs-resized`, another height and
      width; `other-channels`; `input-kept`, samples in place of outputs. Keep every output under
      its name, before the host computes anything.
    """

    PRIORITY = Priority.FIRST
    # Provisional, and the same as those by which the step was judged.
    NEAR_SHARE = 0.99

    def should_skip(self, context: Context) -> NotChecked | str:
        """Without outputs of a chip there is nothing to compare."""
        if _step(context) is None:
            said = dict(context.stages.missing).get("device", "") if context.stages else ""
            not_given = NotChecked(
                "no outputs of a chip were given",
                "pass the outputs of the chip with --device-outputs",
            )
            return said or not_given
        return ""

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is missing, then whether the rest is equal."""
        step = _step(context)
        if step is None:
            return
        if step.not_matched:
            yield _not_matched(step)
        if step.is_equal:
            yield _equal(step, _samples(context))
        elif step.outputs or not step.not_matched:
            yield _differs(step, _samples(context))


def _step(context: Context) -> Step | None:
    return context.stages.step_to("device") if context.stages else None


def _samples(context: Context) -> int:
    return context.stages.samples if context.stages else 0


def _not_matched(step: Step) -> Finding:
    if _are_boxes(step):
        return _boxes_not_compared(step)
    names = [without_scope(name) for name in step.not_matched]
    rest = f"; left over: {listed([printable(name) for name in step.left_over], 3)}"
    reason = next((reason for reason in step.reasons if reason.word in PROCESSED), None)
    told = PROCESSED[reason.word] if reason else MISSING
    became = f"; {reason.word}: {reason.evidence}" if reason else rest if step.left_over else ""
    return Finding(
        id="device-not-matched",
        severity=Severity.WARNING,
        headline=told.headline,
        evidence=f"{listed(names)} in {printable(step.source)}{became}",
        why=told.why,
        remedy=told.remedy,
        layers=step.not_matched,
        measured={
            "outputs": float(len(step.not_matched)),
            **({reason.word: 1.0} if reason else {}),
        },
    )


def _are_boxes(step: Step) -> bool:
    return any(note.startswith("The lists of boxes") for note in step.notes)


def _boxes_not_compared(step: Step) -> Finding:
    return Finding(
        id="device-not-matched",
        severity=Severity.WARNING,
        headline="The chip's lists of boxes cannot be compared with this network",
        evidence=itemized([as_clause(note) for note in step.notes]),
        why="What the chip computes in front of its NMS remains unknown.",
        remedy="Compile a HEF without nms_postprocess as well, and pass the outputs of its heads "
        "with --device-outputs.",
        layers=step.not_matched,
        measured={"outputs": float(len(step.not_matched))},
    )


def _equal(step: Step, samples: int) -> Finding:
    said = _worst_codes(step.outputs)
    known = _of_values(step)
    is_unseen = any(reason.word == UNSEEN for reason in known)
    told = REASONS[UNSEEN] if is_unseen else EQUAL
    said += [f"{reason.word}: {reason.evidence}" for reason in known]
    return Finding(
        id="device-equal",
        severity=Severity.INFO,
        headline=told.headline,
        evidence=_evidence([*said, *map(as_clause, step.notes)], samples),
        why=told.why,
        remedy=told.remedy,
        layers=tuple(match.layer for match in step.outputs),
        measured={**_shares(step), **_words(known)},
    )


def _differs(step: Step, samples: int) -> Finding:
    known = _of_values(step)
    told = REASONS.get(known[0].word, UNKNOWN) if known else UNKNOWN
    reasons = [_reason(reason) for reason in known]
    facts = _worst_codes([m for m in step.outputs if _is_apart(m)] or step.outputs)
    return Finding(
        id="device-differs",
        severity=Severity.ERROR,
        headline=told.headline,
        evidence=_evidence([*reasons, *facts, *map(as_clause, step.notes)], samples),
        why=told.why,
        remedy=told.remedy,
        layers=_layers(step),
        measured={**_shares(step), **_words(known)},
    )


def _evidence(facts: Sequence[str], samples: int) -> str:
    shown = itemized([fact for fact in facts if fact], MOST_FACTS)
    return f"{shown}; {plural(samples, 'sample')}" if samples else shown


def _of_values(step: Step) -> list[Reason]:
    """Why outputs differ that were compared, and not why others could not be."""
    return [reason for reason in step.reasons if reason.word not in PROCESSED]


def _reason(reason: Reason) -> str:
    where = listed([without_scope(layer) for layer in reason.layers], 3)
    gain = _share(reason)
    said = f"{reason.word}{f' at {where}' if where else ''}: {reason.evidence}"
    if math.isnan(gain):
        return said
    share = "all" if gain > 0.999 else f"{gain:.0%}"
    return f"{said}, and undoing that takes away {share} of the difference"


def _share(reason: Reason) -> float:
    """Of the energy of a difference, what a reason takes away; NaN where that says nothing."""
    gained = reason.after_db - reason.before_db
    return math.nan if math.isnan(gained) or gained <= 0 else 1 - 10 ** (-gained / 10)


def _codes(match: Match) -> str:
    name, codes = without_scope(match.layer), match.codes
    layout = f", {match.layout}" if match.layout else ""
    if codes is None:
        return "" if math.isnan(match.snr_db) else f"{name} at {match.snr_db:.1f} dB{layout}"
    return (
        f"{name}: {codes.equal:.1%} of the codes equal, {codes.within_two:.1%} within 2, largest "
        f"difference {codes.largest:,.0f}{layout}"
    )


def _worst_codes(matches: Sequence[Match]) -> list[str]:
    """The outputs that differ most, in the order of the network."""

    def nearness(match: Match) -> float:
        return match.codes.within_two if match.codes else match.snr_db

    worst = sorted(matches, key=nearness)[:MOST_OUTPUTS]
    return [_codes(match) for match in matches if match in worst]


def _is_apart(match: Match) -> bool:
    return match.codes is None or match.codes.within_two < DeviceInspector.NEAR_SHARE


def _layers(step: Step) -> tuple[str, ...]:
    """Outputs that differ; all where that is not known."""
    named = {layer for reason in _of_values(step) for layer in reason.layers}
    found = tuple(m.layer for m in step.outputs if m.layer in named or _is_apart(m))
    return found or tuple(match.layer for match in step.outputs)


def _shares(step: Step) -> dict[str, float]:
    """Of the worst output."""
    codes = [match.codes for match in step.outputs if match.codes is not None]
    if not codes:
        return {}
    worst = min(codes, key=lambda each: each.within_two)
    return {
        "codes_equal": worst.equal,
        "codes_within_1": worst.within_one,
        "codes_within_2": worst.within_two,
        "largest_codes": worst.largest,
    }


def _words(reasons: Sequence[Reason]) -> dict[str, float]:
    """Share of the difference that each takes away, by its word; 1 where that is not known.

    What undoes nothing takes nothing away.
    """
    unknown = {reason.word: 0.0 if reason.word in KNOWN else 1.0 for reason in reasons}
    shares = {reason.word: _share(reason) for reason in reasons}
    return {word: unknown[word] if math.isnan(share) else share for word, share in shares.items()}
