"""`response_format` of a chat request as a grammar."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from plait.core.grammar.ast import Grammar
from plait.core.grammar.from_json_schema import grammar_from_schema
from plait.core.values.strict import StrictModel, type_tag

SCHEMA_PATH = "response_format.json_schema.schema"


class ResponseFormatText(StrictModel):
    type: Literal["text"]


class JsonSchemaSpec(StrictModel):
    """The answer always conforms to the schema, with `strict` or without."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]
    description: str | None = None
    strict: bool | None = None


class ResponseFormatJsonSchema(StrictModel):
    type: Literal["json_schema"]
    json_schema: JsonSchemaSpec


ResponseFormat = Annotated[
    Annotated[ResponseFormatText, Tag("<text>")] | Annotated[ResponseFormatJsonSchema, Tag("<json_schema>")],
    Discriminator(
        type_tag,
        custom_error_type="form",
        # json_object is none of them: an object of any names is nothing that a grammar of ours holds.
        custom_error_message="supports the types text and json_schema; describe the object in json_schema",
    ),
]


def response_grammar(response_format: ResponseFormat | None) -> Grammar | None:
    """None for free text. Raises InputError that names the keyword of the schema that is not supported."""
    match response_format:
        case ResponseFormatJsonSchema(json_schema=spec):
            return grammar_from_schema(spec.schema_, SCHEMA_PATH)
        case _:
            return None
