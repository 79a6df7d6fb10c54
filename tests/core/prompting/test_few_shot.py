"""The examples of a prompt: the nearest last, as many as fit, their long lists cut down to what matters."""

import pytest
from pydantic import BaseModel

from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.few_shot import MAX_ITEMS_SHOWN, select_shots, shorten_example
from plait.core.prompting.prompt import answer_text
from plait.core.task.signature import Ref
from plait.core.task.task import task


class Lamp(BaseModel):
    name: str


class Turn(BaseModel):
    lamps: list[Ref[Lamp]]
    on: bool


@task
def turn(wish: str, lamps: list[Lamp], notes: list[str]) -> Turn:
    """With {lamps} ({notes}), what should {wish} do?"""
    ...


@task
def echo(text: str) -> str:
    """Say {text}."""
    ...


LAMPS = [Lamp(name=name) for name in ("hall", "attic", "cellar", "porch", "garden", "kitchen", "hall")]


def example(wish: str, *places: int) -> Example:
    answer = Turn(lamps=[Ref(LAMPS[place], place) for place in places], on=True)
    return Example({"wish": wish, "lamps": LAMPS, "notes": ["a"] * 9}, answer)


def test_the_nearest_example_comes_last() -> None:
    for text in ("alpha beta gamma", "alpha beta", "something else"):
        echo.examples.add(text.upper(), text=text)
    assert [each.answer for each in select_shots(echo.declaration, {"text": "alpha beta?"}, 2)] == [
        "ALPHA BETA GAMMA",
        "ALPHA BETA",
    ]
    assert select_shots(echo.declaration, {"text": "alpha"}, 0) == ()
    assert len(select_shots(echo.declaration, {"text": "alpha"})) == 3, "as many as there are, up to the usual four"


def test_the_number_of_examples_is_limited_by_the_token_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        echo.examples.add("x", text=f"{number} " + "long text " * 30)
    assert len(select_shots(echo.declaration, {"text": "long text"}, 4)) == 4
    monkeypatch.setenv("PLAIT_SHOT_TOKENS", "250")
    assert len(select_shots(echo.declaration, {"text": "long text"}, 4)) == 2
    monkeypatch.setenv("PLAIT_SHOT_TOKENS", "0")
    assert select_shots(echo.declaration, {"text": "long text"}, 4) == ()
    monkeypatch.setenv("PLAIT_SHOT_TOKENS", "many")
    with pytest.raises(SettingsError, match='PLAIT_SHOT_TOKENS is "many"'):
        select_shots(echo.declaration, {"text": "long text"}, 4)


def test_a_long_list_is_reduced_to_referenced_and_similar_items() -> None:
    short = shorten_example(turn.declaration, example("light the kitchen", 6))
    names_shown = [lamp.name for lamp in short.inputs["lamps"]]  # type: ignore[attr-defined]
    assert len(names_shown) == MAX_ITEMS_SHOWN and names_shown[-1] == "hall" and "kitchen" in names_shown
    assert short.inputs["lamps"][-1] is LAMPS[6], "of two of the same name the one that is meant"  # type: ignore[index]
    assert short.inputs["notes"] == ["a"] * 9, "a list that nothing points into stays whole"


def test_a_shortened_example_has_the_same_answer() -> None:
    whole = example("light up", 1, 3)
    short = shorten_example(turn.declaration, whole)
    names = {"lamps": [Lamp(name=str(number)) for number in range(9)], "wish": "x", "notes": []}
    example_with_names = Example(names, Turn(lamps=[Ref(names["lamps"][8], 8)], on=False))  # type: ignore[arg-type, index]
    assert answer_text(turn.declaration, whole.inputs, whole.answer) == '{"lamps":[1,3],"on":true}'
    assert answer_text(turn.declaration, short.inputs, short.answer).startswith('{"lamps":["attic","porch"]')
    brief = shorten_example(turn.declaration, example_with_names)
    assert answer_text(turn.declaration, brief.inputs, brief.answer) == '{"lamps":["8"],"on":false}'


def test_all_referenced_items_are_shown() -> None:
    short = shorten_example(turn.declaration, example("all of them", 0, 1, 2, 3, 4, 5))
    assert [lamp.name for lamp in short.inputs["lamps"]] == [lamp.name for lamp in LAMPS[:6]]  # type: ignore[attr-defined]
