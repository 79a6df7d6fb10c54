"""Cost of a grammar: seconds per token of a typed answer over those of a free answer to the same prompt, warm prefix.

Budget (design): at most 1.25 for records of 100 tokens and more, at most 1.5 with references to 30 devices. Both sides
read the same prompt, because the time per token grows with the context: 30 devices are 470 tokens, which alone make
each token take 1.5 times as long as after a prompt of 47. The result reports that too, as `…_over_free_short_prompt`.

    python -m benchmarks.typed_over_free
"""

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from benchmarks.measure import interleaved_timings, median, ratio, report
from plait import Task, task
from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Finish
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Message, Prompt, prompt
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.service.engines.llamacpp.completion import request_body
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.tasks.home_command import Device, SetLevel

REPEATS, TOKENS = 9, 160


class BookCard(BaseModel):
    title: str = Field(min_length=20, max_length=80)
    summary: str = Field(min_length=200, max_length=400)
    keywords: list[Annotated[str, Field(min_length=3, max_length=20)]] = Field(min_length=5, max_length=6)
    written: date
    pages: int = Field(ge=1, le=900)
    price: float = Field(gt=0, lt=1000)
    shelf: Literal["novel", "science", "history", "travel", "children"]


@task
def book_card(description: str) -> BookCard:
    """Write a library card for this book: {description}"""
    ...


@task
def scene(wish: str, devices: list[Device]) -> Annotated[list[SetLevel], Field(min_length=9, max_length=12)]:
    """Set the levels of {devices} for a {wish}."""
    ...


def devices(count: int) -> list[Device]:
    areas = ("kitchen", "living room", "bedroom", "study", "hall", "attic")
    things = ("ceiling light", "floor lamp", "roller blind", "speaker", "heater")
    names = [f"{area} {thing}" for area in areas for thing in things][:count]
    return [Device(name=name, area=name.rsplit(" ", 2)[0], kind="light") for name in names]


def prompt_and_grammar(task: Task[..., object], **inputs: object) -> tuple[Prompt, Grammar]:
    declaration = task.declaration
    context = call_context(declaration, inputs, by_name=True)
    return prompt(declaration, inputs), answer_grammar(declaration, context)


async def seconds_per_token(model: LlamaCpp, chat_prompt: Prompt, grammar: Grammar | None = None) -> float:
    """Seconds per token of an answer. A free answer continues past its end token, to be as long as the typed one."""
    tokens = await model.tokenizer.tokenize_prompt(chat_prompt)
    body = request_body(tokens, TOKENS, grammar, Sampling()) | ({} if grammar else {"ignore_eos": True})
    started, num_tokens = time.perf_counter(), 0
    async for event in model.stream_completion(body):
        if isinstance(event, Finish):
            num_tokens = event.usage.answer_tokens
    assert num_tokens >= 100, f"only {num_tokens} tokens: too short to tell"
    return (time.perf_counter() - started) / num_tokens


def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", path, CONTEXT)
    short = Prompt((Message("user", "Write a long story about an old library and its last reader, in many chapters."),))
    record = prompt_and_grammar(book_card, description="a history of lighthouses and those who kept them")
    lights = prompt_and_grammar(scene, wish="quiet evening", devices=devices(30))
    with asyncio.Runner() as runner:
        runner.run(model.ensure_running())

        def timer(chat_prompt: Prompt, grammar: Grammar | None = None) -> Callable[[], float]:
            return lambda: runner.run(seconds_per_token(model, chat_prompt, grammar))

        timings = interleaved_timings(
            REPEATS,
            short=timer(short),
            record_free=timer(record[0]),
            record=timer(*record),
            references_free=timer(lights[0]),
            references=timer(*lights),
        )
        runner.run(model.aclose())
    report(
        "typed_over_free",
        {
            "milliseconds_per_token": {name: round(median(values) * 1000, 2) for name, values in timings.items()},
            "record_over_free": ratio(timings, "record", "record_free"),
            "references_to_30_over_free": ratio(timings, "references", "references_free"),
            "record_over_free_short_prompt": ratio(timings, "record", "short"),
            "references_to_30_over_free_short_prompt": ratio(timings, "references", "short"),
        },
    )


if __name__ == "__main__":
    main()
