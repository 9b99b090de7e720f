"""The forms in which users keep outputs; what is damaged ends in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.device_outputs.conftest import Chips
from tests.device_outputs.networks import SAMPLES, Arrays, Chip, saved
from utils.backends.stages.device_step import device_step
from utils.backends.stages.runs import FloatRun
from utils.device_outputs import array_files
from utils.emulator.floats.engine import FloatEmulator
from utils.errors import DiagnosticError
from utils.measurements.output_kind import WhatIsJudged
from utils.stages import StageRequest, Step

NETWORKS = pytest.mark.parametrize(
    "network", [pytest.param("fork", marks=pytest.mark.slow), "line"]
)
Write = Callable[[Path, Arrays], Path]


def flat(name: str) -> str:
    return name.replace("/", "_")


def npz(folder: Path, outputs: Arrays) -> Path:
    return saved(folder / "all.npz", outputs)


def compressed(folder: Path, outputs: Arrays) -> Path:
    save: Any = np.savez_compressed
    save(folder / "all.npz", **outputs)
    return folder / "all.npz"


def npz_for_every_frame(folder: Path, outputs: Arrays) -> Path:
    for frame in range(12):
        of_frame = {name: values[frame] for name, values in outputs.items()}
        saved(folder / f"out_{frame}.npz", of_frame)
    return folder


def npz_of_batches(folder: Path, outputs: Arrays) -> Path:
    batches = {name: v.reshape(3, 4, *v.shape[1:]) for name, v in outputs.items()}
    return saved(folder / "batches.npz", batches)


def npz_with_samples_last(folder: Path, outputs: Arrays) -> Path:
    last = {name: np.stack(list(values), axis=-1) for name, values in outputs.items()}
    return saved(folder / "last.npz", last)


def npz_with_batch_axes(folder: Path, outputs: Arrays) -> Path:
    for frame in range(12):
        of_frame = {name: values[frame : frame + 1] for name, values in outputs.items()}
        saved(folder / f"image{frame}.npz", of_frame)
    return folder


def npy_for_every_output(folder: Path, outputs: Arrays) -> Path:
    for name, values in outputs.items():
        np.save(folder / f"{flat(name)}.npy", values)
    return folder


def npy_in_folders(folder: Path, outputs: Arrays) -> Path:
    for name, values in outputs.items():
        (folder / name).mkdir(parents=True)
        for frame, one in enumerate(values):
            np.save(folder / name / f"{frame}.npy", one)
    return folder


def npy_in_folders_of_frames(folder: Path, outputs: Arrays) -> Path:
    for frame in range(12):
        (folder / f"frame{frame}").mkdir()
        for name, values in outputs.items():
            np.save(folder / f"frame{frame}" / f"{flat(name)}.npy", values[frame])
    return folder


def nameless_npy(folder: Path, outputs: Arrays) -> Path:
    for place, values in enumerate(outputs.values()):
        for frame, one in enumerate(values):
            np.save(folder / f"{'ab'[place]}{frame}.npy", one)
    return folder


def raw(folder: Path, outputs: Arrays) -> Path:
    for name, values in outputs.items():
        values.tofile(folder / f"{flat(name)}.bin")
    return folder


def raw_for_every_frame(folder: Path, outputs: Arrays) -> Path:
    for name, values in outputs.items():
        for frame, one in enumerate(values):
            one.tofile(folder / f"{flat(name)}_{frame:03}.raw")
    return folder


FORMS = (
    npz,
    compressed,
    npz_for_every_frame,
    npz_with_batch_axes,
    npz_of_batches,
    npz_with_samples_last,
    npy_for_every_output,
    npy_in_folders,
    npy_in_folders_of_frames,
    nameless_npy,
    raw,
    raw_for_every_frame,
)


@NETWORKS
@pytest.mark.parametrize("write", FORMS)
@pytest.mark.parametrize("coded", ["", pytest.param("16 bit", marks=pytest.mark.slow)])
def test_every_form_is_read(
    chips: Chips, tmp_path: Path, network: str, write: Write, coded: str
) -> None:
    chip = chips(network, "linear", coded)
    for place, outputs in enumerate((chip.values(), chip.codes())):
        folder = tmp_path / str(place)
        folder.mkdir()
        step = chip.step(write(folder, outputs))
        assert step.is_equal and not step.reasons and not step.not_matched
        assert {m.codes.equal for m in step.outputs if m.codes} == {1.0}
        wrong = {name: values[::-1].copy() for name, values in outputs.items()}
        (tmp_path / f"wrong{place}").mkdir()
        assert not chip.step(write(tmp_path / f"wrong{place}", wrong)).is_equal


def renamed(chip: Chip, name_of: Callable[[str, str], str]) -> Arrays:
    """Outputs by a name made of that of the output layer and that of the layer in front."""
    values = chip.values()
    return {name_of(layer, front): values[front] for layer, front in chip.names.items()}


@NETWORKS
@pytest.mark.parametrize(
    "name_of",
    [
        lambda layer, front: front,
        lambda layer, front: layer,
        lambda layer, front: front.split("/")[1],
        lambda layer, front: f"other_network/{front.split('/')[1]}",
        lambda layer, front: front.replace("/", "_"),
        lambda layer, front: f"prefix_{layer.split('/')[1]}",
    ],
)
def test_outputs_are_found_by_the_names_that_files_have(
    chips: Chips, tmp_path: Path, network: str, name_of: Callable[[str, str], str]
) -> None:
    chip = chips(network)
    step = chip.said(tmp_path, dict(reversed(renamed(chip, name_of).items())))
    assert step.is_equal and {match.by for match in step.outputs} == {"name"}


@NETWORKS
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("shape", ["rows", "flat", "with a batch axis", "fortran"])
def test_types_and_shapes(
    chips: Chips, tmp_path: Path, network: str, kind: type, shape: str
) -> None:
    chip = chips(network)

    def shaped(values: np.ndarray) -> np.ndarray:
        count, height, width, channels = values.shape
        if shape == "rows":
            return values.reshape(count, height * width, channels)
        if shape == "flat":
            return values.reshape(count, -1)
        return np.asfortranarray(values) if shape == "fortran" else values[:, np.newaxis]

    outputs: Arrays = {name: shaped(values).astype(kind) for name, values in chip.values().items()}
    assert chip.said(tmp_path, outputs).is_equal


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 3, 1, 2, 4), (0, 3, 4, 1, 2)])
def test_channels_in_two_parts(chips: Chips, tmp_path: Path, order: tuple[int, ...]) -> None:
    chip = chips("fork")
    parted = {
        name: values.reshape(*values.shape[:3], 2, -1).transpose(order)
        for name, values in chip.values().items()
    }
    step = chip.said(tmp_path, parted)
    assert step.is_equal and "channels in parts" in step.outputs[0].layout
    reversed_parts = {name: values[..., ::-1] for name, values in parted.items()}
    assert not chip.said(tmp_path, reversed_parts).is_equal


@NETWORKS
def test_one_sample_without_a_batch_axis(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    one = chip.with_samples({name: values[:1] for name, values in chip.samples.items()})
    outputs = {name: values[0] for name, values in one.values().items()}
    assert one.said(tmp_path, outputs).is_equal


@NETWORKS
def test_an_output_that_is_missing_is_not_matched(
    chips: Chips, tmp_path: Path, network: str
) -> None:
    chip = chips(network)
    strange = np.zeros((12, 3, 3, 7), np.float32)
    first = next(iter(chip.values()))
    step = chip.said(tmp_path, {"strange": strange, first: chip.values()[first]})
    assert step.is_equal and step.not_matched == tuple(chip.outputs[1:])
    assert step.left_over == ("strange (12x3x3x7 float32)",)
    step = chip.said(tmp_path, {"strange": strange})
    assert not step.is_equal and step.not_matched == tuple(chip.outputs)


def pickled(folder: Path) -> Path:
    objects = np.array([{"conv1": np.zeros(3)}, None], dtype=object)
    np.save(folder / "objects.npy", objects, allow_pickle=True)
    return folder / "objects.npy"


def pickled_in_npz(folder: Path) -> Path:
    np.savez(folder / "objects.npz", x=np.array([{}], dtype=object))
    return folder / "objects.npz"


def cut_off(folder: Path) -> Path:
    np.save(folder / "cut.npy", np.zeros((12, 8, 8, 3), np.float32))
    data = (folder / "cut.npy").read_bytes()
    (folder / "cut.npy").write_bytes(data[: len(data) // 2])
    return folder / "cut.npy"


def cut_off_in_npz(folder: Path) -> Path:
    np.savez(folder / "cut.npz", x=np.zeros((12, 8, 8, 3), np.float32))
    data = (folder / "cut.npz").read_bytes()
    (folder / "cut.npz").write_bytes(data[: len(data) // 2])
    return folder / "cut.npz"


def texts(folder: Path) -> Path:
    np.save(folder / "texts.npy", np.array(["cat", "dog"]))
    return folder / "texts.npy"


def no_array(folder: Path) -> Path:
    (folder / "notes.npy").write_text("conv1: 3")
    return folder / "notes.npy"


def json_file(folder: Path) -> Path:
    (folder / "boxes.json").write_text('[{"label": "cat", "score": 0.9}]')
    return folder / "boxes.json"


def table_of_numbers(folder: Path) -> Path:
    np.savetxt(folder / "outputs.txt", np.zeros((4, 4)))
    return folder / "outputs.txt"


def empty_folder(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def frames_of_two_sizes(folder: Path) -> Path:
    for frame, size in enumerate((5, 6)):
        np.savez(folder / f"{frame}.npz", conv4=np.zeros((size, 3), np.float32))
    return folder


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (pickled, r"objects.npy holds pickled Python objects, .* never loaded; save numbers"),
        (pickled_in_npz, r"objects.npz holds pickled Python objects"),
        (cut_off, r"cut.npy holds no whole array \(.*\); save it again"),
        (cut_off_in_npz, r"cut.npz: .* is damaged .*; save the outputs again"),
        (texts, r"texts.npy holds values of type <U3, not numbers; save numbers"),
        (no_array, r"notes.npy is a text, not arrays; save numbers: one array"),
        (json_file, r"boxes.json is a JSON file, not arrays"),
        (table_of_numbers, r"outputs.txt is a (table of numbers|text), not arrays"),
        (empty_folder, r"empty holds no npy, npz or bin files; pass the folder"),
        (frames_of_two_sizes, r"holds 2 files of conv4 that do not fit together: .*; keep one"),
        (lambda folder: folder / "nowhere.npz", r"nowhere.npz does not exist; pass"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    chips: Chips, tmp_path: Path, write: Callable[[Path], Path], sentence: str
) -> None:
    with pytest.raises(DiagnosticError, match=sentence) as raised:
        chips("fork").step(write(tmp_path))
    assert "\n" not in str(raised.value)


def test_no_more_is_read_than_is_bounded(
    chips: Chips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chip = chips("fork")
    path = npz(tmp_path, chip.values())
    assert chip.step(path).is_equal
    monkeypatch.setattr(array_files, "MOST_BYTES", 1000)
    with pytest.raises(DiagnosticError, match=r"all.npz holds .* at most 0 GiB are read; keep"):
        chip.step(path)


@NETWORKS
def test_outputs_of_other_samples_are_refused(chips: Chips, tmp_path: Path, network: str) -> None:
    chip = chips(network)
    some = {name: values[:5] for name, values in chip.values().items()}
    with pytest.raises(DiagnosticError, match=r"holds outputs of 5 samples \(.*12 samples; give"):
        chip.said(tmp_path, some)


def test_hostile_names_are_spelled_out(chips: Chips, tmp_path: Path) -> None:
    chip = chips("fork")
    hostile = {"evil\x1b[31m\nerror": np.zeros((12, 2, 2, 2), np.float32), **chip.values()}
    step = chip.said(tmp_path, hostile)
    assert step.is_equal and step.left_over and step.left_over[0].isprintable()
    assert all(note.isprintable() for note in step.notes)


@NETWORKS
@pytest.mark.parametrize("head", ["linear", "sigmoid"])
def test_outputs_of_the_float_network_are_no_chips(
    chips: Chips, tmp_path: Path, network: str, head: str
) -> None:
    """They lie as near to the integers as the quantization leaves them."""
    chip = chips(network, head)
    floats = FloatRun(FloatEmulator(chip.model.float_network, chip.model.float_parameters), 16)

    def said(outputs: Arrays) -> Step:
        request = StageRequest(device_outputs=(str(npz(tmp_path, outputs)),))
        return device_step(request, chip.model, chip.run, chip.samples, WhatIsJudged(), floats)

    assert said(chip.values()).is_equal
    assert said(chip.codes()).is_equal
    halves = {name: values.astype(np.float16) for name, values in chip.values().items()}
    assert said(halves).is_equal
    found = floats.run(chip.samples, chip.outputs)
    with pytest.raises(DiagnosticError, match="holds what the float network computes, in every"):
        said({chip.names[name]: np.array(values) for name, values in found.items()})


@pytest.mark.parametrize("coded", ["", "16 bit"])
def test_codes_of_twice_as_many_frames_are_no_halves_of_words(
    chips: Chips, tmp_path: Path, coded: str
) -> None:
    chip = chips("fork", coded=coded)
    half = chip.with_samples({name: values[::2] for name, values in chip.samples.items()})
    places = tuple(range(0, SAMPLES, 2))
    path = saved(tmp_path / "codes.npz", chip.codes())
    step = half.step(path, positions=places, samples_in_data=SAMPLES)
    assert step.is_equal
    assert (step.reasons, step.not_matched, step.left_over) == ((), (), ())
