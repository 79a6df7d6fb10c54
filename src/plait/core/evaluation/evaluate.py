"""Evaluation of a task: answers each row of a file and compares it with the right answer.

Every result is kept, so an interrupted run resumes. Rows are read lazily: ten million of them need not fit in memory.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from plait.core.calls import event_loop
from plait.core.calls.batch import CONCURRENCY, ROW_ERRORS, outcomes, row_result
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call, Transport, transport
from plait.core.config import settings
from plait.core.engine.protocol import Engine, TaskRequest
from plait.core.engine.validation import answer_events
from plait.core.errors import (
    InputError,
    MissingDependency,
    ModelNotFound,
    NoCapableModel,
    PlaitError,
    ServerError,
    SettingsError,
    error_text,
    to_plait_error,
)
from plait.core.evaluation.aggregation import EvaluationTotals, RowReply
from plait.core.evaluation.baselines import Baselines
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.report import Report
from plait.core.evaluation.rows import DatasetRow, count_rows, read_rows
from plait.core.progress import CountProgress
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import call_context
from plait.core.values.pydantic_validation import type_adapter
from plait.core.values.value_type import MISSING

AsyncAnswerFunction = Callable[[Mapping[str, object]], Awaitable[object]]


@dataclass(frozen=True)
class EvaluationPlan:
    """A task, the rows to evaluate it on, and the options.

    `limit` is the number of rows, None for all; `concurrency` is the number of calls at once. `code_engines` are the
    engines that the task's author attached: rules in code, reported beside the model. With `wants_probs` the replies
    have token probabilities, to calibrate on.
    """

    declaration: Declaration
    file: Path
    options: Options = field(default_factory=Options)
    code_engines: tuple[Engine, ...] = ()
    limit: int | None = None
    concurrency: int = CONCURRENCY
    fresh: bool = False
    wants_probs: bool = False


@dataclass(frozen=True)
class EvaluationCase:
    """A row with its result and the baselines' answers. `example` is None if the row could not be read."""

    row: DatasetRow
    example: Example | None
    reply: RowReply
    baseline_answers: Mapping[str, object]
    is_known: bool = False


def evaluate(plan: EvaluationPlan, tell: Callable[[str], None] = lambda line: None) -> Report:
    """The report of a plan; the synchronous form of `run_evaluation`."""
    return event_loop.run(run_evaluation(plan, transport(), tell))


async def run_evaluation(plan: EvaluationPlan, transport: Transport, tell: Callable[[str], None]) -> Report:
    """The report of a plan. `tell` receives progress messages for a person.

    Raises InputError for an unreadable file, and errors that affect every row: no model, a missing package, a folder
    that cannot be written.
    """
    total = min(count_rows(plan.file, "--data"), plan.limit or 2**63)
    if not total:
        raise InputError(f"{plan.file} has no rows", hint="a row needs a column per input and a column called answer")
    journal = open_journal(plan, total, tell)
    findings = EvaluationTotals(plan.declaration)
    progress = CountProgress(f"evaluate {plan.declaration.name}", total)
    async with aclosing(evaluate_rows(plan, transport, journal)) as cases:
        async for case in cases:
            if case.example is None:
                findings.add_unreadable(case.reply.error)
            else:
                findings.add(case.row, case.example, case.reply, case.baseline_answers, case.is_known)
            progress.update(findings.row_count, findings.failed_count)
    report = findings.report(plan.file, plan.options, plan.concurrency)
    if not findings.retryable_count:
        journal.delete()
    return report


def open_journal(plan: EvaluationPlan, total: int, tell: Callable[[str], None]) -> Journal:
    """The journal of a plan, with the rows of an earlier run. Raises SettingsError if it cannot be written."""
    journal = Journal.for_file(f"evaluate-{plan.declaration.name}", plan.file, journal_key(plan))
    journal.prepare(fresh=plan.fresh)
    if journal.count:
        tell(f"{journal.count} of {total} rows were answered by an earlier run (--fresh answers them again)")
    return journal


def journal_key(plan: EvaluationPlan) -> list[object]:
    """Everything besides the row that determines an answer: a journal is reused only under the same key."""
    examples = Examples(plan.declaration)
    seeds = examples.seeds_file.read_bytes() if examples.seeds_file.exists() else b""
    digests = [hashlib.sha256(seeds).hexdigest(), examples.store.digest]
    key: list[object] = [plan.declaration.fingerprint, vars(plan.options), digests]
    return [*key, "probs"] if plan.wants_probs else key


async def evaluate_rows(
    plan: EvaluationPlan, transport: Transport, journal: Journal
) -> AsyncGenerator[EvaluationCase, None]:
    rivals = baselines(plan)

    async def evaluate_row(row: DatasetRow) -> EvaluationCase:
        try:
            example = row.example()
        except ROW_ERRORS as error:
            return EvaluationCase(row, None, RowReply(row.number, error=one_line_text(error)), {})
        saved_line = journal.read_line(row.number)
        reply: RowReply = (
            type_adapter(RowReply).validate_json(saved_line)
            if saved_line
            else await ask_model(plan, row, example, transport)
        )
        baseline_answers = {name: await answers(example.inputs) for name, answers in rivals.items()}
        return EvaluationCase(
            row, example, reply, baseline_answers, await asyncio.to_thread(is_known_input, plan.declaration, example)
        )

    rows = islice(read_rows(plan.declaration, plan.file), plan.limit)
    async with aclosing(outcomes(evaluate_row, rows, plan.concurrency)) as results:
        async for outcome in results:
            if outcome.error is not None:
                raise outcome.error
            case: EvaluationCase = outcome.answer
            if case.example and not case.reply.again and journal.read_line(case.row.number) is None:
                journal.write_line(type_adapter(RowReply).dump_json(case.reply).decode())
            yield case


async def ask_model(plan: EvaluationPlan, row: DatasetRow, example: Example, transport: Transport) -> RowReply:
    """The model's result for a row. Raises errors that affect every row."""
    code_engines = plan.code_engines if plan.options.model else ()  # rules in code answer only where they are named
    call = Call(
        plan.declaration,
        dict(example.inputs),
        plan.options,
        code_engines,
        can_correct=False,
        wants_probs=plan.wants_probs,
    )
    started = time.monotonic()
    try:
        try:
            completed = await row_result(last_event(transport.answer(call)))
        except NoCapableModel:
            if plan.options.model or not plan.code_engines:
                raise
            by_code = replace(call, code_engines=plan.code_engines)
            completed = await row_result(last_event(transport.answer(by_code)))
    except (ModelNotFound, MissingDependency, SettingsError):
        raise
    except ROW_ERRORS as error:
        # Somebody's code is likely to be mended before the next run.
        retryable = not isinstance(error, PlaitError) or error.retryable or isinstance(error, ServerError)
        return RowReply(row.number, error=one_line_text(error), again=retryable, seconds=time.monotonic() - started)
    usage = completed.usage
    return RowReply(
        row.number,
        cast(JsonValue, completed.json_value),
        model=completed.model,
        seconds=completed.seconds,
        prompt_tokens=usage.prompt_tokens,
        answer_tokens=usage.answer_tokens,
        probs=completed.probs,
        confidence=completed.confidence,
    )


def baselines(plan: EvaluationPlan) -> dict[str, AsyncAnswerFunction]:
    """The answers to the same rows without a model: copies of examples, and the engines attached in code."""
    trivial = Baselines(plan.declaration).answer_functions()
    return {
        **{name: run_in_thread(answer) for name, answer in trivial.items()},
        **{
            each.name: engine_answers(plan.declaration, each)
            for each in plan.code_engines
            if each.name != plan.options.model
        },
    }


def is_known_input(declaration: Declaration, example: Example) -> bool:
    """Whether the row's input equals that of one of the task's own examples."""
    return any(near.inputs == example.inputs for near in Examples(declaration).nearest(example.inputs, 1))


def run_in_thread(answer: Callable[[Mapping[str, object]], object]) -> AsyncAnswerFunction:
    async def answer_async(inputs: Mapping[str, object]) -> object:
        return await asyncio.to_thread(answer, inputs)

    return answer_async


def engine_answers(declaration: Declaration, engine: Engine) -> AsyncAnswerFunction:
    """An engine's validated answers; MISSING for an invalid one, or an exception."""

    async def answer_async(inputs: Mapping[str, object]) -> object:
        request = TaskRequest(declaration, inputs, call_context(declaration, inputs, by_name=True))
        try:
            events = answer_events(engine, request, streamed=False, timeout=settings().timeout)
            return (await row_result(last_event(events))).value
        except ROW_ERRORS:
            return MISSING

    return answer_async


def one_line_text(error: BaseException) -> str:
    return " ".join(error_text(to_plait_error(error)).split())
