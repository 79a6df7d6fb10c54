"""Distillation: the answers of a teacher, a larger model or a server, to inputs without answers become training rows.

The teacher is any configured model, asked as in every other call. Its answers are learned and never held out: the
verdict compares with right answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plait.core.calls import event_loop
from plait.core.calls.batch import outcomes
from plait.core.calls.row_answers import answer_row
from plait.core.calls.transport import Call, transport
from plait.core.errors import InputError
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.rows import DatasetRow, count_rows, read_rows
from plait.core.progress import CountProgress
from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import Json
from plait.learning.preferences import LearnedExample, LearningData
from plait.learning.training_rows import Tell, examples_to_learn, newest, warn

MIN_CONFIDENCE = 0.8


@dataclass(frozen=True)
class Teacher:
    """The name of a model, files with inputs, and the confidence that its answers need where it is known."""

    model: str
    inputs: tuple[Path, ...]
    min_confidence: float = MIN_CONFIDENCE


@dataclass(frozen=True)
class TeacherAnswer:
    """The answer to a row in JSON form; its `confidence` is None if it is not calibrated."""

    row: DatasetRow
    answer: Json
    confidence: float | None

    def learned_example(self, declaration: Declaration) -> LearnedExample:
        columns = {**cast("Mapping[str, Json]", self.row.json_value), "answer": self.answer}
        return LearnedExample(self.row.where, example_from_json(declaration, columns, self.row.where))


def distilled_data(declaration: Declaration, files: Sequence[Path], teacher: Teacher, tell: Tell) -> LearningData:
    """The teacher's answers beside the right ones of the files, by default of all examples. `tell` gets counts.

    Answers are kept until all rows of a file have one, so an interrupted command goes on. Raises InputError for a file
    without rows and if no answer is left, ModelNotFound, SettingsError.
    """
    if not teacher.inputs:
        raise InputError("a teacher needs inputs to answer", hint="--inputs FILE takes rows with a column per input")
    right = (
        examples_to_learn(declaration, files, tell)
        if files
        else newest(declaration, Examples(declaration).of_all_authors)
    )
    answers = [answer for file in teacher.inputs for answer in teacher_answers(declaration, file, teacher.model)]
    sure = [each for each in answers if each.confidence is None or each.confidence >= teacher.min_confidence]
    unknown = sum(each.confidence is None for each in answers)
    tell(f"{teacher.model} answered {len(answers):,} rows, of which {len(sure):,} are learned")
    if unknown:
        tell(f"{unknown:,} of them have no calibrated confidence, and are not filtered by it")
    if not sure:
        raise InputError(
            f"{teacher.model} gave no answer with a confidence of {teacher.min_confidence:g}",
            hint="--min-confidence 0.5, or another --teacher",
        )
    learned = [LearnedExample(f"example {number}", each, is_recorded=False) for number, each in enumerate(right, 1)]
    learned += [each.learned_example(declaration) for each in sure]
    warn(declaration, [each.example for each in learned], tell)
    return LearningData(right, learned)


def teacher_answers(declaration: Declaration, file: Path, model: str) -> list[TeacherAnswer]:
    """The answers of a model to the rows of a file, without those that failed."""
    total = count_rows(file, "--inputs")
    if not total:
        raise InputError(f"{file} has no rows", hint="a row needs a column per input")
    journal = Journal.for_file(f"{declaration.name}-teacher", file, [declaration.fingerprint, model])
    journal.prepare(fresh=False)
    return event_loop.run(ask_teacher(declaration, file, model, journal, total))


async def ask_teacher(
    declaration: Declaration, file: Path, model: str, journal: Journal, total: int
) -> list[TeacherAnswer]:
    chosen_transport = transport()
    call = Call(declaration, {}, Options(model=model), can_correct=False)
    progress = CountProgress(model, total)

    async def answer(row: DatasetRow) -> TeacherAnswer | None:
        line = journal.read_line(row.number)
        if line is None:
            completed = (await answer_row(chosen_transport, call, row)).completed
            if completed is None:
                return None
            line = dumps(
                {"row": row.number, "answer": completed.json_value, "confidence": completed.confidence.get("")}
            )
            journal.write_line(line)
        kept = cast("dict[str, Json]", loads(line.encode(), str(journal.file)))
        return TeacherAnswer(row, kept["answer"], cast("float | None", kept["confidence"]))

    answers: list[TeacherAnswer] = []
    failed = 0
    async for outcome in outcomes(answer, read_rows(declaration, file)):
        if outcome.error is not None:
            raise outcome.error
        if outcome.answer is None:
            failed += 1
        else:
            answers.append(outcome.answer)
        progress.update(len(answers) + failed, failed)
    return answers
