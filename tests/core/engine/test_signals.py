"""Signals of values: which of the nearest examples have the same value, references by name."""

from typing import Literal

from pydantic import BaseModel

from plait import Ref, task
from plait.core.engine.signals import answer_signals
from plait.core.engine.token_probs import LeafProbs
from plait.core.prompting.example_rows import Example


class Lamp(BaseModel):
    name: str


class Switch(BaseModel):
    lamps: list[Ref[Lamp]]
    state: Literal["on", "off"]
    note: str


@task
def switch(text: str, lamps: list[Lamp]) -> Switch:
    """Which of {lamps} does {text} switch?"""
    ...


HALL, ATTIC = Lamp(name="hall"), Lamp(name="attic")
PROBS = {path: LeafProbs(-1.0, -1.0, 1) for path in ("", "lamps.0", "state", "note")}


def example(lamp: Lamp, state: Literal["on", "off"], *lamps: Lamp) -> Example:
    inputs = {"text": "x", "lamps": list(lamps)}
    return Example(inputs, Switch(lamps=[Ref(lamp)], state=state, note="n" * 50))


def test_values_are_compared_with_those_of_the_same_field_and_references_by_name() -> None:
    # The hall is at another place of each list.
    near = [example(HALL, "off", ATTIC, HALL), example(HALL, "on", HALL), example(ATTIC, "on", ATTIC)]
    inputs = {"text": "y", "lamps": [HALL, ATTIC]}
    found = answer_signals(switch.declaration, inputs, example(HALL, "on").answer, PROBS, near)
    assert [found["lamps.0"].agreement, found["lamps.0"].nearest] == [2 / 3, 1.0]
    assert [found["state"].agreement, found["state"].nearest] == [2 / 3, 0.0]
    assert found["state"].text == '"on"' and "hall" in found["lamps.0"].text


def test_long_texts_are_not_compared() -> None:
    near = [example(HALL, "on", HALL)]
    found = answer_signals(switch.declaration, near[0].inputs, near[0].answer, PROBS, near)
    assert (found["note"].text, found["note"].agreement) == ("", 0.0)


def test_without_token_probabilities_and_without_examples_there_is_little() -> None:
    inputs = {"text": "y", "lamps": [HALL]}
    assert answer_signals(switch.declaration, inputs, example(HALL, "on").answer, {}, []) == {}
    alone = answer_signals(switch.declaration, inputs, example(HALL, "on").answer, PROBS, [])
    assert (alone["state"].agreement, alone["state"].nearest) == (0.0, 0.0)
