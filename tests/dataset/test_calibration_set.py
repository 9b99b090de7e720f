from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.house.fuzzing import examples
from utils.dataset import arrays as dataset_arrays
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.facts import InputInfo
from utils.dataset.input_names import match_names
from utils.errors import DatasetError
from utils.har.network import Layer, Shape

MAPS = Path("/proc/self/maps")


def input_layer(
    shape: Shape = (2, 3, 3), name: str = "net/input_layer1", originals: tuple[str, ...] = ()
) -> Layer:
    return Layer(name, "input_layer", output_shapes=(shape,), original_names=originals)


def two_inputs() -> list[Layer]:
    return [
        input_layer((2, 3, 3), "net/input_layer1", ("image",)),
        input_layer((1, 1, 4), "net/input_layer2", ("state",)),
    ]


def samples(number: int = 6, shape: Shape = (2, 3, 3), dtype: str = "<f4") -> NDArray[Any]:
    return np.arange(number * np.prod(shape)).reshape(number, *shape).astype(dtype)


def npy(folder: Path, array: Any) -> str:
    path = folder / "calib.npy"
    np.save(path, array)
    return str(path)


def npz(folder: Path, **arrays: Any) -> str:
    path = folder / "calib.npz"
    np.savez_compressed(path, **arrays)
    return str(path)


def concatenated(calibration: CalibrationSet, batch_size: int = 4) -> dict[str, NDArray[Any]]:
    batches = list(calibration.batches(batch_size))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


class TestOpening:
    @pytest.mark.parametrize(("count", "used"), [(1, 1), (6, 6), (64, 6)])
    def test_counts(self, tmp_path: Path, count: int, used: int) -> None:
        path = npy(tmp_path, samples(dtype="u1"))
        calibration = open_dataset(path, [input_layer()], count)
        assert (calibration.path, calibration.samples, calibration.used) == (path, 6, used)
        assert calibration.inputs == {"net/input_layer1": InputInfo((2, 3, 3), "uint8")}
        assert calibration.notes == ()
        assert len(concatenated(calibration)["net/input_layer1"]) == used

    @pytest.mark.parametrize(
        ("number", "count", "whole", "expected"),
        [
            (99, 64, 0, [0, 2, 3, 5, 98]),
            (99, 64, 98, [0, 2, 3, 5, 98]),
            (99, 64, 99, [0, 1, 2, 3, 98]),
            (99, 64, 256, [0, 1, 2, 3, 98]),
            (64, 64, 0, [0, 1, 2, 3, 63]),
            (20, 5, 0, [0, 5, 10, 14, 19]),
        ],
    )
    def test_what_is_used_is_spread_over_the_file(
        self, tmp_path: Path, number: int, count: int, whole: int, expected: list[int]
    ) -> None:
        path = npy(tmp_path, samples(number, dtype="i4"))
        calibration = open_dataset(path, [input_layer()], count, whole=whole)
        indices = calibration.indices
        assert [*indices[:4].tolist(), indices[-1]] == expected
        assert len(set(indices.tolist())) == calibration.used
        read = concatenated(calibration)["net/input_layer1"]
        np.testing.assert_array_equal(read, samples(number, dtype="i4")[indices])

    @pytest.mark.parametrize("save", [npy, lambda folder, array: npz(folder, x=array)])
    @pytest.mark.parametrize(
        "dtype", ["?", "i1", "u1", "<i2", ">u2", "<i4", ">i8", "<u8", "<f2", ">f4", "<f8"]
    )
    def test_types_come_native_and_unchanged(
        self, tmp_path: Path, dtype: str, save: Callable[[Path, Any], str]
    ) -> None:
        data = samples(dtype=dtype)
        calibration = open_dataset(save(tmp_path, data), [input_layer()], 64)
        read = concatenated(calibration)["net/input_layer1"]
        assert read.dtype == data.dtype.newbyteorder("=")
        assert read.dtype.isnative
        assert calibration.inputs["net/input_layer1"].dtype == read.dtype.name
        np.testing.assert_array_equal(read, data)

    def test_second_version_of_the_format(self, tmp_path: Path) -> None:
        path = tmp_path / "calib.npy"
        with path.open("wb") as stream:
            np.lib.format.write_array(stream, samples(), version=(2, 0))
        read = concatenated(open_dataset(str(path), [input_layer()], 64))
        np.testing.assert_array_equal(read["net/input_layer1"], samples())

    def test_batches_can_be_kept_and_changed(self, tmp_path: Path) -> None:
        calibration = open_dataset(npy(tmp_path, samples()), [input_layer()], 64)
        for batch in calibration.batches(3):
            batch["net/input_layer1"][:] = -1
        np.testing.assert_array_equal(concatenated(calibration)["net/input_layer1"], samples())

    def test_network_without_inputs(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="no input layer"):
            open_dataset(npy(tmp_path, samples()), [], 64)


@st.composite
def stored_arrays(draw: st.DrawFn) -> tuple[NDArray[Any], str]:
    shape = draw(st.tuples(st.integers(1, 9), *[st.integers(1, 4)] * 3))
    dtype = draw(st.sampled_from(["?", "u1", "<i2", ">i4", "<f2", ">f4", "<f8"]))
    order = draw(st.sampled_from("CF"))
    seed = draw(st.integers(0, 99))
    data = np.random.default_rng(seed).integers(0, 99, shape).astype(dtype)
    if order == "F":
        data = np.asfortranarray(data)
    return data, draw(st.sampled_from(["npy", "stored", "deflated"]))


class TestStreaming:
    @settings(max_examples=examples(150), deadline=None)
    @given(stored_arrays(), st.integers(1, 12), st.integers(1, 12))
    def test_batches_joined_are_the_array(
        self, stored: tuple[NDArray[Any], str], count: int, batch_size: int
    ) -> None:
        array, kind = stored
        with TemporaryDirectory() as folder:
            path = f"{folder}/calib.{kind}"
            with open(path, "wb") as file:
                save = {"npy": np.save, "stored": np.savez, "deflated": np.savez_compressed}[kind]
                save(file, array)
            height, width, channels = array.shape[1:]
            calibration = open_dataset(path, [input_layer((height, width, channels))], count)
            batches = [batch["net/input_layer1"] for batch in calibration.batches(batch_size)]
        used = np.linspace(0, len(array) - 1, min(count, len(array))).round().astype(int)
        assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
        assert all(batch.flags.c_contiguous and batch.dtype.isnative for batch in batches)
        np.testing.assert_array_equal(np.concatenate(batches), array[used])

    @pytest.mark.parametrize("save", [npy, lambda folder, array: npz(folder, x=array)])
    def test_memory_holds_batches_not_the_set(
        self, tmp_path: Path, save: Callable[[Path, Any], str]
    ) -> None:
        batch_bytes = 4 * 64 * 64 * 3
        path = save(tmp_path, np.zeros((400, 64, 64, 3), np.uint8))
        calibration = open_dataset(path, [input_layer((64, 64, 3))], 400)
        tracemalloc.start()
        try:
            seen = sum(len(batch["net/input_layer1"]) for batch in calibration.batches(4))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert seen == 400
        # The set has 4.9 MB; a batch, its successor and three stages of decompression remain.
        assert peak < 10 * batch_bytes + 200_000

    @pytest.mark.skipif(not MAPS.exists(), reason="the system does not list what is mapped")
    def test_a_file_is_mapped_no_longer_than_a_batch_is_copied(self, tmp_path: Path) -> None:
        path = npy(tmp_path, samples(20))
        calibration = open_dataset(path, [input_layer()], 64)
        # Pages of a mapping that stays would count as memory that grows with the samples.
        assert all(path not in MAPS.read_text() for _ in calibration.batches(4))

    def test_samples_behind_those_asked_for_are_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "calib.npz"
        data = np.random.default_rng(0).integers(0, 255, (40, 32, 32, 3), np.uint8)
        np.savez(path, x=data)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)
        calibration = open_dataset(str(path), [input_layer((32, 32, 3))], 10)
        batches = [b["net/input_layer1"] for b in calibration.batches(4, np.arange(10))]
        np.testing.assert_array_equal(np.concatenate(batches), data[:10])
        with pytest.raises(DatasetError, match=r"is damaged.*CRC"):
            concatenated(open_dataset(str(path), [input_layer((32, 32, 3))], 40))

    def test_fortran_order_is_read_whole_only_up_to_a_limit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = npz(tmp_path, x=np.asfortranarray(samples()))
        np.testing.assert_array_equal(
            concatenated(open_dataset(path, [input_layer()], 64))["net/input_layer1"], samples()
        )
        monkeypatch.setattr(dataset_arrays, "FORTRAN_ORDER_LIMIT", samples().nbytes - 1)
        with pytest.raises(DatasetError, match=r"Fortran order.*np\.ascontiguousarray"):
            open_dataset(path, [input_layer()], 64)


class TestNames:
    @pytest.mark.parametrize(
        "names",
        [
            ("net/input_layer1", "net/input_layer2"),
            ("input_layer1", "input_layer2"),
            ("image", "state"),
            ("image", "input_layer2"),
        ],
    )
    def test_accepted_names(self, tmp_path: Path, names: tuple[str, str]) -> None:
        image, state = samples(), samples(shape=(1, 1, 4))
        # Stored in the other order: names count, not places.
        path = npz(tmp_path, **{names[1]: state, names[0]: image})
        calibration = open_dataset(path, two_inputs(), 64)
        read = concatenated(calibration)
        assert list(read) == list(calibration.inputs) == ["net/input_layer1", "net/input_layer2"]
        np.testing.assert_array_equal(read["net/input_layer1"], image)
        np.testing.assert_array_equal(read["net/input_layer2"], state)
        assert calibration.notes == ()

    def test_one_array_for_one_input_whatever_its_name(self, tmp_path: Path) -> None:
        calibration = open_dataset(npz(tmp_path, anything=samples()), [input_layer()], 64)
        np.testing.assert_array_equal(concatenated(calibration)["net/input_layer1"], samples())

    def test_other_arrays_are_ignored_with_a_note(self, tmp_path: Path) -> None:
        labels = np.array(["cat", "dog"])
        calibration = open_dataset(
            npz(tmp_path, input_layer1=samples(), labels=labels), [input_layer()], 64
        )
        assert list(calibration.inputs) == ["net/input_layer1"]
        assert len(calibration.notes) == 1
        assert "labels" in calibration.notes[0]

    @pytest.mark.parametrize(
        ("arrays", "missing"),
        [
            ({"input_layer1": 0}, "net/input_layer2"),
            ({"arr_0": 0, "arr_1": 0}, "net/input_layer1 and net/input_layer2"),
        ],
    )
    def test_missing_arrays_are_named(
        self, tmp_path: Path, arrays: dict[str, int], missing: str
    ) -> None:
        path = npz(tmp_path, **{name: samples() for name in arrays})
        with pytest.raises(DatasetError) as caught:
            open_dataset(path, two_inputs(), 64)
        text = str(caught.value)
        assert f"missing: {missing})" in text
        assert all(name in text for name in [*arrays, "input_layer2 or state", "Add an array"])
        assert caught.value.command == ""

    def test_npy_for_several_inputs(self, tmp_path: Path) -> None:
        with pytest.raises(
            DatasetError, match="with this array as input_layer1 and with samples for input_layer2"
        ):
            open_dataset(npy(tmp_path, samples()), two_inputs(), 64)

    def test_different_numbers_of_samples(self, tmp_path: Path) -> None:
        path = npz(tmp_path, image=samples(6), state=samples(5, (1, 1, 4)))
        with pytest.raises(DatasetError, match=r"6 for net/input_layer1, 5 for net/input_layer2"):
            open_dataset(path, two_inputs(), 64)

    def test_scoped_name_wins_over_the_others(self) -> None:
        names = ("image", "input_layer1", "net/input_layer1", "state")
        matched = match_names(names, two_inputs())
        assert matched == {"net/input_layer1": "net/input_layer1", "net/input_layer2": "state"}

    def test_a_name_of_two_inputs_serves_neither(self) -> None:
        inputs = [input_layer(name="a/input_layer1"), input_layer(name="b/input_layer1")]
        assert match_names(("input_layer1", "b/input_layer1"), inputs) == {
            "b/input_layer1": "b/input_layer1"
        }


class TestShapes:
    @pytest.mark.parametrize(
        ("shape", "expected", "told"),
        [
            ((6, 3, 4, 5), (4, 5, 3), "`x = x.transpose(0, 2, 3, 1)` (a reshape would scramble"),
            ((6, 80), (1, 1, 80), "x = x.reshape(-1, 1, 1, 80)"),
            ((6, 60), (4, 5, 3), "if its values are in the order height, width, channels"),
            ((6, 9, 9, 9), (4, 5, 3), "Save samples of 4 x 5 x 3, as the network was trained on."),
            ((60,), (4, 5, 2), "Save samples of 4 x 5 x 2, as the network was trained on."),
            ((6, 9, 9, 9), (40, 50, 3), "Save pictures of 40 x 50 with 3 channels."),
        ],
    )
    def test_complaint(
        self, tmp_path: Path, shape: tuple[int, ...], expected: Shape, told: str
    ) -> None:
        with pytest.raises(DatasetError) as caught:
            open_dataset(npy(tmp_path, np.zeros(shape)), [input_layer(expected)], 64)
        height, width, channels = expected
        text = str(caught.value)
        assert f"expected (samples, {height}, {width}, {channels}), got {shape}" in text
        assert told in text
        assert "\n" not in text

    def test_every_misshapen_input_is_named(self, tmp_path: Path) -> None:
        path = npz(tmp_path, image=np.zeros((6, 3, 2, 3)), state=np.zeros((6, 4)))
        with pytest.raises(DatasetError, match=r"input_layer1: exp.*input_layer2: exp.*reshape"):
            open_dataset(path, two_inputs(), 64)


def raw_npy(header: str, data: bytes = b"", version: int = 1, magic: bytes = b"\x93NUMPY") -> bytes:
    text = header.encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return magic + bytes([version, 0]) + length + text + data


def header(shape: str = "(6, 2, 3, 3)", descr: str = "'<f4'", order: str = "False") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"


def saved(array: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def zipped(content: bytes, **options: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        archive.writestr("x.npy", content)
    return stream.getvalue()


class Hostile:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return pytest.fail, ("something was unpickled",)


HOSTILE_ARRAYS = [
    (b"", "The data file is empty"),
    (b"\x93NUM", "not a numpy array"),
    (b"not an array, whatever its name says", "not a numpy array"),
    (saved(np.array([Hostile()], object), allow_pickle=True), "pickled Python objects"),
    (saved(samples())[:-1], "is truncated"),
    (saved(samples())[:30], "header is cut off"),
    (saved(samples())[:9], "header is cut off"),
    (saved(samples(0)), "no samples"),
    (saved(np.float32(1)), "a single number"),
    (saved(samples().astype("c8")), "type complex64"),
    (saved(samples().astype("U4")), "type <U4"),
    (saved(samples().astype(np.longdouble)), "x = x.astype(np.float32)"),
    (saved(np.zeros(4, [("a", "f4")])), "Save the values as uint8 or float32"),
    (raw_npy(header(), version=3), "version 3 of the npy format"),
    (raw_npy(header("(10**9,)")), "header is malformed"),
    (raw_npy(header("(-6, 2, 3, 3)")), "no samples"),
    (raw_npy(header("(6, -2, 3, 3)")), "no samples"),
    (raw_npy(header(f"({10**30}, 2, 3, 3)")), "is truncated"),
    (raw_npy(header(descr="()")), "header is malformed"),
    (raw_npy(header(descr="'<q9'")), "header is malformed"),
    (raw_npy("(" * 5000), "header is malformed"),
    (raw_npy("[1, 2]"), "header is malformed"),
    (raw_npy(header() + " " * 20_000), "absurdly long"),
    (b"\x93NUMPY\x02\x00" + b"\xff" * 400, "absurdly long"),
]


class TestHostileFiles:
    # Without the bytes in their names: some of those of a long double are whatever was there.
    @pytest.mark.parametrize(
        ("content", "told"), HOSTILE_ARRAYS, ids=[told for _, told in HOSTILE_ARRAYS]
    )
    @pytest.mark.parametrize("wrap", [bytes, zipped])
    def test_arrays(
        self, tmp_path: Path, content: bytes, told: str, wrap: Callable[[bytes], bytes]
    ) -> None:
        path = tmp_path / "calib"
        path.write_bytes(wrap(content))
        with pytest.raises(DatasetError) as caught:
            open_dataset(str(path), [input_layer()], 64)
        assert told in str(caught.value)
        assert str(path) in str(caught.value)

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (zipped(saved(samples()))[:-30], "is damaged"),
            (zipped(saved(samples()), compression=zipfile.ZIP_BZIP2), "numpy.savez never uses"),
            (zipped(saved(samples()))[:4] + b"nothing else", "is damaged"),
        ],
        ids=["cut off", "another compression", "nothing else"],  # bytes would hold the time
    )
    def test_archives(self, tmp_path: Path, content: bytes, told: str) -> None:
        path = tmp_path / "calib.npz"
        path.write_bytes(content)
        with pytest.raises(DatasetError, match=told):
            open_dataset(str(path), [input_layer()], 64)

    def test_encrypted_member(self, tmp_path: Path) -> None:
        content = bytearray(zipped(saved(samples())))
        content[content.index(b"PK\x01\x02") + 8] |= dataset_arrays.ENCRYPTED
        path = tmp_path / "calib.npz"
        path.write_bytes(content)
        with pytest.raises(DatasetError, match="is encrypted"):
            open_dataset(str(path), [input_layer()], 64)

    def test_member_shorter_than_the_directory_says(self, tmp_path: Path) -> None:
        whole, cut = saved(samples()), saved(samples())[:-8]
        content = zipped(cut, compression=zipfile.ZIP_DEFLATED)
        directory = content.index(b"PK\x01\x02")
        size = struct.pack("<I", len(whole))
        content = content[: directory + 24] + size + content[directory + 28 :]
        path = tmp_path / "calib.npz"
        path.write_bytes(content)
        with pytest.raises(DatasetError, match=r"is damaged|is truncated"):
            concatenated(open_dataset(str(path), [input_layer()], 64))

    def test_file_that_shrinks_after_it_was_opened(self, tmp_path: Path) -> None:
        path = npy(tmp_path, samples())
        calibration = open_dataset(path, [input_layer()], 64)
        Path(path).write_bytes(saved(samples())[:-8])
        with pytest.raises(DatasetError, match=r"The data changed while .*calib\.npy"):
            concatenated(calibration)

    def test_paths_that_are_no_files(self, tmp_path: Path) -> None:
        with pytest.raises(DatasetError, match="does not exist"):
            open_dataset(str(tmp_path / "absent.npy"), [input_layer()], 64)
        with pytest.raises(DatasetError, match="folder is empty"):
            open_dataset(str(tmp_path), [input_layer()], 64)

    @settings(max_examples=examples(400), deadline=None)
    @given(
        st.sampled_from(["npy", "stored", "deflated"]),
        st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
        st.integers(0, 10_000),
    )
    def test_any_damage_ends_in_a_sentence_or_in_samples(
        self, kind: str, changes: list[tuple[int, int]], length: int
    ) -> None:
        content = saved(samples())
        if kind != "npy":
            method = zipfile.ZIP_DEFLATED if kind == "deflated" else zipfile.ZIP_STORED
            content = zipped(content, compression=method)
        damaged = bytearray(content)
        for position, value in changes:
            damaged[position % len(damaged)] = value
        if length < len(damaged):
            del damaged[length:]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "calib"
            path.write_bytes(damaged)
            try:
                read = concatenated(open_dataset(str(path), [input_layer()], 64))
            except DatasetError:
                return
        assert read["net/input_layer1"].shape[1:] == (2, 3, 3)


def spoiled(*places: tuple[int, float]) -> NDArray[Any]:
    data = samples(20)
    for sample, value in places:
        data[sample, 1, 2, 0] = value
    return data
