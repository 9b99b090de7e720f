"""What is measured behind the data pass, in parts that tasks of their own answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import main
from diagnosis.fleet.answers import Asked, KeptParts, UnansweredError, answer, part_key
from diagnosis.fleet.judging import ROW, judge
from diagnosis.fleet.tasks import Done, Workplace, join, look, measure, survey
from tests.diagnosis.fleet.fleets import BY, cluster, ran, report_of, timeless, workplace
from tests.fixtures.documents import assert_close
from utils.backends.closer_look.channel_order import OrderPart
from utils.backends.closer_look.layer_search import SweepPart
from utils.backends.closer_look.plan_trials import ProofPart
from utils.backends.closer_look.variants_tried import VariantPart
from utils.backends.parts import Part, PartsHere
from utils.emulator.measuring import replay
from utils.errors import DiagnosticError
from utils.fleet.plan import Case
from utils.fleet.rows import Row
from utils.fleet.store import Store
from utils.measurements.channel_order import ChannelOrder

BATCH, SAMPLES = 8, 24
# More than the archive has, and less than it has with some layers at 16 bit.
OPTIONS = (f"--batch-size={BATCH}", f"--data-count={SAMPLES}", "--target-snr=38")


@pytest.fixture(scope="module")
def case(sound: tuple[str, str]) -> Case:
    return Case("net", *sound, OPTIONS)


@pytest.fixture(autouse=True)
def single_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers are run on one by one, as those of large networks are."""
    monkeypatch.setattr(replay, "STACK_VALUES", 1)


def small_slices(folder: Path, case: Case) -> Workplace:
    """A folder of results, with slices of a batch, and parts of hardly more than a sample."""
    return workplace(folder, case, 0)


def single_report(case: Case, folder: Path) -> Any:
    path = folder / "report.json"
    argv = [case.archive, "-d", case.data, "--backend=embedded", *case.arguments]
    argv += ["--no-interactive", f"--json={path}", f"--log-path={folder / 'log'}"]
    assert main.main([*argv, f"--html={folder / 'report.html'}"]) == 0
    return timeless(json.loads(path.read_text("utf-8")))


def tasks_of(client: Any, case: Case, place: Workplace) -> tuple[Row, Counter[str]]:
    """The row of an archive, and how many tasks of each kind it took."""
    from distributed import get_task_stream

    with get_task_stream(client=client) as stream:
        row = ran(client, [case], place)[case.name]
    return row, Counter(task["key"].partition("-")[0] for task in stream.data)


def test_parts_that_others_answer_make_the_same_report(case: Case, tmp_path: Path) -> None:
    place = small_slices(tmp_path, case)
    single = single_report(case, tmp_path)
    assert single["plan"]["reached"]  # so that there is something to be proven
    with cluster(2) as client:
        row, tasks = tasks_of(client, case, place)
        assert_close(report_of(place, row), single)
        assert tasks["answer"] > 3 + 2  # sweeps of layers, batches of the proof
        (Path(place.results) / row.folder / ROW).unlink()
        again, tasks = tasks_of(client, case, place)
        assert (tasks["answer"], tasks["judge"]) == (0, 1)  # nothing is answered twice
        assert_close(report_of(place, again), single)
        anew, tasks = tasks_of(client, case, replace(place, resumes=False))
        assert tasks["answer"] > 3 + 2
        assert_close(report_of(place, anew), single)


def test_a_part_that_fails_is_told_as_by_the_command(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(part: SweepPart, networks: object) -> None:
        raise DiagnosticError("the memory does not suffice")

    place = small_slices(tmp_path, case)
    monkeypatch.setattr(SweepPart, "run", fail)
    argv = [case.archive, "-d", case.data, "--backend=embedded", *case.arguments]
    argv += ["--no-interactive", f"--json={tmp_path / 'report.json'}"]
    assert main.main([*argv, f"--log-path={tmp_path / 'log'}"]) == 2
    single = json.loads((tmp_path / "report.json").read_text("utf-8"))
    asked: list[Asked] = []
    row = judged_by_hand(case, place, asked)
    assert len(asked) == 1
    assert "the memory does not suffice" in row.failure
    assert row.failure == "; ".join(single["failures"])


def judged_by_hand(case: Case, place: Workplace, asked: list[Asked]) -> Row:
    """The row of an archive, each of whose tasks is run here; what it asks is noted."""
    found = survey(case, place)
    done = join(place, [measure(case, place, found.used, part) for part in found.parts])
    looked = look(case, place, found.used)
    told: list[tuple[Done, ...]] = []
    while isinstance(row := judge(case, place, BY, found.used, [done, looked], told), Asked):
        asked.append(row)
        told += [answer(case, place, found.used, row.context, bundle) for bundle in row.bundles]
    return row


class Counting:
    """In the place of networks: parts that are run are noted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[OrderPart] = []

        def run(part: OrderPart, networks: Counting) -> ChannelOrder:
            networks.ran.append(part)
            return ChannelOrder(part.inputs, 0, 0, {})

        monkeypatch.setattr(OrderPart, "run", run)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> Any:
    return Counting(monkeypatch)


ORDERS = [OrderPart(("a",)), OrderPart(("b",)), OrderPart(("c",))]


def answers(place: Workplace, networks: Any, work: float, told: Any = None) -> list[str]:
    found: Iterator[ChannelOrder] = KeptParts(place, "context", told or {}).answers(
        ORDERS, networks, work
    )
    return ["".join(each.inputs) for each in found]


def test_what_is_little_work_is_done_at_once(networks: Any, tmp_path: Path) -> None:
    place = Workplace(str(tmp_path), slice_work=100.0)
    assert answers(place, networks, 2.0) == ["a", "b", "c"]
    assert not list(tmp_path.rglob("*.npz"))  # to keep it would take longer than to do it again
    assert answers(place, networks, 100.0) == ["a", "b", "c"]
    assert len(list(tmp_path.rglob("*.npz"))) == 3
    assert len(networks.ran) == 6
    assert answers(place, networks, 100.0) == ["a", "b", "c"]
    assert len(networks.ran) == 6


@pytest.mark.parametrize(("work", "sizes"), [(101.0, [2, 1]), (301.0, [1, 1, 1])])
def test_what_is_much_work_is_asked_of_others(
    work: float, sizes: list[int], networks: Any, tmp_path: Path
) -> None:
    place = Workplace(str(tmp_path), slice_work=100.0)
    with pytest.raises(UnansweredError) as caught:
        answers(place, networks, work)
    assert [len(bundle) for bundle in caught.value.bundles] == sizes
    assert not networks.ran


def test_what_others_have_answered_is_taken(networks: Any, tmp_path: Path) -> None:
    place = Workplace(str(tmp_path), slice_work=100.0)
    store = Store(place.results, "context")
    for order in ORDERS:
        store.write(part_key(order), ChannelOrder(order.inputs, 0, 0, {}))
    assert answers(place, networks, 1e9) == ["a", "b", "c"]
    assert not networks.ran
    # What is damaged, or gone since it was answered, is run here: nobody is asked for ever.
    path = Path(store.path(part_key(ORDERS[1])))
    path.write_bytes(path.read_bytes()[:-50])
    Path(store.path(part_key(ORDERS[2]))).unlink()
    told = {part_key(order): "" for order in ORDERS}
    assert answers(place, networks, 1e9, told) == ["a", "b", "c"]
    assert networks.ran == ORDERS[1:]
    with pytest.raises(DiagnosticError, match="no memory"):
        answers(place, networks, 1e9, {part_key(ORDERS[0]): "no memory"})


def test_answers_hang_on_what_was_measured(tmp_path: Path) -> None:
    store = Store(str(tmp_path), "context")
    store.write("answer", ChannelOrder(("a",), 0, 0, {}))
    Store(str(tmp_path)).write("other", ChannelOrder((), 0, 0, {}))
    assert store.has("answer")
    Store(str(tmp_path)).write("context", ChannelOrder((), 0, 0, {}))
    assert not store.has("answer")


def test_one_process_cuts_nothing(networks: Any) -> None:
    assert not PartsHere().spreads(1e30)
    assert [each.inputs for each in PartsHere().answers(ORDERS, networks, 1e30)] == [
        order.inputs for order in ORDERS
    ]


def test_parts_have_keys_of_their_own() -> None:
    wide = {"conv1": "a16_w16"}
    others: list[Part[Any]] = [VariantPart(8, wide), VariantPart(8), ProofPart(wide, 0, 8, True)]
    assert len({part_key(part) for part in [*others, *ORDERS]}) == 6
    assert part_key(others[0]) == part_key(VariantPart(8, dict(wide)))
