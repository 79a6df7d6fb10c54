"""Certificates: what an answer rests on is written down, and whatever is changed afterwards is found."""

import json
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, computed_field

from plait import Image, Quoted, Ref, Task, engine, task, verify
from plait.core.engine.certificate import certificate_from_json, certificate_json
from plait.core.engine.envelope import answer_certificate
from plait.core.engine.protocol import TaskRequest, TextDelta
from plait.core.engine.validation import AnswerDraft
from plait.core.errors import InputError, NotVerified, error_text
from plait.core.task.derive import grammar
from plait.core.values.call_context import call_context
from plait.core.values.json_text import parse_json
from plait.service.catalog import Catalog
from plait.testing.values import json_values
from tests.support import certified
from tests.support.running_server import run_plait, serve_catalog
from tests.support.shelf import PNG


class Device(BaseModel):
    name: str
    level: int = 0
    tags: dict[str, int] = Field(default_factory=dict)


class Reading(BaseModel):
    device: Ref[Device]
    title: Quoted[str]
    price: Quoted[Decimal] | None
    day: Quoted[date]
    at: Quoted[time]
    mood: Literal["good", "bad"]
    notes: dict[str, int]
    source: str = "letter"

    @computed_field
    @property
    def doubled(self) -> Decimal:
        return (self.price or Decimal()) * 2


@task
def read_letter(letter: str, devices: list[Device], picture: Image | None = None) -> Reading:
    """What do {letter} and {picture} say about {devices}?"""
    ...


LETTER = "Lamp of 3rd May 2026, 9:30 pm: 1.234,50 €.\nThe lamp costs 1.234,50 €, not 1.234,5 $."
DEVICES = [Device(name="hall"), Device(name="desk", level=3)]
ANSWER = Reading(
    device=Ref(DEVICES[1]), title="The lamp", price=Decimal("1234.50"), day=date(2026, 5, 3), at=time(21, 30),
    mood="good", notes={"a.b": 1},
)  # fmt: skip
INPUTS: Mapping[str, Any] = {
    "letter": LETTER,
    "devices": [{"level": 0, "name": "hall"}, {"name": "desk", "level": 3}],
}


def envelope_of(called: Task[..., Any], value: object, **inputs: Any) -> dict[str, Any]:
    """The answer as HTTP writes it."""
    with engine.scripted({called: value}):
        detailed = called.detailed(**inputs)
    context = call_context(called.declaration, called.call(**inputs).inputs).json_context
    answer = called.declaration.answer.encode(detailed.value, context)
    return json.loads(json.dumps({"answer": answer, "certificate": certificate_json(detailed.certificate)}))


@pytest.fixture
def envelope() -> dict[str, Any]:
    return envelope_of(read_letter, ANSWER, letter=LETTER, devices=DEVICES, picture=Image(PNG))


def kinds(envelope: dict[str, Any]) -> dict[str, str]:
    return {path: leaf["kind"] for path, leaf in envelope["certificate"]["leaves"].items()}


def test_every_value_of_an_answer_says_what_it_rests_on(envelope: dict[str, Any]) -> None:
    assert kinds(envelope) == {
        "device": "reference", "title": "quotation", "price": "quotation", "day": "quotation", "at": "quotation",
        "mood": "free", "notes": "free", "notes.a.b": "free", "source": "free", "doubled": "computed",
    }  # fmt: skip


def test_a_true_answer_is_proved_without_the_task(envelope: dict[str, Any]) -> None:
    """Fields with defaults may be left out of a JSON input, keys stand in any order, and 3.0 is 3."""
    result = verify(envelope, {**INPUTS, "devices": [{"name": "hall"}, {"level": 3.0, "name": "desk"}]})
    assert {leaf.path: leaf.status for leaf in result.leaves if leaf.status != "free"} == {
        "device": "proved", "title": "proved", "price": "proved", "day": "proved", "at": "proved", "doubled": "claimed",
    }  # fmt: skip
    assert result.not_compared == ("picture",)
    assert verify(envelope, {**INPUTS, "picture": PNG}).not_compared == ()
    bases = {leaf.path: leaf.basis for leaf in result.leaves}
    assert bases["device"] == "devices[1]" and bases["title"] == "letter[43:51]"


CHANGES: Mapping[str, tuple[str, Any]] = {
    "another word": ("title", "The desk"),
    "words that stand elsewhere": ("title", "lamp"),
    "half a word": ("title", "The lam"),
    "another number": ("price", "1234.60"),
    "a number of another type": ("price", True),
    "no number": ("price", None),
    "another day": ("day", "2026-03-05"),
    "no day at all": ("day", "soon"),
    "another time": ("at", "09:30:00"),
    "an index behind the last": ("device", 2),
    "an index before the first": ("device", -1),
    "an index that is true": ("device", True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_value_is_found(envelope: dict[str, Any], change: str) -> None:
    path, value = CHANGES[change]
    envelope["answer"][path] = value
    with pytest.raises(NotVerified) as caught:
        verify(envelope, INPUTS)
    assert [problem.path for problem in caught.value.problems] == [path]


@pytest.mark.parametrize("name", ["letter", "devices"])
def test_a_changed_input_is_found(envelope: dict[str, Any], name: str) -> None:
    changed: dict[str, Any] = {"letter": f"{LETTER} ", "devices": [{"name": "hall"}, {"name": "desk", "level": 4}]}
    with pytest.raises(NotVerified, match=f"{name}: is not the input that was answered"):
        verify(envelope, {**INPUTS, name: changed[name]})
    with pytest.raises(NotVerified, match="picture: is not the input"):
        verify(envelope, {**INPUTS, "picture": PNG + b"x"})


def test_moved_places_are_found(envelope: dict[str, Any]) -> None:
    """Also where the same digits stand as a part of another number, or as another word."""
    leaves = envelope["certificate"]["leaves"]
    leaves["title"]["spans"][0] |= {"start": 0, "end": 8, "text": LETTER[:8]}
    leaves["price"]["spans"][0] |= {"start": 74, "end": 81, "text": "1.234,5"}
    leaves["day"]["spans"] = []
    with pytest.raises(NotVerified) as caught:
        verify(envelope, INPUTS)
    assert {problem.path for problem in caught.value.problems} == {"title", "day"}  # 1.234,5 is as much


def test_a_value_that_the_certificate_does_not_name_is_found(envelope: dict[str, Any]) -> None:
    envelope["answer"]["extra"] = {"total": 5}
    with pytest.raises(NotVerified, match=r"extra\.total: is not in the certificate"):
        verify(envelope, INPUTS)


def test_with_its_task_computed_values_are_computed_again(envelope: dict[str, Any]) -> None:
    inputs = {**INPUTS, "picture": PNG}
    statuses = {leaf.path: leaf.status for leaf in verify(envelope, inputs, read_letter).leaves}
    assert statuses["doubled"] == "proved"
    envelope["answer"]["doubled"] = "1"
    assert verify(envelope, inputs).count("claimed") == 1
    with pytest.raises(NotVerified, match=r"doubled: is computed as .*2469"):
        verify(envelope, inputs, read_letter)

    @task
    def another(letter: str) -> Quoted[str]:
        """What is the title of {letter}?"""
        ...

    with pytest.raises(InputError, match="is not the task of this answer"):
        verify(envelope, inputs, another)


def test_a_default_that_the_model_did_not_write_is_computed() -> None:
    class Note(BaseModel):
        text: Quoted[str]
        source: str = "letter"

    @task
    def note(letter: str) -> list[Note]:
        """What does {letter} note?"""
        ...

    inputs = {"letter": LETTER}
    draft = AnswerDraft(TaskRequest(note.declaration, inputs, call_context(note.declaration, inputs)), False)
    draft.feed(TextDelta('[{"text":"Lamp"},{"text":"The","source":"me"}]'))
    made = answer_certificate(draft.final_answer(), note.declaration, inputs)
    assert [made.leaves[f"{index}.source"].kind for index in (0, 1)] == ["computed", "free"]


def test_without_a_certificate_or_an_input_the_command_is_named(envelope: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        verify({"answer": 3}, {})
    assert "plait run TASK --detailed" in error_text(caught.value)
    with pytest.raises(InputError) as caught:
        verify(envelope, {"letter": LETTER})
    assert caught.value.hint == "--input devices=FILE"
    with pytest.raises(InputError, match="has no input called leter") as caught:
        verify(envelope, {"leter": LETTER})
    assert caught.value.hint == "did you mean letter?"


@pytest.mark.parametrize("change", [{"version": 2}, {"leaves": 3}, {"inputs": None}, {"leaves": {"a": {"kind": "x"}}}])
def test_a_damaged_certificate_is_one_error(envelope: dict[str, Any], change: dict[str, Any]) -> None:
    envelope["certificate"] |= change
    with pytest.raises(InputError, match="certificate cannot be read"):
        verify(envelope, INPUTS)


def test_a_certificate_survives_a_json_round_trip(envelope: dict[str, Any]) -> None:
    known = certificate_from_json(envelope["certificate"])
    assert certificate_json(known) == parse_json(json.dumps(envelope["certificate"]))


@task
def passage_of(question: str, passages: list[str]) -> "list[Quoted[str]]":
    """What answers {question} in {passages}?"""
    ...


@given(st.lists(st.text("ab 1,é中\n", min_size=1, max_size=20), min_size=1, max_size=3), st.data())
def test_whatever_is_quoted_is_proved_and_nothing_else(passages: list[str], data: st.DataObject) -> None:
    inputs = {"question": "x", "passages": passages}
    context = call_context(passage_of.declaration, inputs, by_name=True)
    rules = grammar(passage_of.declaration, context)
    assert rules is not None
    answer = data.draw(json_values(rules))
    value = passage_of.declaration.answer.decode(answer, context)
    envelope = envelope_of(passage_of, value, **inputs)
    result = verify(envelope, inputs)
    assert all(leaf.status == "proved" for leaf in result.leaves if leaf.path)
    if envelope["answer"]:
        envelope["answer"][0] += "b"
        with pytest.raises(NotVerified):
            verify(envelope, inputs)


# ── at the doors ──


def test_the_shell_verifies_what_http_answered(tmp_path: Path) -> None:

    with (
        engine.scripted({certified.read_bill: certified.ANSWER}),
        serve_catalog(Catalog([certified.read_bill])) as server,
    ):
        response = httpx.post(
            f"{server.url}/v1/tasks/read_bill", json={"text": certified.TEXT}, trust_env=False, timeout=240
        )
    (tmp_path / "answer.json").write_text(response.text)
    (tmp_path / "bill.txt").write_text(certified.TEXT)
    result = run_plait("verify", str(tmp_path / "answer.json"), "--input", str(tmp_path / "bill.txt"))
    assert result.code == 0 and "2 proved, 1 claimed, 1 free" in result.out, result.err
    file = f"{certified.__file__}:read_bill"
    again = run_plait(
        "verify", str(tmp_path / "answer.json"), "--input", f"text={tmp_path / 'bill.txt'}", "--task", file
    )
    assert again.code == 0 and "3 proved, 0 claimed, 1 free" in again.out, again.err
    (tmp_path / "bill.txt").write_text(certified.TEXT.replace("9.00", "9.01"))
    changed = run_plait("verify", str(tmp_path / "answer.json"), "--input", str(tmp_path / "bill.txt"))
    assert changed.code == 1 and "text: is not the input that was answered" in changed.err
    missing = run_plait("verify", str(tmp_path / "answer.json"), "--input", "nowhere.txt")
    assert missing.code == 2 and "there is no file nowhere.txt" in missing.err
