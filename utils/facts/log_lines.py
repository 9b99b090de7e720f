"""Lines of the compiler's logs that say what it did without being asked.

A pattern is looked for anywhere in a line: versions, consoles and files differ in what stands in
front (``[info] ``, ``2024-05-28 09:56:53,318 - INFO - mo_config.py:123 - ``, colours). What a line
is about are its named groups: ``subject`` (a layer, step, network or chip), ``value`` (a number),
``numbers`` (several) and ``reason``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from utils.facts.optimization_levels import ACCURACY_STEPS, OTHER_STEPS

# Bounded, so that a hostile line costs no more than its length.
_NAME = r"[^\s,]{1,300}"
_NUMBER = r"(?:[-+]?\d{1,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,3})?|-?inf|nan)"
NUMBER = re.compile(rf"(?<![\w.]){_NUMBER}")
STEPS = (*ACCURACY_STEPS, *OTHER_STEPS)
_STEP = "|".join(map(re.escape, sorted(STEPS, key=len, reverse=True)))

_LOGS = "logs of DFC 3.2x and 3.3x in public repositories"
_THREADS = "community.hailo.ai threads 9429 and 18264"


class LogFact(Enum):
    """What a line says."""

    RUN_STARTED = auto()
    RUN_ENDED = auto()
    NETWORK_NAMED = auto()
    LEVEL_REDUCED = auto()
    LEVEL_BY_DEFAULT = auto()
    LEVEL_ZERO = auto()
    COMPRESSION_REDUCED = auto()
    CALIBRATION_ENTRIES = auto()
    FINETUNE_ENTRIES = auto()
    NOT_NORMALIZED = auto()
    NORMALIZED_TWICE = auto()
    OUTPUT_SNR = auto()
    NO_SHIFT = auto()
    BITS_REDUCED = auto()
    SLOPE_UNSUPPORTED = auto()
    RANGE_FORCED = auto()
    SIGMOID_ADDED = auto()
    PRECISION_IMPLIED = auto()
    WEIGHTS_COMPRESSED = auto()
    CHIP_BY_DEFAULT = auto()
    CHIP_CHANGED = auto()
    STEP_STARTED = auto()
    STEP_SKIPPED = auto()
    STEP_DONE = auto()


@dataclass(frozen=True)
class LogLine:
    """A line to look for.

    Parameters
    ----------
    fact : what it says.
    phrase : words that stand in every such line; they are looked for first, as that is fast.
    pattern : the line, with its named groups.
    source : where it was seen.
    """

    fact: LogFact
    phrase: str
    pattern: re.Pattern[str]
    source: str = _LOGS


def _line(fact: LogFact, phrase: str, pattern: str, source: str = _LOGS) -> LogLine:
    return LogLine(fact, phrase, re.compile(pattern), source)


LOG_LINES: tuple[LogLine, ...] = (
    _line(LogFact.RUN_STARTED, "Starting Model Optimization", "Starting Model Optimization"),
    _line(LogFact.RUN_ENDED, "Model Optimization is done", "Model Optimization is done"),
    _line(
        LogFact.NETWORK_NAMED,
        "Loading model script",
        rf"Loading model script(?: commands)? to (?P<subject>{_NAME})",
    ),
    _line(
        LogFact.LEVEL_REDUCED,
        "Reducing optimization level to",
        r"Reducing optimization level to (?P<value>-?\d{1,4})(?P<reason>.*)",
        _THREADS,
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
    ),
    _line(
        LogFact.CALIBRATION_ENTRIES,
        "entries for calibration",
        r"Using dataset with (?P<value>\d{1,12}) entries for calibration",
    ),
    _line(
        LogFact.FINETUNE_ENTRIES,
        "entries for finetune",
        r"Using dataset with (?P<value>\d{1,12}) entries for finetune",
    ),
    _line(
        LogFact.NOT_NORMALIZED,
        "The calibration set seems to not be normalized",
        r"The calibration set seems to not be normalized"
        r"(?:, because the values range is (?P<numbers>.*))?",
    ),
    _line(
        LogFact.NORMALIZED_TWICE,
        "The expected calibration set should be [0, 255]",
        r"The expected calibration set should be \[0, 255\] when using an in-net normalization "
        r"layer(?:, but the range received is (?P<numbers>.*))?",
    ),
    _line(
        LogFact.OUTPUT_SNR,
        "SNR:",
        rf"(?P<subject>[^\s:]{{1,300}}) SNR:\s{{0,20}}(?P<value>{_NUMBER})\s?dB",
        "logs of DFC 3.3x in public repositories, community.hailo.ai thread 1931",
    ),
    _line(
        LogFact.NO_SHIFT,
        "using max shift instead",
        rf"No shifts available for layer (?P<subject>{_NAME}), using max shift instead\."
        rf" ?delta=(?P<value>{_NUMBER})",
    ),
    _line(
        LogFact.BITS_REDUCED,
        "Reducing output bits of",
        rf"Reducing output bits of (?P<subject>{_NAME}) by (?P<value>{_NUMBER}) bits"
        r"(?: \(More than half\))?",
        "log of EfficientNet-B0 under DFC 3.33 in a public repository",
    ),
    _line(
        LogFact.SLOPE_UNSUPPORTED,
        "Desired shift is",
        rf"(?:Quantization failed in layer (?P<subject>{_NAME}) due to unsupported required "
        rf"slope\. )?Desired shift is (?P<value>{_NUMBER}), but op has only (?P<numbers>\d{{1,4}}) "
        r"data bits",
        "public notes on EfficientNetV2 and EfficientViT under DFC 3.30 and 3.33",
    ),
    _line(
        LogFact.RANGE_FORCED,
        "Forcing its output range to be",
        rf"Output layer (?P<subject>{_NAME}) with sigmoid activation was detected\. Forcing its "
        r"output range to be \[[^\]]{0,100}\](?: \(original range was \[(?P<numbers>[^\]]{0,100})"
        r"\]\))?",
    ),
    _line(
        LogFact.SIGMOID_ADDED,
        "was replaced by a Sigmoid",
        rf"The activation function of layer (?P<subject>{_NAME}) was replaced by a Sigmoid",
    ),
    _line(
        LogFact.PRECISION_IMPLIED,
        "has implicit precision config",
        rf"Layer (?P<subject>{_NAME}) has implicit precision config during compilation",
    ),
    _line(
        LogFact.WEIGHTS_COMPRESSED,
        "Assigning 4bit weights to layer",
        rf"Assigning 4bit weights to layer (?P<subject>{_NAME})",
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
    _line(LogFact.STEP_STARTED, "Starting ", rf"Starting (?P<subject>{_STEP})(?!\w)"),
    _line(LogFact.STEP_SKIPPED, " skipped", rf"(?P<subject>{_STEP}) skipped"),
    _line(LogFact.STEP_DONE, " is done", rf"(?P<subject>{_STEP}) is done"),
)
