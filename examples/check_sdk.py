"""Check how this tool gets on with the Hailo SDK that is installed here.

    python -m examples.check_sdk model.har calibset.npy

takes a few minutes with a small network, runs at most 16 samples, changes nothing, and prints a
report in Markdown that can be pasted into an issue: versions, which way the SDK was asked, what
it gave, and where the embedded engine agrees with it. It holds the layers' names in the graph
(conv1, ...) and their types, but no file names, no names of the original model and no values.
"""

from __future__ import annotations

import argparse
import contextlib
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from utils.backends.choice import BackendRun, Job, run_by_backend
from utils.backends.embedded import Settings
from utils.backends.names import BOTH
from utils.backends.sdk.installation import is_installed
from utils.dataset import open_dataset
from utils.errors import DiagnosticError
from utils.har.model import Model, load_model
from utils.logger import LOGGER
from utils.measurements import Need
from utils.renderers.comparison_lines import comparison_lines
from utils.version import NAME, VERSION

SAMPLES = 16
PACKAGES = ("tensorflow", "numpy", "keras")
NEEDS = Need.OUTPUT_STATISTICS | Need.PREACTIVATION_STATISTICS | Need.NOISE


@dataclass
class Check:
    """The report as it grows."""

    lines: list[str] = field(default_factory=list)
    failed: bool = False

    def say(self, what: str, found: object) -> None:
        """One line: what was looked at, and what was found."""
        self.lines.append(f"- {what}: {found}")

    def fail(self, what: str, reason: object) -> None:
        """One line on what does not work; the check as a whole has failed."""
        self.failed = True
        self.lines.append(f"- **{what}: FAILED**: {reason}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the check; returns 0 if both engines ran and agree, else 1."""
    options = _parser().parse_args(argv)
    check = Check([f"### {NAME} {VERSION} and the Hailo SDK", ""])
    _environment(check)
    before = set(Path().iterdir())
    try:
        _run(check, options.har, options.dataset, options.samples)
    except DiagnosticError as error:
        check.fail("the check could not be made", error)
    if dropped := sorted(path.name for path in set(Path().iterdir()) - before):
        check.fail("the working directory was kept clean", f"the SDK left {', '.join(dropped)}")
    check.lines += ["", "Result: " + ("FAILED" if check.failed else "passed")]
    sys.stdout.write("\n".join(check.lines) + "\n")
    return int(check.failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.check_sdk", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("har", help="a quantized archive that this SDK has written")
    parser.add_argument("dataset", help="calibration set for it, npy or npz")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="default: %(default)s")
    return parser


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
    check.say("archive", f"{model.state}, {model.hw_arch}, written by DFC {model.sdk_version}")
    check.say("layers", ", ".join(f"{layer.base_name} ({layer.type})" for layer in model.network))
    calibration = open_dataset(dataset, model.float_network.input_layers, samples)
    job = Job(model, calibration, NEEDS, Settings(batch_size=4), lambda batch: None)
    with _no_log():
        found = run_by_backend(job, BOTH)
    if found.sdk is None or found.sdk.failure:
        check.fail("the SDK", found.sdk.failure if found.sdk else "it was not asked")
        return
    check.say("SDK", found.sdk.version or "it does not say its version")
    check.say("inner layers captured by", f"`{found.sdk.way}`")
    for doubt in found.sdk.doubts:
        check.fail("the network as the SDK holds it", _without_scope(model)(doubt))
    _measured(check, model, found)


def _measured(check: Check, model: Model, found: BackendRun) -> None:
    shorten = _without_scope(model)
    measurements = found.emulation.measurements
    check.say("layers measured in float", f"{len(measurements.layers)} of {len(model.network)}")
    for what, reasons in (
        ("not measured", measurements.not_measured),
        ("not measured before the activation", measurements.preactivation_not_measured),
        ("noise not measured", measurements.noise.not_measured if measurements.noise else {}),
    ):
        for name, reason in reasons.items():
            check.say(shorten(f"{name} {what}"), shorten(reason))
    for assumption in measurements.assumptions:
        check.say("assumed", shorten(assumption))
    if found.sdk is None or found.sdk.comparison is None:
        check.fail("the comparison", "it was not made")
        return
    network = model.float_network
    for _, text in comparison_lines(found.sdk.comparison, network):
        check.say("compared", shorten(text))
    for part in ("float", "codes"):
        if found.sdk.comparison.parting(network, part):
            check.fail(f"both agree in {part}", "see above")


def _without_scope(model: Model) -> Callable[[str], str]:
    """Takes the network's own name, and names of the original model, out of a sentence."""
    layers = [*model.network, *model.float_network]
    private = {original for layer in layers for original in layer.original_names}
    scopes = {layer.name.removesuffix(layer.base_name) for layer in layers} - {""}

    def shortened(text: str) -> str:
        for original in private:
            text = text.replace(f" ({original})", "")
        for scope in scopes:
            text = text.replace(scope, "")
        return text

    return shortened


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
