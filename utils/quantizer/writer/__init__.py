"""Writing archives in the compiler's format, with integers by its rules.

They serve as examples and as test input. Their integers are computed by the compiler's rules
(package utils.quantizer). What no public archive shows, 4-bit weights and the parameters of
layers other than conv, dense, maxpool and activation, follows the same rules by analogy.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Collection, Mapping
from typing import Any

from numpy.typing import NDArray

from utils.errors import ArchiveError
from utils.har.archive import HEF_MAGIC, METADATA_SUFFIX
from utils.har.network import Network
from utils.quantizer.calibration import LayerStatistics
from utils.quantizer.writer.members import (
    FloatModel,
    Members,
    OptimizationRecord,
    modified_members,
    parsed_members,
    quantized_members,
)

STATES = ("hailo_model", "fp_optimized_model", "quantized_model", "compiled_model")
# Written into every member, so that the same model gives the same bytes; the fraction makes
# tarfile write the extended header that real archives have.
MTIME = 1_700_000_000.25
# What a compiler adds, as far as anything here reads it.
HEF_BYTES = HEF_MAGIC + bytes(60)
AUTO_SCRIPT = "allocator_param(timeout=3600)\nperformance_param(compiler_optimization_level=1)\n"
# Metadata keys in the order of real archives, with the suffix of the member each one names.
SUFFIXES = {
    "hn": "hn",
    "params_translated": "q.npz",
    "hef": "hef",
    "auto_model_script": "auto.alls",
    "model_script": "alls",
    "native_hn": "native.hn",
    "fp_hn": "fp.hn",
    "params": "npz",
    "params_fp_opt": "fpo.npz",
    "params_hailo_optimized": "ho.npz",
    "params_statistics": "stats.npz",
    "original_model_meta": "original_model_meta.json",
}


def build_quantized_har(
    path: str,
    *,
    name: str,
    network: Network,
    weights: Mapping[str, NDArray[Any]],
    statistics: Mapping[str, LayerStatistics] | None = None,
    precision_modes: Mapping[str, str] | None = None,
    script: str | None = None,
    state: str = "quantized_model",
    hw_arch: str = "hailo8",
    sdk_version: str = "3.33.0",
    optimization_level: int | None = 0,
    compression_level: int | None = 0,
    noise_analysis: Mapping[str, float] | None = None,
    partial_noise_analysis: Mapping[str, float] | None = None,
    algorithms_run: Collection[str] = (),
    tuned_weights: Mapping[str, NDArray[Any]] | None = None,
    equalization: Mapping[str, NDArray[Any]] | None = None,
    native_network: Network | None = None,
    native_weights: Mapping[str, NDArray[Any]] | None = None,
    weightless: bool = False,
) -> None:
    """Quantize a float model by the compiler's rules and write the archive.

    Parameters
    ----------
    name : of the network: scope of its layers, stem of the members.
    network : the float graph after model modification.
    weights : its arrays by ``layer/suffix`` (kernel, bias, const_data, epsilon, ...), layers
        with or without scope. Kernels lie as in archives: (height, width, in, out), depthwise
        (height, width, channels, 1), dense (in, out).
    statistics : what calibration saw, by layer (`statistics_from_arrays`); only states before
        quantization do without.
    precision_modes : by layer, e.g. ``a16_w16`` or ``a8_w4``; others run at a8_w8.
    script : the user's model script, stored as it is.
    state : hailo_model, fp_optimized_model, quantized_model or compiled_model (whose HEF holds
        nothing but its first bytes).
    optimization_level : level that ran; None leaves both levels out of the metadata.
    noise_analysis, partial_noise_analysis : SNR in dB by layer, as the compiler's full and
        simple noise analysis store it.
    algorithms_run : optimization algorithms whose flags are set for layers with weights.
    tuned_weights : what finetuning made of some of the weights: these are quantized.
    equalization : scale of every channel relative to the others, by layer; layers left out
        have one scale. None chooses vectors wherever the network allows them.
    native_network, native_weights : the model as parsed, where a modification changed it.
    weightless : leave the float weights out of a hailo_model.

    Raises
    ------
    ArchiveError : statistics or weights of a layer are missing, a layer or state is unknown.
    UnsupportedLayerError : an activation for which no table is known.
    """
    model = FloatModel(name, network, weights)
    native = FloatModel(
        name, native_network or network, weights if native_weights is None else native_weights
    )
    record = OptimizationRecord(
        precision_modes or {},
        equalization,
        algorithms_run,
        tuned_weights or {},
        noise_analysis or {},
        partial_noise_analysis or {},
    )
    members = _members(state, native, model, statistics, record)
    if weightless:
        del members["params"]
    if script is not None:
        members["model_script"] = script.encode()
    metadata: dict[str, Any] = {
        "state": state,
        "force_weightless_model": weightless,
        "model_name": name,
        "sdk_version": sdk_version,
        "hw_arch": hw_arch,
    }
    flavor = {"optimization_level": optimization_level, "compression_level": compression_level}
    for key, suffix in SUFFIXES.items():
        if key == "native_hn" and key in members and optimization_level is not None:
            metadata["mo_flavor"] = flavor
        if key in members:
            metadata[key] = f"{name}.{suffix}"
    contents = {metadata[key]: members[key] for key in SUFFIXES if key in members}
    write_archive(path, metadata, contents)


def _members(
    state: str,
    native: FloatModel,
    model: FloatModel,
    statistics: Mapping[str, LayerStatistics] | None,
    record: OptimizationRecord,
) -> Members:
    if state not in STATES:
        raise ArchiveError(f"unknown state {state!r}; known are {', '.join(STATES)}")
    if state == "hailo_model":
        return parsed_members(native)
    if state == "fp_optimized_model":
        return modified_members(native, model)
    members = quantized_members(native, model, statistics or {}, record)
    if state == "compiled_model":
        members["hef"] = HEF_BYTES
        members["auto_model_script"] = AUTO_SCRIPT.encode()
    return members


def write_archive(path: str, metadata: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a HAR: an uncompressed tar with metadata.json as its last member.

    Parameters
    ----------
    metadata : content of metadata.json; its member is named after ``model_name``.
    members : content of the others by member name, in file order.
    """
    last = {f"{metadata['model_name']}{METADATA_SUFFIX}": json.dumps(metadata).encode()}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in {**members, **last}.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), 0o644, MTIME
            tar.addfile(entry, io.BytesIO(data))
