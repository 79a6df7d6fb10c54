"""Answers of champion and candidate to the same held-out rows, and their scores side by side."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from plait.core.engine.calibration import Calibration
from plait.core.engine.protocol import Engine
from plait.core.errors import EngineError, InputError
from plait.core.evaluation.aggregation import EvaluationTotals, judged_answer, predicted_value, truncate
from plait.core.evaluation.calibrate import check_answers, fitted_calibration, measure
from plait.core.evaluation.calibration import JudgedAnswer, is_measured
from plait.core.evaluation.evaluate import EvaluationCase, EvaluationPlan, evaluate_rows, open_journal
from plait.core.evaluation.interval import Difference, difference
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.report import Report
from plait.core.progress import CountProgress
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import call_context
from plait.core.values.durable_files import create
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.value_type import MISSING
from plait.learning.gate import GateRow
from plait.learning.held_out import HeldOutRow
from plait.learning.verdict import WorseRow
from plait.service.local_transport import LocalTransport

MAX_WORSE_ROWS = 20
WatchRows = Callable[[int, int], None]  # how many rows are answered, of how many
CONCURRENCY = 4  # calls at once: with sixteen on one busy core an answer takes 160 s of the 300 that a call may take


@dataclass(frozen=True)
class ScoredAnswers:
    """The answers of one system to the rows of a file, in order, and their scores.

    `journal` has the answers until the verdict is there, so that nothing is asked twice.
    """

    plan: EvaluationPlan
    cases: Sequence[EvaluationCase]
    report: Report
    journal: Journal


def write_sample(declaration: Declaration, rows: Sequence[HeldOutRow], file: Path) -> None:
    """Writes rows as a file to evaluate on, durable on return. Raises OSError."""
    create(file, "".join(f"{dumps(row_json(declaration, row))}\n" for row in rows).encode())


def row_json(declaration: Declaration, row: HeldOutRow) -> dict[str, Json]:
    """The columns of a row. Quoted values of its answer need not stand in the inputs."""
    context = call_context(declaration, row.example.inputs)
    inputs = {
        each.name: each.value_type.encode(row.example.inputs[each.name], context) for each in declaration.parameters
    }
    answer = declaration.answer.encode(row.example.answer, context.unquoted)
    return {**row.slices, **inputs, "answer": answer}


async def score_system(
    declaration: Declaration,
    file: Path,
    engine: Engine,
    options: Options,
    tell: Callable[[str], None],
    watch: WatchRows,
    *,
    wants_probs: bool = False,
) -> ScoredAnswers:
    """Scores an engine on the rows of a file; what an interrupted run has answered is not asked again.

    Raises EngineError if rows have no answer for a reason that may pass.
    """
    plan = EvaluationPlan(declaration, file, options, concurrency=CONCURRENCY, wants_probs=wants_probs)
    total = file.read_bytes().count(b"\n")
    journal = open_journal(plan, total, tell)
    watch(0, total)
    progress, cases = CountProgress(f"gate {options.model}", total), list[EvaluationCase]()
    async with aclosing(evaluate_rows(plan, LocalTransport(only=engine), journal)) as results:
        async for case in results:
            cases.append(case)
            watch(len(cases), total)
            progress.update(len(cases), sum(bool(each.reply.error) for each in cases))
    if unanswered := [case.reply.error for case in cases if case.reply.again]:
        raise EngineError(
            f"{options.model} did not answer {len(unanswered)} of {total} held-out rows: {unanswered[0]}",
            hint="the same command asks it again",
        )
    return ScoredAnswers(plan, cases, report_of(plan, cases), journal)


def report_of(plan: EvaluationPlan, cases: Sequence[EvaluationCase]) -> Report:
    totals = EvaluationTotals(plan.declaration)
    for case in cases:
        assert case.example is not None, "the rows were examples before they were written"
        totals.add(case.row, case.example, case.reply, case.baseline_answers, case.is_known)
    return totals.report(plan.file, plan.options, plan.concurrency)


def paired_rows(held_out: Sequence[HeldOutRow], champion: Report, candidate: Report) -> list[GateRow]:
    """The scores of both on each row. `held_out` are the rows of the file, in its order."""
    columns = (champion.rows, champion.scores, candidate.scores, champion.exacts, candidate.exacts)
    return [
        GateRow(held_out[number - 1].where, before, after, bool(exact_before), bool(exact_after), row_slices)
        for number, before, after, exact_before, exact_after in zip(*columns, strict=True)
        for row_slices in [held_out[number - 1].slices]
    ]


def worse_rows(
    rows: Sequence[GateRow], champion: Sequence[EvaluationCase], candidate: Sequence[EvaluationCase]
) -> tuple[WorseRow, ...]:
    """The rows that got worse, the largest losses first."""
    lost = sorted(
        (n for n, row in enumerate(rows) if row.candidate < row.champion),
        key=lambda n: rows[n].candidate - rows[n].champion,
    )
    return tuple(worse_row(rows[n], champion[n], candidate[n]) for n in lost[:MAX_WORSE_ROWS])


def worse_row(row: GateRow, before: EvaluationCase, after: EvaluationCase) -> WorseRow:
    declaration, example = before.row.declaration, before.example
    assert example is not None
    columns = row_json(declaration, HeldOutRow(row.where, example))
    reference = columns.pop("answer")
    return WorseRow(
        row.where,
        row.champion,
        row.candidate,
        cast(JsonValue, {name: truncate(value) for name, value in columns.items()}),
        before.reply.error or before.reply.answer,
        after.reply.error or after.reply.answer,
        cast(JsonValue, reference),
    )


def input_dependence(declaration: Declaration, cases: Sequence[EvaluationCase]) -> Difference | None:
    """How much more the answers are like the right ones of their own rows than of others; None if all are equal.

    One picture for every description can be more like the right ones, on average, than the pictures of a champion.
    """
    examples = [case.example for case in cases if case.example is not None]
    rights = [each.answer for each in examples]
    if all(each == rights[0] for each in rights):
        return None
    own, others = list[float](), list[float]()
    for number, (case, example) in enumerate(zip(cases, examples, strict=True)):
        answer = predicted_value(declaration, example, case.reply)
        scores = [0.0 if answer is MISSING else declaration.answer.score(answer, right) for right in rights]
        own.append(scores.pop(number))
        others.append(sum(scores) / len(scores))
    return difference(own, others)


# ── confidence ──


def refitted_calibration(candidate: ScoredAnswers) -> tuple[Calibration | None, str]:
    """The calibration of the candidate with a line about it; None with the reason if the rows do not suffice."""
    fitted, measured = (list(judged_answers(candidate, half)) for half in (False, True))
    declaration = candidate.plan.declaration
    try:
        check_answers(declaration, fitted, measured)
    except InputError as error:
        return None, f"not calibrated: {error.message}"
    calibration, figures = measure(fitted_calibration(candidate.plan, candidate.report.model, fitted), measured)
    error = figures.answers.ece
    return (
        calibration,
        f"calibrated on {len(fitted)} rows, expected calibration error {error} on {len(measured)} others",
    )


def judged_answers(candidate: ScoredAnswers, half: bool) -> Iterator[JudgedAnswer]:
    """What is right of the answers to one half of the rows."""
    for case in candidate.cases:
        if case.example is not None and is_measured(candidate.plan.declaration, case.example) is half:
            judged = judged_answer(candidate.plan.declaration, case.example, case.reply)
            if judged:
                yield judged
