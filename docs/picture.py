"""The picture of the HTML page, for README.md and docs/output.md.

`python -m docs.picture` builds the demo in a temporary folder, runs the command on it as
`make demo` does, and takes the top of its page with chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from docs.console_output import ARGUMENTS, FOLDER, ROOT
from examples import build_demo

PICTURE = ROOT / "docs" / "images" / "report.png"
WIDTH, HEIGHT = 1280, 1000
COLOURS = 128  # a page has few; with all of them the file is three times as large
CHROMIUM = "chromium"


def main() -> None:
    """Take the picture anew."""
    if not shutil.which(CHROMIUM):
        sys.exit(f"{CHROMIUM} is missing (Debian: apt-get install {CHROMIUM})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _take(_page(folder), folder / "taken.png")
        with Image.open(folder / "taken.png") as taken:
            few = taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        PICTURE.parent.mkdir(exist_ok=True)
        few.save(PICTURE, optimize=True)


def _page(folder: Path) -> Path:
    build_demo.main([str(folder / FOLDER)])
    page = f"{FOLDER}/report.html"
    subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *ARGUMENTS, "--html", page],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return folder / page


def _take(page: Path, picture: Path) -> None:
    options = [
        "--headless",
        "--hide-scrollbars",
        f"--window-size={WIDTH},{HEIGHT}",
        f"--user-data-dir={picture.parent / 'browser'}",
        "--virtual-time-budget=5000",  # milliseconds of its clock: charts are drawn by a script
    ]
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # chromium has none for root
    subprocess.run(
        [CHROMIUM, *options, f"--screenshot={picture}", page.as_uri()],
        stderr=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    main()
