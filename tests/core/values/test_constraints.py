"""Metadata of `Annotated`: objects of other libraries are ignored, plain values are refused with the declaration."""

from enum import IntEnum
from typing import Annotated, Any

import pytest
from annotated_types import MaxLen
from pydantic import BaseModel, Field, Strict
from typing_extensions import Doc

from plait.core.task.signature import TypeResolver, UnsupportedType


class Unit(IntEnum):
    """A marker of another library that is an integer too."""

    METRE = 1


class Row(BaseModel):
    length: Annotated[int, Unit.METRE, Strict(), object()]


class Size(BaseModel):
    length: Annotated[int, 5]


@pytest.mark.parametrize("marker", [Doc("a text"), Unit.METRE, Unit, print, object(), MaxLen(5), Field(max_length=5)])
def test_objects_of_other_libraries_are_left_to_them(marker: Any) -> None:
    assert TypeResolver().resolve(Annotated[str, marker]).name == "text"
    assert TypeResolver().resolve(Row).name == "record"


@pytest.mark.parametrize("marker", [5, 0.5, True, None, ..., b"x", (1, 2), {"unit": "m"}, slice(1, 5)])
def test_a_plain_value_is_refused(marker: Any) -> None:
    for annotation in (Annotated[str, marker], Annotated[list[str], marker], Annotated[str | None, marker]):
        with pytest.raises(UnsupportedType, match="is not a marker"):
            TypeResolver().resolve(annotation)


def test_a_plain_value_in_a_field_of_a_record_is_refused() -> None:
    with pytest.raises(UnsupportedType, match="5 is not a marker"):
        TypeResolver().resolve(Size)
