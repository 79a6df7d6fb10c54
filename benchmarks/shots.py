"""Compares formats and orders of few-shot examples for a small model, by right answers to home commands.

Every variant answers the same commands, each a seed of the task, with examples from the other seeds (leave one out), so
no held-out row influences the choice. `right` requires option, device and value. The first variant is Plait's own.

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
from plait.core.engine.protocol import TextDelta
from plait.core.errors import PlaitError
from plait.core.evaluation.interval import difference, tally
from plait.core.evaluation.scoring import score
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.prompting.few_shot import shorten_example
from plait.core.prompting.prompt import Message, Prompt, answer_text, format_instruction, instruction_for, prompt
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import InvalidValue
from plait.core.values.value_type import MISSING
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.tasks.home_command import home_command

SHOTS, AT_ONCE, TOKENS = 4, 4, 120
DECLARED = home_command.declaration
SEEDS = list(Examples(DECLARED).seeds)
Inputs = Mapping[str, object]


def nearest(inputs: Inputs, count: int = SHOTS) -> list[Example]:
    """The nearest examples without the current one, the nearest last."""
    examples = Examples(DECLARED).nearest(inputs, count + 1)
    return [example for example in examples if example.inputs != inputs][:count][::-1]


def brief_examples(examples: list[Example]) -> tuple[Example, ...]:
    return tuple(shorten_example(DECLARED, example) for example in examples)


def instruction_first(inputs: Inputs, examples: tuple[Example, ...]) -> Prompt:
    """A prompt with the sentence first, then the devices."""

    def user_text(turn_inputs: Inputs) -> str:
        instruction = instruction_for(DECLARED, "").format(
            lambda name: name if name == "devices" else str(turn_inputs[name])
        )
        return f"{instruction}\n\ndevices:\n{DECLARED.parameters[1].value_type.render(turn_inputs['devices'])}"

    turns = [
        message
        for each in examples
        for message in (
            Message("user", user_text(each.inputs)),
            Message("assistant", answer_text(DECLARED, each.inputs, each.answer)),
        )
    ]
    return Prompt((Message("system", format_instruction(DECLARED)), *turns, Message("user", user_text(inputs))))


VARIANTS: dict[str, Callable[[Inputs], Prompt]] = {
    "nearest_last_brief_question_last": lambda inputs: prompt(DECLARED, inputs, brief_examples(nearest(inputs))),
    "nearest_first": lambda inputs: prompt(DECLARED, inputs, brief_examples(nearest(inputs)[::-1])),
    "question_before_its_lists": lambda inputs: instruction_first(inputs, brief_examples(nearest(inputs))),
    "whole_lists": lambda inputs: prompt(DECLARED, inputs, tuple(nearest(inputs))),
    "eight": lambda inputs: prompt(DECLARED, inputs, brief_examples(nearest(inputs, 8))),
    "the_same_four": lambda inputs: prompt(
        DECLARED, inputs, brief_examples([seed for seed in SEEDS if seed.inputs != inputs][:SHOTS])
    ),
    "none": partial(prompt, DECLARED),
}


async def model_answer(model: LlamaCpp, chat_prompt: Prompt, inputs: Inputs) -> tuple[object, int]:
    """The answer, or MISSING, and the number of prompt tokens."""
    context = call_context(DECLARED, inputs, by_name=True)
    text, read = "", 0
    try:
        async for delta in model.chat(chat_prompt, answer_grammar(DECLARED, context), Sampling(TOKENS, seed=1)):
            if isinstance(delta, TextDelta):
                text += delta.text
            else:
                read = delta.usage.prompt_tokens
        return DECLARED.answer.decode(parse_json(text), context), read
    except (PlaitError, InvalidValue, ValueError):
        return MISSING, read


async def evaluate_variant(
    model: LlamaCpp, build_prompt: Callable[[Inputs], Prompt], test_examples: list[Example]
) -> dict[str, Any]:
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def evaluate_one(example: Example) -> tuple[float, int]:
        async with semaphore:
            answer, read = await model_answer(model, build_prompt(example.inputs), example.inputs)
        return float(score(DECLARED, answer, example.answer).exact), read

    started = time.perf_counter()
    results = await asyncio.gather(*map(evaluate_one, test_examples))
    return {
        "right": [right for right, _ in results],
        "prompt_tokens": round(sum(read for _, read in results) / len(results)),
        "seconds_per_answer": round((time.perf_counter() - started) / len(results), 2),
    }


async def evaluate_variants(count: int) -> dict[str, Any]:
    file = embedded_file()
    assert file is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", file, CONTEXT)
    queries = random.Random(1).sample(SEEDS, count)
    results = {name: await evaluate_variant(model, way, queries) for name, way in VARIANTS.items()}
    await model.aclose()
    first_share = next(iter(results.values()))["right"]
    return {
        name: {
            **each,
            "right": str(tally(each["right"]).score_interval),
            "the_first_way_is_ahead_by": str(difference(first_share, each["right"])),
        }
        for name, each in results.items()
    }


def main() -> None:
    report("shots", asyncio.run(evaluate_variants(int(sys.argv[1]) if len(sys.argv) > 1 else 60)))


if __name__ == "__main__":
    main()
