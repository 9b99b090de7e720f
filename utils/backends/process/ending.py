"""How a process ended, in one sentence: by what, in which phase, and what that mostly means."""

from __future__ import annotations

import signal
from typing import NamedTuple

from utils.backends.process.engine import Ending
from utils.backends.process.silence import ENDED_AFTER_S, Standstill
from utils.errors.faults import MEMORY, MEMORY_WORDS, THREAD_WORDS, THREADS


class _Meaning(NamedTuple):
    what: str
    needs_less_memory: bool = False


_MEMORY = _Meaning("mostly the memory did not suffice", True)
_THREAD = _Meaning(THREADS, True)
_CRASH = _Meaning("a library crashed")
_MEANINGS = {
    "SIGKILL": _MEMORY,
    "SIGABRT": _Meaning("mostly a library got no memory, or no thread", True),
    "SIGSEGV": _CRASH,
    "SIGFPE": _CRASH,
    "SIGILL": _Meaning("mostly TensorFlow was built for another processor"),
    "SIGBUS": _Meaning("mostly a file became shorter while it was read, or the disk is full"),
    "SIGXCPU": _Meaning("the time that it may compute is limited (ulimit -t)"),
    "SIGXFSZ": _Meaning("the size of its files is limited (ulimit -f)"),
}
_SOMEBODY = _Meaning("somebody ended it")
_LAST_WORDS = _Meaning("the debug log has its last words")
_SENSELESS = _Meaning("this is a fault of the tool, please report it")
_LESS_MEMORY = "--batch-size 1 needs the least"
_LESS_WORK = "--quick leaves out what ran"


def ending_in_words(ending: Ending, phase: str, has_measured: bool) -> str:
    """What became of the process that ran the networks.

    Parameters
    ----------
    phase : what it was doing.
    has_measured : whether it had passed over the data, so that the rest can be left out.
    """
    how, meaning = _how(ending)
    last_words = ending.last_words.lower()
    if any(words in last_words for words in MEMORY_WORDS):
        meaning = _MEMORY
    elif any(words in last_words for words in THREAD_WORDS):
        meaning = _THREAD
    return f'the process that runs the networks {how} in "{phase}": ' + _with_remedy(
        meaning, has_measured
    )


def silence_in_words(what: Standstill, phase: str, has_measured: bool) -> str:
    """What to say of a process that was ended because it gave no sign of life.

    Parameters
    ----------
    what : what it did last.
    phase, has_measured : as above.
    """
    meaning = _Meaning(what.value, needs_less_memory=what is Standstill.STUCK)
    return (
        f"the process that runs the networks gave no sign of life for {ENDED_AFTER_S:.0f} s in "
        f'"{phase}", and was ended: {_with_remedy(meaning, has_measured)}'
    )


def failure_in_words(reason: str, phase: str, has_measured: bool) -> str:
    """What to say where the process goes on, and something failed in it that nobody expected.

    Parameters
    ----------
    reason : as a clause.
    phase, has_measured : as above.
    """
    meaning = _Meaning(reason, needs_less_memory=reason == MEMORY)
    return f'running the networks failed in "{phase}": {_with_remedy(meaning, has_measured)}'


def _with_remedy(meaning: _Meaning, has_measured: bool) -> str:
    remedies = [_LESS_WORK] * has_measured + [_LESS_MEMORY] * meaning.needs_less_memory
    return f"{meaning.what}; {', and '.join(remedies)}" if remedies else meaning.what


def _how(ending: Ending) -> tuple[str, _Meaning]:
    if ending.status is None:
        return "stopped making sense", _SENSELESS
    if ending.status >= 0:
        return f"ended with status {ending.status}", _LAST_WORDS
    try:
        name = signal.Signals(-ending.status).name
    except ValueError:
        name = f"signal {-ending.status}"
    return f"was ended by {name}", _MEANINGS.get(name, _SOMEBODY)
