"""Which values of an answer are right: by path, items of lists by their partner, free words not at all."""

from typing import Annotated

from pydantic import BaseModel

from plait import AnyWords, task
from plait.core.evaluation.leaf_scores import right_leaves
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json


class Line(BaseModel):
    what: str
    price: int


class Order(BaseModel):
    number: str | None
    lines: list[Line]
    note: Annotated[str, AnyWords()]


class Refusal(BaseModel):
    reason: str


@task
def read_order(text: str) -> Order | Refusal:
    """Read {text}."""
    ...


@task
def is_urgent(text: str) -> bool:
    """Is {text} urgent?"""
    ...


def right(answer: Json, reference: Json) -> dict[str, bool]:
    declaration = read_order.declaration
    values = [declaration.answer.decode(each, CallContext()) for each in (answer, reference)]
    return right_leaves(declaration, answer, *values)


def order(number: str | None, *lines: tuple[str, int], note: str = "thanks") -> Json:
    return {"Order": {"number": number, "lines": [{"what": w, "price": p} for w, p in lines], "note": note}}


def test_each_value_is_right_or_wrong_at_its_own_path() -> None:
    found = right(order("7", ("lamp", 3), ("cup", 2)), order("8", ("lamp", 3), ("cup", 5), note="hello"))
    assert found == {
        "Order.number": False,
        "Order.lines.0.what": True,
        "Order.lines.0.price": True,
        "Order.lines.1.what": True,
        "Order.lines.1.price": False,
    }


def test_items_are_compared_with_their_partner_wherever_it_stands() -> None:
    found = right(order("7", ("invented", 9), ("lamp", 3)), order("7", ("lamp", 3)))
    assert [found[f"Order.lines.{index}.what"] for index in (0, 1)] == [False, True]


def test_a_value_that_should_not_be_there_is_wrong_and_a_missing_one_is_right() -> None:
    assert right(order("7"), order(None))["Order.number"] is False
    assert right(order(None), order(None))["Order.number"] is True


def test_under_the_wrong_option_everything_is_wrong() -> None:
    assert right({"Refusal": {"reason": "x"}}, order("7")) == {"Refusal.reason": False}


def test_a_plain_answer_has_the_empty_path() -> None:
    declaration = is_urgent.declaration
    assert right_leaves(declaration, True, True, True) == {"": True}
    assert right_leaves(declaration, True, True, False) == {"": False}
