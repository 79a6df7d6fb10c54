"""`plait evaluate TASK --calibrate`: answers held-out rows with their token probabilities, and fits a calibration."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from plait.core.calls import event_loop
from plait.core.calls.transport import Transport, local_transport
from plait.core.config import settings
from plait.core.engine.calibration import WHOLE, Calibration, Judgement
from plait.core.errors import InputError
from plait.core.evaluation.aggregation import judged_answer
from plait.core.evaluation.calibration import (
    ConfidenceFigures,
    JudgedAnswer,
    figures,
    fit_models,
    is_measured,
    value_judgements,
)
from plait.core.evaluation.evaluate import EvaluationPlan, evaluate_rows, open_journal
from plait.core.evaluation.rows import count_rows
from plait.core.progress import CountProgress
from plait.core.task.declaration import Declaration

MIN_ANSWERS = 20  # of each half


def calibrate(
    plans: Sequence[EvaluationPlan], tell: Callable[[str], None] = lambda line: None
) -> tuple[Calibration, ConfidenceFigures]:
    """The calibration of a task and a model on the rows of one or more files; the answers are made in this process.

    Raises InputError for too few rows, and for a model that reports no token probabilities.
    """
    return event_loop.run(run_calibration(plans, local_transport(), tell))


async def run_calibration(
    plans: Sequence[EvaluationPlan], transport: Transport, tell: Callable[[str], None]
) -> tuple[Calibration, ConfidenceFigures]:
    halves: tuple[list[JudgedAnswer], list[JudgedAnswer]] = ([], [])
    model = ""
    for plan in plans:
        total = min(count_rows(plan.file, "--data"), plan.limit or 2**63)
        journal = open_journal(plan, total, tell)
        progress, count, failed = CountProgress(f"calibrate {plan.declaration.name}", total), 0, 0
        async with aclosing(evaluate_rows(plan, transport, journal)) as cases:
            async for case in cases:
                judged = case.example and judged_answer(plan.declaration, case.example, case.reply)
                if case.example and judged:
                    model = case.reply.model
                    halves[is_measured(plan.declaration, case.example)].append(judged)
                count, failed = count + 1, failed + bool(case.reply.error)
                progress.update(count, failed)
    check_answers(plans[0].declaration, *halves)
    return measure(fitted_calibration(plans[0], model, halves[0]), halves[1])


def fitted_calibration(plan: EvaluationPlan, model: str, answers: Sequence[JudgedAnswer]) -> Calibration:
    """The calibration fitted on these answers, still without judgements."""
    values, whole = fit_models(answers)
    shots = settings().shots if plan.options.shots is None else plan.options.shots
    return Calibration(
        plan.declaration.name, plan.declaration.fingerprint, model, shots, plan.options.wording or "",
        share(right for each in answers for right in each.right.values()), share(each.exact for each in answers),
        values, whole, (),
    )  # fmt: skip


def measure(calibration: Calibration, answers: Sequence[JudgedAnswer]) -> tuple[Calibration, ConfidenceFigures]:
    """The calibration with the judgements of answers that it was not fitted on, and its figures on them."""
    confidence = [(calibration.confidence(each.signals), each) for each in answers]
    judgements = tuple(Judgement(known[WHOLE], each.exact) for known, each in confidence if known)
    values = [value_judgements(known, each.right) for known, each in confidence]
    missing = sum(len(each.right) for each in answers) - sum(map(len, values))
    found = ConfidenceFigures(
        figures(values, calibration.value_rate),
        figures([[each] for each in judgements], calibration.answer_rate),
        missing,
    )
    return replace(calibration, judgements=judgements), found


def share(values: Iterable[bool]) -> float:
    every = list(values)
    return sum(every) / max(len(every), 1)


def check_answers(declaration: Declaration, fitted: Sequence[JudgedAnswer], measured: Sequence[JudgedAnswer]) -> None:
    if min(len(fitted), len(measured)) < MIN_ANSWERS:
        raise InputError(
            f"{declaration.name} has {len(fitted)} answers to fit a calibration on, {len(measured)} to measure it on",
            hint=f"at least {MIN_ANSWERS} each are needed: pass more rows with --data",
        )
    if not any(each.signals for each in fitted):
        raise InputError(
            f"the model that answers {declaration.name} reports no token probabilities",
            hint="use a GGUF model, or a server that reports logprobs",
        )
