"""Scores from the answer type, beside baselines, row by row, resumed where a run was stopped."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from plait import AnyWords, Ordered, Ref, Task, engine, task
from plait.core.calls.scope import use_transport
from plait.core.errors import EngineBusy, InputError, PlaitError, error_text
from plait.core.evaluation.baselines import Baselines
from plait.core.evaluation.report import Report
from plait.core.evaluation.scoring import score
from plait.core.values.value_type import MISSING
from plait.service.local_transport import LocalTransport


class Line(BaseModel):
    what: str
    price: float


class Bill(BaseModel):
    number: str
    paid: bool | None = None
    lines: list[Line]
    note: Annotated[str, AnyWords()] = ""


class Lamp(BaseModel):
    name: str


class Turn(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class Nothing(BaseModel):
    why: Annotated[str, AnyWords()] = Field(max_length=40)


@task
def bill(text: str) -> Bill:
    """Read {text}."""
    ...


@task
def turn(wish: str, lamps: list[Lamp]) -> Turn | Nothing:
    """With {lamps}, what should {wish} do?"""
    ...


@task
def sort(text: str) -> Literal["a", "b", "c"]:
    """Sort {text}."""
    ...


@task
def steps(text: str) -> Annotated[list[str], Ordered()]:
    """List {text}."""
    ...


TEA, JAM = Line(what="tea", price=2), Line(what="jam", price=3.5)


def bill_with(lines: list[Line], **others: Any) -> Bill:
    return Bill(**{"number": "7", "lines": lines, "paid": True, "note": "paid in cash", **others})


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    """Everything is answered in this process, by no model."""
    with use_transport(LocalTransport()):
        yield


def test_a_record_is_scored_field_by_field() -> None:
    result = score(bill.declaration, bill_with([TEA, JAM], number="8", paid=None), bill_with([TEA, JAM]))
    assert not result.exact and result.value == pytest.approx(2 / 4)
    assert result.fields == {
        "number": 0, "paid": 0, "lines.(count)": 1, "lines.[].what": 1, "lines.[].price": 1, "note": 1,
    }  # fmt: skip


def test_the_order_of_a_list_does_not_count_unless_marked_ordered() -> None:
    assert score(bill.declaration, bill_with([JAM, TEA]), bill_with([TEA, JAM])).exact
    assert score(steps.declaration, ["boil", "pour"], ["boil", "pour"]).exact
    result = score(steps.declaration, ["pour", "boil"], ["boil", "pour"])
    assert result.value == 0 and not result.exact


def test_missing_and_invented_items_cost_the_same() -> None:
    missing, invented = (score(bill.declaration, bill_with(answer), bill_with(expected)).value for answer, expected in
                         (([TEA], [TEA, JAM]), ([TEA, JAM], [TEA])))  # fmt: skip
    assert missing == invented < 1
    assert not score(bill.declaration, bill_with([TEA, JAM]), bill_with([TEA])).exact


def test_free_text_counts_in_the_score_but_not_for_a_correct_answer() -> None:
    result = score(bill.declaration, bill_with([TEA], note="settled at the till"), bill_with([TEA]))
    assert result.exact and result.value < 1 and result.fields["note"] < 1


def test_the_wrong_member_of_a_union_scores_zero_and_its_fields_are_listed() -> None:
    lamps = [Lamp(name="hall"), Lamp(name="attic")]
    right = Turn(lamp=Ref(lamps[0]), on=True)
    assert score(turn.declaration, right, right).fields == {"Turn": 1, "Turn.lamp": 1, "Turn.on": 1}
    other = score(turn.declaration, Turn(lamp=Ref(lamps[1]), on=True), right)
    assert (other.value, other.exact, other.fields["Turn.lamp"]) == (0.5, False, 0)
    wrong = score(turn.declaration, Nothing(why="no"), right)
    assert (wrong.value, wrong.fields) == (0, {"Turn": 0, "Turn.lamp": 0, "Turn.on": 0})
    assert score(turn.declaration, MISSING, right) == wrong
    assert score(turn.declaration, Nothing(why="so it is"), Nothing(why="no lamp")).exact


def test_a_plain_answer_has_no_fields() -> None:
    assert score(sort.declaration, "a", "a").fields == {} and score(sort.declaration, "a", "a").exact
    assert not score(sort.declaration, "b", "a").exact and not score(sort.declaration, MISSING, "a").exact


# ── baselines ──


def test_the_nearest_example_baseline_refers_to_the_item_with_the_most_similar_name() -> None:
    example_lamps, here_ = (
        [Lamp(name="hall lamp"), Lamp(name="attic lamp")],
        [Lamp(name="cellar"), Lamp(name="attic light")],
    )
    turn.examples.add(Turn(lamp=Ref(example_lamps[1]), on=False), wish="attic off", lamps=example_lamps)
    turn.examples.add(Nothing(why="?"), wish="sing a song", lamps=example_lamps)
    answer = Baselines(turn.declaration).nearest_answer({"wish": "attic off please", "lamps": here_})
    assert answer == Turn(lamp=Ref(here_[1], 1), on=False)
    assert Baselines(turn.declaration).nearest_answer({"wish": "attic off", "lamps": []}) is MISSING


def test_the_constant_baseline_is_the_best_constant_answer_on_the_examples() -> None:
    for number, answer in enumerate("abbca"):
        sort.examples.add(answer, text=f"text {number}")
    sort.examples.add("b", text="one more")
    assert Baselines(sort.declaration).constant_answer({"text": "x"}) == "b"
    assert Baselines(steps.declaration).answer_functions() == {}, "without examples there is nothing to copy"


# ── a run ──


def rows(file: Path, *values: dict[str, Any] | str) -> Path:
    file.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in values), "utf-8")
    return file


@pytest.fixture
def letter_task() -> Task[..., Any]:
    """A task of its own for each test, answered by the text's first letter; `asked` is what it was asked."""
    copy = task(sort.declaration.function)
    asking: Any = copy.using("by_letter")
    asking.asked, asking.busy = [], []

    @engine.answers(copy)
    def by_letter(text: str) -> Literal["a", "b", "c"]:
        asking.asked.append(text[:9])
        if text in asking.busy:
            raise EngineBusy("too much to do")
        return text[0]  # type: ignore[return-value]

    return asking


def test_a_report_has_score_slices_and_failures(letter_task: Any, tmp_path: Path) -> None:
    file = rows(
        tmp_path / "rows.jsonl",
        {"text": "a1", "answer": "a", "kind": "easy"},
        {"text": "b1", "answer": "b", "kind": "easy", "id": 17},
        "",
        {"text": "c1", "answer": "a", "kind": "hard"},
        {"text": "z1", "answer": "a", "kind": "hard"},
    )
    report = letter_task.evaluate(file)
    assert (report.score.mean, report.exact.mean, report.score.count) == (0.5, 0.5, 4)
    assert {value: each.mean for value, each in report.slices["kind"].items()} == {"easy": 1.0, "hard": 0.0}
    assert report.failed == 1 and report.model == "by_letter"
    bad, none = report.worst()
    assert (bad.where, bad.answer, bad.reference) == (f"{file}:4", "c", "a")
    assert "'a', 'b' or 'c'" in none.error and none.row == 4
    assert report.worst(1) == (bad,)
    assert "0.500" in str(report) and "1 rows without an answer" in str(report)


def test_invalid_rows_are_reported_with_file_line_and_reason_and_do_not_count(letter_task: Any, tmp_path: Path) -> None:
    file = rows(
        tmp_path / "rows.jsonl",
        {"text": "a1", "answer": "a"},
        {"text": "a1"},
        "{broken",
        {"text": 3, "answer": "a"},
        {"text": "a1", "answer": "q"},
        {"answer": "a"},
    )
    report = letter_task.evaluate(file)
    assert report.score.count == 1 and report.unread_count == 5
    unread = "\n".join(report.unread)
    assert f"{file}:2 has no answer" in unread and f"{file}:3 is not JSON" in unread
    assert f"{file}:4 is not an example text: should be a text" in unread
    assert f"{file}:5 has an invalid answer answer: should be one of a, b, c" in unread
    assert f"{file}:6 is not an example" in unread
    assert "5 rows could not be read" in str(report)


def test_a_table_is_read_with_its_answers(letter_task: Any, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,answer,kind\na1,a,x\nb1,a,y\n")
    report = letter_task.evaluate(file)
    assert report.exact.mean == 0.5 and set(report.slices["kind"]) == {"x", "y"}


def test_a_stopped_run_answers_only_the_remaining_rows(letter_task: Any, tmp_path: Path) -> None:
    file = rows(tmp_path / "rows.jsonl", *({"text": f"{letter}1", "answer": letter} for letter in "abcabc"))
    letter_task.busy[:] = ["c1"]
    first = letter_task.evaluate(file)
    assert first.failed == 2 and first.score.mean == pytest.approx(4 / 6)
    letter_task.asked.clear()
    letter_task.busy.clear()
    second = letter_task.evaluate(file)
    assert letter_task.asked == ["c1", "c1"], "what was answered is not asked again"
    assert (second.score.mean, second.failed) == (1.0, 0)
    letter_task.asked.clear()
    letter_task.evaluate(file)
    assert len(letter_task.asked) == 6, "a run that is done is forgotten"


def test_a_long_input_is_shortened_in_the_list_of_failures(letter_task: Any, tmp_path: Path) -> None:
    report = letter_task.evaluate(rows(tmp_path / "rows.jsonl", {"text": "a" * 5_000, "answer": "b"}))
    (bad,) = report.worst()
    assert bad.inputs["text"] == "a" * 4_000 + "… (5,000 characters)"


def test_rows_that_are_examples_of_the_task_are_reported(letter_task: Any, tmp_path: Path) -> None:
    letter_task.examples.add("a", text="a1")
    file = rows(tmp_path / "rows.jsonl", {"text": "a1", "answer": "a"}, {"text": "b1", "answer": "b"})
    report = letter_task.evaluate(file)
    assert report.known == 1 and "among the task's own examples" in str(report)
    assert [rival.name for rival in report.rivals] == ["always the same answer", "copy of the nearest example"]
    assert report.rivals[1].ahead.wins == 1


def test_a_report_is_saved_and_compared_row_by_row(letter_task: Any, tmp_path: Path) -> None:
    file = rows(tmp_path / "rows.jsonl", *({"text": f"{letter}1", "answer": letter} for letter in "abcabc"))
    report = letter_task.evaluate(file)
    report.save(tmp_path / "report.json")
    assert Report.read(tmp_path / "report.json") == report
    letter_task.busy[:] = ["c1"]
    worse = letter_task.evaluate(file)
    compared = report.compare(worse)
    assert (compared.ahead.wins, compared.ahead.losses) == (2, 0)
    with pytest.raises(InputError, match="the rows differ"):
        report.compare(letter_task.evaluate(file, limit=3))
    report.save(tmp_path / "report.md")
    page = (tmp_path / "report.md").read_text("utf-8")
    assert "# sort" in page and "1.000" in page and "█" in page
    with pytest.raises(InputError, match=r"\.json or \.md"):
        report.save(tmp_path / "report.pdf")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(InputError, match="is not a report"):
        Report.read(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("nowhere.jsonl", None, "cannot be read: No such file"),
        ("rows.txt", "x", "--data takes a .csv or a .jsonl file"),
        ("empty.jsonl", "\n", "has no rows"),
        ("latin.csv", b"text,answer\nx\xe9,a\n", "cannot be read"),
    ],
)
def test_an_invalid_file_is_reported_before_the_first_call(
    letter_task: Any, tmp_path: Path, name: str, content: str | bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(PlaitError) as caught:
        letter_task.evaluate(tmp_path / name)
    assert message in error_text(caught.value) and letter_task.asked == []


def test_rows_are_read_lazily(letter_task: Any, tmp_path: Path) -> None:
    """Of 6 MB of rows only a few numbers per row stay in memory."""
    file = tmp_path / "rows.jsonl"
    with file.open("w") as out:
        for _ in range(100):
            out.write(f'{{"text": "a{"x" * 60_000}", "answer": "a"}}\n')
    tracemalloc.start()
    report = letter_task.evaluate(file)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.score.count == 100
    assert most < 3_000_000, most
