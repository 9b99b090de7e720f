from __future__ import annotations

import numpy as np
import pytest

from utils.jobs.range_trial import RangeTrial


@pytest.mark.parametrize(
    ("after", "accepted"),
    [
        ({"a": 20.0, "b": 30.0}, False),  # no gain
        ({"a": 20.05, "b": 30.0}, False),  # below what samples differ by
        ({"a": 25.0, "b": 29.9}, False),  # one output loses
        ({"a": float("nan"), "b": 31.0}, False),
        ({"a": float("nan"), "b": 35.0}, False),
        ({"a": 20.2, "b": 30.0}, True),
    ],
)
def test_a_trial_is_accepted_if_some_output_gains_and_none_loses(
    after: dict[str, float], accepted: bool
) -> None:
    assert RangeTrial({"a": 20.0, "b": 30.0}, after).accepted is accepted


@pytest.mark.parametrize("order", ["ab", "ba"])
@pytest.mark.parametrize("nothing", [np.inf, np.nan], ids=["not reached", "always 0"])
def test_outputs_without_noise_or_signal_do_not_count(order: str, nothing: float) -> None:
    before, after = {"a": 30.0, "b": nothing}, {"a": 33.0, "b": nothing}
    trial = RangeTrial({n: before[n] for n in order}, {n: after[n] for n in order})
    assert trial.accepted
    assert trial.described() == "SNR at a 30.0 dB before, 33.0 dB after"


def test_without_outputs_nothing_is_confirmed() -> None:
    nothing = RangeTrial({}, {})
    assert not nothing.accepted
    assert "no output" in nothing.described()
