"""Few-shot selection: the examples most similar to the input, as many as fit the token budget, shortened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from plait.core.config import settings
from plait.core.prompting.bm25 import BM25Index
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import OWNER
from plait.core.task.declaration import Declaration, Parameter
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json
from plait.core.values.value_type import iter_types, select_values

MAX_IDENTICAL = 2  # examples of one input that differ in white space only
MAX_ITEMS_SHOWN = 4  # items of a list that an example shows, out of those its answer could refer to
# Measured with SmolLM2 and rounded up: 2.3 (invoices) to 4.1 Latin letters per token, 1.8 tokens per Chinese character.
LATIN_CHARS_PER_TOKEN, TOKENS_PER_OTHER_CHAR = 3, 2


def select_shots(
    declaration: Declaration, inputs: Mapping[str, object], count: int | None = None, author: str = OWNER
) -> tuple[Example, ...]:
    """At most `count` examples that the author sees (None: the setting in plait.toml). The nearest is last, right
    before the question.

    An example for the same input, but for white space, is left out: with its own answer in sight, no answer says
    anything about the model.
    """
    defaults = settings()
    budget, count = defaults.shot_tokens, defaults.shots if count is None else count
    chosen: list[Example] = []
    if not count:
        return ()
    for example in nearest_examples(declaration, inputs, count, author):
        short = shorten_example(declaration, example)
        budget -= estimate_tokens(declaration, short)
        if budget < 0:
            break
        chosen.append(short)
    return tuple(reversed(chosen))


def nearest_examples(
    declaration: Declaration, inputs: Mapping[str, object], count: int, author: str = OWNER
) -> list[Example]:
    """At most `count` examples that the author sees, nearest first, none of them for the same input."""
    own_text = normalized_inputs(declaration, inputs)
    near = Examples(declaration, author).nearest(inputs, count + MAX_IDENTICAL)
    return [each for each in near if normalized_inputs(declaration, each.inputs) != own_text][:count]


def normalized_inputs(declaration: Declaration, inputs: Mapping[str, object]) -> Json:
    """The inputs in JSON form, every run of white space in a text a single space."""
    context = CallContext()
    json_values: dict[str, Json] = {
        parameter.name: parameter.value_type.encode(inputs[parameter.name], context)
        for parameter in declaration.parameters
    }
    return normalized(json_values)


def normalized(json_value: Json) -> Json:
    match json_value:
        case str():
            return " ".join(json_value.split())
        case list():
            return [normalized(each) for each in json_value]
        case dict():
            return {name: normalized(each) for name, each in json_value.items()}
        case _:
            return json_value


def shorten_example(declaration: Declaration, example: Example) -> Example:
    """The example with long lists reduced to the items its answer refers to and those easily confused with them.

    Four of fifteen devices halve the tokens and the time, for a loss that may be chance: 15 of 40 commands right
    instead of 18 (benchmarks/shots.py).
    """
    target_paths = {value_type.points_into for _, value_type in iter_types(declaration.answer)}
    shortened = {
        parameter.name: relevant_items(declaration, parameter, example)
        for parameter in declaration.parameters
        if (parameter.name,) in target_paths and parameter.value_type.item_type
    }
    return replace(example, inputs={**example.inputs, **shortened})


def relevant_items(declaration: Declaration, parameter: Parameter, example: Example) -> list[object]:
    """At most MAX_ITEMS_SHOWN items of the input in their order; more only if the answer refers to more."""
    items = cast("list[object]", example.inputs[parameter.name])
    references = select_values(
        declaration.answer, example.answer, lambda value_type: value_type.points_into is not None
    )
    targets = [cast(Any, reference).value for _, reference in references]
    kept_indices = {index for index, item in enumerate(items) if any(item is value for value in targets)}
    for index in rank_items(declaration, parameter, example, items):
        if len(kept_indices) >= MAX_ITEMS_SHOWN:
            break
        kept_indices.add(index)
    return [items[index] for index in sorted(kept_indices)]


def rank_items(declaration: Declaration, parameter: Parameter, example: Example, items: Sequence[object]) -> list[int]:
    """Indices of the items, those most similar to the rest of the input first."""
    (_, item_type) = parameter.value_type.children[0]
    index = BM25Index(1)
    for item in items:
        index.add([item_type.render(item)])
    other_parameters = (other for other in declaration.parameters if other.name != parameter.name)
    query = " ".join(other.value_type.render(example.inputs[other.name]) for other in other_parameters)
    ranking = index.nearest([query], len(items))
    return [*ranking, *(item_index for item_index in range(len(items)) if item_index not in ranking)]


def estimate_tokens(declaration: Declaration, example: Example) -> int:
    """Estimated number of tokens of the inputs; an image counts as the text that names it."""
    text = "".join(parameter.value_type.render(example.inputs[parameter.name]) for parameter in declaration.parameters)
    latin = sum(letter.isascii() for letter in text)
    return latin // LATIN_CHARS_PER_TOKEN + (len(text) - latin) * TOKENS_PER_OTHER_CHAR
