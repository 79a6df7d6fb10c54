"""Asks every model of a route once: the rows, the answers with their confidence and cost, and their two parts.

Rows that a calibration may have been fitted on are left out: there its confidence is better than elsewhere.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from plait.core.calls.transport import Transport
from plait.core.config import settings
from plait.core.engine.calibration import WHOLE
from plait.core.engine.protocol import VERSION
from plait.core.errors import EngineError, InputError, SettingsError
from plait.core.evaluation.aggregation import judged_answer
from plait.core.evaluation.calibration import inputs_digest, is_measured
from plait.core.evaluation.evaluate import EvaluationCase, EvaluationPlan, evaluate_rows, open_journal
from plait.core.evaluation.journal import Journal
from plait.core.progress import CountProgress
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.task.printed_call import task_address
from plait.core.values.durable_files import make_private_folder
from plait.learning.held_out import HeldOutRow, distinct_rows, file_rows, sample_rows
from plait.learning.route_candidates import RouteCandidate
from plait.learning.route_curve import Cost, ModelAnswers, RowOutcome
from plait.learning.scoring import write_sample

LEAST_ROWS = 20  # to choose by, and to measure on
ENOUGH_ROWS = 90  # held-out rows, of which a digest gives about half to calibrations
Tell = Callable[[str], None]


@dataclass(frozen=True)
class RouteRows:
    """The rows that every model answers. `choosing` and `measuring` are their numbers, from 0."""

    rows: tuple[HeldOutRow, ...]
    choosing: tuple[int, ...]
    measuring: tuple[int, ...]


@dataclass(frozen=True)
class AskedModel:
    """The answers of a model to all rows, and the version that gave them."""

    answers: ModelAnswers
    answered_by: str
    journal: Journal


def route_rows(declaration: Declaration, files: Sequence[Path], limit: int) -> RouteRows:
    """At most `limit` rows, one half to choose by and one to measure on: by a digest of their inputs, the same in every
    run. Raises InputError for a file that cannot be read, and for too few rows.
    """
    every = distinct_rows(declaration, (row for file in files for row in file_rows(declaration, file)))
    rows = sample_rows([row for row in every if is_measured(declaration, row.example)], limit)
    ranked = sorted(range(len(rows)), key=lambda number: inputs_digest(declaration, rows[number].example)[1:])
    choosing, measuring = ranked[: len(rows) // 2], ranked[len(rows) // 2 :]
    if min(len(choosing), len(measuring)) < LEAST_ROWS:
        raise InputError(
            f"{declaration.name} has {len(choosing)} rows to choose thresholds by and {len(measuring)} to measure them "
            f"on, and {LEAST_ROWS} of each are needed",
            hint=f"of {len(every)} held-out rows half are for calibrations: about {ENOUGH_ROWS} rows are enough\n"
            f"write more of them, or pass a file: plait route {task_address(declaration)} --data more.jsonl",
        )
    return RouteRows(rows, tuple(sorted(choosing)), tuple(sorted(measuring)))


def write_rows(declaration: Declaration, rows: RouteRows) -> Path:
    """The file of the rows in the data folder: the same for the same rows, so that an interrupted run finds its
    answers.

    Raises SettingsError.
    """
    names = "\n".join(inputs_digest(declaration, row.example).hex() for row in rows.rows)
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    file = settings().data / "runs" / f"route-{declaration.name}-{digest}.jsonl"
    try:
        make_private_folder(file.parent)
        write_sample(declaration, rows.rows, file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}", hint="set PLAIT_DATA") from None
    return file


async def ask_candidate(
    plan: EvaluationPlan, candidate: RouteCandidate, transport: Transport, tell: Tell
) -> AskedModel:
    """The answers of a model to the rows of the plan's file.

    Raises EngineError if rows have no answer for a reason that may pass, InputError if the answers are those of several
    versions, or of another one than is calibrated.
    """
    total = plan.file.read_bytes().count(b"\n")
    journal = open_journal(plan, total, tell)
    progress, cases = CountProgress(f"route {candidate.name}", total), list[EvaluationCase]()
    async with aclosing(evaluate_rows(plan, transport, journal)) as results:
        async for case in results:
            if not case.reply.error:
                check_version(plan.declaration, candidate, case.reply.model)
            cases.append(case)
            progress.update(len(cases), sum(bool(each.reply.error) for each in cases))
    if again := [case.reply.error for case in cases if case.reply.again]:
        raise EngineError(
            f"{candidate.name} did not answer {len(again)} of {total} rows: {again[0]}",
            hint="the same command asks it again",
        )
    rows = tuple(row_outcome(plan.declaration, candidate, case) for case in cases)
    answers = ModelAnswers(candidate.name, candidate.calibration is not None, rows)
    return AskedModel(answers, one_version(candidate, cases), journal)


def candidate_plan(
    declaration: Declaration, file: Path, candidate: RouteCandidate, concurrency: int, fresh: bool
) -> EvaluationPlan:
    """Asks the very version that answers now: under the name of its base another one may stand in while it loads. A
    code engine is attached for the call that names it alone.
    """
    engine = candidate.engine
    attached = (engine,) if engine.name == candidate.name else ()
    options = Options(model=engine.name if VERSION.fullmatch(engine.name) else candidate.name)
    wants_probs = candidate.calibration is not None
    return EvaluationPlan(declaration, file, options, attached, None, concurrency, fresh, wants_probs)


def check_version(declaration: Declaration, candidate: RouteCandidate, model: str) -> None:
    """Raises InputError, with the first answer, if a model is not the calibrated one: servers say so no earlier."""
    calibration = candidate.calibration
    if calibration is not None and calibration.model != model:
        raise InputError(
            f"{candidate.name} answers as {model}, and its calibration is that of {calibration.model}",
            hint=f"plait evaluate {task_address(declaration)} --model {candidate.name} --calibrate",
        )


def one_version(candidate: RouteCandidate, cases: Sequence[EvaluationCase]) -> str:
    versions = sorted({case.reply.model for case in cases if not case.reply.error})
    if not versions:
        raise EngineError(f"{candidate.name} has no answer to any row: {cases[0].reply.error}")
    if len(versions) > 1:
        raise InputError(
            f"{candidate.name} answered as {' and as '.join(versions)}: a route is made of one version of each model",
            hint=f"name one of them in --models: {versions[-1]}",
        )
    return versions[0]


def row_outcome(declaration: Declaration, candidate: RouteCandidate, case: EvaluationCase) -> RowOutcome:
    """A row without an answer is not right, and no model is sure of it."""
    assert case.example is not None, "the rows were examples before they were written"
    reply, (read, written) = case.reply, candidate.prices
    cost = Cost((reply.prompt_tokens * read + reply.answer_tokens * written) / 1e6, reply.seconds)
    judged = judged_answer(declaration, case.example, reply)
    if judged is None:
        return RowOutcome(False, None, cost)
    known = candidate.calibration.confidence(judged.signals) if candidate.calibration else {}
    return RowOutcome(judged.exact, known.get(WHOLE), cost)


def forget_answers(file: Path, asked: Sequence[AskedModel]) -> None:
    """Deletes what an interrupted run would have needed."""
    for each in asked:
        each.journal.delete()
    file.unlink(missing_ok=True)
