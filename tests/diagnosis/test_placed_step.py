"""A step whose lines stand beside those of the model script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diagnosis.placed_step import placed
from tests.causes.findings import NETWORK
from utils.causes import NextStep
from utils.model_script import parse_model_script


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, ""),
        ("set_seed(seed=5)", ""),
        ("quantization_param([conv1], precision_mode=a8_w8)", ""),
        ("quantization_param([conv2], precision_mode=a8_w4)", ""),
        ("quantization_param([conv1], force_range_out=[0, 1])", ""),
        ("quantization_param({*}, precision_mode=a8_w4)", ""),
        (
            "quantization_param([conv1, conv2], precision_mode=a8_w4)",
            " Line 1 of the model script sets this otherwise: change it there.",
        ),
        (
            "quantization_param([conv1], precision_mode=a8_w4)\nset_seed(seed=5)\n"
            "quantization_param(conv1, precision_mode=a16_w16)",
            " Lines 1 and 3 of the model script set this otherwise: change it there.",
        ),
    ],
)
def test_a_line_is_changed_where_the_script_has_it(script: str | None, said: str) -> None:
    command = "quantization_param([net/conv1], precision_mode=a8_w8)"
    made = NextStep("low-snr", "Mend it.", (command,), is_script=True)
    read = None if script is None else parse_model_script(script)
    assert placed(made, read, NETWORK) == replace(made, text=f"Mend it.{said}")


def test_what_needs_no_line_and_what_names_one_is_left_as_it_is() -> None:
    script = parse_model_script("quantization_param(conv1, precision_mode=a8_w4)")
    command = "quantization_param([net/conv1], precision_mode=a8_w8)"
    shell = NextStep("low-snr", "Mend it.", (command,))
    named = NextStep("low-snr", "In line 1 of the model script, mend it.", (command,), True)
    for made in (None, shell, named):
        assert placed(made, script, NETWORK) == made
    foreign = NextStep("low-snr", "Mend it.", ("no statement",), is_script=True)
    assert placed(foreign, script, NETWORK) == foreign
