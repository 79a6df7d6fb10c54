"""A Ref holds the very object that was passed in, and nothing else can be said."""

import asyncio
from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from plait import From
from plait.core.engine.protocol import TaskRequest
from plait.core.engine.validation import ListItem, answer_events
from plait.core.errors import InputError, InvalidAnswer
from plait.core.task.candidates import labels
from plait.core.task.derive import answer_grammar
from plait.core.task.signature import Ref, annotation_text
from plait.core.task.task import Task, task
from plait.core.values.call_context import call_context
from plait.core.values.inputs import inputs_from_call
from plait.core.values.json_value import InvalidValue
from plait.testing.engines import FixedTextEngine


class Device(BaseModel):
    name: str


class House(BaseModel):
    devices: list[Device]
    guests: list[Device] | None = None


class Move(BaseModel):
    first: Ref[Device]
    then: Ref[Device] | None


class Stay(BaseModel):
    pass


@task
def move(devices: list[Device]) -> Move | Stay:
    """Which of {devices}?"""
    ...


@task
def cite(passages: list[str]) -> list[Ref[str]]:
    """Which of {passages}?"""
    ...


@task
def inside(house: House) -> Annotated[Ref[Device], From("house.devices")]:
    """Which in {house}?"""
    ...


@task
def either(devices: list[Device], passages: list[str]) -> Ref[Device] | Ref[str] | Stay:
    """Which of {devices} or {passages}?"""
    ...


def decode_answer(each: Task[..., Any], json_value: Any, **inputs_json: Any) -> Any:
    inputs = inputs_from_call(each.declaration, (), inputs_json)
    return each.declaration.answer.decode(json_value, call_context(each.declaration, inputs))


LAMP, FAN = Device(name="lamp"), Device(name="fan")


def test_a_reference_returns_the_same_object() -> None:
    answer = decode_answer(move, {"Move": {"first": "fan", "then": 0}}, devices=[LAMP, FAN])
    assert answer.first.value is FAN and answer.then.value is LAMP
    assert decode_answer(inside, 1, house=House(devices=[LAMP, FAN])).value is FAN
    long = "a passage that python does not intern " * 2
    assert decode_answer(cite, [0], passages=[long])[0].value is long


def test_two_equal_objects_remain_distinct() -> None:
    twins = [LAMP, Device(name="lamp")]
    answer = decode_answer(move, {"Move": {"first": 0, "then": 1}}, devices=twins)
    assert answer.first.value is twins[0] and answer.then.value is twins[1] and answer.first != answer.then


def test_refs_are_equal_if_value_and_known_index_are() -> None:
    assert Ref(LAMP) == Ref(Device(name="lamp")) == Ref(LAMP, 3) and Ref(LAMP, 0) != Ref(LAMP, 1)
    assert Ref(LAMP, 0) != Ref(FAN, 0) and Ref("a") != "a"
    assert len({Ref(LAMP), Ref(LAMP, 1)}) == 1
    assert repr(Ref("a", 1)) == "Ref('a')"


@pytest.mark.parametrize("json_value", [2, -1, True, None, "attic", 1.0, "", [0], {"index": 0}])
def test_an_invalid_reference_is_refused(json_value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        decode_answer(inside, json_value, house=House(devices=[LAMP, FAN]))
    assert caught.value.faults[0].message == "should refer to one of the 2 house.devices"


def test_an_answer_from_code_may_contain_the_object_itself() -> None:
    context = call_context(move.declaration, {"devices": [LAMP, FAN]})
    answer = Move(first=Ref(FAN), then=Ref(Device(name="lamp")))
    assert move.declaration.answer.encode(answer, context) == {"Move": {"first": 1, "then": 0}}


@pytest.mark.parametrize("strange", [Ref(Device(name="attic")), Ref(Device(name="attic"), 0), Ref(LAMP, -1)])
def test_an_object_that_was_not_passed_is_refused(strange: Ref[Device]) -> None:
    context = call_context(move.declaration, {"devices": [FAN, LAMP]})
    kind = dict(move.declaration.answer.children)["Move"].children[0][1]  # type: ignore[attr-defined]
    if strange.value == LAMP:  # a place that is none: the object is looked up
        assert kind.encode(strange, context) == 1
    else:
        with pytest.raises(InvalidValue, match="is not one of the objects"):
            kind.encode(strange, context)


def test_a_union_of_refs_is_resolved_by_the_objects_passed() -> None:
    inputs_given = {"devices": [LAMP], "passages": ["one"]}
    answer = either.declaration.answer
    context = call_context(either.declaration, inputs_given)
    wires: list[Any] = [{"Ref[Device]": 0}, {"Ref[str]": 0}, {"Stay": {}}]
    for json_value in wires:
        assert answer.encode(answer.decode(json_value, context), context) == json_value


def test_an_empty_list_is_an_input_error_unless_none_is_allowed() -> None:
    def ask(each: Task[..., Any], **inputs: Any) -> Any:
        return answer_grammar(each.declaration, call_context(each.declaration, inputs, by_name=True))

    with pytest.raises(InputError) as caught:
        ask(inside, house=House(devices=[]))
    assert str(caught.value).startswith("inside has no items to refer to\n    house.devices: is empty")
    assert "Stay" in str(ask(move, devices=[])) and "Move" not in str(ask(move, devices=[]))
    assert ask(cite, passages=[]).maximum == 0


def test_a_list_inside_an_optional_none_is_empty() -> None:
    @task
    def pick(house: House | None) -> Annotated[Ref[Device], From("house.guests")] | None:
        """Which in {house}?"""
        ...

    targets = pick.declaration.targets
    assert [str(each) for each in targets] == ["house.devices", "house.guests"]
    for house in (None, House(devices=[LAMP])):
        assert call_context(pick.declaration, {"house": house}).candidates["house", "guests"] == ()


def test_streamed_items_hold_the_same_objects() -> None:
    inputs = {"passages": ["one", "two"]}
    ask = TaskRequest(cite.declaration, inputs, call_context(cite.declaration, inputs))

    async def items(text: str) -> list[Any]:
        events = answer_events(FixedTextEngine(text), ask, streamed=True, timeout=5)
        return [event.value async for event in events if isinstance(event, ListItem)]

    answers = asyncio.run(items("[1,0,1]"))
    assert [ref.value for ref in answers] == ["two", "one", "two"] and answers[0].value is inputs["passages"][1]
    with pytest.raises(InvalidAnswer):
        asyncio.run(items("[1,2]"))


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        ([LAMP, FAN], ("lamp", "fan")),
        ([LAMP, LAMP], (0, 1)),
        ([LAMP, Device(name="")], (0, 1)),
        (["a", "b"], (0, 1)),
        ([SimpleNamespace(title="a"), SimpleNamespace(title="b")], ("a", "b")),
        ([SimpleNamespace(name="x", id=1), SimpleNamespace(name="x", id=2)], ("1", "2")),
        ([SimpleNamespace(name="x", id=1), SimpleNamespace(name="x", id="1")], (0, 1)),
        ([SimpleNamespace(name=True), SimpleNamespace(name=False)], (0, 1)),
        ([], ()),
    ],
)
def test_candidates_are_named_if_their_names_are_distinct(candidates: list[object], expected: object) -> None:
    assert labels(candidates) == expected


def test_a_type_is_displayed_as_written() -> None:
    assert annotation_text(list[Ref[Device] | None]) == "list[Ref[Device] | None]"
    assert annotation_text(Annotated[dict[str, int], "x"]) == "dict[str, int]"
