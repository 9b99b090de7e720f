"""What mutations found, each kind as one test: the smallest change that showed it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.files.made import tarred
from tests.har.archives import npz
from tests.mutations.archives import members_of
from tests.mutations.judging import fault_of
from tests.mutations.originals import chip_outputs, original
from tests.mutations.running import command

Array = NDArray[Any]
DATA = "data.npy"


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def with_array(data: bytes, member: str, key: str, change: Callable[[Array], Array]) -> bytes:
    """An archive with one array of a member changed."""
    members = members_of(data)
    arrays = arrays_of(members[member])
    arrays[key] = change(arrays[key])
    return tarred({**members, member: npz(**arrays)})


def arrays_of(data: bytes) -> dict[str, Array]:
    with np.load(io.BytesIO(data)) as file:
        return dict(file)


def shown(files: dict[str, bytes], *argv: str) -> tuple[int | None, str]:
    """Status and standard output of a run that makes no fault."""
    for name, content in files.items():
        Path(name).write_bytes(content)
    ended = command(*argv)
    fault = fault_of(ended, files)
    assert fault is None, fault
    return ended.status, ended.shown


def shown_of_chip(outputs: dict[str, Array]) -> tuple[int | None, str]:
    """The same of a run with these outputs of a chip."""
    chip = original("chip")
    files = {"model.har": chip.archive, DATA: chip.data, "chip.npz": npz(**outputs)}
    return shown(files, "model.har", "-d", DATA, "--device-outputs", "chip.npz")


@pytest.mark.parametrize("key", ["kernel:0", "zp_kernel:0"])
def test_integer_weights_without_axes(key: str) -> None:
    changed = with_array(
        original("windows").archive, "net.q.npz", f"net/conv2/{key}", lambda a: np.float32(3)
    )
    files = {"model.har": changed, DATA: original("windows").data}
    status, _ = shown(files, "model.har", "-d", DATA)
    assert status == 0


def test_float_weights_that_are_complex() -> None:
    changed = with_array(
        original("windows").archive, "net.fpo.npz", "net/dw1/kernel:0", lambda a: a.astype("<c8")
    )
    status, _ = shown(
        {"model.har": changed, DATA: original("windows").data}, "model.har", "-d", DATA
    )
    assert status == 0


@pytest.mark.parametrize("kind", ["<f4,<i2", "|V4"])
def test_arrays_of_records(kind: str) -> None:
    key = "plain/fc1/kernel:0"
    changed = with_array(
        original("plain").archive, "plain.npz", key, lambda a: np.zeros(a.shape, kind)
    )
    files = {"model.har": changed, DATA: original("plain").data}
    status, said = shown(files, "model.har", "-d", DATA)
    assert status == 2
    assert "member 'plain.npz' holds no readable arrays (an array of records" in said


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, -3e38])
def test_biases_whose_sums_are_no_codes(value: float) -> None:
    def spoiled(bias: Array) -> Array:
        return np.where(np.arange(bias.size) == 2, np.float32(value), bias)

    changed = with_array(
        original("chain").archive, "net.fpo.npz", "net/normalization1/bias:0", spoiled
    )
    files = {"model.har": changed, DATA: original("chain").data}
    status, _ = shown(files, "model.har", "-d", DATA, "--quick")
    assert status in (0, 2)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e308, 3e38])
def test_outputs_of_a_chip_that_cannot_be_squared(value: float) -> None:
    outputs = {name: values.astype(np.float64) for name, values in chip_outputs().items()}
    first = next(iter(outputs))
    outputs[first].flat[100] = value
    status, _ = shown_of_chip(outputs)
    assert status == 0


def test_headers_of_which_python_would_warn() -> None:
    """Behind a backslash its parser expects a few letters only."""
    members = members_of(original("plain").archive)
    stream = io.BytesIO()
    whole = io.BytesIO(members["plain.npz"])
    with zipfile.ZipFile(whole) as read, zipfile.ZipFile(stream, "w") as changed:
        for name in read.namelist():
            data = read.read(name).replace(b"'fortran_order'", b"'fortran\\order'")
            changed.writestr(name, data)
    files = {"model.har": tarred({**members, "plain.npz": stream.getvalue()})}
    status, said = shown({**files, DATA: original("plain").data}, "model.har", "-d", DATA)
    assert status == 2
    assert "member 'plain.npz' holds no readable arrays" in said


@pytest.mark.parametrize("value", [-np.inf, 1e308])
def test_outputs_of_a_chip_that_are_all_beyond_numbers(value: float) -> None:
    outputs = {name: values.astype(np.float64) for name, values in chip_outputs().items()}
    outputs = {name: np.full_like(values, value) for name, values in outputs.items()}
    status, said = shown_of_chip(outputs)
    assert status == 0
    assert "the chip computes other values" in said


def test_an_input_without_a_shape() -> None:
    members = members_of(original("plain").archive)
    graph = json.loads(members["plain.hn"])
    for layer in graph["layers"].values():
        if layer["type"] == "input_layer":
            layer.pop("output_shapes", None)
            layer.pop("input_shapes", None)
    files = {"model.har": tarred({**members, "plain.hn": json.dumps(graph).encode()})}
    status, said = shown(files, "model.har")
    assert status == 2
    assert "records no shape" in said


def test_an_output_whose_zero_points_are_empty() -> None:
    """No plan for 16 bit reaches the target, and its range is no reason."""
    sick = original("sick")
    (member,) = (name for name in members_of(sick.archive) if name.endswith(".q.npz"))
    key = "net/output_layer1/layer_params/output_zero_points:0"
    changed = with_array(sick.archive, member, key, lambda array: array[:0])
    assert shown({"model.har": changed, DATA: sick.data}, "model.har", "-d", DATA)[0] == 0


def test_no_layer_adds_anything_to_its_output() -> None:
    members = members_of(original("forked").archive)
    kept = {
        name: npz(**{k: v for k, v in arrays_of(data).items() if "normalization1/" not in k})
        if name.endswith(".fpo.npz")
        else data
        for name, data in members.items()
    }
    files = {"model.har": tarred(kept), DATA: original("forked").data}
    assert shown(files, "model.har", "-d", DATA, "--exact-sensitivity")[0] in (0, 2)
