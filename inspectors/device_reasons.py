"""Why outputs of the chip differ from the emulation, in words; what mends each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from inspectors.device_input_reasons import INPUT_REASONS
from inspectors.device_told import Told

_READ_HOST = "HailoRT's host side gives dense arrays (height, width, channels)."
UNKNOWN = Told(
    "The chip computes other values than the quantized network",
    "None of the known faults of the file or of the input explains the difference.",
    "Check that the HEF was compiled from this archive, and that the chip ran exactly the samples "
    "of -d.",
)
EQUAL = Told(
    "The chip computes what was quantized",
    "If results are wrong on the device, the numbers that leave the chip are not the reason.",
    "Look at thresholds, decoding, labels and the frames that are sent to the chip if results are "
    "wrong all the same.",
)
MISSING = Told(
    "The file of the chip lacks outputs of the network",
    "No array in the file fits these outputs by name and shape, so they were not compared.",
    "Keep every output of the chip under its name, as in np.savez(file, **outputs).",
)
# What became of outputs that no array has the shape of.
PROCESSED: Mapping[str, Told] = MappingProxyType(
    {
        "classes-kept": Told(
            "The file holds class numbers where the network gives a number for each class",
            "The host took the largest before it kept them, so the rest was not compared.",
            "Keep the output before the host takes the largest of its channels (argmax).",
        ),
        "outputs-joined": Told(
            "The outputs of the chip were joined before they were kept",
            "What belongs to which output is not known then, so they were not compared.",
            "Keep every output of the chip under its name, before the host joins or decodes them.",
        ),
        "boxes-kept": Told(
            "The file holds boxes where the network gives the outputs of its heads",
            "The host decoded the heads before the outputs were kept, so they were not compared.",
            "Keep every output of the chip under its name, before the host decodes boxes.",
        ),
        "outputs-resized": Told(
            "The file holds maps of another size than the network gives",
            "Either the host resized them, or the HEF is of a network with another input.",
            "Keep the output before the host resizes it, or compile the HEF from this archive.",
        ),
        "other-channels": Told(
            "An output has another number of channels in the file than in the archive",
            "Either the HEF is of a network with other heads, or the host added or cut channels.",
            "Compile the HEF from this archive, and keep its outputs before the host adds or cuts "
            "channels.",
        ),
        "input-kept": Told(
            "The file holds the samples where outputs of the chip are meant",
            "The chip takes these values, it does not give them.",
            "Keep what the chip gives for the samples, and pass that with --device-outputs.",
        ),
    }
)
REASONS: Mapping[str, Told] = MappingProxyType(
    {
        **INPUT_REASONS,
        "codes-as-numbers": Told(
            "The file holds raw codes of the chip instead of numbers",
            "Codes are numbers only once the zero point and the scale are applied.",
            "Set the format of the output to FLOAT32, or compute (code - zero point) * scale "
            "before anything else uses the outputs.",
        ),
        "other-scale": Told(
            "The outputs of the chip were scaled with other numbers than the archive's",
            "The values are right but for one factor and one offset.",
            "Keep the outputs before the host scales them, and decode codes with the scale and the "
            "zero point that the HEF has for this output.",
        ),
        "scale-per-channel": Told(
            "One scale was taken for channels that have scales of their own",
            "Only channels of that scale come out right.",
            "Read the scales of all channels from quant_infos of the output, or set its format to "
            "FLOAT32.",
        ),
        "scaled-by-frame": Told(
            "The outputs were scaled frame by frame after they left the chip",
            "The values of the chip are right but for a factor and an offset of every frame.",
            "Keep the outputs before the host scales them, and compare them once more.",
        ),
        "smoothed": Told(
            "The outputs were averaged over frames before they were kept",
            "Every result holds a part of those before it.",
            "Keep the outputs before the host averages them, and compare them once more.",
        ),
        "bytes-swapped": Told(
            "16-bit codes of the chip were read with their bytes in reverse order",
            "The high byte of every code was read as the low one.",
            "Read the output as little-endian uint16, which numpy calls '<u2'.",
        ),
        "codes-wrapped": Told(
            "Codes of the chip wrapped around in a type that is too small for them",
            "int8 holds codes up to 127, and uint8 less its zero point is never below 0.",
            "Read codes as uint8 or uint16, as their format says, and convert them to float32 "
            "before the zero point is taken off.",
        ),
        "bytes-for-words": Told(
            "16-bit codes of the chip were read as bytes",
            "Single bytes were taken for whole codes.",
            "Read the output as uint16, as its format says.",
        ),
        "words-for-bytes": Told(
            "8-bit codes of the chip were read as 16-bit words",
            "Two neighbouring codes became one number.",
            "Read the output as uint8, as its format says.",
        ),
        "outputs-exchanged": Told(
            "Outputs of the chip lie under one another's names",
            "The order in which HailoRT's dictionary lists outputs changes from run to run.",
            "Take every output by its name, never by its place.",
        ),
        "late": Told(
            "Results of the chip belong to other samples, some frames earlier or later",
            "Results of asynchronous inference were matched to frames by their place.",
            "Wait for the result of each frame, or store the number of the frame with its result.",
        ),
        "repeated": Told(
            "Frames of the chip hold the result of another frame",
            "One buffer was used for many frames, and each result overwrote the last.",
            "Copy every result before the next frame is sent.",
        ),
        "not-renewed": Told(
            "Frames of the chip hold the result of an earlier frame once more",
            "Either an earlier frame was sent again, or its result was kept again.",
            "Write every frame into the input before it is sent, and wait for its own result "
            "before the output is kept.",
        ),
        "frames-missing": Told(
            "Some frames of the chip hold no result",
            "Every value in them is the same, as in a buffer that nothing was written to.",
            "Wait for the result of every frame before the outputs are kept.",
        ),
        "reordered": Told(
            "The frames of the chip lie in another order than the samples",
            "Every result is right, but stands beside another sample.",
            "Keep the outputs in the order of the samples, for example by padding the numbers in "
            "file names with zeros.",
        ),
        "output-empty": Told(
            "An output of the chip holds zeros alone, others hold results",
            "A buffer that nothing was written to holds zeros.",
            "Bind a buffer to every output by its name, and wait for its result before it is kept.",
        ),
        "frames-alike": Told(
            "The chip gives one and the same result for all samples",
            "One frame was sent, or kept, again and again, or what was sent says nothing, as "
            "pixels of 0..1 that are cast to bytes.",
            "Check that every sample is written into the input with the values of -d before it is "
            "sent, and that its own result is kept.",
        ),
        "some-equal": Told(
            "Some outputs of the chip are equal, others are not",
            "The same run gave both, so the HEF and what it was given are right.",
            "Look at what the host does to the other outputs alone before they are kept.",
        ),
        "some-frames-equal": Told(
            "Some frames of the chip are equal, others are not",
            "The same HEF gave both, and what was sent and kept of the equal frames is right.",
            "Look at how the other frames alone are read, sent and kept.",
        ),
        "channels-reordered": Told(
            "The channels of an output lie in another order than the network gives them",
            "Numbers of one class or side are taken for those of another.",
            "Keep the channels in the order of the network, and reorder them where they are "
            "decoded.",
        ),
        "function-applied": Told(
            "The host computed a function of every value before it was kept",
            "The values of the chip are right, but others were kept.",
            "Keep the outputs before the host computes anything, and compare them once more.",
        ),
        "log-probabilities": Told(
            "The file holds logarithms of probabilities",
            "The host computed log or log_softmax before the values were kept.",
            "Keep the outputs before the host computes anything, and compare them once more.",
        ),
        "values-sorted": Told(
            "The values of an output were sorted before they were kept",
            "Which value belongs to which class or place is not known then.",
            "Keep the outputs before the host sorts them, and compare them once more.",
        ),
        "own-scales": Told(
            "The chip has the scales of this archive, but gives other values",
            "Another HEF would have other scales. More likely the chip was given other samples, or "
            "its results lie in another order.",
            "Send exactly the samples of -d to the chip, in their order and with their bytes as "
            "they "
            "are, and keep the outputs before anything reorders them.",
        ),
        "like-samples": Told(
            "The chip gives values like the archive's, as of samples in another form",
            "The scales are the archive's, and the values follow the samples: more likely these "
            "were compressed, resized, scaled or coloured otherwise than that the HEF is another "
            "one.",
            "Send the bytes of -d themselves to the chip, and nothing that is read, decoded, "
            "scaled or resized once more.",
        ),
        "activation-missing": Told(
            "The outputs of the chip lack the last activation of the network",
            "The HEF ends in front of it, or was compiled from another archive.",
            "Compile the HEF from this archive, or apply the activation on the host.",
        ),
        "activation-twice": Told(
            "The last activation of the network was applied a second time",
            "It runs on the chip already, and a second one squeezes the values together.",
            "Remove the activation from the code on the host.",
        ),
        "activation-added": Told(
            "An activation was applied to the outputs that the network does not have",
            "The HEF has it, or the code on the host applied it before the values were kept.",
            "Keep the outputs before the host applies anything, and compile the HEF from this "
            "archive.",
        ),
        "padded-layout": Told(
            "The file holds outputs in the chip's own layout with padding",
            "Read as a dense array, every row is shifted against the last one.",
            "Read the outputs through virtual streams or InferModel, which take the padding away.",
        ),
        "transposed": Told(
            "The outputs of the chip lie in another order of axes than their shape says",
            _READ_HOST,
            "Read the outputs as (height, width, channels), and transpose them afterwards where "
            "the code wants channels first.",
        ),
        "nms-threshold": Told(
            "The chip cuts boxes at another score than the archive's configuration",
            "The scores alone tell which boxes are missing or too many.",
            "Set the score threshold of the NMS on the chip to the one in the archive's "
            "configuration.",
        ),
        "nms-empty": Told(
            "The chip keeps hardly any box where the heads of the archive have some",
            "The emulated heads fire on the same samples, so the chip was given other samples, or "
            "has another HEF.",
            "Compile a HEF without nms_postprocess from this archive as well, and pass the outputs "
            "of its heads for the samples of -d with --device-outputs.",
        ),
        "nms-most-boxes": Told(
            "The chip's lists of boxes end before all boxes are kept",
            "Boxes are missing only where a list is full.",
            "Raise max_proposals_per_class in the configuration of the NMS, or keep more boxes on "
            "the host where it cuts the lists.",
        ),
        "nms-columns": Told(
            "The sides of the chip's boxes are in another order",
            "HailoRT gives y_min, x_min, y_max, x_max as fractions of the input.",
            "Read the sides of boxes as y_min, x_min, y_max, x_max.",
        ),
        "nms-labels": Told(
            "The classes of the chip's boxes are off by one",
            "The class is the place in the list, counted from 0, without a background.",
            "Count classes from 0 when labels are looked up.",
        ),
        "order-unseen": Told(
            "The chip computes what was quantized, but the order of its frames is not seen",
            "These samples are so alike that results of a frame earlier or later would look as "
            "equal.",
            "Pass samples that differ, with the chip's outputs for them, if results seem late.",
        ),
        "not-repeatable": Told(
            "The chip gives different outputs for the same samples",
            "Its arithmetic is that of integers, so equal inputs have equal outputs.",
            "Run again with synchronous inference and one frame at a time, and report it to Hailo "
            "if the outputs still differ.",
        ),
    }
)
