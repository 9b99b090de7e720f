"""Archives of the real compiler against the models that they were parsed from."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.stages.original.steps import step_to, words
from tests.har.samples import DIRECTORY, sample_path

ORIGINALS = DIRECTORY.parent / "onnx"
DATA = DIRECTORY.parent / "calib"
FLOWS = ("ids_mlp_logits.onnx", "ids_flows_99x1x1x80.npy")
JETS = ("jet_cnn_wide.onnx", "jets_sparse_64x32x32x3.npy")

pytestmark = pytest.mark.skipif(
    not (ORIGINALS.is_dir() and DATA.is_dir()), reason=f"no folder {ORIGINALS}"
)


@pytest.mark.parametrize(
    ("archive", "files"),
    [
        ("ids_mlp_logits_parsed", FLOWS),
        ("ids_mlp_logits_realcalib_q8", FLOWS),
        ("ids_mlp_logits_randomcalib_q8", FLOWS),
        ("ids_mlp_sigmoid_compiled", FLOWS),
        ("jet_cnn_wide_q8", JETS),
    ],
)
def test_what_was_parsed_from_a_model_is_equal_to_it(archive: str, files: tuple[str, str]) -> None:
    original, data = files
    har, samples = sample_path(archive), np.load(DATA / data)
    step = step_to(har, [str(ORIGINALS / original)], samples)
    assert step.is_equal
    assert (step.reasons, step.not_matched, step.parts_at) == ((), (), "")
    assert min(match.snr_db for match in (*step.outputs, *step.inner)) > 90
    assert {match.by for match in (*step.outputs, *step.inner)} == {"original name"}


@pytest.mark.slow
def test_another_network_of_the_same_shape_has_other_weights() -> None:
    samples = np.load(DATA / JETS[1])[:8]
    step = step_to(sample_path("jet_cnn_parsed"), [str(ORIGINALS / JETS[0])], samples)
    assert not step.is_equal
    assert words(step) == ["other-weights"]
    assert len(step.reasons[0].layers) == 5
    assert step.reasons[0].after_db > 90
