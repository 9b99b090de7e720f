"""TFRecords of pictures, written by TensorFlow itself."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from tests.dataset.refusals import as_finding
from tests.fixtures.picture_folders import input_layer, photos
from tests.house.fuzzing import examples
from utils.backends.embedded import prepare_tensorflow
from utils.dataset.calibration_set import CalibrationSet, open_dataset
from utils.dataset.read_as import ReadAs
from utils.dataset.sources import tf_record
from utils.dataset.sources.names import LONGEST
from utils.dataset.sources.tf_record import is_tf_record
from utils.errors import DatasetError
from utils.har.network import Layer

NAME = "net/input_layer1"
PHOTOS = photos(7)


def encoded(picture: NDArray[Any], form: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, form)
    return stream.getvalue()


def as_png(picture: NDArray[Any], index: int) -> dict[str, Any]:
    height, width, _ = picture.shape
    return {
        "height": height,
        "width": width,
        "image_name": f"{index}.png".encode(),
        "image_png": encoded(picture, "PNG"),
        "mask": bytes(height * width),
    }


def as_pixels(picture: NDArray[Any], index: int) -> dict[str, Any]:
    del index
    height, width, _ = picture.shape
    return {"height": height, "width": width, "image_numpy": picture.tobytes()}


def write(path: Path, examples: list[dict[str, Any]]) -> Path:
    prepare_tensorflow()
    import tensorflow as tf

    def feature(value: Any) -> Any:
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    with tf.io.TFRecordWriter(str(path)) as writer:
        for values in examples:
            named = {name: feature(value) for name, value in values.items()}
            example = tf.train.Example(features=tf.train.Features(feature=named))
            writer.write(example.SerializeToString())
    return path


def opened(path: Path, layer: Layer | None = None, **decided: Any) -> CalibrationSet:
    return open_dataset(str(path), [layer or input_layer()], 1000, read_as=ReadAs(**decided))


def pixels(calibration: CalibrationSet) -> NDArray[Any]:
    return np.concatenate([batch[NAME] for batch in calibration.batches(3)])


@pytest.mark.parametrize("example", [as_png, as_pixels])
def test_pictures_come_in_the_order_of_the_records(tmp_path: Path, example: Any) -> None:
    path = write(tmp_path / "x", [example(picture, i) for i, picture in enumerate(PHOTOS)])
    calibration = opened(path)
    assert (calibration.samples, calibration.kind) == (7, "TFRecord")
    np.testing.assert_array_equal(pixels(calibration), PHOTOS)
    chosen = np.array([2, 6])
    (batch,) = calibration.batches(5, chosen)
    np.testing.assert_array_equal(batch[NAME], PHOTOS[chosen])


def test_jpegs_are_decoded_as_those_of_a_folder(tmp_path: Path) -> None:
    data = encoded(PHOTOS[0], "JPEG")
    path = write(tmp_path / "x", [{"height": 24, "width": 32, "image_jpeg": data}])
    np.testing.assert_array_equal(pixels(opened(path))[0], np.asarray(Image.open(io.BytesIO(data))))


def test_sizes_have_to_fit_or_are_made_to(tmp_path: Path) -> None:
    path = write(tmp_path / "x", [as_png(PHOTOS[0], 0), as_pixels(PHOTOS[1][:20], 1)])
    with pytest.raises(DatasetError) as caught:
        opened(path)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-shape"
    assert f"1 of 2 pictures, such as {path}, record 1 with 32 x 20 pixels" in caught.value.evidence
    assert caught.value.sheet
    calibration = opened(path, resize="letterbox", colour="bgr")
    np.testing.assert_array_equal(pixels(calibration)[0], PHOTOS[0][..., ::-1])
    assert "x, of 2 pictures: 1 of another size, resized by letterbox" in calibration.notes[0]


def test_samples_have_the_names_that_their_records_hold(tmp_path: Path) -> None:
    unnamed = write(tmp_path / "x", [as_pixels(picture, i) for i, picture in enumerate(PHOTOS)])
    assert opened(unnamed).names == ()
    some = [as_png(PHOTOS[0], 0), as_pixels(PHOTOS[1], 1), as_pixels(PHOTOS[2], 2)]
    some[2]["image/filename"] = b"street/" + b"\xff" * 90 + b".jpg"
    calibration = opened(write(tmp_path / "x", some))
    assert [calibration.named(index) for index in (0, 1)] == ["0 (0.png)", "1"]
    assert calibration.names[2].startswith("street/")
    assert calibration.names[2].endswith(".jpg")
    assert len(calibration.names[2]) == LONGEST
    assert calibration.names[2].isprintable()


def test_names_cost_no_reading_of_large_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "x", [as_png(picture, i) for i, picture in enumerate(PHOTOS)])
    assert opened(path).names[6] == "6.png"
    monkeypatch.setattr(tf_record, "MOST_READ_FOR_NAMES", path.stat().st_size // 2)
    assert opened(path).names == ()


def test_records_of_deep_pictures_are_refused(tmp_path: Path) -> None:
    deep = PHOTOS[0][..., 0].astype(np.uint16) * 257
    path = write(tmp_path / "x", [as_png(PHOTOS[0], 0), {"image_png": encoded(deep, "PNG")}])
    with pytest.raises(DatasetError, match="more than 8 bits a channel") as caught:
        opened(path)
    as_finding(caught.value)
    assert f"1 of 2 pictures, such as {path}, record 1: " in caught.value.evidence
    assert not caught.value.command


def test_records_without_pictures_are_told_by_what_they_hold(tmp_path: Path) -> None:
    path = write(tmp_path / "x", [{"tokens": b"abc", "label": 3}])
    with pytest.raises(DatasetError, match="holds no picture") as caught:
        opened(path)
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-unreadable"
    assert "features label and tokens" in caught.value.evidence


def framed(*records: bytes) -> bytes:
    return b"".join(struct.pack("<QI", len(r), 0) + r + bytes(4) for r in records)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (framed(b"\x0aab"), True),
        (framed(b"\x0aab", b"\x0a"), True),
        (framed(b"\x0aab")[:-1], False),
        (framed(b"xab"), False),
        (framed(b"\x0aab", b"xab"), False),
        (framed(b""), False),
        (struct.pack("<Q", 2**63) + b"\0\0\0\0\x0a", False),
        (b"\x0a" * 40, False),
        (bytes(1000), False),
        (b"", False),
    ],
)
def test_what_is_taken_for_records(tmp_path: Path, content: bytes, expected: bool) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    assert is_tf_record(str(path)) is expected
    assert not is_tf_record(str(tmp_path))
    assert not is_tf_record(str(tmp_path / "absent"))


@pytest.mark.parametrize(
    ("tail", "told"),
    [
        (b"half a record", "record 7 is cut off or malformed"),
        (framed(b"\x0a\xff\xff\xff\xff\xff"), "record 7: the record is not an example"),
    ],
)
def test_damage_behind_the_first_records(tmp_path: Path, tail: bytes, told: str) -> None:
    path = write(tmp_path / "x", [as_png(picture, i) for i, picture in enumerate(PHOTOS)])
    path.write_bytes(path.read_bytes() + tail)
    with pytest.raises(DatasetError) as caught:
        pixels(opened(path))
    as_finding(caught.value)
    assert caught.value.finding_id == "calibration-unreadable"
    assert told in caught.value.evidence


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES, st.floats(0, 2))
def test_any_damage_ends_in_a_sentence_or_in_samples(
    tmp_path: Path, changes: list[tuple[float, int]], kept: float
) -> None:
    whole = tmp_path / "whole"
    if not whole.exists():
        write(whole, [as_png(picture, i) for i, picture in enumerate(PHOTOS[:3])])
    content = bytearray(whole.read_bytes())
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    path = tmp_path / "x"
    path.write_bytes(bytes(content[: int(kept * len(content))]))
    try:
        assert pixels(opened(path)).shape[1:] == (24, 32, 3)
    except DatasetError as error:
        assert str(error)


def test_memory_holds_a_few_records_not_the_file(tmp_path: Path) -> None:
    zeros = np.zeros((64, 64, 3), np.uint8)
    path = write(tmp_path / "x", [as_pixels(zeros, i) for i in range(300)])
    calibration = opened(path, input_layer((64, 64, 3)))
    tracemalloc.start()
    try:
        seen = sum(len(batch[NAME]) for batch in calibration.batches(4))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 300
    assert peak < 1_500_000  # of 3.7 MB
