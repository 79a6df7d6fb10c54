"""A control gives back the value it was given, and shows whatever comes."""

from dataclasses import replace
from datetime import date, datetime, time
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from plait import Ref
from plait.core.grammar.ast import Grammar
from plait.core.task.signature import TypeResolver
from plait.core.values.call_context import CallContext, Target
from plait.core.values.forms import FormFields
from plait.core.values.json_text import dumps, parse_partial_json
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType
from plait.testing.samples import CANDIDATES, ELEMENTS, Lamp
from plait.testing.strategies import strategy_of
from plait.web.control_context import ControlContext
from plait.web.texts import PAGE_STRINGS
from tests.support.page_reading import Page, unlabelled_controls
from tests.support.web_tasks import Journey, Stop


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Pair(BaseModel):
    left: bool
    right: bool = True


class Blank(BaseModel):
    text: str = "usual"
    count: int | None = 5
    texts: list[str] = Field(default_factory=lambda: ["one"])


class Nested(BaseModel):
    pairs: list[Pair]
    blank: Blank | None
    either: Pair | str | None = None
    rows: list[list[str]] = []


class Pointing(BaseModel):
    at: Ref[str]
    lamp: Ref[Lamp]
    maybe: Ref[str] | None
    many: list[Ref[str]] = []


Quoted = Literal['"', "<b>", "a b", "", " ", "1", 1, True, "A", "a", "two\nlines"]
ANNOTATIONS: dict[str, Any] = {
    "text": str,
    "short text": Annotated[str, Field(max_length=20)],
    "boolean": bool,
    "whole": int,
    "percent": Annotated[int, Field(ge=0, le=100)],
    "steps": Annotated[int, Field(multiple_of=5)],
    "decimal": float,
    "open decimal": Annotated[float, Field(gt=0, lt=1)],
    "date": date,
    "time": time,
    "datetime": datetime,
    "label": Literal["calm", "lively"],
    "labels": Quoted,
    "enum": Size,
    "record": Stop,
    "nested": Nested,
    "journey": Journey,
    "texts": list[str],
    "booleans": list[bool],
    "records": list[Stop],
    "pairs": list[Pair],
    "blanks": list[Blank],
    "lists": list[list[int]],
    "optionals": list[str | None],
    "optional text": str | None,
    "optional boolean": bool | None,
    "optional whole": int | None,
    "optional label": Literal["calm", ""] | None,
    "optional list": list[str] | None,
    "optional record": Blank | None,
    "union": Stop | Pair | str,
    "optional union": Stop | bool | None,
    "unions": list[Pair | int],
    "ref": Ref[str],
    "pointing": Pointing,
}
RESOLVER = TypeResolver(tuple(Target(path, element) for path, element in ELEMENTS.items()))
VALUE_TYPES: dict[str, ValueType] = {name: RESOLVER.resolve(annotation) for name, annotation in ANNOTATIONS.items()}
CONTEXT = CallContext(CANDIDATES)
INPUTS: dict[str, Json] = {
    "passages": ["a lamp", "a curtain", "a lamp"],
    "house": {"lamps": [{"name": "hall"}, {"name": 'the "red" one'}, {"name": "卧室"}]},
}
HERE = ControlContext(PAGE_STRINGS["en"], inputs=INPUTS)

few = settings(max_examples=25)
named = pytest.mark.parametrize("name", VALUE_TYPES)
plain = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=8,
)


@named
@few
@given(data=st.data())
def test_an_unchanged_form_submits_the_same_values(name: str, data: st.DataObject) -> None:
    value_type = VALUE_TYPES[name]
    json_value = value_type.encode(data.draw(strategy_of(value_type)), CONTEXT)
    page = Page(rendered_control(FormFields(value_type.to_fields(json_value, "x")), value_type))
    assert dumps(value_type.read_form(page.fields, "x")) == dumps(json_value)


@named
@few
@given(data=st.data())
def test_a_form_sent_twice_is_the_same_form(name: str, data: st.DataObject) -> None:
    """A form that is shown again submits the same values: a refused form loses nothing."""
    value_type = VALUE_TYPES[name]
    json_value = value_type.encode(data.draw(strategy_of(value_type)), CONTEXT)
    once = Page(rendered_control(FormFields(value_type.to_fields(json_value, "x")), value_type)).fields
    twice = Page(rendered_control(once, value_type)).fields
    assert once.data == twice.data


@named
@pytest.mark.parametrize("placement", ["page", "card", "cell"])
def test_every_control_has_a_label_and_what_describes_it_is_there(name: str, placement: Any) -> None:
    page = Page(rendered_control(FormFields(), VALUE_TYPES[name], placement))
    assert not unlabelled_controls(page)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    described = {at for each in page.elements for at in each.attributes.get("aria-describedby", "").split()}
    assert described <= set(ids)


@pytest.mark.parametrize("name", ["text", "whole", "decimal", "steps", "date", "time", "datetime", "labels", "ref"])
@given(typed=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12))
def test_typed_text_is_shown_again_unchanged(name: str, typed: str) -> None:
    assert Page(rendered_control(FormFields({"x": [typed]}), VALUE_TYPES[name])).fields.data["x"] == [typed]


@named
@few
@given(json_value=json)
def test_any_value_can_be_displayed(name: str, json_value: Json) -> None:
    Page(HERE.display(VALUE_TYPES[name], json_value))


@named
@few
@given(data=st.data())
def test_any_partial_answer_can_be_displayed(name: str, data: st.DataObject) -> None:
    value_type = VALUE_TYPES[name]
    json_value = value_type.encode(data.draw(strategy_of(value_type)), replace(CONTEXT, by_name=True))
    text = dumps(json_value)
    end = data.draw(st.integers(0, len(text)))
    page = Page(HERE.display(value_type, parse_partial_json(text[:end])))
    assert not unlabelled_controls(page)


@named
def test_unknown_fields_of_a_partial_answer_have_placeholders(name: str) -> None:
    assert Page(HERE.display(VALUE_TYPES[name], HERE.pending)).text.strip()


def test_an_empty_field_of_an_optional_value_is_none() -> None:
    for name in ("optional text", "optional boolean", "optional whole", "optional record", "optional union"):
        fields = Page(rendered_control(FormFields(), VALUE_TYPES[name])).fields
        assert VALUE_TYPES[name].read_form(fields, "x") is None, name


def test_a_blank_row_is_ignored() -> None:
    for name in ("texts", "booleans", "records", "pairs", "unions", "lists"):
        fields = Page(rendered_control(FormFields(), VALUE_TYPES[name])).fields
        assert VALUE_TYPES[name].read_form(fields, "x") == [], name


def test_a_blank_record_uses_its_defaults() -> None:
    value_type = RESOLVER.resolve(Blank)
    fields = Page(rendered_control(FormFields(), value_type)).fields
    assert value_type.decode(value_type.read_form(fields, "x"), CONTEXT) == Blank()


def test_an_unticked_checkbox_is_false_even_if_the_default_is_true() -> None:
    value_type = RESOLVER.resolve(Pair)
    fields = FormFields({"x.left": ["", "true"], "x.right": ["false"]})
    assert value_type.read_form(fields, "x") == {"left": True, "right": False}


def test_an_enumeration_label_is_matched_by_exact_case_first() -> None:
    value_type = RESOLVER.resolve(Literal["A", "a", "b"])
    assert [value_type.read_form(FormFields({"x": [label]}), "x") for label in ("A", "a", "B")] == ["A", "a", "b"]


def test_a_type_without_a_control_is_edited_and_displayed_as_json() -> None:
    class Bare(ValueType):
        @classmethod
        def from_annotation(cls, annotation: object, constraints: object, resolver: object) -> None:
            return None

        def grammar(self, context: CallContext) -> Grammar:
            raise NotImplementedError

        def encode(self, value: object, context: CallContext) -> Json:
            raise NotImplementedError

        def decode(self, json_value: Json, context: CallContext) -> object:
            raise NotImplementedError

    value_type, sample = Bare(), {"a": ["<b>", 1]}
    page = Page(rendered_control(FormFields(value_type.to_fields(sample, "x")), value_type))
    assert value_type.read_form(page.fields, "x") == sample
    assert not unlabelled_controls(page)
    assert "<b>" in Page(HERE.display(value_type, sample)).text


def rendered_control(fields: FormFields, value_type: ValueType, placement: Any = "page") -> str:
    return replace(HERE, fields=fields).form_control(value_type, "x", "The value", placement)
