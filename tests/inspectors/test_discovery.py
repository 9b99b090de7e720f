from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import inspectors
from inspectors.base_inspector import BaseInspector, Priority
from tests.fixtures.builders import build_context
from utils.errors import UsageError
from utils.findings import Artifact, Recommendation

IN_THE_FOLDER = len(inspectors.discover()[0])
TEMPLATE = '''
from inspectors.base_inspector import BaseInspector, Priority
from utils.findings import Finding, Severity

class {name}(BaseInspector):
    """{name} asks."""
    PRIORITY = Priority.{priority}

    def should_skip(self, context):
        return {skip!r}

    def inspect(self, context):
        yield Finding(id="seen", severity=Severity.INFO, headline="one")
        {body}
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules belong to the inspectors package while the test runs."""
    known = set(sys.modules)
    monkeypatch.setattr(inspectors, "__path__", [*inspectors.__path__, str(tmp_path)])
    yield tmp_path
    for name in set(sys.modules) - known:
        if name.startswith("inspectors."):
            del sys.modules[name]


def drop(
    folder: Path, name: str, priority: str = "LOW", body: str = "pass", skip: str = ""
) -> None:
    text = TEMPLATE.format(name=name, priority=priority, body=body, skip=skip)
    (folder / f"{name.lower()}_module.py").write_text(text, encoding="utf-8")


def named(name: str) -> type[BaseInspector]:
    return inspectors.select(inspectors.discover()[0], [name])[0]


def test_default_order_is_priority_then_name() -> None:
    found, _ = inspectors.discover()
    names = [cls.name() for cls in found]
    assert names == [c.name() for c in sorted(found, key=lambda c: (c.PRIORITY, c.name()))]
    modules = {cls.__module__.partition(".")[2] for cls in found}
    assert modules >= {p.stem for p in Path(inspectors.__path__[0]).glob("*_inspector.py")} - {
        "base_inspector"
    }
    assert len(modules) == len(found)
    assert names.index("NormInspector") < names.index("ClippingInspector")


def test_a_dropped_file_is_found_and_ordered(folder: Path) -> None:
    drop(folder, "AaaInspector", "MEDIUM")
    names = [cls.name() for cls in inspectors.discover()[0]]
    assert names.index("AaaInspector") == names.index("ChannelBalanceInspector") - 1
    assert named("AaaInspector").PRIORITY is Priority.MEDIUM
    assert named("AaaInspector").summary() == "AaaInspector asks."


def test_two_inspectors_of_one_name_are_refused(folder: Path) -> None:
    drop(folder, "NormInspector")
    with pytest.raises(UsageError, match="two inspectors are named NormInspector"):
        inspectors.discover()


def test_a_module_that_cannot_be_imported_is_named_and_the_rest_is_found(folder: Path) -> None:
    (folder / "faulty.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    found, broken = inspectors.discover()
    assert len(found) == IN_THE_FOLDER
    assert [b.path for b in broken] == ["inspectors/faulty.py"]
    assert "nothing_of_this_name" in broken[0].reason


def test_selection_keeps_the_order_asked_for_and_drops_repetitions() -> None:
    found, _ = inspectors.discover()
    chosen = inspectors.select(found, ["NormInspector", "ImageInspector", "NormInspector"])
    assert [cls.name() for cls in chosen] == ["NormInspector", "ImageInspector"]
    assert inspectors.select(found, []) == found


def test_an_unknown_name_is_refused_with_the_list() -> None:
    found, _ = inspectors.discover()
    with pytest.raises(
        UsageError, match=r"unknown inspector Xyz; available are Calibration.*Image"
    ):
        inspectors.select(found, ["Xyz"])


@pytest.mark.parametrize("name", ["Nrm", "norm", "norminspector", "NromInspector", "NormInspecter"])
def test_an_unknown_name_leads_to_the_one_that_is_most_alike(name: str) -> None:
    found, _ = inspectors.discover()
    said = f"unknown inspector {name}; did you mean NormInspector\\?"
    with pytest.raises(UsageError, match=said):
        inspectors.select(found, [name])


def test_running_an_inspector_collects_its_findings(folder: Path) -> None:
    drop(folder, "FineInspector")
    result = inspectors.run(named("FineInspector"), build_context())
    assert [f.id for f in result.findings] == ["seen"]
    assert (str(result.skipped or ""), result.crashed) == ("", "")
    assert result.seconds > 0


def test_a_skipped_inspector_does_not_run(folder: Path) -> None:
    drop(folder, "IdleInspector", skip="no data", body="raise ValueError")
    result = inspectors.run(named("IdleInspector"), build_context())
    assert (str(result.skipped or ""), result.findings, result.crashed) == ("no data", (), "")


def test_a_crash_keeps_the_findings_made_before_it(folder: Path) -> None:
    drop(folder, "BadInspector", body="raise KeyError('gone')")
    result = inspectors.run(named("BadInspector"), build_context())
    assert result.crashed == "KeyError: 'gone'"
    assert [f.id for f in result.findings] == ["seen"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("yield 'hello'", "which is no Finding"),
        ("yield Finding('Not Kebab', Severity.INFO, 'x')", "kebab-case"),
        ("yield Finding('a', 'error', 'x')", "Severity"),
        ("yield Finding('a', Severity.INFO, '')", "no headline"),
        ("yield Finding('a', Severity.INFO, 'x', measured={'b': 'text'})", "ValueError"),
        ("yield Finding('a', Severity.INFO, ' ')", "no headline"),
        ("yield Finding('a', Severity.INFO, 'x', layers='net/conv1')", "layer names"),
        ("yield Finding('a', Severity.INFO, 'x', recommendation='foo()')", "no Recommendation"),
        ("yield Finding('a', Severity.INFO, 'x', artifacts=('x',))", "artifacts"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
)
def test_what_no_report_could_show_is_a_crash_of_its_inspector(
    folder: Path, body: str, said: str
) -> None:
    drop(folder, "OddInspector", body=body)
    result = inspectors.run(named("OddInspector"), build_context())
    assert said in result.crashed
    assert [f.id for f in result.findings] == ["seen"]


def test_numbers_of_numpy_become_plain_ones(folder: Path) -> None:
    body = "import numpy as np; yield Finding('a', Severity.INFO, 'x', "
    body += "measured={'single': np.float32(0.5), 'whole': np.int64(3)})"
    drop(folder, "NumpyInspector", body=body)
    measured = inspectors.run(named("NumpyInspector"), build_context()).findings[1].measured
    assert measured == {"single": 0.5, "whole": 3.0}
    assert {type(value) for value in measured.values()} == {float}


@pytest.mark.parametrize(
    "line",
    [
        "PRIORITY = 'high'",
        "NEEDS = 3",
        "EXPLANATIONS = 'low-snr'",
        "EXPLANATIONS = None",
        "import sys; sys.exit(3)",
        "name = classmethod(lambda cls: 3)",
        "summary = lambda self: ''",
    ],
)
def test_a_malformed_class_breaks_its_module_only(folder: Path, line: str) -> None:
    drop(folder, "OddInspector")
    path = folder / "oddinspector_module.py"
    path.write_text(path.read_text("utf-8").replace("PRIORITY = Priority.LOW", line), "utf-8")
    found, broken = inspectors.discover()
    assert len(found) == IN_THE_FOLDER
    assert [b.path for b in broken] == ["inspectors/oddinspector_module.py"]


@pytest.mark.parametrize("name", ["../up.jpg", "/tmp/x.jpg", "", ".."])
def test_artifacts_cannot_leave_their_folder(name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        Artifact(name, b"")


@pytest.mark.parametrize("commands", ["foo()", (3,), None])
def test_a_recommendation_is_a_tuple_of_texts(commands: Any) -> None:
    with pytest.raises(TypeError, match="tuple of texts"):
        Recommendation(commands)


def test_a_reason_to_skip_is_a_text_or_what_was_not_checked(folder: Path) -> None:
    drop(folder, "OddInspector", skip=True)  # type: ignore[arg-type]
    assert "neither a text" in inspectors.run(named("OddInspector"), build_context()).crashed
