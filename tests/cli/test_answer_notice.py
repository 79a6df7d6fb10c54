"""The lines below an answer: what is doubtful of it, the worst first, and a command that edits that value."""

from typing import Literal

from pydantic import BaseModel

from plait import task
from plait.cli.answer_notice import doubt, first_flag
from plait.core.engine.validation import Completed


class Order(BaseModel):
    customer: str
    pieces: int
    priority: Literal["normal", "urgent"]


@task
def read_order(email: str) -> Order:
    """Read {email}."""
    ...


ANSWER = {"customer": "Baker Ltd", "pieces": 3, "priority": "urgent"}


def completed(**confidence: float) -> Completed:
    return Completed(Order.model_validate(ANSWER), ANSWER, confidence=confidence)


def test_doubtful_values_are_named_the_worst_first() -> None:
    answer = completed(customer=0.42, pieces=0.08, priority=0.9, **{"": 0.031})
    assert doubt(answer) == "all right: 3% likely  ·  doubtful: pieces (8%), customer (42%)"
    assert doubt(completed(customer=0.9, **{"": 0.81})) == "all right: 81% likely"


def test_only_the_worst_are_named() -> None:
    many = {f"lines.{number}.what": 0.1 for number in range(9)}
    assert doubt(completed(**many, **{"": 0.01})).endswith("lines.3.what (10%) and 5 more")


def test_without_a_calibration_nothing_is_said() -> None:
    assert doubt(completed()) == ""


def test_the_command_edits_the_most_doubtful_value() -> None:
    answer = read_order.declaration.answer
    assert first_flag(answer, ANSWER, {"customer": 0.4, "pieces": 0.2, "": 0.1}) == "--pieces 3"
    assert first_flag(answer, ANSWER) == "--customer 'Baker Ltd'"
