"""Values that are too large for a network, by the channels that never fire behind them."""

from __future__ import annotations

import pytest

from inspectors.normalization import NormInspector
from tests.fixtures.builders import build_context, build_measurements, build_statistics
from tests.house.evidence import loud, quiet
from tests.inspectors.weights.models import CHANNELS, model_of, some
from tests.inspectors.wording_rules import assert_well_worded
from utils.findings import Finding
from utils.measurements import LayerMeasurement


def norm_findings(mean: float, asleep: int) -> list[Finding]:
    """What is said of decibels with this mean, behind which so many of 20 channels sleep."""
    entering = build_statistics(mean - 140.0, mean + 40.0, mean=mean, std=4.0)
    highest = some(asleep, -0.5, 90.0).tolist()
    sums = build_statistics(-90.0, highest, mean=0.0, std=40.0, channels=CHANNELS)
    measured = build_measurements(
        input_layer1=LayerMeasurement(entering),
        conv1=LayerMeasurement(build_statistics(channels=CHANNELS), sums),
    )
    context = build_context(model_of(high=some(0, 0.0, 1.0)), measured)
    return list(NormInspector().inspect(context))


@quiet("data-not-normalized")
@loud("data-not-normalized")
@pytest.mark.parametrize(
    ("mean", "asleep", "severity"),
    [(0.0, 0, ""), (0.0, 9, ""), (50.0, 0, "info"), (50.0, 2, "info"), (50.0, 3, "warning")],
)
def test_channels_that_never_fire_make_it_a_warning(
    mean: float, asleep: int, severity: str
) -> None:
    found = norm_findings(mean, asleep)
    assert [(f.id, f.severity.label) for f in found] == (
        [("data-not-normalized", severity)] if severity else []
    )
    for finding in found:
        is_warned = severity == "warning"
        assert ("3 of 20 channels (15%) of net/conv1" in finding.evidence) is is_warned
        assert ("quantize again" in finding.remedy) is is_warned
        assert_well_worded(finding)
