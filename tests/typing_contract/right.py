"""Types of calls as a type checker infers them; checked by pyright, never run."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, assert_type

from pydantic import BaseModel, Field

from plait.core.calls.streaming import StreamedAnswer
from plait.core.engine.envelope import DetailedAnswer
from plait.core.task.signature import Ref
from plait.core.task.task import task


class Device(BaseModel):
    name: str


class Switch(BaseModel):
    device: Ref[Device]
    on: bool


class Nothing(BaseModel):
    why: str


@task
def shorten(text: str, words: int = 20) -> str:
    """Say {text} in {words} words."""
    ...


@task(wordings={"zh": "在{devices}中执行{utterance}", "en": ["With {devices}: {utterance}"]})
def command(utterance: str, devices: list[Device]) -> Switch | Nothing:
    """With {devices}, what should {utterance} do?"""
    ...


@task
def dates(text: str) -> list[date]:
    """Which days does {text} name?"""
    ...


@task
def label(text: str) -> Literal["good", "bad"]:
    """Is {text} good?"""
    ...


@task
def bounded(text: str) -> Annotated[str, Field(max_length=9)]:
    """Shorten {text}."""
    ...


@task
def maybe(text: str) -> str | None:
    """Find {text}."""
    ...


def calls(devices: list[Device]) -> None:
    assert_type(shorten("x"), str)
    assert_type(shorten("x", words=3), str)
    assert_type(command("x", devices), Switch | Nothing)
    assert_type(command(utterance="x", devices=devices), Switch | Nothing)
    assert_type(dates("x"), list[date])
    assert_type(label("x"), Literal["good", "bad"])
    match command("x", devices):
        case Switch(device=device):
            assert_type(device.value, Device)
        case Nothing(why=why):
            assert_type(why, str)


async def async_calls(devices: list[Device]) -> None:
    assert_type(await shorten.acall("x"), str)
    assert_type(await command.acall("x", devices), Switch | Nothing)
    assert_type(await dates.abatch([{"text": "x"}]), list[list[date]])
    assert_type(await dates.abatch([{"text": "x"}], detailed=True), list[DetailedAnswer[list[date]]])


def batches() -> None:
    assert_type(shorten.batch([{"text": "x"}]), list[str])
    assert_type(command.batch({"utterance": each, "devices": []} for each in "ab"), list[Switch | Nothing])
    assert_type(shorten.batch([{"text": "x"}], detailed=True), list[DetailedAnswer[str]])
    assert_type(shorten.detailed("x").confidence, Mapping[str, float | None])


def streams(devices: list[Device]) -> None:
    assert_type(shorten.stream("x"), Iterator[str])
    assert_type(bounded.stream("x"), Iterator[str])
    assert_type(dates.stream("x"), Iterator[date])
    assert_type(command.stream("x", devices), Iterator[StreamedAnswer[Switch | Nothing]])
    for growing in command.stream("x", devices=devices):
        assert_type(growing.final, Switch | Nothing)


def a_label_is_no_text_that_comes_in_pieces() -> None:
    assert_type(label.stream("x"), Iterator[StreamedAnswer[Literal["good", "bad"]]])
    assert_type(maybe.stream("x"), Iterator[StreamedAnswer[str | None]])


def async_streams(devices: list[Device]) -> None:
    assert_type(shorten.astream("x", 3), AsyncIterator[str])
    assert_type(dates.astream("x"), AsyncIterator[date])
    assert_type(command.astream("x", devices), AsyncIterator[StreamedAnswer[Switch | Nothing]])


def otherwise(devices: list[Device]) -> None:
    assert_type(command.using(wording="zh", timeout=2.0)("x", devices), Switch | Nothing)
    shorten.examples.add("x", text="y")
    print(shorten.prompt("x", words=3), shorten.schema.answer, shorten.grammar)
