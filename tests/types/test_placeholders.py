"""The placeholder of every type is a value of it, so that snippets and example rows are valid as they stand."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, PositiveInt, constr

from plait.core.grammar.shortest_text import shortest_text
from plait.core.values.call_context import CallContext
from plait.core.values.pydantic_validation import validate
from plait.testing.samples import CANDIDATES, RESOLVER, SAMPLES


class Tree(BaseModel):
    name: str
    parts: list["Tree"]


ANNOTATIONS: list[Any] = [
    *(annotation for name, samples in SAMPLES.items() if name != "image" for annotation in samples),
    Annotated[str, Field(min_length=7)],
    Annotated[str, Field(max_length=1)],
    Annotated[str, Field(pattern="[a-z]*")],
    Annotated[str, Field(pattern=r"^(Rechnung|INV)-\d{4,6}[.]$", min_length=10)],
    constr(pattern="^[^a-z]$"),
    PositiveInt,
    Annotated[int, Field(ge=3, multiple_of=7)],
    Annotated[float, Field(gt=2.5, lt=2.75)],
    Annotated[Decimal, Field(gt=0, decimal_places=2)],
    Annotated[Decimal, Field(ge=Decimal("7.55"))],
    date, datetime, AwareDatetime,
    Annotated[list[date], Field(min_length=3)],
    Annotated[dict[str, float], Field(min_length=2)],
    Sequence[Tree], Tree,
]  # fmt: skip


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_a_placeholder_is_a_value_of_its_type(annotation: Any) -> None:
    value_type = RESOLVER.resolve(annotation)
    json_value = value_type.placeholder()
    validate(annotation, value_type.decode(json_value, CallContext(CANDIDATES)), json_value)


@given(
    st.from_regex(r"\A(\^?([a-z]|[0-9]|\\d|\[A-Z\]|\(x\|yz\))([*+?]|\{[1-4]\})?){1,5}\Z"),
    st.integers(0, 6),
)
def test_a_short_text_matches_its_pattern(pattern: str, minimum: int) -> None:
    pattern = f"^{pattern.replace('^', '')}$"
    try:
        text = shortest_text(pattern, minimum, 20)
    except ValueError:
        return  # no text of that length
    assert re.search(pattern, text) and minimum <= len(text) <= 20
