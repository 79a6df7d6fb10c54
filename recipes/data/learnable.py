"""The answer of a row as a model writes it, by the task's own declaration: what `plait adapt` would learn."""

import json
from collections.abc import Mapping
from typing import Any

from plait.core.errors import InputError
from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.prompt import answer_text
from plait.core.task.declaration import Declaration
from plait.core.values.json_value import InvalidValue

REFUSALS = (InputError, InvalidValue)


def written_answer(declaration: Declaration, row: Mapping[str, Any]) -> Any:
    """The JSON of the answer with quotations as they stand in the input. Raises the REFUSALS."""
    example = example_from_json(declaration, dict(row), "row")
    text = answer_text(declaration, example.inputs, example.answer)
    return text if declaration.is_plain_text else json.loads(text)


def is_learnable(declaration: Declaration, row: Mapping[str, Any]) -> bool:
    """Whether the task accepts the row."""
    try:
        written_answer(declaration, row)
    except REFUSALS:
        return False
    return True
