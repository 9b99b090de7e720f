"""The options that name files to be written."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable

from utils.dataset.facts import MOST_SAVED

# Attributes of the options whose path may be "-", for standard output.
RESULTS = ("output_model_script", "html", "json", "junit", "sarif", "markdown", "save_dataset")
DASH, STANDARD_OUTPUT = "-", "/dev/stdout"


def add_result_options(group: argparse._ArgumentGroup) -> None:
    """Add the reports, the script, the samples, and the folder of pictures."""
    add = group.add_argument
    add("--output-model-script", metavar="PATH", help="write the recommended model script here")
    add("--html", metavar="PATH", help="write a page to look at here: charts, layers, what to do")
    add("--json", metavar="PATH", help="write the full report here as JSON")
    add(
        "--junit",
        metavar="PATH",
        help="write a JUnit XML report here: one test case per inspector, failed by findings at or "
        "above --fail-on (default: by errors)",
    )
    add(
        "--sarif",
        metavar="PATH",
        help="write the findings here as SARIF 2.1.0, for code scanning",
    )
    add(
        "--markdown",
        metavar="PATH",
        help="write a comment for a pull request here, in GitHub's Markdown",
    )
    add(
        "--save-dataset",
        metavar="PATH",
        help="write the samples here as npy, or as npz with one array per input, for the compiler: "
        f"all up to {MOST_SAVED:,}, evenly spread; or as many as -c says",
    )
    add("--image-dir", metavar="DIR", help="folder for contact sheets (default: that of the log)")


def with_standard_output(parser: argparse.ArgumentParser, values: argparse.Namespace) -> None:
    """Give "-" the name that it stands for; end with usage if several files go there."""
    for name in RESULTS:
        if getattr(values, name) == DASH:
            setattr(values, name, STANDARD_OUTPUT)
    there = [name for name in RESULTS if getattr(values, name) == STANDARD_OUTPUT]
    if len(there) > 1:
        first, second = (f"--{name.replace('_', '-')}" for name in there[:2])
        parser.error(f"{first} and {second} cannot both go to standard output; name a file for one")
    if there:  # a question would stand amid the file
        values.no_interactive = True


def refuse_same_paths(
    parser: argparse.ArgumentParser, values: argparse.Namespace, names: Iterable[str]
) -> None:
    """End with usage if two options name one file, under whatever path; a device takes several.

    Parameters
    ----------
    names : attributes of the options.
    """
    known: dict[str, str] = {}
    for name in names:
        path = getattr(values, name)
        if not path or (os.path.exists(path) and not os.path.isfile(path)):
            continue
        option, place = f"--{name.replace('_', '-')}", os.path.realpath(path)
        if place in known:
            parser.error(f"{known[place]} and {option} name the same file, {path}; name another")
        known[place] = option
