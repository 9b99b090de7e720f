"""Train the shape detector and write shape_detector_weights.npz; a minute or two on two cores.

    python -m examples.train_shape_detector

The forward pass is written in TensorFlow alone, apart from the graph of shape_detector.py, so
that the emulation of the archive has something else to agree with.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from examples.shape_detector import WEIGHTS_PATH, detector_network
from examples.shape_images import SIDE, ShapeImages, shape_images

TRAINING_IMAGES, TRAINING_SEED = 8192, 1
VALIDATION_IMAGES, VALIDATION_SEED = 1024, 2
BATCH, EPOCHS = 64, 16
PEAK_LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-4
# One pixel of box error weighs as much as a clearly wrong score.
BOX_LOSS_WEIGHT = 8.0

FOLDING_IMAGES = 2048
HEADS = ("fc2", "fc3")

Weights = dict[str, Any]
Normalization = Callable[[str, Any], Any]
_LOGGER = logging.getLogger("train_shape_detector")


def main() -> None:
    """Train from a fixed seed, report on images that were not trained on, write the weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
    tf.random.set_seed(TRAINING_SEED)
    data = shape_images(TRAINING_IMAGES, TRAINING_SEED)
    weights = _folded(_train(data), _unit(data.pixels[:FOLDING_IMAGES]))
    _report(weights, shape_images(VALIDATION_IMAGES, VALIDATION_SEED))
    np.savez_compressed(WEIGHTS_PATH, **{name: value.numpy() for name, value in weights.items()})


def forward(weights: Weights, images: Any, normalized: Normalization | None = None) -> Any:
    """Boxes in pixels, (n, 4), and class logits, (n, 3), of images in 0..1, (n, 64, 64, 3).

    Parameters
    ----------
    normalized : what is done to the sums of a hidden layer before its bias is added.
    """

    def biased(name: str, sums: Any) -> Any:
        if normalized and name not in HEADS:
            sums = normalized(name, sums)
        return sums + weights[f"{name}/bias"]

    def conv(name: str, x: Any, stride: int = 1) -> Any:
        return biased(name, tf.nn.conv2d(x, weights[f"{name}/kernel"], stride, "SAME"))

    def dense(name: str, x: Any) -> Any:
        return biased(name, tf.matmul(x, weights[f"{name}/kernel"]))

    x = tf.nn.silu(conv("conv1", images, stride=2))
    x = tf.nn.depthwise_conv2d(x, weights["dw1/kernel"], [1, 1, 1, 1], "SAME")
    x = tf.nn.silu(biased("dw1", x))
    x = tf.nn.silu(conv("conv2", x))
    x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    x = x + conv("conv4", tf.nn.silu(conv("conv3", x)))
    x = tf.nn.silu(conv("conv5", x, stride=2))
    x = tf.nn.silu(conv("conv6", x, stride=2))
    x = tf.nn.silu(dense("fc1", tf.reshape(x, [-1, 512])))
    return dense("fc2", x), dense("fc3", x)


def _initial_weights() -> Weights:
    rng = np.random.default_rng(TRAINING_SEED)
    weights: Weights = {}
    for layer in detector_network(joined_heads=False, normalized=False):
        if "kernel_shape" not in layer.params or layer.type == "maxpool":
            continue
        name, shape = layer.base_name, layer.params["kernel_shape"]
        fan_in = np.prod(shape[:2] if layer.type == "dw" else shape[:-1])
        kernel = rng.normal(0, np.sqrt(2 / fan_in), size=shape)
        bias = np.zeros(layer.output_shape[2])
        if name == "fc2":
            # The regression starts from a middling box and answers in pixels.
            kernel *= SIDE / 8
            bias += [SIDE / 2, SIDE / 2, SIDE / 3, SIDE / 3]
        weights[f"{name}/kernel"] = tf.Variable(kernel, dtype=tf.float32)
        weights[f"{name}/bias"] = tf.Variable(bias, dtype=tf.float32)
        if name not in HEADS:
            # The residual branch starts as a small correction.
            gain = np.full_like(bias, 0.2 if name == "conv4" else 1.0)
            weights[f"{name}/gain"] = tf.Variable(gain, dtype=tf.float32)
    return weights


def _batch_normalization(weights: Weights, deviations: Weights) -> Normalization:
    """Batch normalization, which leaves mean and deviation of every layer in `deviations`."""

    def normalized(name: str, sums: Any) -> Any:
        mean, variance = tf.nn.moments(sums, axes=list(range(len(sums.shape) - 1)))
        deviation = tf.sqrt(variance + 1e-3)
        deviations[name] = mean, deviation
        return (sums - mean) / deviation * weights[f"{name}/gain"]

    return normalized


def _folded(weights: Weights, images: Any) -> Weights:
    """Kernels and biases with the batch normalization over `images` multiplied in."""
    deviations: Weights = {}
    forward(weights, images, _batch_normalization(weights, deviations))
    folded = {name: value for name, value in weights.items() if not name.endswith("gain")}
    for name, (mean, deviation) in deviations.items():
        factor = weights[f"{name}/gain"] / deviation
        # The channels of a depthwise kernel stand before its last axis.
        by_channel = factor[:, tf.newaxis] if name.startswith("dw") else factor
        folded[f"{name}/kernel"] = weights[f"{name}/kernel"] * by_channel
        folded[f"{name}/bias"] = weights[f"{name}/bias"] - mean * factor
    return folded


def _train(data: ShapeImages) -> Weights:
    weights = _initial_weights()
    variables = list(weights.values())
    steps = EPOCHS * (len(data.labels) // BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(PEAK_LEARNING_RATE, steps)
    optimizer = tf.keras.optimizers.Adam(rate)

    @tf.function  # type: ignore[untyped-decorator]
    def step(images: Any, boxes: Any, labels: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = _loss(weights, images, boxes, labels)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 5.0)
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return loss

    for epoch in range(EPOCHS):
        losses = [float(step(*batch)) for batch in _batches(data, epoch)]
        _LOGGER.info("epoch %2d: loss %.4f", epoch + 1, np.mean(losses))
    return weights


def _loss(weights: Weights, images: Any, boxes: Any, labels: Any) -> Any:
    found, logits = forward(weights, images, _batch_normalization(weights, {}))
    error = (found - boxes) / SIDE
    box_loss = tf.reduce_mean(tf.sqrt(error**2 + 1e-4) - 1e-2)
    truth = tf.one_hot(labels, logits.shape[1])
    score_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(truth, logits))
    kernels = [value for name, value in weights.items() if name.endswith("kernel")]
    # fc2 answers in pixels and has to be large.
    decay = tf.add_n([tf.nn.l2_loss(kernel) for kernel in kernels if kernel.shape[-1] != 4])
    return BOX_LOSS_WEIGHT * box_loss + score_loss + WEIGHT_DECAY * decay


def _batches(data: ShapeImages, epoch: int) -> Iterator[tuple[Any, Any, Any]]:
    """Batches in a new order, mirrored, transposed and with permuted colours at random."""
    rng = np.random.default_rng([TRAINING_SEED, epoch])
    order = rng.permutation(len(data.labels))
    for start in range(0, len(order) - BATCH + 1, BATCH):
        chosen = order[start : start + BATCH]
        images, boxes = data.pixels[chosen], data.boxes[chosen].astype(np.float64)
        if rng.random() < 0.5:
            images, boxes = images[:, :, ::-1], boxes * [-1, 1, 1, 1] + [SIDE, 0, 0, 0]
        if rng.random() < 0.5:
            images, boxes = images[:, ::-1], boxes * [1, -1, 1, 1] + [0, SIDE, 0, 0]
        if rng.random() < 0.5:
            images, boxes = images.transpose(0, 2, 1, 3), boxes[:, [1, 0, 3, 2]]
        images = images[..., rng.permutation(3)]
        yield _unit(images), boxes.astype(np.float32), data.labels[chosen]


def _unit(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(pixels / 255, dtype=np.float32)


def _report(weights: Weights, data: ShapeImages) -> None:
    boxes, logits = (part.numpy() for part in forward(weights, _unit(data.pixels)))
    _LOGGER.info("class accuracy: %.4f", np.mean(logits.argmax(axis=1) == data.labels))
    _LOGGER.info("mean absolute box error: %.2f pixels", np.mean(np.abs(boxes - data.boxes)))


if __name__ == "__main__":
    main()
