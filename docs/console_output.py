"""What the terminal shows of the demo, for docs/output.md, and an extract of it for README.md.

`python -m docs.console_output` builds the demo in a temporary folder, runs the command on it as
`make demo` does, once for each width, and rewrites the marked blocks of both pages.
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
PAGE = ROOT / "docs" / "output.md"
WIDTHS = (80, 160)
EXTRACT = "console-extract"  # name of the block of README.md
HEAD_LINES, TAIL_LINES = 12, 12  # of the extract, at most; entries are never cut
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
    """Name of the block of docs/output.md that shows this width."""
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
    """The output as a page shows it."""
    return f"```text\n{output.rstrip()}\n```"


def extract(output: str) -> str:
    """The first entries and the last ones, with a mark for what is left out between them."""
    if len(output.strip().splitlines()) <= HEAD_LINES + TAIL_LINES:
        return output.strip()
    head, tail = _entries(output), _entries(output)
    while sum(map(len, head)) > HEAD_LINES:
        head.pop()
    while sum(map(len, tail)) > TAIL_LINES:
        tail.pop(0)
    return "\n".join(line for entry in (*head, ["[...]"], *tail) for line in entry)


def _entries(output: str) -> list[list[str]]:
    """Lines, each with the indented ones that go on with it."""
    entries: list[list[str]] = []
    for line in output.strip().splitlines():
        if entries and line.startswith(" "):
            entries[-1].append(line)
        else:
            entries.append([line])
    return entries


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


def blocks(outputs: Mapping[int, str]) -> dict[Path, dict[str, str]]:
    """Content of every block, by page and name."""
    whole = {block_name(width): as_block(output) for width, output in outputs.items()}
    return {PAGE: whole, README: {EXTRACT: as_block(extract(outputs[min(outputs)]))}}


def too_wide(output: str, width: int) -> Iterator[str]:
    """Lines that are wider than the terminal."""
    return (line for line in output.splitlines() if len(line) > width)


def main() -> None:
    """Rewrite the blocks."""
    for page, contents in blocks(demo_outputs()).items():
        text = page.read_text(encoding="utf-8")
        for name, content in contents.items():
            text = with_block(text, name, content)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
