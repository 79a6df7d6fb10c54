"""Right answers with a grammar and without one: the same model, prompts, examples and rows.

typed  the decoder is bound by the grammar of the answer, as everywhere in Plait
free   the model writes what it likes; the first JSON value in its text is the answer, if it is valid

Both are asked once more after an invalid answer. Budget: typed is not below free on any task. ROWS of each held-out
file are answered, an interrupted run goes on; a row takes 10 to 30 seconds of one core, twice.

    PLAIT_URL=none python -m benchmarks.typed_accuracy [ROWS]
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import report
from plait.core.engine.chat import ChatEngine, ChatModel, ChatModelWrapper, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.evaluation.evaluate import EvaluationPlan, run_evaluation
from plait.core.evaluation.interval import difference, tally
from plait.core.evaluation.report import Report
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Prompt
from plait.core.task.options import Options
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.local_transport import LocalTransport

TASKS = ("sort_message", "home_command", "cited_answer", "extract_invoice")
ROWS, AT_ONCE = 40, 2
TIMEOUT = 1_800.0  # seconds: an answer that takes long beside other work is not a wrong one


@dataclass(frozen=True)
class FreeModel(ChatModelWrapper):
    """A chat model that never sees a grammar; its text is cut down to the first JSON value in it."""

    model: ChatModel

    @property
    def name(self) -> str:
        return "free"

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        text = ""
        async with aclosing(self.model.chat(prompt, None, sampling)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                else:
                    yield TextDelta(first_json(text))
                    yield event

    async def aclose(self) -> None:
        await self.model.aclose()


def first_json(text: str) -> str:
    """The first object or list in a text; the text itself if there is none."""
    for start, character in enumerate(text):
        if character in "{[":
            with suppress(ValueError):
                _, end = json.JSONDecoder().raw_decode(text, start)
                return text[start:end]
    return text


async def evaluated(task: str, way: str, model: ChatModel, rows: int) -> list[Report]:
    found, _ = find_task(task)
    transport, options = LocalTransport(only=ChatEngine(model)), Options(model=way, timeout=TIMEOUT)
    return [
        await run_evaluation(
            EvaluationPlan(found.declaration, file, options, limit=rows, concurrency=AT_ONCE),
            transport,
            print,
        )
        for file in found.examples.held_out_files
    ]


def compared(typed: Sequence[Report], free: Sequence[Report]) -> dict[str, Any]:
    """Mean scores and exact shares over all files, and the paired difference of the scores."""
    scores = {"typed": flat(each.scores for each in typed), "free": flat(each.scores for each in free)}
    exact = {"typed": flat(each.exacts for each in typed), "free": flat(each.exacts for each in free)}
    return {
        **{f"{way}_score": str(tally(each).score_interval) for way, each in scores.items()},
        **{f"{way}_exact": str(tally(each).score_interval) for way, each in exact.items()},
        "typed_score_ahead_by": str(difference(scores["typed"], scores["free"])),
        "rows": len(scores["typed"]),
    }


def flat(parts: Any) -> list[float]:
    return [float(each) for part in parts for each in part]


async def run(rows: int) -> None:
    file = embedded_file()
    assert file is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", file, CONTEXT)
    figures: dict[str, Any] = {}
    for task in TASKS:
        typed = await evaluated(task, "typed", model, rows)
        figures[task] = compared(typed, await evaluated(task, "free", FreeModel(model), rows))
        report("typed_accuracy", figures)
    await model.aclose()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
