"""A task in words: short inputs stand in the instruction, long ones above; examples before the question."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field

from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.prompt import answer_text, prompt
from plait.core.task.signature import Ref
from plait.core.task.task import task


class Device(BaseModel):
    name: str
    area: str = Field(description="the room")


class Switch(BaseModel):
    device: Ref[Device]
    on: bool = Field(description="lit")


@task(wordings={"zh": ["在{devices}中，应如何执行“{utterance}”？", "{utterance}（{devices}）"]})
def command(utterance: str, devices: list[Device]) -> Switch | None:
    """With {devices} in the house, what should "{utterance}" do?"""
    ...


@task
def sort(message: str, kind: Literal["mail", "chat"], urgent: bool = False) -> str:
    """Sort the {kind} "{message}" (urgent: {urgent})."""
    ...


LAMPS = [Device(name="lamp", area="hall"), Device(name="fan", area="attic")]


def test_a_list_is_placed_above_the_instruction_under_its_name() -> None:
    chat = command.prompt("light!", LAMPS)
    assert str(chat) == (
        '[system]\nAnswer with JSON only, in this form: {"device": one of devices, "on": true|false (lit)} or null'
        "\n\n[user]\ndevices:\nname | area\n- lamp | hall\n- fan | attic"
        '\n\nWith devices in the house, what should "light!" do?'
    )


class Parcel(BaseModel):
    what: str
    inside: list[str] = []


@task
def weigh(parcels: list[Parcel]) -> int:
    """How much do {parcels} weigh?"""
    ...


def test_records_with_long_values_are_not_rendered_as_a_table() -> None:
    text = weigh.prompt([Parcel(what="tea"), Parcel(what="jam", inside=["a", "b"])]).messages[-1].content
    assert text.startswith("parcels:\n0. what: tea")
    assert " | " not in text
    lines = command.prompt("x", [Device(name="lamp", area="hall\nor so"), Device(name="fan", area="")])
    assert " | " not in str(lines), "a value of several lines fits no table"
    one = command.prompt("x", LAMPS[:1])
    assert "- lamp (area: hall)" in str(one)


def test_an_empty_list_is_rendered_as_none() -> None:
    assert command.prompt("light!", []).messages[-1].content.startswith("devices:\n(none)\n\nWith")


def test_a_short_text_is_inlined_and_a_long_one_placed_above() -> None:
    assert sort.prompt("Hi", "mail").messages[-1].content == 'Sort the mail "Hi" (urgent: no).'
    for long in ("a" * 161, "a\nb"):
        assert sort.prompt(long, "chat", True).messages[-1].content == (
            f'message:\n{long}\n\nSort the chat "message" (urgent: yes).'
        )


def test_a_text_answer_is_requested_as_text() -> None:
    assert sort.prompt("Hi", "mail").messages[0].content == "Answer with the result only."


def test_a_wording_is_selected_by_name_and_uses_its_first_paraphrase() -> None:
    text = command.using(wording="zh").prompt("开灯", LAMPS).messages[-1].content
    assert text.startswith("devices:\nname | area\n- lamp") and text.endswith("\n\n在devices中，应如何执行“开灯”？")


def test_an_unknown_wording_is_reported_with_the_nearest() -> None:
    with pytest.raises(InputError, match="'zhh' is not a wording of command") as caught:
        command.using(wording="zhh").prompt("开灯", LAMPS)
    assert caught.value.hint == "did you mean zh?" and caught.value.input == "wording"
    with pytest.raises(InputError) as caught:
        sort.using(wording="de").prompt("Hi", "mail")
    assert caught.value.hint == "it has the docstring only"


def test_examples_come_before_the_question_with_references_by_name() -> None:
    examples = (Example({"utterance": "fan!", "devices": LAMPS}, Switch(device=Ref(LAMPS[1]), on=True)),)
    chat = prompt(command.declaration, {"utterance": "light!", "devices": LAMPS}, examples)
    assert [message.role for message in chat.messages] == ["system", "user", "assistant", "user"]
    assert chat.messages[2].content == '{"device":"fan","on":true}'


def test_items_without_distinct_names_are_numbered() -> None:
    twins = [LAMPS[0], LAMPS[0]]
    assert "devices:\nname | area\n0. lamp | hall\n1. lamp | hall" in str(command.prompt("light!", twins))
    second = Switch(device=Ref(twins[1], 1), on=True)
    assert answer_text(command.declaration, {"utterance": "", "devices": twins}, second) == '{"device":1,"on":true}'


def test_texts_are_numbered_and_not_named_by_a_str_method() -> None:
    @task
    def cite(passages: list[str]) -> Ref[str]:
        """Which of {passages}?"""
        ...

    assert "passages:\n0. one\n1. two" in str(cite.prompt(["one", "two"]))


def test_braces_in_an_input_remain_text() -> None:
    assert '"{kind} {{x}}"' in sort.prompt("{kind} {{x}}", "mail").messages[-1].content
