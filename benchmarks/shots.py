"""Which form and order of examples a small model understands best: right answers to home commands, way by way.

Every way answers the same commands, each a seed of the task, with examples from the other seeds (leave one out): no
held-out row takes part in choosing. `right` is option, device and value. The first way is what Plait does.

    python -m benchmarks.shots [COMMANDS]
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from benchmarks.measure import report
from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Piece
from plait.core.errors import PlaitError
from plait.core.evaluation.interval import difference, tally
from plait.core.evaluation.scoring import score
from plait.core.prompting.examples import Example, Examples
from plait.core.prompting.few_shot import briefly
from plait.core.prompting.prompt import Message, Prompt, answer_text, form, instruction_of, prompt
from plait.core.task.derive import answer_grammar
from plait.core.task.signature import beside_inputs
from plait.core.values.json_text import parsed
from plait.core.values.value_type import MISSING, WireError, written
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.models.discovery import CONTEXT, embedded_file
from plait.tasks.home_command import home_command

SHOTS, AT_ONCE, TOKENS = 4, 4, 120
DECLARED = home_command.declaration
SEEDS = list(Examples(DECLARED).seeds)
Inputs = Mapping[str, object]


def nearest(inputs: Inputs, count: int = SHOTS) -> list[Example]:
    """The examples but for the one that is asked, the nearest last."""
    found = Examples(DECLARED).nearest(inputs, count + 1)
    return [example for example in found if example.inputs != inputs][:count][::-1]


def brief(examples: list[Example]) -> tuple[Example, ...]:
    return tuple(briefly(DECLARED, example) for example in examples)


def instruction_first(inputs: Inputs, examples: tuple[Example, ...]) -> Prompt:
    """The sentence, then the devices below it."""

    def asked(given: Inputs) -> str:
        words = instruction_of(DECLARED, "").filled(lambda name: name if name == "devices" else str(given[name]))
        return f"{words}\n\ndevices:\n{written(DECLARED.slots[1].kind, given['devices'])}"

    turns = [
        message
        for each in examples
        for message in (
            Message("user", asked(each.inputs)),
            Message("assistant", answer_text(DECLARED, each.inputs, each.answer)),
        )
    ]
    return Prompt((Message("system", form(DECLARED)), *turns, Message("user", asked(inputs))))


WAYS: dict[str, Callable[[Inputs], Prompt]] = {
    "nearest_last_brief_question_last": lambda inputs: prompt(DECLARED, inputs, brief(nearest(inputs))),
    "nearest_first": lambda inputs: prompt(DECLARED, inputs, brief(nearest(inputs)[::-1])),
    "question_before_its_lists": lambda inputs: instruction_first(inputs, brief(nearest(inputs))),
    "whole_lists": lambda inputs: prompt(DECLARED, inputs, tuple(nearest(inputs))),
    "eight": lambda inputs: prompt(DECLARED, inputs, brief(nearest(inputs, 8))),
    "the_same_four": lambda inputs: prompt(
        DECLARED, inputs, brief([seed for seed in SEEDS if seed.inputs != inputs][:SHOTS])
    ),
    "none": partial(prompt, DECLARED),
}


async def said(model: LlamaCpp, words: Prompt, inputs: Inputs) -> tuple[object, int]:
    """The answer, MISSING where there is none, and how many tokens the prompt had."""
    beside = beside_inputs(DECLARED.targets, inputs, named=True)
    text, read = "", 0
    try:
        async for piece in model.chat(words, answer_grammar(DECLARED, beside), Sampling(TOKENS, seed=1)):
            if isinstance(piece, Piece):
                text += piece.text
            else:
                read = piece.usage.prompt_tokens
        return DECLARED.answer.decode(parsed(text), beside), read
    except (PlaitError, WireError, ValueError):
        return MISSING, read


async def measured(model: LlamaCpp, way: Callable[[Inputs], Prompt], asked: list[Example]) -> dict[str, Any]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(example: Example) -> tuple[float, int]:
        async with room:
            answer, read = await said(model, way(example.inputs), example.inputs)
        return float(score(DECLARED, answer, example.answer).exact), read

    started = time.perf_counter()
    done = await asyncio.gather(*map(one, asked))
    return {
        "right": [right for right, _ in done],
        "prompt_tokens": round(sum(read for _, read in done) / len(done)),
        "seconds_per_answer": round((time.perf_counter() - started) / len(done), 2),
    }


async def all_ways(count: int) -> dict[str, Any]:
    file = embedded_file()
    assert file is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", file, CONTEXT)
    asked = random.Random(1).sample(SEEDS, count)
    found = {name: await measured(model, way, asked) for name, way in WAYS.items()}
    await model.aclose()
    ours = next(iter(found.values()))["right"]
    return {
        name: {
            **each,
            "right": str(tally(each["right"]).interval),
            "the_first_way_is_ahead_by": str(difference(ours, each["right"])),
        }
        for name, each in found.items()
    }


def main() -> None:
    report("shots", asyncio.run(all_ways(int(sys.argv[1]) if len(sys.argv) > 1 else 60)))


if __name__ == "__main__":
    main()
