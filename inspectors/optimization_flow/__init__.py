"""What the compiler's optimization did, against what it was asked to do."""

from __future__ import annotations

from collections.abc import Iterator

from inspectors.base_inspector import BaseInspector, Context, Need, Priority
from inspectors.dfc_log.own_runs import own_runs
from inspectors.optimization_flow.remedies import (
    higher_level,
    higher_level_in_words,
    images_at_hand,
    larger_calibration,
)
from inspectors.optimization_flow.requests import (
    requested_algorithm,
    requested_calibration_size,
    requested_flavor,
)
from utils.facts.log_lines import LogFact
from utils.facts.optimization_levels import (
    ALGORITHMS,
    DEFAULT_CALIBRATION_SIZE,
    DEFAULT_LEVEL,
    FEATURE_OF_LEVEL,
    LEVEL_REDUCED,
    LEVEL_ZERO_WARNING,
    Algorithm,
)
from utils.findings import Finding, Location, Recommendation, Severity
from utils.har.model import Model
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
      level 0, an info if one does, as many of Hailo's own scripts do, or if an algorithm ran
      nevertheless. Try level 1 without a GPU, or level 2 with one, and measure both.
    - `level-lowered` (info or warning): the recorded optimization level is lower than the script
      asks for, or is 1 where nobody asked and the compiler's default is 2; an info for the
      compression level. Find out why in the log of the run, then optimize again.
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
        if any(_ran(context.model, algorithm) is not None for algorithm in ALGORITHMS):
            return ""
        return "the archive records neither its optimization level nor which algorithms ran"

    def not_checked(self, context: Context) -> Iterator[str]:
        """Say which comparison lacks one of its sides."""
        if context.model.optimization_level is None:
            yield "the optimization level, as the archive does not record it"
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
            yield self._lowered(context, level, f"although the model script asks for {asked}")
        elif level <= 0:
            yield self._level_zero(context, level, asked)
        elif asked is None and level < DEFAULT_LEVEL and not _script_is_unread(context):
            yield self._lowered(
                context,
                level,
                f"although the compiler's default is {DEFAULT_LEVEL} and no line of the model "
                "script asks for less; it takes 1 by itself with fewer than 1,024 images "
                '("because there\'s less data than the recommended amount (1024)")',
            )

    def _level_zero(self, context: Context, level: int, asked: int | None) -> Finding:
        ran = [a.words for a in ALGORITHMS if _ran(context.model, a)]
        nobody_asked = asked is None and not _script_is_unread(context)
        is_warning = nobody_asked and not ran
        if asked is not None:
            reason = "as the model script asks"
        elif nobody_asked:
            reason = "although no line of the model script asks for it"
        else:
            reason = "and whether the model script asks for it is not known"
        return Finding(
            id="optimization-level-zero",
            severity=Severity.WARNING if is_warning else Severity.INFO,
            headline=f"The archive was optimized at level {level}, {reason} "
            f'("{LEVEL_ZERO_WARNING}"){_in_words(context.model, level)}'
            + (f"; {self._why(context, level)}" if is_warning else ""),
            measured={"optimization_level": level},
            recommendation=higher_level(context, level) if is_warning else None,
        )

    def _why(self, context: Context, level: int) -> str:
        return (
            "the compiler takes this level by itself where it finds no GPU "
            f'("{LEVEL_REDUCED}"); '
            f"{higher_level_in_words(context, level, lacks_gpu=None)}"
        )

    def _lowered(self, context: Context, level: int, reason: str) -> Finding:
        return Finding(
            id="level-lowered",
            severity=Severity.WARNING,
            headline=f"The archive was optimized at level {level}, {reason}"
            f"{_in_words(context.model, level)}; look for "
            '"Reducing optimization level to" in the log of the run, or pass it with --dfc-log; '
            f"{higher_level_in_words(context, level, lacks_gpu=None)}",
            measured={"optimization_level": level},
            recommendation=higher_level(context, level),
        )

    def _compression(self, context: Context) -> Iterator[Finding]:
        level = context.model.compression_level
        asked = requested_flavor(context.script, "compression_level")
        if level is not None and asked is not None and level < asked:
            yield Finding(
                id="level-lowered",
                severity=Severity.INFO,
                headline=f"The archive was compressed at level {level}, although the model script "
                f"asks for {asked}; the compiler compresses only above optimization level 1 "
                '("Reducing compression level to 0 because requested optimization level equal or '
                'less than 1"), which costs size and speed but no accuracy',
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
            headline=f"Calibration takes {size} samples"
            f"{' unless calibset_size says otherwise' if is_default else ', says the script'}, "
            f'but the data hold {images:,} ("Using dataset with {size} entries for '
            'calibration"); Hailo calibrates most of its networks on 64, more help if the data '
            "are diverse",
            measured={"used": size, "samples": images},
            recommendation=larger_calibration(images),
        )

    def _algorithm(self, context: Context, algorithm: Algorithm) -> Iterator[Finding]:
        level = context.model.optimization_level
        asked = requested_algorithm(context.script, algorithm.feature)
        of_level = level is not None and FEATURE_OF_LEVEL.get(level) == algorithm.feature
        expected = asked or (asked is None and of_level and not _script_is_unread(context))
        ran, place = _ran(context.model, algorithm), None
        if ran is None:
            ran, place = _logged(context, algorithm)
        if not expected or ran is not False:
            return
        source = (
            "the model script switches it on" if asked else f"optimization level {level} has it"
        )
        yield Finding(
            id="algorithm-not-run",
            severity=Severity.WARNING if asked else Severity.INFO,
            headline=f"{algorithm.words[0].upper()}{algorithm.words[1:]} did not run, although "
            f"{source}; {'the log says' if place else 'no layer of the archive is flagged, see'} "
            f'"{algorithm.log_names[0]} skipped"{"" if place else " in the log of the run"}; '
            "optimize again and look there for the reason",
            location=place,
            recommendation=_switched_on(algorithm) if asked is None else None,
        )


def _script_is_unread(context: Context) -> bool:
    return context.script is None and context.model.script_text is not None


def _ran(model: Model, algorithm: Algorithm) -> bool | None:
    """Whether an algorithm did its work at any layer; None if the archive has no flag of it."""
    flags = [model.algorithm_ran(layer.name, algorithm.flag) for layer in model.network]
    recorded = [flag for flag in flags if flag is not None]
    return any(recorded) if recorded else None


def _logged(context: Context, algorithm: Algorithm) -> tuple[bool | None, Location | None]:
    """What the log of the run says instead, and where."""
    own = own_runs(context)
    skipped = [e for e in own.about(LogFact.STEP_SKIPPED) if e.subject in algorithm.log_names]
    if not skipped or skipped[-1].subject not in own.skipped_steps:
        return None, None
    return False, skipped[-1].location


def _in_words(model: Model, level: int) -> str:
    """What did not run, and what did, as the end of a clause; "" where that is not known."""
    ran = {algorithm.words: _ran(model, algorithm) for algorithm in ALGORITHMS}
    if level <= 0:
        # Level 0 brings none of them. The noise analysis leaves its results where it ran.
        ran = {words: bool(flag) for words, flag in ran.items()}
        ran["the noise analysis"] = any(
            model.stored_snr(each.name) is not None for each in model.network
        )
    did_not = listed([words for words, flag in ran.items() if flag is False])
    did = listed([words for words, flag in ran.items() if flag])
    said = (f"{did_not} did not run" if did_not else "", f"{did} did" if did else "")
    return "".join(f"; {clause}" for clause in said if clause)


def _switched_on(algorithm: Algorithm) -> Recommendation:
    return Recommendation(
        (f"post_quantization_optimization({algorithm.feature}, policy=enabled)",),
        f"Switch {algorithm.words} on explicitly? Measure the accuracy with and without it.",
        default=False,
    )
