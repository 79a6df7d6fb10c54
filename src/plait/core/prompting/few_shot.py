"""The examples that go into a prompt: those most like its input, as many as a budget of tokens holds, said briefly."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from plait.core.config import settings
from plait.core.prompting.bm25 import BM25Index
from plait.core.prompting.examples import Example, Examples
from plait.core.task.declaration import Declaration, Parameter
from plait.core.values.value_type import iter_types, iter_values, render

MAX_ITEMS_SHOWN = 4  # items of a list that an example shows, of those its answer could point at
# Of SmolLM2, rounded up: 2.3 (invoices) to 4.1 Latin letters to a token, 1.8 tokens to a Chinese character.
LATIN_CHARS_PER_TOKEN, TOKENS_PER_OTHER_CHAR = 3, 2


def select_shots(
    declaration: Declaration, inputs: Mapping[str, object], count: int | None = None
) -> tuple[Example, ...]:
    """At most `count` examples (None: as plait.toml has it), the nearest last, right before the question."""
    usual = settings()
    left = usual.shot_tokens
    chosen: list[Example] = []
    for example in Examples(declaration).nearest(inputs, usual.shots if count is None else count):
        short = shorten_example(declaration, example)
        left -= estimate_tokens(declaration, short)
        if left < 0:
            break
        chosen.append(short)
    return tuple(reversed(chosen))


def shorten_example(declaration: Declaration, example: Example) -> Example:
    """The example with its long lists cut down to what its answer points at and what could be mistaken for that.

    Of fifteen devices in a house four take half of the tokens and of the time, for a loss that may be chance: 15 of 40
    commands right instead of 18 (benchmarks/shots.py).
    """
    into = {cast(Any, kind).path for _, kind in iter_types(declaration.answer) if kind.name == "ref"}
    short = {
        slot.name: relevant_items(declaration, slot, example)
        for slot in declaration.parameters
        if (slot.name,) in into and slot.value_type.name == "list"
    }
    return Example({**example.inputs, **short}, example.answer)


def relevant_items(declaration: Declaration, parameter: Parameter, example: Example) -> list[object]:
    """At most SHOWN of the slot's items in their order, unless the answer points at more."""
    items = cast("list[object]", example.inputs[parameter.name])
    references = (reference for _, reference in iter_values("ref", declaration.answer, example.answer))
    pointed = [cast(Any, reference).value for reference in references]
    kept = {place for place, item in enumerate(items) if any(item is value for value in pointed)}
    for place in rank_items(declaration, parameter, example, items):
        if len(kept) >= MAX_ITEMS_SHOWN:
            break
        kept.add(place)
    return [items[place] for place in sorted(kept)]


def rank_items(declaration: Declaration, parameter: Parameter, example: Example, items: Sequence[object]) -> list[int]:
    """Places of the items, those most like the rest of the input first."""
    (_, item_kind) = parameter.value_type.children[0]
    index = BM25Index(1)
    for item in items:
        index.add([render(item_kind, item)])
    others = (other for other in declaration.parameters if other.name != parameter.name)
    asked = " ".join(render(other.value_type, example.inputs[other.name]) for other in others)
    alike = index.nearest([asked], len(items))
    return [*alike, *(place for place in range(len(items)) if place not in alike)]


def estimate_tokens(declaration: Declaration, example: Example) -> int:
    """About how many tokens the inputs take; a picture counts as its words do."""
    said = "".join(render(slot.value_type, example.inputs[slot.name]) for slot in declaration.parameters)
    latin = sum(letter.isascii() for letter in said)
    return latin // LATIN_CHARS_PER_TOKEN + (len(said) - latin) * TOKENS_PER_OTHER_CHAR
