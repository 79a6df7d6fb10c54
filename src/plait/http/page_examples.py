"""Examples on a task's page: the form filled in with one in the page's language."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.prompting.han import HAN
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.json_value import Json
from plait.web.views import Language, TaskView


def view_with_example(view: TaskView, examples: Examples, index_text: str, language: Language) -> TaskView:
    """The form filled in with the example of that number; as it is if there is none."""
    if not view.example_count or not (index_text.isascii() and index_text.isdecimal()) or len(index_text) > 9:
        return view
    number = int(index_text) % view.example_count
    example = example_in_language(examples, language, number)
    if example is None:  # the last ones were made for an earlier form of the task
        return view
    return replace(view, inputs=example_inputs(view.declaration, example), example_index=number)


def example_inputs(declaration: Declaration, example: Example) -> dict[str, Json]:
    """The inputs of an example in JSON form."""
    return {each.name: each.value_type.encode(example.inputs[each.name], NO_CONTEXT) for each in declaration.parameters}


def example_in_language(examples: Examples, language: Language, number: int) -> Example | None:
    """The example of that number among those in the page's language; among all if there are none in it."""
    found = list(islice(examples_in_language(examples, language), number + 1))
    if len(found) > number:
        return found[number]
    return found[number % len(found)] if found else next(islice(examples.unshown, number, None), None)


def examples_in_language(examples: Examples, language: Language) -> Iterator[Example]:
    return (each for each in examples.unshown if is_in_language(examples.declaration, each, language))


def is_in_language(declaration: Declaration, example: Example, language: Language) -> bool:
    """Whether the texts of the inputs are in that language; images alone are in any."""
    texts = [each.text for each in declaration.input_texts(example.inputs)]
    return not texts or any(HAN.search(text) for text in texts) == (language == "zh")
