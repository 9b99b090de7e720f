"""Jobs and what came of them as files, on a run of everything."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from tests.har.archives import small_images, write_small
from utils.backends.bench import LocalBench
from utils.findings import Artifact
from utils.har.model import load_model
from utils.jobs.bundle import DOCUMENT, bundled, unbundled
from utils.jobs.job import Job
from utils.jobs.measured import Measured, Refusal
from utils.jobs.plain import PlainError, packed
from utils.jobs.plain_schema import schema_of
from utils.jobs.range_trial import RangeRequest, RangeTrials
from utils.jobs.settings import Settings
from utils.measurements import Need

EVERYTHING = ~Need.NOTHING
RANGES = RangeRequest({"net/conv1": (0.0, 0.5)})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> LocalBench:
    folder = tmp_path_factory.mktemp("job")
    data = folder / "x.npy"
    np.save(data, small_images(samples=12).astype(np.float32))
    settings = Settings(target_db=200.0)  # out of reach, so that single layers are measured
    job = Job(write_small(folder / "model.har"), str(data), 9, EVERYTHING, settings, "embedded")
    return LocalBench(job, load_model(job.archive), None)


@pytest.fixture(scope="module")
def measured(bench: LocalBench) -> Measured:
    return bench.measure()


def assert_same(one: object, other: object) -> None:
    """Equal as documents and array by array: the dataclasses have no equality of their own."""
    (document, arrays), (again, read) = packed(one), packed(other)
    assert json.dumps(document) == json.dumps(again)
    assert arrays.keys() == read.keys()
    for name, array in arrays.items():
        assert array.dtype == read[name].dtype
        np.testing.assert_array_equal(array, read[name])


def test_a_run_of_everything_is_whole(measured: Measured) -> None:
    assert not measured.has_failed
    assert measured.dataset is not None
    assert measured.samples is not None
    found = measured.measurements
    assert found is not None
    assert found.noise is not None
    assert found.noise.sensitivity is not None
    assert all(layer.histogram for name, layer in found.layers.items() if "conv" in name)


@pytest.mark.parametrize("kind", [Job, Measured, RangeRequest, RangeTrials])
def test_the_document_follows_its_schema_and_is_read_back(
    kind: type, bench: LocalBench, measured: Measured
) -> None:
    job = Job("a.har", "b.npy", 64, Need.NOISE | Need.HISTOGRAMS, Settings({"leaky": 0.1}, 3))
    values: dict[type, Any] = {
        Job: job,
        Measured: measured,
        RangeRequest: RANGES,
        RangeTrials: bench.try_ranges(RANGES),
    }
    value = values[kind]
    jsonschema.validate(json.loads(json.dumps(packed(value)[0])), schema_of(kind))
    assert_same(unbundled(kind, bundled(value)), value)


def test_a_failure_is_read_back() -> None:
    failed = Measured(
        refusal=Refusal(
            "calibration-shape",
            "It does not fit",
            "x.npy",
            "Give another.",
            sheet=Artifact("a.jpg", bytes(range(256))),
        ),
        failures=("y",),
    )
    assert unbundled(Measured, bundled(failed)) == failed


def test_numpy_opens_a_bundle(measured: Measured) -> None:
    found = np.load(io.BytesIO(bundled(measured)), allow_pickle=False)
    assert "array_0" in found.files


def test_measurements_that_were_read_can_be_joined(measured: Measured) -> None:
    again = unbundled(Measured, bundled(measured)).measurements
    assert again is not None
    assert measured.measurements is not None
    for name, layer in measured.measurements.layers.items():
        joined = layer.merged(again.layers[name]).output
        assert joined.count == 2 * layer.output.count
        np.testing.assert_allclose(joined.mean, layer.output.mean)


def spoiled(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, data in members.items():
            bundle.writestr(name.replace("__", "."), data)
    return stream.getvalue()


def pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([object()]), allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "the bundle is damaged"),
        (bundled(RANGES)[:-30], "the bundle is damaged"),
        (spoiled(), f"the bundle holds no {DOCUMENT}"),
        (spoiled(document__json=b"{"), "the bundle is damaged"),
        (spoiled(document__json=b"[]"), "document has not the keys ranges"),
        (spoiled(document__json=b"{}", array_0__npy=pickled()), "the bundle is damaged"),
        (spoiled(document__json=b"{}", array_0__npy=b"no array"), "the bundle is damaged"),
    ],
    ids=["empty", "cut", "no-document", "no-json", "other", "pickled", "no-array"],
)
def test_what_is_no_bundle_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(PlainError, match=complaint):
        unbundled(RangeRequest, data)


def test_the_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("utils.jobs.bundle.MAX_BYTES", 10)
    with pytest.raises(PlainError, match="unpacks to more than 10 bytes"):
        unbundled(RangeRequest, bundled(RANGES))


def test_jobs_are_small_files(tmp_path: Path) -> None:
    path = tmp_path / "job.npz"
    path.write_bytes(bundled(Job("a.har", "b.npy", 64)))
    assert unbundled(Job, path.read_bytes()) == Job("a.har", "b.npy", 64)
