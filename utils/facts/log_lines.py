"""Lines of the compiler's logs that say what it did without being asked.

A pattern is looked for anywhere in a message: versions, consoles and files differ in what stands in
front (``[info] ``, ``2024-05-28 09:56:53,318 - INFO - mo_config.py:123 - ``, colours). What it is
about are its named groups: ``subject`` (a layer, step, network or chip), ``value`` (a number),
``numbers`` (several) and ``reason``. Where a pattern has a space, a terminal may have broken the
line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from utils.facts.log_words import COUNT, NAME, NUMBER, RANGES, WHOLE_NUMBER, breakable
from utils.facts.optimization_levels import ACCURACY_STEPS, OTHER_STEPS

STEPS = (*ACCURACY_STEPS, *OTHER_STEPS)
_STEP = "|".join(map(re.escape, sorted(STEPS, key=len, reverse=True)))
_A_STEP = rf"(?P<subject>{_STEP})"  # no step is called as another one ends

_LOGS = "logs of DFC 3.2x and 3.3x in public repositories"
_THREADS = "community.hailo.ai threads 9429 and 18264"


class LogFact(Enum):
    """What a line says."""

    RUN_STARTED = auto()
    RUN_ENDED = auto()
    RUN_FAILED = auto()
    COMMAND_RUN = auto()
    NETWORK_NAMED = auto()
    ARCHIVE_SAVED = auto()
    COMPILED = auto()
    RANDOM_DATA = auto()
    LEVEL_REDUCED = auto()
    LEVEL_BY_DEFAULT = auto()
    LEVEL_ZERO = auto()
    COMPRESSION_REDUCED = auto()
    CALIBRATION_ENTRIES = auto()
    CALIBRATION_DONE = auto()
    FINETUNE_ENTRIES = auto()
    NOT_NORMALIZED = auto()
    NORMALIZED_TWICE = auto()
    OUTPUT_SNR = auto()
    NO_SHIFT = auto()
    BITS_REDUCED = auto()
    RANGE_FORCED = auto()
    SIGMOID_ADDED = auto()
    PRECISION_IMPLIED = auto()
    WEIGHTS_COMPRESSED = auto()
    CHIP_BY_DEFAULT = auto()
    CHIP_CHANGED = auto()
    STEP_STARTED = auto()
    STEP_SKIPPED = auto()
    STEP_DONE = auto()
    TRAINING_CUT = auto()
    LOSS_NOT_FINITE = auto()
    ANALYSIS_FAILED = auto()


@dataclass(frozen=True)
class LogLine:
    """A line to look for.

    Parameters
    ----------
    fact : what it says.
    phrase : words that stand in every such line; they are looked for first, as that is fast.
    pattern : the line, with its named groups.
    source : where it was seen.
    may_wrap : whether it may go on in the next lines; not what has an open end.
    is_open_before, is_open_behind : whether it begins, or ends, with a name, which may be cut.
    """

    fact: LogFact
    phrase: str
    pattern: re.Pattern[str]
    source: str = _LOGS
    may_wrap: bool = True
    is_open_before: bool = False
    is_open_behind: bool = False

    @property
    def is_telling(self) -> bool:
        """Whether its words stand in no other messages, so that all with them should be read."""
        return self.fact in _TELLING


def _line(
    fact: LogFact, phrase: str, pattern: str, source: str = _LOGS, *, may_wrap: bool = True
) -> LogLine:
    return LogLine(
        fact,
        phrase,
        breakable(pattern),
        source,
        may_wrap,
        is_open_before=pattern.startswith("(?P<subject>") and not pattern.startswith(_A_STEP),
        is_open_behind=pattern.endswith(f"(?P<subject>{NAME})"),
    )


_TELLING = frozenset(
    {
        LogFact.LEVEL_REDUCED,
        LogFact.CALIBRATION_ENTRIES,
        LogFact.FINETUNE_ENTRIES,
        LogFact.OUTPUT_SNR,
        LogFact.NO_SHIFT,
        LogFact.BITS_REDUCED,
        LogFact.RANGE_FORCED,
        LogFact.SIGMOID_ADDED,
    }
)


LOG_LINES: tuple[LogLine, ...] = (
    _line(LogFact.RUN_STARTED, "Starting Model Optimization", "Starting Model Optimization"),
    _line(LogFact.RUN_ENDED, "Model Optimization is done", "Model Optimization is done"),
    _line(
        LogFact.COMMAND_RUN,
        "Running `hailo",
        r"Running `hailo (?P<subject>[\w-]{1,40})",
        "logs of DFC 3.30 to 3.33 in public repositories",
    ),
    _line(
        LogFact.RANDOM_DATA,
        "--use-random-calib-set",
        r"`hailo optimize [^`\[]{0,2000}--use-random-calib-set(?![\w-])",
        "logs of DFC 3.30 to 3.33 in public repositories",
    ),
    _line(
        LogFact.RANDOM_DATA,
        "--use-random-calib-set",
        r"(?<!`)hailo optimize [^`\[\n]{0,2000}--use-random-calib-set(?![\w-])",
        "scripts in public repositories",
    ),
    _line(
        LogFact.NETWORK_NAMED,
        "Loading model script",
        rf"Loading model script(?: commands)? to (?P<subject>{NAME}) from",
    ),
    _line(
        LogFact.NETWORK_NAMED,
        "Translation ",
        rf"Translation (?:started|completed) on \w{{2,20}} model (?P<subject>{NAME})",
    ),
    _line(
        LogFact.NETWORK_NAMED,
        "_layer",
        r"'[^'\n]{1,200}': '(?P<subject>[^'\s/]{1,200})/(?:input|output)_layer\d{1,4}'",
    ),
    _line(
        LogFact.NETWORK_NAMED,
        "Initialized runner for",
        rf"Initialized runner for (?P<subject>{NAME})",
        "logs of Hailo's model zoo in public threads",
    ),
    _line(
        LogFact.NETWORK_NAMED,
        "Start run for network",
        rf"Start run for network (?P<subject>{NAME})",
        "logs of Hailo's model zoo in public threads",
    ),
    _line(
        LogFact.ARCHIVE_SAVED,
        "Saved HAR to",
        r"Saved HAR to: (?P<subject>[^\n\[]{1,400}?)\.har(?!\w)",
    ),
    _line(LogFact.COMPILED, "Successful Compilation", "Successful Compilation"),
    _line(
        LogFact.LEVEL_REDUCED,
        "Reducing optimization level to",
        r"Reducing optimization level to (?P<value>-?\d{1,4})(?P<reason>(?: \([^()]{1,120}\))? "
        r"because there.s (?:less data than the recommended amount(?: \(\d{1,6}\))?"
        r"(?:, and there.s no available GPU)?|no available GPU))",
        _THREADS,
    ),
    _line(
        LogFact.LEVEL_REDUCED,
        "Reducing optimization level to",
        r"Reducing optimization level to (?P<value>-?\d{1,4})(?!\d)(?P<reason>.*)",
        _THREADS,
        may_wrap=False,
    ),
    _line(
        LogFact.LEVEL_BY_DEFAULT,
        "Using default optimization level of",
        r"Using default optimization level of (?P<value>-?\d{1,4})",
    ),
    _line(
        LogFact.LEVEL_ZERO,
        "with zero level of optimization",
        r"Running model optimization with zero level of optimization is not recommended",
        _THREADS,
    ),
    _line(
        LogFact.COMPRESSION_REDUCED,
        "Reducing compression level to",
        r"Reducing compression level to (?P<value>\d{1,4})(?P<reason>.*)",
        may_wrap=False,
    ),
    _line(
        LogFact.CALIBRATION_ENTRIES,
        "Using dataset with",
        rf"Using dataset with (?P<value>{COUNT}) entries for calibration",
    ),
    _line(
        LogFact.CALIBRATION_DONE,
        "Calibration: 100%",
        r"Calibration: 100%\|[^|\n]{0,400}\| (?P<value>\d{1,12})/(?P=value)(?= \[)",
    ),
    _line(
        LogFact.FINETUNE_ENTRIES,
        "Using dataset with",
        rf"Using dataset with (?P<value>{COUNT}) entries for finetune",
    ),
    _line(
        LogFact.NOT_NORMALIZED,
        "The calibration set seems to not be normalized",
        r"The calibration set seems to not be normalized"
        rf"(?:, because the values range is (?P<numbers>{RANGES}))?",
    ),
    _line(
        LogFact.NORMALIZED_TWICE,
        "The expected calibration set should be [0, 255]",
        r"The expected calibration set should be \[0, 255\] when using an in-net normalization "
        rf"layer(?:, but the range received is (?P<numbers>{RANGES}))?",
    ),
    _line(
        LogFact.OUTPUT_SNR,
        "SNR:",
        # Notebooks and lists of texts spell the tabs out.
        rf"(?P<subject>(?<!\\)[^\s:\"\\]{{1,300}}) "
        rf"SNR:(?:\s|\\t){{0,20}}(?P<value>{NUMBER})\s?dB",
        "logs of DFC 3.3x in public repositories, community.hailo.ai thread 1931",
    ),
    _line(
        LogFact.NO_SHIFT,
        "using max shift instead",
        rf"No shifts available for layer (?P<subject>{NAME}), using max shift instead\."
        rf"\s?delta=(?P<value>{WHOLE_NUMBER})",
    ),
    _line(
        LogFact.BITS_REDUCED,
        "Reducing output bits of",
        rf"Reducing output bits of (?P<subject>{NAME}) by (?P<value>{NUMBER}) bits"
        r"(?: \(More than half\))?",
        "log of EfficientNet-B0 under DFC 3.33 in a public repository",
    ),
    _line(
        LogFact.RANGE_FORCED,
        "Forcing its output range to be",
        rf"Output layer (?P<subject>{NAME}) with sigmoid activation was detected\. Forcing its "
        r"output range to be \[[^\]]{0,100}\](?: \(original range was \[(?P<numbers>[^\]]{0,100})"
        r"\]\))?",
    ),
    _line(
        LogFact.SIGMOID_ADDED,
        "was replaced by a Sigmoid",
        rf"The activation function of layer (?P<subject>{NAME}) was replaced by a Sigmoid",
    ),
    _line(
        LogFact.PRECISION_IMPLIED,
        "has implicit precision config",
        rf"Layer (?P<subject>{NAME}) has implicit precision config during compilation",
    ),
    _line(
        LogFact.WEIGHTS_COMPRESSED,
        "Assigning 4bit weights to layer",
        rf"Assigning 4bit weights to layer (?P<subject>{NAME})",
        "community.hailo.ai thread 9429",
    ),
    _line(
        LogFact.CHIP_BY_DEFAULT,
        "hw_arch parameter not given",
        r"hw_arch parameter not given, using the default (?P<subject>\w{1,40})",
    ),
    _line(
        LogFact.CHIP_CHANGED,
        "hw_arch from HAR is",
        r"hw_arch from HAR is (?P<subject>\w{1,40}) but client runner was initialized with "
        r"(?P<reason>\w{1,40})",
    ),
    _line(LogFact.STEP_STARTED, "Starting ", rf"Starting {_A_STEP}(?!\w)"),
    _line(LogFact.STEP_SKIPPED, " skipped", rf"{_A_STEP} skipped"),
    _line(LogFact.STEP_DONE, " is done", rf"{_A_STEP} is done"),
    _line(LogFact.TRAINING_CUT, "Training cut by the user", "Training cut by the user"),
    # As Keras writes them behind its bar: "total_loss: nan - loss_net/conv1: nan".
    _line(LogFact.LOSS_NOT_FINITE, ": nan", r"\b\w{0,60}loss(?![a-z])[\w/.]{0,200}: nan\b"),
    _line(
        LogFact.ANALYSIS_FAILED,
        "GPU memory has been exhausted",
        r"GPU memory has been exhausted\.? Layer Noise Analysis will not generate statistics",
    ),
)
