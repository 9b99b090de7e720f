"""Names and values of --activation-parameter."""

from __future__ import annotations

import subprocess
import sys

import pytest

from utils.errors import UsageError
from utils.har.activation_parameters import ACTIVATION_PARAMETERS, check_activation_parameters


def test_all_listed_names_are_accepted() -> None:
    check_activation_parameters({})
    check_activation_parameters(dict.fromkeys(ACTIVATION_PARAMETERS, 0.5))


@pytest.mark.parametrize("name", ["relu", "Leaky", "leaky.alpha", "hardsigmoid", ""])
def test_other_names_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name!r}; known are leaky, elu, hardsigmoid.alpha"):
        check_activation_parameters({name: 0.5})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_must_be_finite(value: float) -> None:
    with pytest.raises(UsageError, match="leaky is"):
        check_activation_parameters({"leaky": value})


def test_checking_needs_no_tensorflow() -> None:
    code = "import sys, utils.har.activation_parameters; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
