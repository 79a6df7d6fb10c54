"""Seconds per answer: p50 and p95 of each built-in task with the embedded model, one call at a time.

Warm: the previous call had the same task, so the beginning of the prompt is in the engine's prefix cache. Cold: the
first call after the engine's start (the start, 0.7 s, not included). Prompts have four retrieved examples.

    python -m benchmarks.task_seconds [QUESTIONS]
"""

import asyncio
import json
import random
import sys
from typing import Any

from benchmarks.measure import report
from plait import Task
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.errors import PlaitError
from plait.core.evaluation.aggregation import quantile
from plait.core.prompting.prompt import Message, Prompt
from plait.core.task.options import Options
from plait.core.values.inputs import inputs_from_json
from plait.service.local_transport import LocalTransport
from plait.tasks.cited_answer import cited_answer
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.home_command import home_command
from plait.tasks.sort_message import sort_message

TASKS: tuple[Task[..., Any], ...] = (home_command, sort_message, cited_answer, extract_invoice)
SHOTS = 4


def calls(task: Task[..., Any], count: int) -> list[Call]:
    declaration = task.declaration
    lines = [line for file in task.examples.held_out_files for line in file.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in random.Random(9).sample(lines, count)]
    inputs = [
        inputs_from_json(declaration, {parameter.name: row[parameter.name] for parameter in declaration.parameters})
        for row in rows
    ]
    return [Call(declaration, each, Options(model="smollm2", shots=SHOTS, seed=1)) for each in inputs]


async def seconds(transport: LocalTransport, call: Call) -> float | None:
    """Seconds of the whole call; None if it fails."""
    try:
        return (await last_event(transport.answer(call))).seconds
    except PlaitError:
        return None


async def task_timings(task: Task[..., Any], count: int) -> dict[str, Any]:
    task_calls = calls(task, 2 * count)
    warm, cold = [], []
    through = LocalTransport()
    await seconds(through, task_calls[-1])
    for call in task_calls[:count]:
        warm.append(await seconds(through, call))
    await through.aclose()
    for call in task_calls[count:]:
        through = LocalTransport()
        await start_engine(through)
        cold.append(await seconds(through, call))
        await through.aclose()
    return {"warm": quantiles(warm), "cold": quantiles(cold)}


async def start_engine(transport: LocalTransport) -> None:
    """Starts the engine and lets it tokenize one word."""
    chats = transport.chat_engine("smollm2").model
    await chats.tokenizer.tokenize_prompt(Prompt((Message("user", "x"),)))  # type: ignore[attr-defined]


def quantiles(timings: list[float | None]) -> dict[str, float]:
    finished = sorted(each for each in timings if each is not None)
    return {
        "p50": round(quantile(finished, 0.5), 2),
        "p95": round(quantile(finished, 0.95), 2),
        "answers": len(finished),
        "asked": len(timings),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    report("task_seconds", {task.declaration.name: asyncio.run(task_timings(task, count)) for task in TASKS})


if __name__ == "__main__":
    main()
