"""Preferences to learn from: pairs of a better and a worse answer, and answers that are marked right or wrong.

They come from the rows of files, otherwise from what the project knows: corrections of recorded answers (the right
answer is chosen, the model's own rejected), choices between two answers, and marks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from plait.core.calls.answer_log import REDACTED
from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow, is_answer_column, read_rows
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.learning.held_out import Split, without_near
from plait.learning.training_rows import Tell, check_file, examples_to_learn, inputs_key, newest, training_example
from plait.storage.answer_table import find_row
from plait.storage.database import current_database
from plait.storage.feedback_table import choices, rated_answers

REJECTED_COLUMN = "rejected"
RIGHT_MARK_COLUMN = "right"


@dataclass(frozen=True)
class Preference:
    """An example whose answer is better than that of `rejected`, which has the same inputs; and where it stands."""

    where: str
    example: Example
    rejected: Example
    is_recorded: bool = True


@dataclass(frozen=True)
class MarkedAnswer:
    """An answer that is marked right or wrong, and where it stands."""

    where: str
    example: Example
    is_right: bool
    is_recorded: bool = True


@dataclass(frozen=True)
class LearnedExample:
    """An example that is learned and never held out: its answer may be that of a teacher. And where it stands."""

    where: str
    example: Example
    is_recorded: bool = True


LearnedItem = Preference | MarkedAnswer | LearnedExample


@dataclass(frozen=True)
class LearningData:
    """Examples with right answers, some of which are held out, and what is learned if it is not these examples."""

    examples: Sequence[Example]
    preferences: Sequence[LearnedItem] = ()


def data_to_learn(declaration: Declaration, files: Sequence[Path], method: str, tell: Tell) -> LearningData:
    """What a method learns from: the rows of the files, otherwise what the project knows. `tell` gets warnings.

    Raises InputError with the line at fault, or if there is nothing to learn.
    """
    if method in ("dpo", "reward"):
        return pairs_to_learn(declaration, files)
    if method == "kto":
        return marks_to_learn(declaration, files)
    return LearningData(examples_to_learn(declaration, files, tell))


def apart(
    declaration: Declaration, split: Split, preferences: Sequence[LearnedItem]
) -> tuple[Split, tuple[LearnedItem, ...]]:
    """The preferences whose inputs are not nearly those of a held-out row, and the split with their examples."""
    learned, left_out = without_near(declaration, [each.example for each in preferences], split.held_out)
    kept = {id(each) for each in learned}
    chosen = tuple(each for each in preferences if id(each.example) in kept)
    return replace(split, examples=learned, left_out=left_out), chosen


# ── pairs ──


def pairs_to_learn(declaration: Declaration, files: Sequence[Path]) -> LearningData:
    if files:
        pairs = [row for file in files for row in file_pairs(declaration, file)]
        return LearningData([each.example for each in pairs], pairs)
    examples = newest(declaration, Examples(declaration).of_all_authors)
    pairs = [*corrected_pairs(declaration, examples), *chosen_pairs(declaration)]
    if not pairs:
        raise InputError(
            f"{declaration.name} has no pairs of answers: no correction of a recorded answer, no choice between two",
            hint=f"--data FILE takes rows with the columns answer and {REJECTED_COLUMN}; recorded answers become pairs",
        )
    return LearningData(examples, pairs)


def file_pairs(declaration: Declaration, file: Path) -> Iterator[Preference]:
    """The rows of a file with the columns `answer` and `rejected`. Raises InputError with the line at fault."""
    check_file(file)
    for row in read_rows(declaration, file):
        example = training_example(declaration, row)
        rejected = rejected_example(declaration, row)
        if rejected.answer == example.answer:
            raise InputError(
                f"{row.where} rejects the very answer that it chooses: {quote(str(example.answer))}",
                hint="correct one of the two, or delete the row",
            )
        yield Preference(row.where, example, rejected, is_recorded=False)


def rejected_example(declaration: Declaration, row: DatasetRow) -> Example:
    text = column(declaration, row, REJECTED_COLUMN, "a rejected answer")
    if isinstance(row.content, Mapping):
        others = {name: cell for name, cell in row.content.items() if not is_answer_column(name)}
        return replace(row, content={**others, "answer": str(text)}).example()
    columns: dict[str, Json] = {**cast("dict[str, Json]", row.json_value), "answer": text}
    return example_from_json(declaration, columns, f"{row.where} (column {REJECTED_COLUMN})", needs_quotes=False)


def corrected_pairs(declaration: Declaration, examples: Iterable[Example]) -> Iterator[Preference]:
    """The corrections of recorded answers: the right answer is chosen, the model's own rejected."""
    for example in examples:
        given = recorded_example(declaration, example.correction) if example.correction else None
        if given and not example.is_right and given.answer != example.answer:
            yield Preference(f"the correction of {example.correction}", example, replace(given, inputs=example.inputs))


def chosen_pairs(declaration: Declaration) -> Iterator[Preference]:
    """The choices between two recorded answers."""
    project = project_key(project_folder(declaration))
    for better, worse in choices(current_database(), project, declaration.name, declaration.fingerprint):
        chosen, rejected = recorded_example(declaration, better), recorded_example(declaration, worse)
        if chosen and rejected and chosen.answer != rejected.answer:
            yield Preference(f"the choice of {better}", chosen, replace(rejected, inputs=chosen.inputs))


def recorded_example(declaration: Declaration, id: str) -> Example | None:
    """A recorded answer with its inputs; None if it is not kept, redacted, or does not fit the task."""
    row = find_row(current_database(), id)
    content = cast("dict[str, Any]", parse_json(row.content)) if row else {}
    if not row or row.task != declaration.name or content.get(REDACTED):
        return None
    return fitting(declaration, content["inputs"], content["answer"], id)


def fitting(declaration: Declaration, inputs: Mapping[str, Json], answer: Json, id: str) -> Example | None:
    columns: dict[str, Json] = {**inputs, "answer": answer}
    try:
        example = example_from_json(declaration, columns, f"answer {id}")
    except InputError:
        return None
    return replace(example, correction=id)


# ── marks ──


def marks_to_learn(declaration: Declaration, files: Sequence[Path]) -> LearningData:
    if files:
        marks = [row for file in files for row in file_marks(declaration, file)]
        examples = [each.example for each in marks if each.is_right]
    else:
        examples = newest(declaration, Examples(declaration).of_all_authors)
        right = (MarkedAnswer(f"example {number}", each, True) for number, each in enumerate(examples, 1))
        marks = [*right, *wrong_answers(declaration, examples)]
    if all(each.is_right for each in marks):
        raise InputError(
            f"{declaration.name} has no answer that is marked wrong",
            hint="--method sft learns right answers alone; plait feedback ID --wrong marks a recorded one",
        )
    return LearningData(examples, marks)


def file_marks(declaration: Declaration, file: Path) -> Iterator[MarkedAnswer]:
    """The rows of a file with the columns `answer` and `right`. Raises InputError with the line at fault."""
    check_file(file)
    for row in read_rows(declaration, file):
        mark = column(declaration, row, RIGHT_MARK_COLUMN, "a mark")
        known = {"true": True, "false": False}.get(str(mark).lower())
        if known is None:
            raise InputError(f"{row.where} has the mark {quote(str(mark))}", hint="write true or false")
        yield MarkedAnswer(row.where, training_example(declaration, row), known, is_recorded=False)


def wrong_answers(declaration: Declaration, examples: Sequence[Example]) -> Iterator[MarkedAnswer]:
    """Recorded answers that were marked wrong, and those that were corrected, unless an example says the same."""
    project = project_key(project_folder(declaration))
    rated = rated_answers(current_database(), project, declaration.name, declaration.fingerprint)
    marked = (fitting(declaration, each.inputs, each.answer, each.id) for each in rated if not each.is_right)
    corrected = (pair.rejected for pair in corrected_pairs(declaration, examples))
    wrong = {each.correction: each for each in (*marked, *corrected) if each is not None}
    right = {inputs_key(declaration, each): each.answer for each in examples}
    for id, each in wrong.items():
        key = inputs_key(declaration, each)
        if key not in right or right[key] != each.answer:
            yield MarkedAnswer(f"answer {id}", each, False)


def column(declaration: Declaration, row: DatasetRow, name: str, meaning: str) -> Json:
    """A column of a row. Raises InputError if the row has none, or the task has an input of that name."""
    if any(each.name == name for each in declaration.parameters):
        raise InputError(f"{name} is an input of {declaration.name}, so no column can hold {meaning}")
    value = row.json_value.get(name) if isinstance(row.json_value, dict) else None
    if value is None or value == "":
        raise InputError(
            f"{row.where} has no {name}",
            hint=f"a row needs a column per input, and the columns answer and {name}",
        )
    return value
