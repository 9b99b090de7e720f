from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from docs.man_page import man_page
from utils.options.fleet_options import build_fleet_parser
from utils.options.options import build_parser
from utils.tool import NAME, VERSION

PAGE = man_page(["NormInspector", "ImageInspector"])


def test_it_holds_every_option_and_every_part_of_the_help() -> None:
    plain = PAGE.replace("\\-", "-")
    for parser in (build_parser(()), build_fleet_parser()):
        for action in parser.__dict__["_actions"]:
            for name in action.option_strings:
                assert name in plain
    assert f'"{NAME} {VERSION}"' in plain
    for heading in ("SYNOPSIS", "OPTIONS", "EXIT CODES", "ENVIRONMENT", "FILES", "INSPECTORS"):
        assert f"{heading}" in plain
    assert "main.py" not in plain
    assert "%(" not in plain


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
def test_groff_has_nothing_to_object() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww"], input=PAGE, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--exact-sensitivity" in re.sub(".\x08", "", done.stdout)
