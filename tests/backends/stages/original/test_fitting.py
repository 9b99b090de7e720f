"""Inputs that fit, layouts that are found, and tensors that have no counterpart."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.backends.stages.original.steps import parsed_only, step_to
from tests.fixtures.original_models import (
    Archive,
    constants,
    forked,
    node_of,
    row,
    unit_samples,
    written_onnx,
)
from utils.backends.stages.original.closeness import closeness
from utils.backends.stages.original.layouts import best_layout, layouts
from utils.errors import UsageError

SHAPE = (4, 5, 3)


@pytest.mark.parametrize(
    ("sizes", "axes", "said"),
    [
        ((4, 5, 3), (0, 1, 2, 3), ""),
        ((3, 4, 5), (0, 3, 1, 2), "channels first"),
        ((3, 5, 4), (0, 3, 2, 1), "channels first, height and width exchanged"),
        ((5, 4, 3), (0, 2, 1, 3), "height and width exchanged"),
        ((60,), (0, 3, 1, 2), "flattened, channels first"),
        ((20, 3), (0, 1, 2, 3), "flattened"),
        ((3, 20), (0, 3, 1, 2), "flattened, channels first"),
        ((1, 3, 4, 5), (0, 3, 1, 2), "channels first"),
    ],
)
def test_a_layout_is_found_and_named(
    sizes: tuple[int, ...], axes: tuple[int, ...], said: str
) -> None:
    own = np.random.default_rng(1).standard_normal((2, *SHAPE)).astype(np.float32)
    theirs = own.transpose(axes).reshape(2, *sizes)
    found, found_db = best_layout(theirs, own, layouts(sizes, SHAPE, is_channels_first=True))
    assert (found.said, found_db) == (said, math.inf)


def test_channels_in_another_order_are_found_and_named() -> None:
    own = np.random.default_rng(1).standard_normal((2, *SHAPE)).astype(np.float32)
    ways = layouts(SHAPE, SHAPE, is_channels_first=False)
    found, found_db = best_layout(own[..., [2, 0, 1]], own, ways)
    assert (found.said, found_db) == ("channels in another order", math.inf)


def test_sizes_that_do_not_fit_have_no_layout() -> None:
    assert layouts((4, 4, 3), SHAPE, is_channels_first=True) == ()
    assert layouts((0, 4, 5), SHAPE, is_channels_first=True)
    assert layouts((3, 0, 0), SHAPE, is_channels_first=True)
    assert layouts((0, 3), SHAPE, is_channels_first=True) == ()
    assert layouts((0, 3), (1, 5, 3), is_channels_first=False)


def test_what_all_samples_share_does_not_make_them_alike() -> None:
    values = np.random.default_rng(1).standard_normal((8, 1, 1, 4)).astype(np.float32)
    assert closeness(values, values) == math.inf
    assert closeness(1000 + values, 1000 - values) < 40
    assert closeness(values, values + np.float32(np.nan)) == -math.inf


def test_open_sizes_are_those_of_the_archive(tmp_path: Path) -> None:
    def opened(model: onnx.ModelProto) -> None:
        for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
            dim.dim_param = "any"

    original = written_onnx(tmp_path / "m.onnx", row(), opened)
    assert step_to(parsed_only(tmp_path, Archive.of(row())), [original], unit_samples()).is_equal


def test_an_input_with_channels_last_is_fed_so(tmp_path: Path) -> None:
    def turned(model: onnx.ModelProto) -> None:
        name = model.graph.input[0].name
        for node in model.graph.node:
            node.input[:] = ["turned" if each == name else each for each in node.input]
        turn = helper.make_node("Transpose", [name], ["turned"], perm=[0, 3, 1, 2])
        model.graph.node.insert(0, turn)
        dims = model.graph.input[0].type.tensor_type.shape.dim
        for dim, size in zip(dims[1:], (12, 12, 3), strict=True):
            dim.dim_value = size

    original = written_onnx(tmp_path / "m.onnx", forked(), turned)
    step = step_to(parsed_only(tmp_path, Archive.of(forked())), [original], unit_samples())
    assert step.is_equal
    assert not any("Its inputs lie" in note for note in step.notes)


def test_other_inputs_are_refused_in_one_sentence(tmp_path: Path) -> None:
    def larger(model: onnx.ModelProto) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 16

    original = written_onnx(tmp_path / "m.onnx", forked(), larger)
    with pytest.raises(UsageError) as raised:
        step_to(parsed_only(tmp_path, Archive.of(forked())), [original], unit_samples())
    text = str(raised.value)
    assert "takes forked/input_layer1 of 3x16x12, but the archive takes" in text
    assert "12x12x3" in text


def test_an_output_without_counterpart_is_named(tmp_path: Path) -> None:
    def cut(model: onnx.ModelProto) -> None:
        del model.graph.output[1]
        gone = node_of(model, "forked/output_layer2")
        model.graph.node.remove(gone)

    archive = Archive.of(forked(), named=False)
    archive.arrays[archive.scoped("fc2")] = forked(seed=9).arrays[archive.scoped("fc2")]
    original = written_onnx(tmp_path / "m.onnx", forked(), cut)
    step = step_to(parsed_only(tmp_path, archive), [original], unit_samples())
    assert step.not_matched == ("forked/output_layer2",)
    assert [match.layer for match in step.outputs] == ["forked/output_layer1"]
    assert step.is_equal


def test_parts_of_a_split_model_are_one_original(tmp_path: Path) -> None:
    whole = written_onnx(tmp_path / "m.onnx", row())
    ends = ([node.input[0] for node in onnx.load(whole).graph.node], ["row/maxpool1"])
    parts = [str(tmp_path / name) for name in ("first.onnx", "second.onnx")]
    onnx.utils.extract_model(whole, parts[0], [ends[0][0]], ends[1], check_model=False)
    onnx.utils.extract_model(whole, parts[1], ends[1], ["row/output_layer1"], check_model=False)
    step = step_to(parsed_only(tmp_path, Archive.of(row())), parts, unit_samples())
    assert step.is_equal
    assert "first.onnx" in step.source and "second.onnx" in step.source


def test_a_name_that_misleads_parts_nothing(tmp_path: Path) -> None:
    """The archive has a layer named after a tensor that it does not compute."""

    def extended(model: onnx.ModelProto) -> None:
        constants(model, {"one": np.ones(1, np.float32)})
        model.graph.node.append(
            helper.make_node("Add", ["row/conv2", "one"], ["elsewhere"], name="node of elsewhere")
        )

    archive = Archive.of(row())
    name = archive.scoped("conv2")
    layer = archive.layers[name]
    archive.layers[name] = type(layer)(
        **{**layer.__dict__, "original_names": ("node of elsewhere",)}
    )
    original = written_onnx(tmp_path / "m.onnx", row(), extended)
    step = step_to(parsed_only(tmp_path, archive), [original], unit_samples())
    assert (step.is_equal, step.parts_at, step.reasons) == (True, "", ())
    assert name not in [match.layer for match in step.inner]
