"""What the command is run on: which files there are, which of them is changed, and how."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from numpy.typing import NDArray

from tests.fixtures import log_texts
from tests.mutations.archives import changed_archive
from tests.mutations.arrays import changed_npy, written_npy
from tests.mutations.documents import changed_document
from tests.mutations.drawing import Change, Random, happens, pick
from tests.mutations.npz_members import changed_npz
from tests.mutations.originals import (
    LARGE,
    NAMES,
    SCRIPT,
    chip_outputs,
    nms_config,
    original,
)
from tests.mutations.reports import report_on
from tests.mutations.texts import changed_text

HAR, DATA = "model.har", "data.npy"
SMALL = tuple(name for name in NAMES if name not in LARGE and name != "parsed")
OUTPUTS = {
    "--json": "report.json",
    "--html": "page.html",
    "--sarif": "report.sarif",
    "--junit": "report.xml",
    "--markdown": "report.md",
    "--output-model-script": "better.alls",
}
SETTINGS = b"""\
order = ["ModelScriptInspector", "WeightsInspector"]
fail-on = "error"
quiet = "info"
target-snr = 20
[[ignore]]
id = "weight-outliers"
layers = ["conv*"]
reason = "known"
until = 2099-01-01
"""


@dataclass(frozen=True)
class Setting:
    """Files by name, and the arguments of the command beside the archive.

    Parameters
    ----------
    changed : the file that is changed.
    change : what changes it.
    argv : all arguments.
    """

    files: Mapping[str, bytes]
    changed: str
    change: Change
    argv: tuple[str, ...]


def _archive(random: Random) -> Setting:
    files = {HAR: original(pick(random, NAMES)).archive}
    return Setting(files, HAR, changed_archive, (HAR, *_reports(random)))


def _archive_with_data(random: Random) -> Setting:
    # One network in ten is a large one, which takes as long as ten small ones.
    found = original(pick(random, NAMES if happens(random, 0.1) else SMALL))
    files = {HAR: found.archive, DATA: found.data}
    return Setting(files, HAR, changed_archive, (HAR, "-d", DATA, *_measuring(random)))


def _data(random: Random) -> Setting:
    found = original(pick(random, SMALL))
    if happens(random, 0.4):
        name, content, change = "data.npz", _npz({"input_layer1": found.samples}), changed_npz
    else:
        name, content, change = DATA, found.data, changed_npy
    argv = (HAR, "-d", name, *_measuring(random))
    return Setting({HAR: found.archive, name: content}, name, change, argv)


def _device_outputs(random: Random) -> Setting:
    found = original("chip")
    outputs = _npz(chip_outputs())
    files = {HAR: found.archive, DATA: found.data, "chip.npz": outputs}
    argv = (HAR, "-d", DATA, "--device-outputs", "chip.npz", *_measuring(random))
    return Setting(files, "chip.npz", changed_npz, argv)


def _script(random: Random) -> Setting:
    files = {HAR: original(pick(random, SMALL)).archive, "own.alls": SCRIPT.encode()}
    argv = ("--lint-script", "own.alls", *(("--har", HAR) if happens(random, 0.7) else ()))
    return Setting(files, "own.alls", changed_text, argv)


def _log(random: Random) -> Setting:
    files = {HAR: original(pick(random, ("small", "compiled"))).archive, "dfc.log": _log_text()}
    return Setting(files, "dfc.log", changed_text, (HAR, "--dfc-log", "dfc.log", *_reports(random)))


def _nms(random: Random) -> Setting:
    files = {HAR: original("detector").archive, "nms.json": nms_config()}
    change = changed_text if happens(random, 0.1) else changed_document
    return Setting(files, "nms.json", change, (HAR, "--nms-config", "nms.json", *_reports(random)))


def _baseline(random: Random) -> Setting:
    name = pick(random, ("small", "compiled", "detector"))
    found = original(name)
    report = report_on(found.archive, found.data if happens(random, 0.5) else b"")
    change = changed_text if happens(random, 0.1) else changed_document
    argv = (HAR, "--baseline", "before.json", "--fail-on", "new-error", *_reports(random))
    return Setting({HAR: found.archive, "before.json": report}, "before.json", change, argv)


def _settings(random: Random) -> Setting:
    files = {HAR: original("small").archive, "own.toml": SETTINGS}
    return Setting(files, "own.toml", changed_text, (HAR, "--config", "own.toml"))


# How often each is drawn, and what makes it.
SITUATIONS: Mapping[str, tuple[int, Callable[[Random], Setting]]] = {
    "archive": (30, _archive),
    "archive with data": (22, _archive_with_data),
    "data": (12, _data),
    "outputs of a chip": (5, _device_outputs),
    "script": (8, _script),
    "log": (7, _log),
    "NMS": (7, _nms),
    "baseline": (6, _baseline),
    "settings": (3, _settings),
}


def drawn(random: Random) -> str:
    """Name of a situation, as often as it is to be drawn."""
    return pick(random, [name for name, (often, _) in SITUATIONS.items() for _ in range(often)])


def _reports(random: Random) -> Iterator[str]:
    if happens(random, 0.1):
        for option, name in OUTPUTS.items():
            yield from (option, name)
    elif happens(random, 0.3):
        yield "-v"


def _measuring(random: Random) -> Iterator[str]:
    yield from _reports(random)
    if happens(random, 0.5):
        yield "--quick"
    elif happens(random, 0.1):
        yield "--exact-sensitivity"
    if happens(random, 0.3):
        yield from ("-c", str(int(random.integers(1, 5))))


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, array in arrays.items():
            file.writestr(f"{name}.npy", written_npy(array))
    return stream.getvalue()


@cache
def _log_text() -> bytes:
    lines = [
        log_texts.START,
        log_texts.TO_ZERO,
        log_texts.TO_ONE,
        log_texts.ZERO,
        log_texts.entries(64),
        *log_texts.SKIPPED,
        log_texts.NOT_NORMALIZED.format(0.0, 1.0),
        log_texts.NORMALIZED_TWICE.format(-1.0, 1.0),
        log_texts.no_shift(0.7),
        log_texts.bits_reduced(3),
        log_texts.range_forced("net/fc2"),
        log_texts.snr(12.5),
        log_texts.END,
    ]
    return ("\n".join(lines) + "\n").encode()
