"""The parsed against the optimized graph, in a chain and in a network that forks."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.backends.stages.comparing_archives import measured_stages, stages_of, stand_in
from tests.fixtures.clean_networks import without_normalization
from tests.fixtures.stage_archives import (
    NETWORKS,
    SCRIPT,
    STD,
    changed_weight,
    named,
    with_layer,
    write_stages,
)
from utils.backends.stages.modification_step import EQUAL_DB, is_same
from utils.errors import DiagnosticError
from utils.stages import Match, StageRequest, Stages, Step

both = pytest.mark.parametrize("kind", NETWORKS)


@pytest.fixture(autouse=True)
def no_original(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for, so that stages are compared, and cannot be had."""

    def refuse(*given: object) -> Step:
        raise DiagnosticError("original.onnx cannot be read")

    stand_in(monkeypatch, "reference_step", refuse)


def modification(found: Stages) -> Step:
    step = found.step_to("optimized")
    assert step is not None
    return step


@both
def test_graphs_that_differ_in_their_normalization_alone_are_not_run(
    kind: str, tmp_path: Path
) -> None:
    found = stages_of(write_stages(tmp_path, NETWORKS[kind]()))
    step = modification(found)
    assert step.is_equal
    assert [match.snr_db for match in step.outputs] == [math.inf] * len(step.outputs)
    assert len(step.outputs) == (1 if kind == "plain" else 2)
    assert step.notes
    assert found.missing == (("original", "original.onnx cannot be read"),)


@both
def test_what_cannot_be_compared_is_a_failure_and_loses_nothing(kind: str, tmp_path: Path) -> None:
    found = measured_stages(write_stages(tmp_path, NETWORKS[kind]()))
    assert found.failures == ("original.onnx cannot be read",)
    assert found.stages is not None
    assert modification(found.stages).is_equal


@both
def test_equalization_is_no_difference(kind: str, tmp_path: Path) -> None:
    net, parsed = NETWORKS[kind](), NETWORKS[kind]()
    made = net.arrays[f"{kind}/conv2"]
    factors = np.linspace(0.5, 4.0, 8).astype(np.float32)
    made["kernel"], made["bias"] = made["kernel"] * factors, made["bias"] * factors
    reader = "fc1" if kind == "plain" else "conv3"
    if kind == "plain":
        # The dense layer reads height, width and channels in a row.
        changed_weight(net, reader, lambda w: w / np.tile(factors, len(w) // 8)[:, None])
    else:
        changed_weight(net, reader, lambda w: w / factors[:, None])
    step = modification(stages_of(write_stages(tmp_path, net, parsed=parsed)))
    assert step.is_equal
    assert all(EQUAL_DB < match.snr_db < math.inf for match in step.outputs)


FUSED_SCRIPT = f"normalization1 = normalization([0.0, 0.0, 0.0], {list(STD)})\n"


@both
def test_a_normalization_that_is_part_of_the_weights_is_no_difference(
    kind: str, tmp_path: Path
) -> None:
    parsed, net = NETWORKS[kind](), NETWORKS[kind]()
    changed_weight(net, "conv1", lambda w: w / np.asarray(STD)[:, None])
    graph = without_normalization(named(net))
    path = write_stages(tmp_path, net, parsed=parsed, network=graph, script=FUSED_SCRIPT)
    step = modification(stages_of(path))
    assert step.is_equal
    assert all(match.snr_db > 80 for match in step.outputs)


@both
def test_a_normalization_that_no_weights_took_up_is_named(kind: str, tmp_path: Path) -> None:
    parsed, net = NETWORKS[kind](), NETWORKS[kind]()
    # Something else was changed, and changed nothing.
    changed_weight(net, "fc1", lambda w: w * np.float32(1 + 1e-6))
    graph = without_normalization(named(net))
    path = write_stages(tmp_path, net, parsed=parsed, network=graph, script=FUSED_SCRIPT)
    step = modification(stages_of(path))
    assert not step.is_equal
    assert step.parts_at == f"{kind}/conv1"
    assert step.reasons[0].word == "normalization-not-applied"
    assert step.reasons[0].before_db < EQUAL_DB < step.reasons[0].after_db


@both
def test_a_normalization_that_neither_graph_has_is_not_guessed(kind: str, tmp_path: Path) -> None:
    net = NETWORKS[kind]()
    graph = without_normalization(named(net))
    assert modification(stages_of(write_stages(tmp_path, net, network=graph))).is_equal


@both
def test_a_layer_of_other_weights_is_named(kind: str, tmp_path: Path) -> None:
    net, parsed = NETWORKS[kind](), NETWORKS[kind]()
    changed_weight(net, "conv2", lambda w: w[::-1, ::-1])
    step = modification(stages_of(write_stages(tmp_path, net, parsed=parsed)))
    assert not step.is_equal
    assert step.parts_at == f"{kind}/conv2"
    assert [reason.word for reason in step.reasons] == ["weights-changed"]
    differing = [match.layer for match in step.inner if not is_same(match)]
    assert differing[0] == f"{kind}/conv2"


@both
def test_channels_that_leave_as_zero_are_counted(kind: str, tmp_path: Path) -> None:
    net, parsed = NETWORKS[kind](), NETWORKS[kind]()
    made = net.arrays[f"{kind}/conv2"]
    made["kernel"], made["bias"] = made["kernel"].copy(), made["bias"].copy()
    made["kernel"][..., :3], made["bias"][:3] = 0, 0
    step = modification(stages_of(write_stages(tmp_path, net, parsed=parsed)))
    assert step.parts_at == f"{kind}/conv2"
    assert [reason.word for reason in step.reasons] == ["channels-zeroed", "weights-changed"]
    assert "of 8 channels leave it as 0" in step.reasons[0].evidence


@both
@pytest.mark.parametrize("command", ["change_output_activation(fc1, sigmoid)\n", ""])
def test_an_activation_at_an_output_is_wanted_where_the_script_asks_for_it(
    kind: str, command: str, tmp_path: Path
) -> None:
    net = NETWORKS[kind]()
    graph = named(net)
    params = {**graph[f"{kind}/fc1"].params, "activation": "sigmoid"}
    changed = with_layer(graph, "fc1", params=params)
    path = write_stages(tmp_path, net, network=changed, script=SCRIPT + command)
    step = modification(stages_of(path))
    assert step.is_equal is bool(command)
    if command:
        assert "change_output_activation" in step.notes[0]
        assert "sigmoid" in step.notes[0]
    else:
        assert step.parts_at == f"{kind}/fc1"
        assert [reason.word for reason in step.reasons] == ["activation-changed"]


def test_a_softmax_that_the_script_adds_is_wanted(tmp_path: Path) -> None:
    net, parsed = NETWORKS["plain"](), NETWORKS["plain"]()
    del net.layers["plain/output_layer1"]
    shape = net.shape("plain/fc1")
    net.add_output(net.add("softmax1", "softmax", ("plain/fc1",), shape, groups=1))
    script = SCRIPT + "logits_layer1 = logits_layer(fc1, softmax)\n"
    step = modification(stages_of(write_stages(tmp_path, net, parsed=parsed, script=script)))
    assert step.is_equal
    assert "logits_layer" in step.notes[0]
    assert step.outputs[0].other == "plain/fc1"


def test_the_limit_is_a_hundredth_of_the_signal() -> None:
    assert is_same(Match("a", "a", snr_db=EQUAL_DB))
    assert not is_same(Match("a", "a", snr_db=EQUAL_DB - 0.1))
    assert pytest.approx(10 * math.log10(100**2)) == EQUAL_DB


def test_nobody_is_bothered_with_graphs_that_are_the_same(tmp_path: Path) -> None:
    path = write_stages(tmp_path, NETWORKS["plain"](), state="quantized_model")
    assert measured_stages(path, StageRequest()).stages is None


def test_a_difference_is_found_where_nobody_asked(tmp_path: Path) -> None:
    net, parsed = NETWORKS["forked"](), NETWORKS["forked"]()
    changed_weight(net, "conv2", lambda w: w[::-1, ::-1])
    path = write_stages(tmp_path, net, state="quantized_model", parsed=parsed)
    found = measured_stages(path, StageRequest()).stages
    assert found is not None
    assert found.samples == 4
    assert modification(found).parts_at == "forked/conv2"
