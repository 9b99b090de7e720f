"""What the compiler's optimization did, against what it was asked to do."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.agreement.judgement import is_all_kept, spared
from inspectors.base_inspector import BaseInspector, Context, Need, NotChecked, Priority
from inspectors.bias_correction import why_skipped
from inspectors.dfc_log.own_runs import own_runs
from inspectors.optimization_flow.remedies import (
    CALIBRATE_ON_MORE,
    NOTHING_TO_GAIN,
    higher_level,
    images_at_hand,
    larger_calibration,
    look_in_the_log,
    remedy_for,
)
from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import (
    ALGORITHMS,
    DEFAULT_CALIBRATION_SIZE,
    DEFAULT_LEVEL,
    FEATURE_OF_LEVEL,
    LEVEL_ZERO_WARNING,
    Algorithm,
)
from utils.findings import Finding, Recommendation, Severity
from utils.har.algorithms_run import algorithm_ran
from utils.har.model import Model
from utils.model_script.calibration_size import requested_calibration_size
from utils.model_script.optimization_requests import (
    requested_algorithm,
    requested_flavor,
)
from utils.side_files.log_events import LogEvent
from utils.wording import listed


class OptimizationFlowInspector(BaseInspector):
    """Did the optimization run at the level, and on the data, that you think it did?

    The compiler lowers its optimization level without asking: to 0 where it finds no GPU, to 1
    where there are fewer than 1,024 images. Seven of eight public projects run at level 0
    unawares. This inspector compares the levels that the archive records with the model script,
    and the flags that the algorithms left in the archive with what should have run. It needs
    no data. A higher level is not always better: whatever it recommends has to be measured, and
    goes into the script only if you accept it. Where a log of the run is given (``--dfc-log``),
    DfcLogInspector says why a level was lowered and how much data were used, and this inspector
    does not repeat it. Whether anybody asked for a level is not judged where the archive's script
    cannot be parsed.

    - `optimization-level-zero` (info or warning): the archive records level 0 ("Running model
      optimization with zero level of optimization is not recommended"): bias correction, AdaRound,
      finetune and the noise analysis did not run. A warning if no line of the script asks for
      level 0, an info if one does, as many of Hailo's own scripts do, if an algorithm ran
      nevertheless, or if 16 samples or more show that every output decides as in float, or has
      20 dB and no channel that is far off where its kind is unknown. The compiler takes this level
      by itself where it finds no GPU ("Reducing optimization level to 0"). Try level 1
      without a GPU, where more images alone change nothing: bias correction takes half an hour or
      more. With a GPU and fewer than 1,024 images try level 2, and `finetune` with `dataset_size=N`
      for N images. Measure both, since some networks lose at a higher level.
    - `level-lowered` (info or warning): the recorded optimization level is lower than the script
      asks for, or is 1 where nobody asked and the compiler's default is 2, as it is with fewer
      than 1,024 images; an info where nobody asked and data show as above that the outputs lose
      nothing, and for the compression level, which the compiler lowers to 0 up to optimization
      level 1. Find out why in the log of the run, then optimize again.
    - `calibration-capped` (info): the data hold at least four times as many samples as
      calibration takes, 64 unless `calibset_size` says otherwise. Hailo calibrates most of its
      networks on 64; raise it if the data are diverse.
    - `algorithm-not-run` (info or warning): the script switches an algorithm on, but the archive
      has flags of it and none says that it ran; an info if only the level stands for it. Look
      for it in the log of the run.
    """

    PRIORITY = Priority.MEDIUM
    NEEDS = Need.NOTHING

    MANY_TIMES = 4  # as many samples as calibration took; with fewer it has seen a good share

    def should_skip(self, context: Context) -> str:
        """Say so if the archive records nothing of its optimization."""
        if context.model.optimization_level is not None or context.calibration is not None:
            return ""
        if any(algorithm_ran(context.model, algorithm) is not None for algorithm in ALGORITHMS):
            return ""
        return "the archive records neither its optimization level nor which algorithms ran"

    def not_checked(self, context: Context) -> Iterator[NotChecked | str]:
        """Say which comparison lacks one of its sides."""
        if context.model.optimization_level is None:
            yield NotChecked(
                "the optimization level, as the archive does not record it",
                "" if context.dfc_logs else "pass the compiler's log with --dfc-log",
            )
        if _script_is_unread(context):
            yield "what the model script asks of the optimization, as it cannot be parsed"
        if own_runs(context).one(LogFact.LEVEL_REDUCED):
            yield "the optimization level, which DfcLogInspector reports with its reason"

    def inspect(self, context: Context) -> Iterator[Finding]:
        """Yield what is wrong with the levels, then with the data and the algorithms."""
        logged = own_runs(context)
        if logged.one(LogFact.LEVEL_REDUCED) is None:
            yield from self._levels(context)
        yield from self._compression(context)
        if logged.one(LogFact.CALIBRATION_ENTRIES) is None:
            yield from self._calibration(context)
        for algorithm in ALGORITHMS:
            yield from self._algorithm(context, algorithm)

    def _levels(self, context: Context) -> Iterator[Finding]:
        level = context.model.optimization_level
        asked = requested_flavor(context.script, "optimization_level")
        if level is None:
            return
        if asked is not None and level < asked:
            yield self._lowered(context, level, asked, is_asked=True)
        elif level <= 0:
            yield self._level_zero(context, level, asked)
        elif asked is None and level < DEFAULT_LEVEL and not _script_is_unread(context):
            yield self._lowered(context, level, DEFAULT_LEVEL, is_asked=False)

    def _level_zero(self, context: Context, level: int, asked: int | None) -> Finding:
        ran = [a.words for a in ALGORITHMS if algorithm_ran(context.model, a)]
        nobody_asked = asked is None and not _script_is_unread(context)
        is_warning = nobody_asked and not ran
        headline = f"Optimization ran at level {level}"
        if asked is not None:
            headline += ", as the model script asks"
        elif nobody_asked:
            headline += ", which the model script does not ask for"
        finding = Finding(
            id="optimization-level-zero",
            severity=Severity.WARNING if is_warning else Severity.INFO,
            headline=headline,
            evidence=f"{_in_words(context.model, level)}"
            f"{', the model script cannot be read' if _script_is_unread(context) else ''}",
            why="The compiler takes this level by itself where it finds no GPU. Without these "
            "steps a network can lose more accuracy than it has to."
            if is_warning
            else "",
            remedy=remedy_for(context, level) if is_warning else "",
            quotation=LEVEL_ZERO_WARNING,
            measured={"optimization_level": level},
            recommendation=higher_level(context, level) if is_warning else None,
        )
        return spared(finding, NOTHING_TO_GAIN) if is_all_kept(context) else finding

    def _lowered(self, context: Context, level: int, due: int, *, is_asked: bool) -> Finding:
        ran = _in_words(context.model, level)
        finding = Finding(
            id="level-lowered",
            severity=Severity.WARNING,
            headline="Optimization ran at a lower level than the model script asks for"
            if is_asked
            else "Optimization ran at a lower level than the compiler's default",
            evidence=f"level {level} instead of {due}{f': {ran}' if ran else ''}",
            why="The compiler lowers the level by itself where samples or a GPU are missing. Its "
            'log gives the reason behind "Reducing optimization level to".',
            remedy=remedy_for(context, level) or look_in_the_log(context),
            measured={"optimization_level": level},
            recommendation=higher_level(context, level),
        )
        is_spared = not is_asked and is_all_kept(context)
        return spared(finding, NOTHING_TO_GAIN) if is_spared else finding

    def _compression(self, context: Context) -> Iterator[Finding]:
        level = context.model.compression_level
        asked = requested_flavor(context.script, "compression_level")
        if level is None or asked is None or level >= asked:
            return
        optimization_level = context.model.optimization_level
        is_explained = optimization_level is not None and optimization_level < DEFAULT_LEVEL
        yield Finding(
            id="level-lowered",
            severity=Severity.INFO,
            headline="Compression ran at a lower level than the model script asks for",
            evidence=f"level {level} instead of {asked}",
            why="This costs size and speed, but no accuracy.",
            remedy=f"Ask for optimization level {DEFAULT_LEVEL} if the network has to be "
            "compressed, since the compiler compresses at no lower one."
            if is_explained
            else 'Look for "Reducing compression level to" in the log of the run.',
            measured={"compression_level": level, "asked": asked},
        )

    def _calibration(self, context: Context) -> Iterator[Finding]:
        images, size = images_at_hand(context), requested_calibration_size(context.script)
        if images is None or images < self.MANY_TIMES * size or _script_is_unread(context):
            return
        is_default = size == DEFAULT_CALIBRATION_SIZE
        yield Finding(
            id="calibration-capped",
            severity=Severity.INFO,
            headline="Calibration takes only a small part of the data",
            evidence=f"{size:,} of {images:,} samples, "
            f"{'the default' if is_default else 'as the model script asks'}",
            why="Hailo calibrates most of its own networks on the default number. More samples "
            "help where they differ much.",
            remedy=CALIBRATE_ON_MORE,
            measured={"used": size, "samples": images},
            recommendation=larger_calibration(images),
        )

    def _algorithm(self, context: Context, algorithm: Algorithm) -> Iterator[Finding]:
        level = context.model.optimization_level
        asked = requested_algorithm(context.script, algorithm.feature)
        of_level = level is not None and FEATURE_OF_LEVEL.get(level) == algorithm.feature
        expected = asked or (asked is None and of_level and not _script_is_unread(context))
        ran = algorithm_ran(context.model, algorithm)
        skipped = _skipped(context, algorithm) if ran is None else None
        if not expected or (ran is not False and skipped is None):
            return
        source = "the model script switches it on" if asked else "the optimization level has it"
        yield Finding(
            id="algorithm-not-run",
            severity=Severity.WARNING if asked else Severity.INFO,
            headline=f"{algorithm.words[0].upper()}{algorithm.words[1:]} did not run, although "
            f"{source}",
            evidence="the log says so" if skipped else "no layer of the archive records a run",
            why=f"The error that {algorithm.words} corrects stays in the network.",
            remedy=_remedy(algorithm, is_asked=bool(asked)),
            quotation=skipped.text if skipped else "",
            location=skipped.location if skipped else None,
            recommendation=_switched_on(algorithm) if asked is None else None,
        )


def _script_is_unread(context: Context) -> bool:
    return context.script is None and context.model.script_text is not None


def _skipped(context: Context, algorithm: Algorithm) -> LogEvent | None:
    """The line of the log by which an algorithm did not run; None without one."""
    own = own_runs(context)
    skipped = [e for e in own.about(LogFact.STEP_SKIPPED) if e.subject in algorithm.log_names]
    return skipped[-1] if skipped and skipped[-1].subject in own.skipped_steps else None


def _in_words(model: Model, level: int) -> str:
    """What did not run, and what did, as clauses; "" where that is not known."""
    ran = {algorithm.words: algorithm_ran(model, algorithm) for algorithm in ALGORITHMS}
    if level <= 0:
        # Level 0 brings none of them. The noise analysis leaves its results where it ran.
        ran = {words: bool(flag) for words, flag in ran.items()}
        ran["the noise analysis"] = any(
            model.stored_snr(each.name) is not None for each in model.network
        )
    did_not = listed([words for words, flag in ran.items() if flag is False])
    did = listed([words for words, flag in ran.items() if flag])
    said = (f"{did_not} did not run" if did_not else "", f"{did} did" if did else "")
    return ", ".join(filter(None, said))


def _remedy(algorithm: Algorithm, *, is_asked: bool) -> str:
    if not is_asked:
        return (
            f"Switch {algorithm.words} on with this line, quantize again and compare the accuracy."
        )
    return why_skipped(algorithm)


def _switched_on(algorithm: Algorithm) -> Recommendation:
    return Recommendation(
        (algorithm.line("enabled"),),
        f"Switch {algorithm.words} on explicitly? Measure the accuracy with and without it.",
        default=False,
    )
