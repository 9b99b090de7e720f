"""Archives written by the real compiler; they cannot be redistributed, so tests skip without."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from utils.har.model import Model, load_model

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
DIRECTORY = Path(os.environ.get("HAR_SAMPLES", ROOT.parent / "shared" / "hars"))
QUANTIZED = (
    "ids_mlp_logits_randomcalib_q8",
    "ids_mlp_logits_realcalib_q8",
    "ids_mlp_sigmoid_compiled",
    "jet_cnn_q8",
    "jet_cnn_q16",
    "jet_cnn_wide_q8",
)
PARSED = ("ids_mlp_logits_parsed", "jet_cnn_parsed", "whisper_encoder_parsed")


def present(value: T | None) -> T:
    """A value that these archives are known to hold."""
    assert value is not None
    return value


def sample_path(name: str) -> str:
    path = DIRECTORY / f"{name}.har"
    if not path.is_file():
        pytest.skip(f"no sample archive {path}; set HAR_SAMPLES to the directory that holds it")
    return str(path)


@cache
def _load(path: str) -> Model:
    return load_model(path)


def sample_model(name: str) -> Model:
    return _load(sample_path(name))
