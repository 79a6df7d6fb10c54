"""What an answer is held to: `response_format`, as our own grammar."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from plait.core.grammar.ast import Grammar
from plait.core.grammar.from_json_schema import grammar_in
from plait.core.values.strict import Strict

AT = "response_format.json_schema.schema"


class TextForm(Strict):
    type: Literal["text"]


class Named(Strict):
    """`strict` or not, the answer is always held to the schema."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]
    description: str | None = None
    strict: bool | None = None


class SchemaForm(Strict):
    type: Literal["json_schema"]
    json_schema: Named


def form_tag(form: object) -> str | None:
    kind = form.get("type") if isinstance(form, dict) else getattr(form, "type", None)  # pyright: ignore
    return f"<{kind}>" if isinstance(kind, str) else None


Form = Annotated[
    Annotated[TextForm, Tag("<text>")] | Annotated[SchemaForm, Tag("<json_schema>")],
    Discriminator(
        form_tag,
        custom_error_type="form",
        # json_object is none of them: an object of any names is nothing that a grammar of ours holds.
        custom_error_message="is honoured for the types text and json_schema; say there which object",
    ),
]


def grammar_of(form: Form | None) -> Grammar | None:
    """None where the answer is free. Raises InputError that names what of the schema is not honoured."""
    match form:
        case SchemaForm(json_schema=named):
            return grammar_in(named.schema_, AT)
        case _:
            return None
