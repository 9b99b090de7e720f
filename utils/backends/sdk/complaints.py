"""What the SDK raises, as one sentence that says what to do."""

from __future__ import annotations

import re

from utils.wording import printable

MAX_LENGTH = 300  # characters of the SDK's own words

# Names of files and layers say nothing on what is wrong.
_PATHS = re.compile(r"""(?<!\w)(['"])[^'"\n]*[/\\][^'"\n]*\1|(?<!\S)\S*[/\\]\S*""")
# What Python says of arguments that a function does not take, or wants.
_SIGNATURES = re.compile(
    r"unexpected keyword argument.*|missing \d+ required.*|\S+ is an invalid keyword argument.*"
)
_NEAR = r"[^.;\n]{0,60}"
_LICENCE = r"\blicen[cs](?:e|es|ing)\b(?![ -]?plate)"  # which some networks read
_ABSENT = r"\b(?:not (?:be )?(?:found|find|reached|valid)|missing|invalid|expired|no valid)\b"
_CHIP = r"(?:\bhw.?arch\b|\bhardware arch)"
_UNSERVED = r"\b(?:unsupported|not supported|invalid|unknown|mismatch)\b"
# The SDK's own sentences are not public; these words are what any such message has to contain.
_REMEDIES: tuple[tuple[str, str], ...] = (
    (
        f"{_LICENCE}{_NEAR}{_ABSENT}|{_ABSENT}{_NEAR}{_LICENCE}|\\bno {_LICENCE}",
        "the SDK misses its licence files; look at how it was installed",
    ),
    (
        r"RESOURCE_EXHAUSTED|ResourceExhausted|OUT_OF_MEMORY|out of memory|\bOOM\b",
        "the memory of the GPU does not suffice; try --batch-size 1, set "
        "HAILO_SET_MEMORY_GROWTH=false, or hide the GPU with CUDA_VISIBLE_DEVICES=-1",
    ),
    (
        f"{_CHIP}{_NEAR}{_UNSERVED}|{_UNSERVED}{_NEAR}{_CHIP}|hw_arch from HAR is \\S+ but"
        r"|\bhailo\d\w* is (?:unsupported|not supported|unknown)\b",
        "the archive was made for a chip that this SDK does not serve; Hailo keeps up DFC 3.x for "
        "hailo8, hailo8l and hailo8r, DFC 5.x for hailo10h and hailo15",
    ),
)


def in_words(error: BaseException) -> str:
    """One sentence: what to do where that is known, then what the SDK said."""
    said = _first_line(error)
    whole = _SIGNATURES.sub("", _PATHS.sub("", f"{type(error).__name__}: {error}"))
    for pattern, remedy in _REMEDIES:
        if re.search(pattern, whole, re.IGNORECASE):
            return f"{remedy} (it said: {said})"
    return f"it said: {said}"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    text = printable(text)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}..."
