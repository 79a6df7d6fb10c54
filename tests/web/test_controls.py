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
from plait.core.task.signature import Target, TypeResolver
from plait.core.values import forms
from plait.core.values.forms import FormFields
from plait.core.values.json_text import dumps, parse_partial_json
from plait.core.values.value_type import CallContext, Json, ValueType, strategy_of
from plait.types.ref.strategy import CANDIDATES, ELEMENTS, Lamp
from plait.web.control_context import ControlContext
from plait.web.texts import PAGE_STRINGS

from .declared import Journey, Stop
from .reading import Page, unlabelled


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
READER = TypeResolver(tuple(Target(path, element) for path, element in ELEMENTS.items()))
KINDS: dict[str, ValueType] = {name: READER.resolve(annotation) for name, annotation in ANNOTATIONS.items()}
BESIDE = CallContext(CANDIDATES)
INPUTS: dict[str, Json] = {
    "passages": ["a lamp", "a curtain", "a lamp"],
    "house": {"lamps": [{"name": "hall"}, {"name": 'the "red" one'}, {"name": "卧室"}]},
}
HERE = ControlContext(PAGE_STRINGS["en"], inputs=INPUTS)

few = settings(max_examples=25)
named = pytest.mark.parametrize("name", KINDS)
plain = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3),
    max_leaves=8,
)


@named
@few
@given(data=st.data())
def test_a_form_nobody_touched_says_what_it_said_before(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    wire = kind.encode(data.draw(strategy_of(kind)), BESIDE)
    page = Page(given_with(FormFields(forms.to_fields(kind, wire, "x")), kind))
    assert dumps(forms.read(kind, page.fields, "x")) == dumps(wire)


@named
@few
@given(data=st.data())
def test_a_form_sent_twice_is_the_same_form(name: str, data: st.DataObject) -> None:
    """What is drawn from a form as it was sent sends the same again: a refused form loses nothing."""
    kind = KINDS[name]
    wire = kind.encode(data.draw(strategy_of(kind)), BESIDE)
    once = Page(given_with(FormFields(forms.to_fields(kind, wire, "x")), kind)).fields
    twice = Page(given_with(once, kind)).fields
    assert once.data == twice.data


@named
@pytest.mark.parametrize("room", ["page", "card", "cell"])
def test_every_control_has_a_label_and_what_describes_it_is_there(name: str, room: Any) -> None:
    page = Page(given_with(FormFields(), KINDS[name], room))
    assert not unlabelled(page)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    described = {at for each in page.elements for at in each.attributes.get("aria-describedby", "").split()}
    assert described <= set(ids)


@pytest.mark.parametrize("name", ["text", "whole", "decimal", "steps", "date", "time", "datetime", "labels", "ref"])
@given(typed=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12))
def test_what_was_typed_comes_back_whatever_it_is(name: str, typed: str) -> None:
    assert Page(given_with(FormFields({"x": [typed]}), KINDS[name])).fields.data["x"] == [typed]


@named
@few
@given(wire=json)
def test_anything_at_all_can_be_seen(name: str, wire: Json) -> None:
    Page(HERE.display(KINDS[name], wire))


@named
@few
@given(data=st.data())
def test_an_answer_can_be_seen_at_every_moment_of_its_growing(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    wire = kind.encode(data.draw(strategy_of(kind)), replace(BESIDE, named=True))
    text = dumps(wire)
    end = data.draw(st.integers(0, len(text)))
    page = Page(HERE.display(kind, parse_partial_json(text[:end])))
    assert not unlabelled(page)


@named
def test_what_is_not_known_yet_has_its_place(name: str) -> None:
    assert Page(HERE.display(KINDS[name], HERE.pending)).text.strip()


def test_a_form_without_text_says_nothing_of_an_optional_value() -> None:
    for name in ("optional text", "optional boolean", "optional whole", "optional record", "optional union"):
        fields = Page(given_with(FormFields(), KINDS[name])).fields
        assert forms.read(KINDS[name], fields, "x") is None, name


def test_a_blank_row_is_a_row_that_nobody_filled_in() -> None:
    for name in ("texts", "booleans", "records", "pairs", "unions", "lists"):
        fields = Page(given_with(FormFields(), KINDS[name])).fields
        assert forms.read(KINDS[name], fields, "x") == [], name


def test_defaults_hold_where_a_record_is_left_blank() -> None:
    kind = READER.resolve(Blank)
    fields = Page(given_with(FormFields(), kind)).fields
    assert kind.decode(forms.read(kind, fields, "x"), BESIDE) == Blank()


def test_a_box_that_is_not_ticked_is_no_even_where_yes_is_usual() -> None:
    kind = READER.resolve(Pair)
    fields = FormFields({"x.left": ["", "true"], "x.right": ["false"]})
    assert forms.read(kind, fields, "x") == {"left": True, "right": False}


def test_a_label_is_found_by_its_own_case_first() -> None:
    kind = READER.resolve(Literal["A", "a", "b"])
    assert [forms.read(kind, FormFields({"x": [said]}), "x") for said in ("A", "a", "B")] == ["A", "a", "b"]


def test_a_modality_without_a_control_is_given_and_seen_as_json() -> None:
    class Bare(ValueType):
        @property
        def modality(self) -> str:
            return "email"  # the standard library's package: a folder without a control

        def encode(self, value: object, beside: CallContext) -> Json:
            raise NotImplementedError

        def decode(self, wire: Json, beside: CallContext) -> object:
            raise NotImplementedError

    kind, wire = Bare(), {"a": ["<b>", 1]}
    page = Page(given_with(FormFields(forms.to_fields(kind, wire, "x")), kind))
    assert forms.read(kind, page.fields, "x") == wire
    assert not unlabelled(page)
    assert "<b>" in Page(HERE.display(kind, wire)).text


def given_with(fields: FormFields, kind: ValueType, room: Any = "page") -> str:
    return replace(HERE, fields=fields).form_control(kind, "x", "The value", room)
