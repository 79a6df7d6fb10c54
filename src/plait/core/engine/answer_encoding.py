"""A Python value as the text that an engine would write; used by engines without a model."""

from plait.core.engine.protocol import TaskRequest
from plait.core.errors import InvalidAnswer
from plait.core.prompting.prompt import json_to_text
from plait.core.values.inputs import problems_of
from plait.core.values.json_value import InvalidValue
from plait.core.values.pydantic_validation import validate


def encode_answer(value: object, request: TaskRequest, engine_name: str) -> str:
    """The answer's text. Raises InvalidAnswer if the value does not have the answer's type."""
    declaration = request.declaration
    try:
        valid = validate(declaration.answer_annotation, value)
        return json_to_text(declaration, declaration.answer.encode(valid, request.context))
    except InvalidValue as error:
        invalid = error
    raise InvalidAnswer(
        f"{engine_name} answered {declaration.name} with an invalid value",
        answer=repr(value),
        problems=problems_of("", invalid),
        hint=f"return what {declaration.name} declares",
    )
