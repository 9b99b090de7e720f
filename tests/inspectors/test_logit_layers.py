from __future__ import annotations

from inspectors.logit_layers import logit_layers
from tests.fixtures.builders import build_layer, build_network


def test_layers_that_only_scores_are_made_of() -> None:
    network = build_network(
        [
            build_layer("conv1"),
            build_layer("conv2", inputs=["conv1"]),
            build_layer("conv3", inputs=["conv1"]),
            build_layer("shortcut1", inputs=["conv2"]),
            build_layer("softmax1", inputs=["shortcut1"]),
            build_layer("concat1", inputs=["softmax1", "conv3"]),
            build_layer("output_layer1", inputs=["concat1"]),
        ]
    )
    assert logit_layers(network) == {
        f"net/{name}" for name in ("concat1", "softmax1", "conv2", "conv3")
    }
