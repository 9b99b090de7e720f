"""What the terminal shows of the demo, for README.md.

`python -m docs.console_output` builds the demo in a temporary folder, runs the command on it as
`make demo` does, once for each width, and rewrites the marked blocks of README.md.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from docs.marked_blocks import with_block
from examples import build_demo
from examples.shape_detector import NAME

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
WIDTHS = (80, 160)
FOLDER = "build/demo"
ARGUMENTS = (
    "-d",
    f"{FOLDER}/calibset.npy",
    "--no-interactive",
    "--image-dir",
    FOLDER,
    "--log-path",
    f"{FOLDER}/diagnostic_tool.log",
    "--output-model-script",
    f"{FOLDER}/recommended.alls",
    f"{FOLDER}/{NAME}.har",
)
# A measured number: it has a decimal point or is a share. Others are counts, and must not differ.
_MEASURED = re.compile(r"-?\d+(?:\.\d+%?|%)")


def block_name(width: int) -> str:
    """Name of the block of README.md that shows this width."""
    return f"console-{width}"


def demo_outputs(widths: tuple[int, ...] = WIDTHS) -> dict[int, str]:
    """What the command prints of one demo on terminals of these widths, without colours.

    Nothing in it depends on the machine, the time or the folder.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_demo.main([str(folder / FOLDER)])
        return {width: _printed(folder, width) for width in widths}


def _printed(folder: Path, width: int) -> str:
    for result in ("recommended.alls", "standard.jpg", "inverse.jpg"):
        (folder / FOLDER / result).unlink(missing_ok=True)  # else the next run takes other names
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *ARGUMENTS],
        cwd=folder,
        env={**os.environ, "COLUMNS": str(width), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def as_block(output: str) -> str:
    """The output as README.md shows it."""
    return f"```\n{output.rstrip()}\n```"


def differences(shown: str, now: str) -> list[tuple[str, str]]:
    """Words that differ between two outputs, as pairs; empty if they say the same.

    Versions of numpy and TensorFlow may compute a measured number differently in its last digit, so
    one that is off by one there counts as equal, and so does the line break that moves with it.
    """
    pairs = zip_longest(shown.split(), now.split(), fillvalue="")
    return [(one, other) for one, other in pairs if not _is_same(one, other)]


def _is_same(one: str, other: str) -> bool:
    if one == other:
        return True
    if _MEASURED.sub("#", one) != _MEASURED.sub("#", other):
        return False
    numbers = zip(_MEASURED.findall(one), _MEASURED.findall(other), strict=True)
    return all(_is_close(a, b) for a, b in numbers)


def _is_close(one: str, other: str) -> bool:
    decimals = [len(number.rstrip("%").partition(".")[2]) for number in (one, other)]
    values = [float(number.rstrip("%")) for number in (one, other)]
    return abs(values[0] - values[1]) <= 1.001 * 10.0 ** -min(decimals)


def with_outputs(readme: str, outputs: Mapping[int, str]) -> str:
    """The text of README.md with these outputs in their blocks."""
    for width, output in outputs.items():
        readme = with_block(readme, block_name(width), as_block(output))
    return readme


def too_wide(output: str, width: int) -> Iterator[str]:
    """Lines that are wider than the terminal."""
    return (line for line in output.splitlines() if len(line) > width)


def main() -> None:
    """Rewrite the blocks of README.md."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_outputs(text, demo_outputs()), encoding="utf-8")


if __name__ == "__main__":
    main()
