"""What a grammar costs: seconds per token of a typed answer over those of a free one, same engine, warm prefix.

Budget (design): at most 1.25 for records of 100 tokens and more, at most 1.5 with references to 30 devices.

    python -m benchmarks.typed_over_free
"""

import asyncio
import time
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from benchmarks.measure import interleaved, ratio, report
from plait import Task, task
from plait.core.chats import Sampling
from plait.core.derive import answer_grammar
from plait.core.engine import End
from plait.core.grammar import Grammar
from plait.core.prompt import Message, Prompt, prompt
from plait.core.reading import beside_inputs
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.models import CONTEXT, embedded_file
from plait.tasks.home_command import Device, SetLevel

REPEATS = 9


class Card(BaseModel):
    title: str = Field(min_length=20, max_length=80)
    summary: str = Field(min_length=200, max_length=400)
    keywords: list[Annotated[str, Field(min_length=3, max_length=20)]] = Field(min_length=5, max_length=6)
    written: date
    pages: int = Field(ge=1, le=900)
    price: float = Field(gt=0, lt=1000)
    shelf: Literal["novel", "science", "history", "travel", "children"]


@task
def book_card(description: str) -> Card:
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


def asked(task: Task[..., object], **inputs: object) -> tuple[Prompt, Grammar]:
    declared = task.declaration
    beside = beside_inputs(declared.targets, inputs, named=True)
    return prompt(declared, inputs), answer_grammar(declared, beside)


async def seconds_per_token(model: LlamaCpp, words: Prompt, grammar: Grammar | None, seed: int) -> float:
    started, tokens = time.perf_counter(), 0
    async for event in model.chat(words, grammar, Sampling(max_tokens=160, temperature=0.0, seed=seed)):
        if isinstance(event, End):
            tokens = event.usage.answer_tokens
    assert tokens >= 100, f"only {tokens} tokens: too short to tell"
    return (time.perf_counter() - started) / tokens


def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", path, CONTEXT)
    free = Prompt((Message("user", "Write a long story about an old library and its last reader, in many chapters."),))
    record = asked(book_card, description="a history of lighthouses and those who kept them")
    lights = asked(scene, wish="quiet evening", devices=devices(30))
    with asyncio.Runner() as runner:
        taken = interleaved(
            REPEATS,
            free=lambda: runner.run(seconds_per_token(model, free, None, 1)),
            record=lambda: runner.run(seconds_per_token(model, *record, 1)),
            references=lambda: runner.run(seconds_per_token(model, *lights, 1)),
        )
        runner.run(model.aclose())
    report(
        "typed_over_free",
        {
            "milliseconds_per_token_free": round(sorted(taken["free"])[REPEATS // 2] * 1000, 2),
            "record_over_free": ratio(taken, "record", "free"),
            "references_to_30_over_free": ratio(taken, "references", "free"),
        },
    )


if __name__ == "__main__":
    main()
