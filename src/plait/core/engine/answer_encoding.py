"""A Python value as the text an engine would write: what engines without a model say."""

from pydantic import ValidationError

from plait.core.engine.protocol import Ask
from plait.core.errors import InvalidAnswer
from plait.core.prompting.prompt import as_text
from plait.core.values.inputs import adapter, faults_in, problems_of
from plait.core.values.value_type import WireError


def said(value: object, ask: Ask, who: str) -> str:
    """The answer's text. Raises InvalidAnswer where the value is not of the answer's type."""
    declaration = ask.declaration
    try:
        valid = adapter(declaration.answer_annotation).validate_python(value)
        return as_text(declaration, declaration.answer.encode(valid, ask.beside))
    except ValidationError as error:
        fault = WireError("is refused", value, faults=faults_in(error))
    except WireError as error:
        fault = error
    raise InvalidAnswer(
        f"{who} answered {declaration.name} with what its type refuses",
        answer=repr(value),
        problems=problems_of("", fault),
        way_out=f"return what {declaration.name} declares",
    )
