"""Evaluating a task: each row of a file is asked, held against its right answer, and kept, so that a run goes on where
it was stopped. Rows are drawn as they are asked for: ten million of them need not fit in memory.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from plait.core.calls import event_loop
from plait.core.calls.batch import AT_ONCE, Progress, outcomes
from plait.core.calls.dispatch import answered
from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call, Transport, transport
from plait.core.config import settings
from plait.core.engine.protocol import Ask, Engine
from plait.core.engine.validation import answers
from plait.core.errors import InputError, MissingExtra, NoModel, PlaitError, ServerError, SettingsError, words
from plait.core.evaluation.aggregation import Findings, Reply
from plait.core.evaluation.baselines import Baselines
from plait.core.evaluation.journal import Journal
from plait.core.evaluation.report import Report
from plait.core.evaluation.rows import Row, counted, rows_of
from plait.core.prompting.examples import Example, Examples
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.task.signature import beside_inputs
from plait.core.values.inputs import adapter
from plait.core.values.value_type import MISSING

Answers = Callable[[Mapping[str, object]], Awaitable[object]]


@dataclass(frozen=True)
class Plan:
    """What is evaluated on which rows. `limit` is how many of them, None is all; `at_once` how many are asked together.

    `by_code` are engines that the task's writer gave it: rules, told beside the model.
    """

    declaration: Declaration
    file: Path
    options: Options = field(default_factory=Options)
    by_code: tuple[Engine, ...] = ()
    limit: int | None = None
    at_once: int = AT_ONCE
    fresh: bool = False


@dataclass(frozen=True)
class Case:
    """A row, what came of it, and what the baselines say to it. Without an example it could not be read."""

    row: Row
    example: Example | None
    reply: Reply
    rivals: Mapping[str, object]
    known: bool = False


def evaluate(plan: Plan, tell: Callable[[str], None] = lambda line: None) -> Report:
    """The report of a plan; see `evaluated`."""
    return event_loop.run(evaluated(plan, transport(), tell))


async def evaluated(plan: Plan, through: Transport, tell: Callable[[str], None]) -> Report:
    """The report of a plan. `tell` says to a person what happens on the way. Raises InputError for a file that is
    none, and what no row can help: no model, a missing package, a folder that cannot be written.
    """
    total = min(counted(plan.file, "--data"), plan.limit or 2**63)
    if not total:
        raise InputError(f"{plan.file} has no rows", way_out="a row holds a column per slot and one called answer")
    journal = Journal.of(f"evaluate-{plan.declaration.name}", plan.file, made_of(plan))
    journal.prepare(fresh=plan.fresh)
    if journal.count:
        tell(f"{journal.count} of {total} rows were answered before (--fresh asks again)")
    findings = Findings(plan.declaration)
    progress = Progress(f"evaluate {plan.declaration.name}", total)
    async with closing(cases(plan, through, journal)) as done:
        async for case in done:
            if case.example is None:
                findings.unreadable(case.reply.error)
            else:
                findings.take(case.row, case.example, case.reply, case.rivals, case.known)
            progress.tell(findings.seen, findings.failed)
    report = findings.report(plan.file, plan.options, plan.at_once)
    if not findings.again:
        journal.forget()
    return report


def made_of(plan: Plan) -> list[object]:
    """What an answer depends on besides its row: the journal of one is of no use to another."""
    examples = Examples(plan.declaration)
    digests = [
        hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""
        for file in (examples.seeds_file, examples.added_file)
    ]
    return [plan.declaration.fingerprint, vars(plan.options), digests]


async def cases(plan: Plan, through: Transport, journal: Journal) -> AsyncIterator[Case]:
    rivals = baselines(plan)

    async def case(row: Row) -> Case:
        try:
            example = row.example()
        except InputError as error:
            return Case(row, None, Reply(row.number, error=on_one_line(error)), {})
        kept = journal.line(row.number)
        reply: Reply = adapter(Reply).validate_json(kept) if kept else await asked(plan, row, example, through)
        said = {name: await answers(example.inputs) for name, answers in rivals.items()}
        return Case(row, example, reply, said, await asyncio.to_thread(known, plan.declaration, example))

    rows = islice(rows_of(plan.declaration, plan.file), plan.limit)
    async with closing(outcomes(case, rows, plan.at_once)) as done:
        async for outcome in done:
            if outcome.error is not None:
                raise outcome.error
            found: Case = outcome.answer
            if found.example and not found.reply.again and journal.line(found.row.number) is None:
                journal.keep(adapter(Reply).dump_json(found.reply).decode())
            yield found


async def asked(plan: Plan, row: Row, example: Example, through: Transport) -> Reply:
    """What the model says to a row. Raises what no row can help."""
    named = plan.options.model in [engine.name for engine in plan.by_code]
    call = Call(plan.declaration, dict(example.inputs), plan.options, plan.by_code if named else ())
    started = time.monotonic()
    try:
        try:
            whole = await answered(through.answer(call))
        except NoModel:
            if plan.options.model or not plan.by_code:
                raise
            whole = await answered(through.answer(replace(call, by_code=plan.by_code)))
    except (NoModel, MissingExtra, SettingsError):
        raise
    except PlaitError as error:
        again = error.retryable or isinstance(error, ServerError)
        return Reply(row.number, error=on_one_line(error), again=again, seconds=time.monotonic() - started)
    usage = whole.usage
    return Reply(
        row.number,
        cast(JsonValue, whole.wire),
        model=whole.model,
        seconds=whole.seconds,
        prompt_tokens=usage.prompt_tokens,
        answer_tokens=usage.answer_tokens,
    )


def baselines(plan: Plan) -> dict[str, Answers]:
    """What answers the same rows without a model: copies of examples, and what the task's writer gave in code."""
    trivial = Baselines(plan.declaration).all()
    return {
        **{name: in_thread(answer) for name, answer in trivial.items()},
        **{each.name: by_code(plan.declaration, each) for each in plan.by_code if each.name != plan.options.model},
    }


def known(declaration: Declaration, example: Example) -> bool:
    """Whether the row's input is that of one of the task's own examples."""
    return any(near.inputs == example.inputs for near in Examples(declaration).nearest(example.inputs, 1))


def in_thread(answer: Callable[[Mapping[str, object]], object]) -> Answers:
    async def answers(inputs: Mapping[str, object]) -> object:
        return await asyncio.to_thread(answer, inputs)

    return answers


def by_code(declaration: Declaration, engine: Engine) -> Answers:
    """An engine's answers through the gate; MISSING where what it says is none."""

    async def answers_of(inputs: Mapping[str, object]) -> object:
        ask = Ask(declaration, inputs, beside_inputs(declaration.targets, inputs, named=True))
        try:
            return (await answered(answers(engine, ask, streamed=False, timeout=settings().timeout))).value
        except PlaitError:
            return MISSING

    return answers_of


def on_one_line(error: PlaitError) -> str:
    return " ".join(words(error).split())
