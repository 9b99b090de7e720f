"""Check how this tool gets on with the Hailo SDK that is installed here.

    python -m examples.check_sdk model.har calibset.npy

takes a few minutes with a small network, runs at most 16 samples, changes nothing, and prints a
report in Markdown that can be pasted into an issue: versions, which way the SDK was asked, what
it gave, and where the embedded engine agrees with it. It holds the layers' names in the graph
(conv1, ...) and their types, SNRs and shares of what differs; no weights and no values of the
network. Paths and file names, the network's name and names of the original model are taken out,
also of what the SDK says. That is quoted, so read it before you send it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from utils.backends.choice import run_by_backend
from utils.backends.emulation import Emulated
from utils.backends.opened_job import OpenedJob
from utils.backends.sdk.presence import is_installed
from utils.dataset.calibration_set import open_dataset
from utils.errors import DiagnosticError
from utils.har.model import Model, load_model
from utils.jobs.backend_names import BOTH
from utils.jobs.settings import Settings
from utils.measurements import Need
from utils.renderers.comparison_lines import comparison_lines
from utils.terminal.logger import LOGGER
from utils.tool import NAME, VERSION
from utils.wording import plural, printable

SAMPLES = 16
HAR, DATA = "model.har", "calibset.npy"  # in place of the files that were given
PACKAGES = ("tensorflow", "numpy", "keras")
NEEDS = Need.OUTPUT_STATISTICS | Need.PREACTIVATION_STATISTICS | Need.NOISE


# Words with a slash, and names that end as files of this trade do; not what stands in brackets.
FILE = re.compile(
    r"""(?<!\w)(['"])[^'"]*[/\\][^'"]*\1|(?<![^\s'"(])[^\s'"(]*[/\\][^\s'")]*"""
    r"|(?<![\w.[-])[\w.-]+\.(?:har|hn|alls|hef|np[yz]|onnx|tflite|pb|pth?|ckpt|json|ya?ml|log)\b"
)
SHORTEST_NAME = 4  # letters of a name of the original model; shorter ones are words as well


@dataclass
class Check:
    """The report as it grows.

    Parameters
    ----------
    private : what is not to be printed, with what is printed in its place.
    """

    lines: list[str] = field(default_factory=list)
    failed: bool = False
    private: dict[str, str] = field(default_factory=dict)

    def say(self, what: str, found: object) -> None:
        """One line: what was looked at, and what was found."""
        self.lines.append(f"- {printable(what)}: {printable(str(found))}")

    def fail(self, what: str, reason: object) -> None:
        """One line on what does not work; the check as a whole has failed."""
        self.failed = True
        self.lines.append(f"- **{printable(what)}: FAILED**: {printable(str(reason))}")

    def public(self, text: object) -> str:
        """A sentence without what is private, and without names of files."""
        found = str(text)
        if self.private:
            words = sorted(self.private, key=len, reverse=True)
            pattern = "|".join(map(_as_word, words))
            found = re.sub(pattern, lambda match: self.private[match[0]], found)
        found = FILE.sub("[file]", found)
        return found.replace(f"[{HAR}]", HAR).replace(f"[{DATA}]", DATA)


def _as_word(text: str) -> str:
    """A pattern that finds a text where it is not a part of another word."""
    before = r"(?<!\w)" if re.match(r"\w", text[0]) else ""
    behind = r"(?!\w)" if re.match(r"\w", text[-1]) else ""
    return before + re.escape(text) + behind


def main(argv: Sequence[str] | None = None) -> int:
    """Run the check; returns 0 if both engines ran and agree, else 1."""
    options = _parser().parse_args(argv)
    given = _spellings(options.har, HAR) | _spellings(options.dataset, DATA)
    check = Check([f"### {NAME} {VERSION} and the Hailo SDK", ""], private=given)
    _environment(check)
    before = set(Path().iterdir())
    try:
        _run(check, options.har, options.dataset, options.samples)
    except DiagnosticError as error:
        check.fail("the check could not be made", check.public(error))
    if dropped := set(Path().iterdir()) - before:
        left = f"the SDK left {plural(len(dropped), 'file')}"
        check.fail("the working directory was kept clean", left)
    check.lines += ["", "Result: " + ("FAILED" if check.failed else "passed")]
    sys.stdout.write("\n".join(check.lines) + "\n")
    return int(check.failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.check_sdk", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("har", help="a quantized archive that this SDK has written")
    parser.add_argument("dataset", help="calibration set for it, npy or npz")
    parser.add_argument("--samples", type=_positive, default=SAMPLES, help="default: %(default)s")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _spellings(path: str, shown: str) -> dict[str, str]:
    names = (path, os.path.abspath(path), os.path.realpath(path), os.path.basename(path))
    return {name: f"[{shown}]" for name in names if len(name) >= SHORTEST_NAME}


def _environment(check: Check) -> None:
    check.say("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            check.say(package, version(package))


def _run(check: Check, har: str, dataset: str, samples: int) -> None:
    if not is_installed():
        check.fail("the SDK", "hailo_sdk_client is not installed for this Python")
        return
    model = load_model(har)
    check.private |= _names_of(model)
    check.say("archive", f"{model.state}, {model.hw_arch}, written by DFC {model.sdk_version}")
    check.say("layers", ", ".join(f"{layer.base_name} ({layer.type})" for layer in model.network))
    calibration = open_dataset(dataset, model.float_network.input_layers, samples)
    job = OpenedJob(model, calibration, NEEDS, Settings(batch_size=4))
    with _no_log():
        found = run_by_backend(job, BOTH)
    if found.sdk is None or found.sdk.failure:
        check.fail("the SDK", check.public(found.sdk.failure if found.sdk else "it was not asked"))
        return
    check.say("SDK", found.sdk.version or "it does not say its version")
    check.say("inner layers captured by", f"`{found.sdk.way}`")
    for doubt in found.sdk.doubts:
        check.fail("the network as the SDK holds it", check.public(doubt))
    _measured(check, model, found)


def _measured(check: Check, model: Model, found: Emulated) -> None:
    measurements = found.measurements
    check.say("layers measured in float", f"{len(measurements.layers)} of {len(model.network)}")
    for what, reasons in (
        ("not measured", measurements.not_measured),
        ("not measured before the activation", measurements.preactivation_not_measured),
        ("noise not measured", measurements.noise.not_measured if measurements.noise else {}),
    ):
        for name, reason in reasons.items():
            check.say(check.public(f"{name} {what}"), check.public(reason))
    for assumption in measurements.assumptions:
        check.say("assumed", check.public(assumption))
    if found.sdk is None or found.sdk.comparison is None:
        check.fail("the comparison", "it was not made")
        return
    network = model.float_network
    for _, text in comparison_lines(found.sdk.comparison, network):
        check.say("compared", check.public(text))
    for part in ("float", "codes"):
        if found.sdk.comparison.parting(network, part):
            check.fail(f"both agree in {part}", "see above")


def _names_of(model: Model) -> dict[str, str]:
    """The network's own name, and names of the original model."""
    layers = [*model.network, *model.float_network]
    public = {layer.base_name for layer in layers} | {layer.type for layer in layers}
    originals = {original for layer in layers for original in layer.original_names}
    private = {f" ({original})": "" for original in originals}
    private |= {name: "[original]" for name in originals - public if len(name) >= SHORTEST_NAME}
    private |= {layer.name.removesuffix(layer.base_name): "" for layer in layers}
    private |= {model.name: "[network]"}
    return {name: shown for name, shown in private.items() if name}


@contextlib.contextmanager
def _no_log() -> Iterator[None]:
    """What is logged is in the report as well."""
    LOGGER.disabled = True
    try:
        yield
    finally:
        LOGGER.disabled = False


if __name__ == "__main__":
    sys.exit(main())
