"""What was sent to the chip in place of the samples, in words; what mends each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from inspectors.device_told import Told

_PIXELS = "Give the chip pixels from 0 to 255 where its input has 8 bits: it normalizes by itself."
INPUT_REASONS: Mapping[str, Told] = MappingProxyType(
    {
        "input-scale": Told(
            "The chip was given values of another scale than the samples",
            "Values from 0 to 1 look black to a network that takes 0 to 255.",
            "Give the chip the values of the calibration set, without dividing or multiplying them "
            "by 255.",
        ),
        "input-cast": Told(
            "The chip was given prepared values that were cast to bytes",
            "Almost nothing of an image is left once values around 0 and 1 become whole numbers.",
            _PIXELS,
        ),
        "input-black": Told(
            "The chip was given zeros, or values far below the samples",
            "Either nothing was written into the buffer, or values from 0 to 1 were cast to bytes, "
            "or 8 bit stand for values of 16.",
            "Look at the bytes that the host sends: they have to hold values as the calibration "
            "set does.",
        ),
        "input-raw": Told(
            "The chip was given raw pixels where it takes normalized values",
            "The samples of -d were normalized by a host, and nothing on the chip does it.",
            "Normalize frames on the host as the calibration set was, before they are sent to the "
            "chip.",
        ),
        "input-normalized-twice": Told(
            "The input was normalized on the host and again on the chip",
            "The normalization of the model script runs on the chip.",
            "Remove the normalization from the code on the host.",
        ),
        "input-channels": Told(
            "The chip was given the channels of the input in reverse order",
            "Cameras and OpenCV give BGR where networks are mostly trained with RGB.",
            "Convert frames to the order of the calibration set before they are sent to the chip.",
        ),
        "input-layout": Told(
            "The chip was given the bytes of the input in another order of axes",
            "HailoRT takes (height, width, channels) and checks no more than how many bytes "
            "there are.",
            "Give the chip frames as (height, width, channels), without a transposition to "
            "channels first.",
        ),
        "input-turned": Told(
            "The chip was given frames that are turned or mirrored",
            "The network sees objects as it was not trained to see them.",
            "Turn frames as those of the calibration set before they are sent to the chip.",
        ),
        "input-range": Told(
            "The chip was given pixels of another range than the samples",
            "Video keeps black at 16 and white at 235, networks are mostly trained on 0 to 255.",
            "Convert frames with the range that the calibration set has, before they are sent to "
            "the chip.",
        ),
        "input-grey": Told(
            "The chip was given frames without colours",
            "The brightness stands in all three channels.",
            "Give the chip the colours of the camera, or calibrate with grey images.",
        ),
        "inputs-exchanged": Told(
            "The chip was given the samples of one input for another",
            "Both inputs have one shape, so nothing refuses them.",
            "Feed every input by its name, never by its place.",
        ),
        "input-empty": Told(
            "One input of the chip holds zeros alone",
            "The buffer of that input was never filled.",
            "Fill the buffer of every input before a frame is sent.",
        ),
        "input-resized": Told(
            "The chip was given images that were resized in another way than the samples",
            "Objects have other proportions than those that the network was trained with.",
            "Resize frames as the calibration set was: letterboxed or stretched, with the same "
            "bars.",
        ),
        "input-cropped": Told(
            "The chip was given the middle of images that the samples show as a whole",
            "Objects are larger than those of the calibration set, and those at the sides are cut.",
            "Crop and resize frames as those of the calibration set before they are sent to the "
            "chip.",
        ),
        "input-signed": Told(
            "The chip was given pixels less 128",
            "TFLite and other runtimes take -128 to 127 where the chip takes 0 to 255.",
            _PIXELS,
        ),
        "input-wide": Told(
            "The chip was given the bytes of values that take several bytes each",
            "It reads one byte for each value, and so the first part of a frame as noise.",
            "Convert frames to uint8 before they are sent, or set the format of the input to "
            "float32.",
        ),
        "input-stride": Told(
            "The chip was given rows with gaps between them",
            "Cameras and converters pad the rows of a frame. Read without gaps, it is slanted.",
            "Copy a frame row by row into a buffer without gaps before it is sent.",
        ),
        "input-alpha": Told(
            "The chip was given four bytes for each pixel, and reads three",
            "Every pixel is shifted, and the last quarter of a frame is missing.",
            "Drop the fourth channel of the frames before they are sent.",
        ),
        "input-units": Told(
            "The chip was given values in another unit than the samples",
            "Sensors and their libraries measure in units of their own, such as m/s2 for g.",
            "Convert what the device measures to the unit of the calibration set.",
        ),
        "input-axes": Told(
            "The chip was given the axes of a sensor in another order or direction",
            "The sensor of the device is mounted, or read, otherwise than that of the samples.",
            "Turn what the device measures to the axes of the calibration set.",
        ),
    }
)
