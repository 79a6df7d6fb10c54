"""Inputs to try on a task's page: those that its author chose, else held-out rows, in the page's language.

An author's are JSON lines without answers in the folder `inputs` beside the task's file: `inputs/NAME.jsonl`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from plait.core.evaluation.rows import read_rows
from plait.core.prompting.example_rows import count_lines
from plait.core.prompting.examples import Examples
from plait.core.prompting.han import HAN
from plait.core.task.declaration import Declaration
from plait.web.views import Language, TaskView

Inputs = Mapping[str, object]


def view_with_example(view: TaskView, examples: Examples, index_text: str, language: Language) -> TaskView:
    """The form filled in with the inputs of that number; as it is if there are none."""
    if not view.example_count or not (index_text.isascii() and index_text.isdecimal()) or len(index_text) > 9:
        return view
    number = int(index_text) % view.example_count
    inputs = inputs_at(examples, language, number)
    if inputs is None:  # the last ones were made for an earlier form of the task
        return view
    return replace(view, inputs=view.declaration.inputs_to_json(inputs), example_index=number)


def inputs_file(declaration: Declaration) -> Path:
    return Path(declaration.source.file).parent / "inputs" / f"{declaration.name}.jsonl"


def count_inputs(examples: Examples) -> int:
    return count_lines(inputs_file(examples.declaration)) or examples.unshown_count


def iter_inputs(examples: Examples) -> Iterator[Inputs]:
    file = inputs_file(examples.declaration)
    if file.is_file():
        return (row.inputs() for row in read_rows(examples.declaration, file))
    return (example.inputs for example in examples.unshown)


def inputs_at(examples: Examples, language: Language, number: int) -> Inputs | None:
    """The inputs of that number among those in the page's language; among all if there are none in it."""
    found = list(islice(inputs_in_language(examples, language), number + 1))
    if len(found) > number:
        return found[number]
    return found[number % len(found)] if found else next(islice(iter_inputs(examples), number, None), None)


def inputs_in_language(examples: Examples, language: Language) -> Iterator[Inputs]:
    return (each for each in iter_inputs(examples) if is_in_language(examples.declaration, each, language))


def is_in_language(declaration: Declaration, inputs: Inputs, language: Language) -> bool:
    """Whether the texts are in that language; images alone are in any."""
    texts = [each.text for each in declaration.input_texts(inputs)]
    return not texts or any(HAN.search(text) for text in texts) == (language == "zh")
