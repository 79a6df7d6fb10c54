"""The memory of recent answers is bounded in number, bytes and age, and answers the one who asked alone."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import Image
from plait.core.calls.answer_log import AnswerLog, RecordedAnswer, record_answer
from plait.core.calls.transport import Call
from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.errors import AnswerNotFound
from plait.core.prompting.project import OWNER
from tests.support.ledger_tasks import LAMPS, Lamp, name_colour, shorten, turn
from tests.support.shelf import PNG


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def recorded(number: int, length: int = 10, author: str = OWNER) -> RecordedAnswer:
    return RecordedAnswer(f"id-{number}", shorten.declaration, author, b"x" * length)


def is_known(log: AnswerLog, number: int, author: str = OWNER) -> bool:
    try:
        return log.find(f"id-{number}", author).id == f"id-{number}"
    except AnswerNotFound:
        return False


def completed(value: Any, json_value: Any) -> Completed:
    return Completed(value, json_value, "id-1", "m", Usage(1, 2), 0.5)


def test_the_last_thousand_answers_are_kept_for_an_hour() -> None:
    clock = Clock()
    log = AnswerLog(clock=clock)
    for number in range(1_001):
        log.add(recorded(number))
    assert [is_known(log, number) for number in (0, 1, 1_000)] == [False, True, True]
    clock.now = 3_600
    assert is_known(log, 1)
    clock.now = 3_601
    assert not is_known(log, 1) and not log.answers and log.size == 0


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 20)), max_size=30))
def test_number_bytes_and_age_stay_within_their_bounds(added: list[tuple[int, int]]) -> None:
    clock = Clock()
    log = AnswerLog(max_answers=5, max_bytes=200, max_age=30, clock=clock)
    expected: list[tuple[float, int, int]] = []
    for number, (length, pause) in enumerate(added):
        clock.now += pause
        log.add(recorded(number, length))
        expected.append((clock.now, number, length))
        while len(expected) > 5 or sum(each[2] for each in expected) > 200 or expected[0][0] < clock.now - 30:
            expected.pop(0)
        assert [answer.id for _, answer in log.answers.values()] == [f"id-{each[1]}" for each in expected]
        assert log.size == sum(each[2] for each in expected) <= 200


def test_an_answer_larger_than_the_memory_is_not_kept() -> None:
    log = AnswerLog(max_bytes=100)
    log.add(recorded(1, 101))
    assert not is_known(log, 1) and log.size == 0


def test_another_author_gets_the_error_of_an_unknown_id() -> None:
    log, other = AnswerLog(), AnswerLog()
    log.add(recorded(1, author="key-1"))
    assert is_known(log, 1, "key-1") and not is_known(log, 1) and not is_known(log, 1, "key-2")
    texts: list[tuple[str, str]] = []
    for memory in (log, other):
        with pytest.raises(AnswerNotFound) as caught:
            memory.find("id-1", OWNER)
        texts.append((str(caught.value), caught.value.hint))
    assert texts[0] == texts[1]


def test_a_record_is_what_was_asked_whatever_the_caller_changes_later() -> None:
    lamps = [Lamp(name="a")]
    record = record_answer(
        Call(turn.declaration, {"wish": "light", "lamps": lamps}), completed(None, {"Nothing": {"why": ""}})
    )
    lamps[0].name = "changed"
    lamps.append(LAMPS[1])
    assert record.inputs == {"wish": "light", "lamps": [Lamp(name="a")]}
    assert record.json_value["inputs"] == {"wish": "light", "lamps": [{"name": "a"}]}
    assert (record.json_value["task"], record.json_value["answer"]) == ("turn", {"Nothing": {"why": ""}})


def test_an_image_counts_with_its_bytes_and_is_given_back() -> None:
    call = Call(name_colour.declaration, {"picture": Image(PNG)})
    record = record_answer(call, completed("red", "red"))
    assert len(PNG) <= record.size < len(PNG) + 400
    assert record.inputs["picture"] is call.inputs["picture"]
    assert record.json_value["inputs"]["picture"].startswith("data:image/png;base64,")
