"""The values of a call, validated once: from Python, from JSON, from the texts of flags."""

from datetime import date
from typing import Annotated, Literal, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator

from plait.core.errors import InputError, error_text
from plait.core.task.task import task
from plait.core.values.forms import FormFields
from plait.core.values.inputs import inputs_from_call, inputs_from_json, json_from_texts
from plait.core.values.quoting import quote
from plait.web.form import form_to_json


class Device(BaseModel):
    name: str
    watts: float = Field(default=1, gt=0)

    @field_validator("name")
    @classmethod
    def known(cls, name: str) -> str:
        if name == "toaster":
            raise ValueError("a toaster is no lamp")
        return name


@task
def plan(
    text: str,
    devices: list[Device],
    level: Annotated[int, Field(ge=0, le=9)] = 3,
    due: date | None = None,
    kind: Literal["a", "b"] = "a",
    only: Device | None = None,
) -> str:
    """Plan {text} with {devices} at {level} by {due} as {kind} with {only}."""
    ...


declared = plan.declaration
LAMP = Device(name="lamp")


def refusal(*args: object, **kwargs: object) -> InputError:
    with pytest.raises(InputError) as caught:
        inputs_from_call(declared, args, kwargs)
    return caught.value


def test_a_call_fills_in_the_defaults() -> None:
    inputs = inputs_from_call(declared, ("x",), {"devices": [LAMP]})
    assert inputs == {"text": "x", "devices": [LAMP], "level": 3, "due": None, "kind": "a", "only": None}
    assert inputs_from_json(declared, {"text": "x", "devices": [{"name": "lamp"}]}) == inputs


def test_an_input_remains_the_same_object() -> None:
    devices = inputs_from_call(declared, ("x", [LAMP]), {"only": LAMP})
    assert devices["devices"][0] is LAMP and devices["only"] is LAMP  # type: ignore[index]


def test_a_wrong_type_is_named_with_its_value() -> None:
    assert error_text(refusal("x", "no list")) == (
        'InputError: plan cannot accept these inputs\n    devices: should be a list    "no list"'
    )


def test_a_missing_input_is_named() -> None:
    error = refusal("x")
    assert error_text(error) == (
        "InputError: plan cannot accept these inputs\n    devices: is missing\n"
        "  → plan takes text, devices, level, due, kind, only"
    )
    assert error.input == "devices"


def test_an_unknown_input_is_reported_with_the_nearest() -> None:
    error = refusal("x", [], lvel=1)
    assert error.hint == "did you mean level?" and error.input == "lvel"


def test_all_problems_of_a_call_are_reported_at_once() -> None:
    error = refusal(1, [{"name": "toaster"}, {"name": "x", "watts": 0}], 10, kind="c")
    assert [(problem.path, problem.message) for problem in error.problems] == [
        ("text", "should be a text"),
        ("devices.0.name", "a toaster is no lamp"),
        ("devices.1.watts", "Input should be greater than 0"),
        ("level", "Input should be less than or equal to 9"),
        ("kind", "should be one of a, b"),
    ]


def test_unknown_and_missing_inputs_are_reported_at_once() -> None:
    error = refusal(txt="x", devises=[])
    assert [str(problem).split("    ")[0] for problem in error.problems] == [
        "txt: is not an input of plan", "devises: is not an input of plan", "text: is missing", "devices: is missing",
    ]  # fmt: skip
    assert error.hint == "did you mean text?"


def test_too_many_values_and_duplicate_values_are_refused() -> None:
    assert str(refusal(*"1234567")) == "plan takes 6 inputs, but 7 were passed"
    assert refusal("x", text="y").problems[0].message == "was passed twice"


def test_all_problems_of_a_json_object_are_reported_at_once() -> None:
    json_value = {
        "text": 1,
        "devices": [{"nam": "x"}, 3, {"name": "a", "watts": "much"}],
        "level": True,
        "due": "2026-02-31",
    }
    with pytest.raises(InputError) as caught:
        inputs_from_json(declared, json_value)  # type: ignore[arg-type]
    assert [(problem.path, problem.message, problem.value) for problem in caught.value.problems] == [
        ("text", "should be a text", "1"),
        ("devices.0.nam", "is not a field; did you mean name?", '"x"'),
        ("devices.0.name", "is missing", ""),
        ("devices.1", "should be an object with name, watts", "3"),
        ("devices.2.watts", "should be a number", '"much"'),
        ("level", "should be a whole number", "True"),
        ("due", "should be a date such as 2026-03-14: day is out of range for month", '"2026-02-31"'),
    ]


@pytest.mark.parametrize("json_value", [None, [], "x", 3])
def test_a_value_that_is_not_an_object_is_refused(json_value: object) -> None:
    with pytest.raises(InputError, match="plan takes an object with its inputs, not"):
        inputs_from_json(declared, json_value)  # type: ignore[arg-type]


def test_bounds_hold_for_json_as_for_python() -> None:
    with pytest.raises(InputError, match="level: Input should be less than or equal to 9"):
        inputs_from_json(declared, {"text": "x", "devices": [], "level": 10})


def test_a_default_of_another_type_is_refused_by_python_cli_and_http() -> None:
    @task
    def odd(text: str = 3) -> str:  # type: ignore[assignment]
        """Read {text}."""
        ...

    for call in (lambda: inputs_from_call(odd.declaration, (), {}), lambda: inputs_from_json(odd.declaration, {})):
        with pytest.raises(InputError, match="text: should be a text"):
            call()


def test_flags_are_parsed_from_text() -> None:
    flags = {"text": "3", "devices": '[{"name": "x"}]', "level": "7", "due": "2026-03-14", "kind": "b", "only": "null"}
    json_value = json_from_texts(declared, flags)
    assert json_value == {
        "text": "3", "devices": [{"name": "x"}], "level": 7, "due": "2026-03-14", "kind": "b", "only": None,
    }  # fmt: skip
    assert json_from_texts(declared, {**flags, "only": '{"name": "y"}'})["only"] == {"name": "y"}
    with pytest.raises(InputError, match="devices is not JSON"):
        json_from_texts(declared, {**flags, "devices": "lamp"})
    with pytest.raises(InputError, match="level: should be a whole number"):
        json_from_texts(declared, {**flags, "level": "high"})
    with pytest.raises(InputError, match="lvel: is not an input of plan"):
        json_from_texts(declared, {**flags, "lvel": "1"})


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_a_refused_value_is_quoted_shortened() -> None:
    assert quote("a" * 100) == f'"{"a" * 79}… (102 characters)'
    assert quote("\ud800") == '"\\ud800"'
    assert quote(10**5_000) == "a int" and quote(Unspeakable()) == "a Unspeakable"
    assert quote(None) == ""


def test_a_number_of_5000_digits_is_refused_with_a_message() -> None:
    assert "level: Input should be" in str(refusal("x", [], 10**5_000))


# ── blank texts ──

Name = NewType("Name", str)


@task
def greet(
    name: Name,
    note: str = "",
    place: Annotated[str, Field(min_length=0)] = "here",
    title: str | None = None,
    greeting: str = "hello",
    more: tuple[str, ...] = (),
) -> str:
    """Greet {name} {title} with {greeting} in {place}, adding {note} {more}."""
    ...


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000\xa0"])
def test_a_blank_text_is_refused_at_every_door(blank: str) -> None:
    faults = {"name": "should not be blank", "greeting": "should not be blank"}
    for parse in (
        lambda: inputs_from_call(greet.declaration, (blank,), {"greeting": blank}),
        lambda: inputs_from_json(greet.declaration, {"name": blank, "greeting": blank}),
        lambda: inputs_from_json(
            greet.declaration, json_from_texts(greet.declaration, {"name": blank, "greeting": blank})
        ),
        lambda: inputs_from_json(
            greet.declaration,
            form_to_json(greet.declaration, FormFields({"name": [blank], "_kept": ["greeting"], "greeting": [blank]})),
        ),
    ):
        with pytest.raises(InputError) as caught:
            parse()
        assert {problem.path: problem.message for problem in caught.value.problems} == faults


@given(st.text(alphabet=" \t\n\u3000x", max_size=4))
def test_a_blank_text_is_accepted_where_the_declaration_says_so(text: str) -> None:
    inputs = inputs_from_call(
        greet.declaration, ("Ada",), {"note": text, "place": text, "title": text, "more": (text,)}
    )
    assert [inputs[name] for name in ("note", "place", "title", "more")] == [text, text, text, (text,)]
    by_default = inputs_from_json(greet.declaration, {"name": "Ada", "more": []})
    assert by_default["note"] == "" and by_default["more"] == ()


def test_a_blank_field_of_a_page_has_its_default() -> None:
    fields = FormFields({"name": ["Ada"], "greeting": [" "], "note": [""], "title": [""]})
    inputs = inputs_from_json(greet.declaration, form_to_json(greet.declaration, fields))
    assert (inputs["greeting"], inputs["note"], inputs["title"]) == ("hello", "", None)
