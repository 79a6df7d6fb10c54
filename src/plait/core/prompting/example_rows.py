"""Rows of examples in JSON form: how an example becomes a row of a file, and a row an example.

A row has a column per input, one called `answer`, and may have one with the fingerprint of the task, one with the id of
the answer that it corrects, and one that says that this answer was right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.inputs import (
    embed_row_files,
    inputs_from_json,
    to_input_error,
)
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.picture_files import folder_of
from plait.core.values.pydantic_validation import validate

FINGERPRINT_COLUMN = "fingerprint"  # the column with the fingerprint of the task at the time the row was added
CORRECTION_COLUMN = "_correction"  # the column with the id of the corrected answer; no input has such a name
RIGHT_COLUMN = "_right"  # whether that answer was marked as right as it was


@dataclass(frozen=True)
class Example:
    """Inputs and their right answer, as Python values. `correction` is the id of the answer that it corrects, or "".

    `is_right` if that answer needed no change.
    """

    inputs: Mapping[str, object]
    answer: object
    correction: str = ""
    is_right: bool = False


def example_to_json(declaration: Declaration, example: Example) -> dict[str, Json]:
    """An example in JSON form. Raises InputError if it does not fit this task."""
    context = call_context(declaration, example.inputs)
    try:
        answer = validate(declaration.answer_annotation, example.answer)
        json_values: dict[str, Json] = {
            **{
                parameter.name: parameter.value_type.encode(example.inputs[parameter.name], context)
                for parameter in declaration.parameters
            },
            "answer": declaration.answer.encode(answer, context),
        }
    except InvalidValue as fault:
        raise to_input_error(f"this is not an example of {declaration.name}", "answer", fault) from None
    correction: dict[str, Json] = {CORRECTION_COLUMN: example.correction} if example.correction else {}
    return {**json_values, **correction, **({RIGHT_COLUMN: True} if example.is_right else {})}


def example_from_json(declaration: Declaration, json_value: Json, where: str, *, needs_quotes: bool = True) -> Example:
    """The example of a row. Raises InputError with its location `where`.

    Without `needs_quotes` a quoted value of the answer need not stand in the inputs, as in a row that an answer is
    compared with.
    """
    if not isinstance(json_value, dict) or "answer" not in json_value:
        raise InputError(f"{where} has no answer", hint="a row needs a column per input and a column called answer")
    input_values = {
        parameter.name: json_value[parameter.name]
        for parameter in declaration.parameters
        if parameter.name in json_value
    }
    try:
        inputs = inputs_from_json(declaration, input_values)
    except InputError as error:
        hint = "correct the line, or delete it"
        raise InputError(f"{where} is not an example", problems=error.problems, hint=hint) from None
    context = call_context(declaration, inputs)
    try:
        answer = declaration.answer.decode(json_value["answer"], context if needs_quotes else context.unquoted)
        is_right = json_value.get(RIGHT_COLUMN) is True
        return Example(inputs, answer, str(json_value.get(CORRECTION_COLUMN, "")), is_right)
    except InvalidValue as error:
        raise to_input_error(f"{where} has an invalid answer", "answer", error) from None


def read_examples(declaration: Declaration, file: Path, *, needs_quotes: bool = True) -> Iterator[Example]:
    """The examples of a file, read lazily; none if the file does not exist. `needs_quotes` as for a row.

    A row added to an earlier form of the task that no longer fits is skipped; `plait show` counts these rows.
    """
    if not file.exists():
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                example = read_example(declaration, line, f"{file}:{number}", needs_quotes=needs_quotes)
                if example is not None:
                    yield example


def read_example(declaration: Declaration, line: bytes, where: str, *, needs_quotes: bool = True) -> Example | None:
    """The example of a line; None if it belongs to an earlier form of the task and no longer fits."""
    json_value = loads(line, where)
    try:
        json_value = embed_row_files(declaration, json_value, folder_of(where))
    except InputError:
        if is_outdated(declaration, json_value):
            return None
        raise
    return fitting_example(declaration, json_value, where, needs_quotes=needs_quotes)


def fitting_example(declaration: Declaration, json_value: Json, where: str, *, needs_quotes: bool) -> Example | None:
    """The example of a row without file names; None if it belongs to an earlier form of the task and does not fit."""
    try:
        return example_from_json(declaration, json_value, where, needs_quotes=needs_quotes)
    except InputError:
        if is_outdated(declaration, json_value):
            return None
        raise


def is_outdated(declaration: Declaration, json_value: Json) -> bool:
    fingerprint = json_value.get(FINGERPRINT_COLUMN) if isinstance(json_value, dict) else None
    return fingerprint not in (None, declaration.fingerprint)


def count_lines(file: Path) -> int:
    if not file.exists():
        return 0
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())
