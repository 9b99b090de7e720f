"""What interrupts the command: at once before anything is kept, not within a last step."""

from __future__ import annotations

import signal

import pytest

from tests.terminal.program import ran
from utils.terminal import interruptions
from utils.terminal.interruptions import LateInterruption, first_interruption_held_back

INTERRUPT = "os.kill(os.getpid(), signal.SIGINT); "


def test_an_interruption_while_modules_are_imported() -> None:
    start = "signal.signal(signal.SIGINT, signal.default_int_handler); "
    assert ran(f"{start}interruptions.end_on_interruption(); {INTERRUPT}") == (
        130,
        "[error] Interrupted before anything was done\n",
    )


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_who_ignores_interruptions_goes_on_doing_so(name: str) -> None:
    """Shells do so for what runs in the background, and nohup where the terminal may close."""
    ignored = f"signal.signal(signal.{name}, signal.SIG_IGN); "
    both = "interruptions.end_on_interruption(); interruptions.raise_on_interruption(); "
    assert ran(f"{ignored}{both}signal.raise_signal(signal.{name}); ") == (0, "")


BY = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM", "SIGHUP": "SIGHUP"}


@pytest.mark.parametrize(("name", "said"), BY.items(), ids=BY)
def test_what_interrupted_is_named(name: str, said: str) -> None:
    lines = (
        "import signal\n"
        f"signal.signal(signal.{name}, signal.SIG_DFL)\n"  # nohup has it ignored
        "interruptions.raise_on_interruption()\n"
        f"try:\n    signal.raise_signal(signal.{name})\n"
        "except KeyboardInterrupt:\n    sys.stderr.write(interruptions.interruption())\n"
    )
    assert ran(lines) == (0, said)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def test_the_first_interruption_comes_behind_the_block() -> None:
    steps = []
    with (
        pytest.raises(LateInterruption),
        first_interruption_held_back(),
    ):
        interrupt()
        steps.append(interruptions.is_interruption_held_back())
    assert steps == [True]
    assert not interruptions.is_interruption_held_back()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_interruption_ends_the_block() -> None:
    steps = []
    with pytest.raises(KeyboardInterrupt) as caught, first_interruption_held_back():
        interrupt()
        steps.append("first")
        interrupt()
        steps.append("second")
    assert steps == ["first"]
    assert not isinstance(caught.value, LateInterruption)


def test_what_takes_long_is_interrupted_at_once_and_is_not_begun_behind_an_interruption() -> None:
    begun = []
    with (
        first_interruption_held_back(),
        pytest.raises(KeyboardInterrupt),
        interruptions.interruptible(),
    ):
        begun.append("first")
        interrupt()
    with (
        pytest.raises(LateInterruption),
        first_interruption_held_back(),
    ):
        interrupt()
        with pytest.raises(KeyboardInterrupt), interruptions.interruptible():
            begun.append("second")
    assert begun == ["first"]
