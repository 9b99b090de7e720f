"""Files that were refused, with what the recipe for each has to make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.dataset.recipes import camera_pixels as camera
from utils.dataset.recipes.steps import Kind
from utils.dataset.sources.pictures import BILINEAR
from utils.har.network import Layer, Shape

Array = NDArray[Any]
Write = Callable[[Path], None]

COUNT = 6
PICTURE: Shape = (40, 56, 3)  # no square, so that height and width can be told apart
GREY: Shape = (40, 56, 1)
SERIES: Shape = (1, 20, 3)
VECTOR: Shape = (1, 1, 12)
LEFT, RIGHT = "net/input_layer1", "net/input_layer2"


def pixels(shape: Shape = PICTURE, count: int = COUNT, seed: int = 1) -> Array:
    """Random pictures, uint8."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def numbers(shape: Shape, count: int = COUNT, seed: int = 2) -> Array:
    """Random numbers, float32."""
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32)


def layers(*shapes: Shape) -> list[Layer]:
    """Input layers of these shapes."""
    return [
        Layer(f"net/input_layer{place}", "input_layer", output_shapes=(shape,))
        for place, shape in enumerate(shapes, 1)
    ]


class Example(NamedTuple):
    """A file that is refused.

    Parameters
    ----------
    kinds : of the steps that mend it.
    inputs : shapes of the network's inputs.
    write : makes the file at a path whose suffix is npy or npz.
    expected : samples by input.
    suffix : of the file.
    """

    kinds: tuple[Kind, ...]
    inputs: tuple[Shape, ...]
    write: Write
    expected: Mapping[str, Array]
    suffix: str = ".npy"


def _saving(array: Array) -> Write:
    return lambda path: np.save(path, array)


def _zipping(*unnamed: Array, **named: Array) -> Write:
    return lambda path: np.savez(path, *unnamed, **named)  # type: ignore[arg-type]


def resized(pictures: Array, size: tuple[int, int]) -> Array:
    """Pictures of another height and width."""
    height, width = size
    shown = [Image.fromarray(one).resize((width, height), BILINEAR) for one in pictures]
    return np.stack([np.asarray(one) for one in shown])


def channelwise(pictures: Array, size: tuple[int, int]) -> Array:
    """Pictures of another height and width, float32 (n, H, W, C)."""
    planes = np.moveaxis(pictures.astype(np.float32), -1, 0)
    return np.stack([resized(plane, size) for plane in planes], -1)


def objects(arrays: list[Array]) -> Array:
    """An array of arrays, as `np.array(samples, dtype=object)` makes it of several sizes."""
    made = np.empty(len(arrays), object)
    for place, array in enumerate(arrays):
        made[place] = array
    return made


def _files_of_pictures(path: Path) -> None:
    names = [str(path.parent / f"{place:03d}.png") for place in range(COUNT)]
    for name, picture in zip(names, pixels(), strict=True):
        Image.fromarray(picture).save(name)
    np.save(path, np.array(names))


def _appending(*arrays: Array) -> Write:
    def write(path: Path) -> None:
        with path.open("wb") as stream:
            for array in arrays:
                np.save(stream, array)

    return write


def _records() -> Array:
    made = np.zeros(COUNT, [("label", "<i4"), ("it's", "u1", PICTURE)])
    made["it's"] = RGB
    return made


def _table() -> Array:
    names = [f"f{place}" for place in range(12)]
    made = np.zeros(COUNT, [(name, "<f8") for name in names])
    for place, name in enumerate(names):
        made[name] = ROWS[:, 0, 0, place]
    return made


RGB, SMALL, ROWS, TIMES = pixels(), pixels((16, 24, 3)), numbers(VECTOR), numbers(SERIES)
ALONE = {LEFT: RGB}
BOTH = {LEFT: RGB, RIGHT: SMALL}
TWIN = pixels(seed=5)
TWINS = {LEFT: RGB, RIGHT: TWIN}
BROKEN = ROWS.copy()
BROKEN[[1, 4], 0, 0, [3, 5]] = np.nan, np.inf
KEPT = [0, 2, 3, 5]
SIZES = [pixels((30 + place, 50, 3), 1)[0] for place in range(COUNT)]
NV12 = pixels((60, 56, 1))[..., 0]


def _shown(frame: Array) -> Array:
    """The picture in a frame of NV12, place by place."""
    made = np.zeros(PICTURE, np.uint8)
    for down in range(40):
        for along in range(56):
            blue, red = frame[40 + down // 2, along // 2 * 2 :][:2] - 128.0
            light = 1.164 * (frame[down, along] - 16.0)
            colours = (
                light + 1.596 * red,
                light - 0.391 * blue - 0.813 * red,
                light + 2.018 * blue,
            )
            made[down, along] = np.clip(np.round(colours), 0, 255)
    return made


SHOWN = np.stack([_shown(frame) for frame in NV12])

EXAMPLES = {
    # several calls of numpy.save, and fields
    "a picture a call": Example((Kind.JOIN_APPENDED,), (PICTURE,), _appending(*RGB), ALONE),
    "a batch a call": Example(
        (Kind.JOIN_APPENDED,), (PICTURE,), _appending(RGB[:4], RGB[4:]), ALONE
    ),
    "a batch of planes a call": Example(
        (Kind.JOIN_APPENDED, Kind.ORDER_AXES),
        (PICTURE,),
        _appending(*RGB[:, None].transpose(0, 1, 4, 2, 3)),
        ALONE,
    ),
    "an input a call": Example(
        (Kind.SPLIT_APPENDED,), (PICTURE, (16, 24, 3)), _appending(RGB, SMALL), BOTH
    ),
    "a field": Example((Kind.TAKE_FIELD,), (PICTURE,), _saving(_records()), ALONE),
    "fields": Example((Kind.JOIN_FIELDS, Kind.RESHAPE), (VECTOR,), _saving(_table()), {LEFT: ROWS}),
    # axes
    "channels first": Example(
        (Kind.ORDER_AXES,), (PICTURE,), _saving(RGB.transpose(0, 3, 1, 2)), ALONE
    ),
    "samples last": Example(
        (Kind.ORDER_AXES,), (PICTURE,), _saving(RGB.transpose(1, 2, 3, 0)), ALONE
    ),
    "samples third": Example(
        (Kind.ORDER_AXES,), (PICTURE,), _saving(RGB.transpose(1, 2, 0, 3)), ALONE
    ),
    "channels first, samples last": Example(
        (Kind.ORDER_AXES,), (PICTURE,), _saving(RGB.transpose(3, 1, 2, 0)), ALONE
    ),
    "features first": Example(
        (Kind.ORDER_AXES,), (VECTOR,), _saving(ROWS[:, 0, 0].T), {LEFT: ROWS}
    ),
    "time, channels, samples": Example(
        (Kind.ORDER_AXES,), (SERIES,), _saving(TIMES[:, 0].transpose(1, 2, 0)), {LEFT: TIMES}
    ),
    "one picture": Example((Kind.ADD_AXIS,), (PICTURE,), _saving(RGB[0]), {LEFT: RGB[:1]}),
    "grey without axis": Example(
        (Kind.ADD_AXIS,), (GREY,), _saving(pixels(GREY)[..., 0]), {LEFT: pixels(GREY)}
    ),
    "list of batches of one": Example(
        (Kind.REMOVE_AXIS,), (PICTURE,), _saving(RGB[:, None]), ALONE
    ),
    "a list of one array": Example((Kind.REMOVE_AXIS,), (PICTURE,), _saving(RGB[None]), ALONE),
    # reshapes
    "rows of features": Example((Kind.RESHAPE,), (VECTOR,), _saving(ROWS[:, 0, 0]), {LEFT: ROWS}),
    "flat": Example((Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(COUNT, -1)), ALONE),
    "pixels in one axis": Example(
        (Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(COUNT, -1, 3)), ALONE
    ),
    "pixels in one axis, channels first": Example(
        (Kind.ORDER_AXES,),
        (PICTURE,),
        _saving(RGB.transpose(0, 3, 1, 2).reshape(COUNT, 3, -1)),
        ALONE,
    ),
    "channels within rows": Example(
        (Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(COUNT, 40, -1)), ALONE
    ),
    "six axes": Example(
        (Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(1, 2, 3, *PICTURE)), ALONE
    ),
    "all in one axis": Example((Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(-1)), ALONE),
    "pictures below one another": Example(
        (Kind.RESHAPE,), (PICTURE,), _saving(RGB.reshape(-1, 56, 3)), ALONE
    ),
    "windows": Example(
        (Kind.RESHAPE,), (SERIES,), _saving(TIMES.reshape(2, 3, 20, 3)), {LEFT: TIMES}
    ),
    # pictures
    "alpha channel": Example(
        (Kind.CUT_ALPHA,), (PICTURE,), _saving(np.concatenate([RGB, RGB[..., :1]], -1)), ALONE
    ),
    "grey for colours": Example(
        (Kind.REPEAT_GREY,), (PICTURE,), _saving(RGB[..., :1]), {LEFT: RGB[..., [0, 0, 0]]}
    ),
    "grey without axis for colours": Example(
        (Kind.ADD_AXIS, Kind.REPEAT_GREY),
        (PICTURE,),
        _saving(RGB[..., 0]),
        {LEFT: RGB[..., [0, 0, 0]]},
    ),
    "colours for grey": Example(
        (Kind.AVERAGE_COLOURS,), (GREY,), _saving(RGB[..., [0, 0, 0]]), {LEFT: RGB[..., :1]}
    ),
    "colours and alpha for grey": Example(
        (Kind.CUT_ALPHA, Kind.AVERAGE_COLOURS),
        (GREY,),
        _saving(RGB[..., [0, 0, 0, 1]]),
        {LEFT: RGB[..., :1]},
    ),
    "frames of a camera": Example((Kind.CONVERT_FRAMES,), (PICTURE,), _saving(NV12), {LEFT: SHOWN}),
    "frames in one row each": Example(
        (Kind.CONVERT_FRAMES,), (PICTURE,), _saving(NV12.reshape(COUNT, -1)), {LEFT: SHOWN}
    ),
    "larger frames of a camera": Example(
        (Kind.CONVERT_FRAMES, Kind.RESIZE),
        ((32, 40, 3),),
        _saving(np.full((COUNT, 72, 64, 1), 128, np.uint8)),
        {LEFT: np.full((COUNT, 32, 40, 3), 130, np.uint8)},
    ),
    "frames for grey": Example(
        (Kind.TAKE_BRIGHTNESS,), (GREY,), _saving(NV12), {LEFT: NV12[:, :40, :, None]}
    ),
    "brightness and colours of pixels in turn": Example(
        (Kind.UNPACK_FRAMES,), (PICTURE,), _saving(camera.PACKED), {LEFT: camera.UNPACKED}
    ),
    "colours and brightness in rows": Example(
        (Kind.UNPACK_FRAMES,),
        (PICTURE,),
        _saving(camera.PACKED[..., ::-1].reshape(COUNT, 40, 112)),
        {LEFT: camera.UNPACKED},
    ),
    "colours in 16 bits": Example(
        (Kind.UNPACK_BITS,), (PICTURE,), _saving(camera.BITS), {LEFT: camera.OF_BITS}
    ),
    "colours in two bytes": Example(
        (Kind.UNPACK_BITS,),
        (PICTURE,),
        _saving(camera.BITS.view(np.uint8).reshape(COUNT, 40, 56, 2)),
        {LEFT: camera.OF_BITS},
    ),
    "a mosaic of filters": Example(
        (Kind.DEMOSAIC,), (PICTURE,), _saving(camera.MOSAIC), {LEFT: camera.OF_SQUARES}
    ),
    "a smooth grey picture": Example(
        (Kind.ADD_AXIS, Kind.REPEAT_GREY),
        (PICTURE,),
        _saving(camera.GREYS),
        {LEFT: np.repeat(camera.GREYS[..., np.newaxis], 3, -1)},
    ),
    "another size": Example(
        (Kind.RESIZE,), (PICTURE,), _saving(SMALL), {LEFT: resized(SMALL, (40, 56))}
    ),
    "another size, of floats": Example(
        (Kind.RESIZE,),
        (PICTURE,),
        _saving((SMALL / 255).astype(np.float64)),
        {LEFT: channelwise(SMALL / 255, (40, 56)).astype(np.float64)},
    ),
    "another size, of grey pixels": Example(
        (Kind.RESIZE,),
        (GREY,),
        _saving(SMALL[..., :1]),
        {LEFT: channelwise(SMALL[..., :1], (40, 56)).round().astype(np.uint8)},
    ),
    "height and width exchanged": Example(
        (Kind.RESIZE,),
        (PICTURE,),
        _saving(pixels((56, 40, 3))),
        {LEFT: resized(pixels((56, 40, 3)), (40, 56))},
    ),
    "height and width exchanged, channels first": Example(
        (Kind.ORDER_AXES, Kind.RESIZE),
        (PICTURE,),
        _saving(pixels((56, 40, 3)).transpose(0, 3, 1, 2)),
        {LEFT: resized(pixels((56, 40, 3)), (40, 56))},
    ),
    # values
    "objects of one size": Example(
        (Kind.STACK_OBJECTS,), (VECTOR,), _saving(objects(list(ROWS))), {LEFT: ROWS}
    ),
    "objects of one size, pictures": Example(
        (Kind.STACK_PICTURES,),
        (PICTURE,),
        _saving(objects(list(RGB))),
        {LEFT: RGB.astype(np.float32)},
    ),
    "objects of several sizes": Example(
        (Kind.STACK_PICTURES,),
        (PICTURE,),
        _saving(objects(SIZES)),
        {LEFT: np.concatenate([channelwise(one[None], (40, 56)) for one in SIZES])},
    ),
    "objects as numbers": Example(
        (Kind.CAST_OBJECTS, Kind.ORDER_AXES),
        (PICTURE,),
        _saving(RGB.transpose(0, 3, 1, 2).astype(object)),
        {LEFT: RGB.astype(np.float32)},
    ),
    "a dictionary": Example(
        (Kind.UNPACK_DICTIONARY,), (PICTURE,), _saving(np.array({LEFT: RGB}, object)), ALONE
    ),
    "a dictionary of two": Example(
        (Kind.UNPACK_DICTIONARY,), (PICTURE, (16, 24, 3)), _saving(np.array(BOTH, object)), BOTH
    ),
    "names of files": Example((Kind.LOAD_PICTURES,), (PICTURE,), _files_of_pictures, ALONE),
    "names of files, for grey": Example(
        (Kind.LOAD_PICTURES,),
        (GREY,),
        _files_of_pictures,
        {LEFT: np.stack([np.asarray(Image.fromarray(i).convert("L")) for i in RGB])[..., None]},
    ),
    "numbers as texts": Example(
        (Kind.READ_NUMBERS, Kind.RESHAPE),
        (VECTOR,),
        _saving(ROWS[:, 0, 0].round(3).astype(str)),
        {LEFT: ROWS.round(3)},
    ),
    "long doubles": Example(
        (Kind.NARROW,), (VECTOR,), _saving(ROWS.astype(np.longdouble)), {LEFT: ROWS}
    ),
    "objects in an npz": Example(
        (Kind.STACK_OBJECTS,),
        (VECTOR, SERIES),
        _zipping(input_layer1=objects(list(ROWS)), input_layer2=TIMES),
        {LEFT: ROWS, RIGHT: TIMES},
        ".npz",
    ),
    "not finite": Example((Kind.LEAVE_OUT,), (VECTOR,), _saving(BROKEN), {LEFT: ROWS[KEPT]}),
    "not finite, of two": Example(
        (Kind.LEAVE_OUT,),
        (SERIES, VECTOR),
        _zipping(input_layer1=TIMES, input_layer2=BROKEN),
        {LEFT: TIMES[KEPT], RIGHT: ROWS[KEPT]},
        ".npz",
    ),
    # arrays of an npz
    "an array a sample": Example((Kind.STACK_MEMBERS,), (PICTURE,), _zipping(*RGB), ALONE, ".npz"),
    "an array a sample, channels first, with labels": Example(
        (Kind.STACK_MEMBERS, Kind.ORDER_AXES),
        (PICTURE,),
        _zipping(*RGB.transpose(0, 3, 1, 2), labels=np.zeros(COUNT)),
        ALONE,
        ".npz",
    ),
    "several that fit": Example(
        (Kind.TAKE_ARRAY,), (PICTURE,), _zipping(x_test=RGB[:2], x_train=RGB), ALONE, ".npz"
    ),
    "channels first beside labels": Example(
        (Kind.ORDER_AXES,),
        (PICTURE,),
        _zipping(data=RGB.transpose(0, 3, 1, 2), label=np.zeros(COUNT)),
        ALONE,
        ".npz",
    ),
    "names that shapes tell": Example(
        (Kind.NAME_ARRAYS,), (PICTURE, (16, 24, 3)), _zipping(SMALL, RGB), BOTH, ".npz"
    ),
    "one name that is missing": Example(
        (Kind.NAME_ARRAYS,),
        (PICTURE, PICTURE),
        _zipping(left=TWIN, input_layer1=RGB),
        TWINS,
        ".npz",
    ),
    "names that shapes do not tell, channels first": Example(
        (Kind.NAME_ARRAYS,),
        (PICTURE, PICTURE),
        _zipping(left=RGB.transpose(0, 3, 1, 2), right=TWIN.transpose(0, 3, 1, 2)),
        TWINS,
        ".npz",
    ),
    "exchanged": Example(
        (Kind.EXCHANGE_ARRAYS,),
        (PICTURE, (16, 24, 3)),
        _zipping(input_layer1=SMALL, input_layer2=RGB),
        BOTH,
        ".npz",
    ),
    "two of another order": Example(
        (Kind.ORDER_AXES,),
        (PICTURE, (16, 24, 3)),
        _zipping(input_layer1=RGB.transpose(0, 3, 1, 2), input_layer2=SMALL.transpose(0, 3, 1, 2)),
        BOTH,
        ".npz",
    ),
    "stacked": Example(
        (Kind.SPLIT_STACK,), (PICTURE, PICTURE), _saving(np.stack([RGB, TWIN])), TWINS
    ),
    "stacked behind the samples": Example(
        (Kind.SPLIT_STACK,), (PICTURE, PICTURE), _saving(np.stack([RGB, TWIN], 1)), TWINS
    ),
    "joined channels": Example(
        (Kind.SPLIT_JOINED,), (PICTURE, PICTURE), _saving(np.concatenate([RGB, TWIN], -1)), TWINS
    ),
    "side by side": Example(
        (Kind.SPLIT_JOINED,), (PICTURE, PICTURE), _saving(np.concatenate([RGB, TWIN], 2)), TWINS
    ),
    "different counts": Example(
        (Kind.CUT_SAMPLES,),
        (PICTURE, (16, 24, 3)),
        _zipping(input_layer1=RGB, input_layer2=SMALL[:4]),
        {LEFT: RGB[:4], RIGHT: SMALL[:4]},
        ".npz",
    ),
    "one sample for all": Example(
        (Kind.REPEAT_SAMPLE,),
        (PICTURE, (16, 24, 3)),
        _zipping(input_layer1=RGB, input_layer2=SMALL[:1]),
        {LEFT: RGB, RIGHT: SMALL[[0] * COUNT]},
        ".npz",
    ),
}
