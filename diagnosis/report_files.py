"""The files that a run leaves: images, the model script, and the report in every format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from diagnosis.output_files import numbered, own_descriptor, write_file
from utils.dataset.contact_sheet import is_contact_sheet
from utils.errors import DiagnosticError, UsageError
from utils.findings.documentation import Documentation
from utils.options.options import Options
from utils.renderers import json, junit, markdown, sarif
from utils.report import Report
from utils.terminal.logger import LOGGER
from utils.terminal.temporary_place import temporary_place
from utils.tool import install_command

NO_SCRIPT = "no model script was written, as the archive's own was not understood"

Rendered = Callable[[Report, Documentation, Options], str]


@dataclass(frozen=True)
class Format:
    """One form of the report.

    Parameters
    ----------
    option : name of the option that holds its path, as an attribute of `Options`.
    what : the file in words, to follow "Wrote".
    render : the text.
    """

    option: str
    what: str
    render: Rendered


def _html(report: Report, documentation: Documentation, options: Options) -> str:
    try:
        from utils.renderers import html  # its libraries take longer to import than static checks
    except ImportError as error:
        raise UsageError(
            f"no page was written, as a package is missing ({error}); run "
            f"`{install_command('jinja2')}`"
        ) from error
    return html.render(report, documentation)


def _junit(report: Report, documentation: Documentation, options: Options) -> str:
    return junit.render(report, options.fail_on, only_new=options.fail_on_new)


FORMATS = (
    Format("json", "the report", lambda report, documentation, options: json.render(report)),
    Format("html", "the page", _html),
    Format("junit", "the JUnit report", _junit),
    Format("sarif", "the SARIF report", lambda report, docs, _: sarif.render(report, docs)),
    Format("markdown", "the comment", lambda report, docs, _: markdown.render(report, docs)),
)


def targets(options: Options) -> Iterator[str]:
    """Paths of all files that the user named to be written."""
    wanted = [
        options.output_model_script,
        options.save_dataset,
        *(getattr(options, f.option) for f in FORMATS),
    ]
    yield from filter(None, wanted)


def takes_standard_output(options: Options) -> bool:
    """Whether a file goes where the lines of the console would go otherwise."""
    return any(own_descriptor(path) == 1 for path in targets(options))


def write_results(
    options: Options,
    report: Report,
    documentation: Documentation,
    may_overwrite: Callable[[str], bool],
) -> dict[str, str]:
    """Write images, script and reports; returns paths not written, with sentences on why.

    Parameters
    ----------
    may_overwrite : asked with the path of a file that exists; on False a free name is taken.
        It is not asked about images: those of an earlier run are replaced, others never.
    """
    unwritten: dict[str, str] = {}

    def write(path: str, data: Callable[[], bytes], what: str) -> None:
        try:
            written = write_file(path, data(), may_overwrite)
            LOGGER.info("Wrote %s: %s", what, written)
        except DiagnosticError as error:
            LOGGER.error("%s", error)
            unwritten[path] = str(error)
        except Exception as error:  # minutes of measuring shall not be lost to one format
            LOGGER.debug("Writing %s failed", path, exc_info=True)
            sentence = f"{path} was not written: {type(error).__name__}: {error}; please report it"
            LOGGER.error("%s", sentence)
            unwritten[path] = sentence

    for finding in report.findings():
        for artifact in finding.artifacts:
            write_picture(os.path.join(options.image_dir, artifact.name), artifact.data)
    if options.output_model_script and report.script is not None:
        text = report.script.text
        write(options.output_model_script, text.encode, "the model script")
    elif options.output_model_script:
        unwritten[options.output_model_script] = NO_SCRIPT
    for form in FORMATS:
        if path := getattr(options, form.option):
            whole = replace(report, unwritten={**report.unwritten, **unwritten})
            write(path, partial(_encoded, form, whole, documentation, options), form.what)
    return unwritten


def write_picture(path: str, data: bytes) -> None:
    """Write a contact sheet, in a temporary folder if not at its place: no run fails for one."""
    try:
        written = write_file(own_place(path), data, is_contact_sheet)
        LOGGER.info("Wrote a picture of samples: %s", written)
    except DiagnosticError as error:
        LOGGER.debug("%s", error)
        said = f"The picture {path} cannot be written"
        LOGGER.warning("%s", f"{said}; {_picture_elsewhere(path, data)}")


def _picture_elsewhere(path: str, data: bytes) -> str:
    try:
        place = own_place(temporary_place(path))
        return f"it is written to {write_file(place, data, is_contact_sheet)}"
    except (DiagnosticError, OSError):
        return "nor is there a temporary folder for it"


def own_place(path: str) -> str:
    """Where a contact sheet goes: beside a picture of somebody else, but in place of an own one."""
    return next(p for p in numbered(path) if not os.path.lexists(p) or is_contact_sheet(p))


def _encoded(form: Format, report: Report, docs: Documentation, options: Options) -> bytes:
    return form.render(report, docs, options).encode()
