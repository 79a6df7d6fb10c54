"""Messages in the pipe to the process of the unified model, and batching of its queue. No torch."""

import io
import json
import threading
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.grammar.ast import Grammar, Literal
from plait.service.engines.unified import request_queue
from plait.service.engines.unified.messages import (
    ImageSampling,
    InferenceRequest,
    encode_request,
    grammar_from_json,
    grammar_to_json,
    json_line,
    read_request,
)
from plait.service.engines.unified.request_queue import MAX_BATCH_SIZE, BatchQueue
from tests.support.grammars import grammars

brushes = st.builds(
    ImageSampling, st.integers(0, 2**32), steps=st.none() | st.integers(1, 64), order=st.sampled_from([None, "raster"])
)
asked = st.builds(
    InferenceRequest,
    st.integers(0, 2**40),
    st.lists(st.integers(0, 5_000)).map(tuple),
    grammars,
    st.binary(max_size=200),
    st.just(()) | st.tuples(*[st.integers(0, 511)] * 4),
    brushes,
    st.booleans(),
)


def decode_and_spell(grammar: Grammar) -> tuple[Grammar, str]:
    """1 and true are equal in Python, and two things to a model."""
    return grammar, json.dumps(grammar_to_json(grammar))


def spelled_out(message: InferenceRequest | int | None) -> object:
    return (message, decode_and_spell(message.grammar)) if isinstance(message, InferenceRequest) else message


@given(grammars)
def test_a_grammar_survives_a_json_round_trip(grammar: Grammar) -> None:
    assert decode_and_spell(grammar_from_json(grammar_to_json(grammar))) == decode_and_spell(grammar)


def test_true_and_one_remain_distinct() -> None:
    def sent(value: bool | int | None) -> object:
        literal = grammar_from_json(grammar_to_json(Literal(value)))
        assert isinstance(literal, Literal)
        return literal.value

    assert [repr(sent(value)) for value in (1, True, 0, False, None)] == ["1", "True", "0", "False", "None"]


@given(st.lists(asked | st.integers(0, 9), max_size=5))
def test_requests_and_cancellations_survive_encoding_with_any_picture_bytes(
    sent: list[InferenceRequest | int],
) -> None:
    pipe = io.BytesIO(
        b"".join(
            encode_request(each) if isinstance(each, InferenceRequest) else json_line({"drop": each}) for each in sent
        )
    )
    assert [spelled_out(read_request(pipe)) for _ in sent] == [spelled_out(each) for each in sent]
    assert read_request(pipe) is None


# ── waiting ──


@dataclass(frozen=True)
class Question:
    number: int


def filled_queue(count: int) -> BatchQueue[Question]:
    queue: BatchQueue[Question] = BatchQueue()
    for number in range(count):
        queue.add(Question(number))
    return queue


def numbers(queue: BatchQueue[Question]) -> list[int]:
    return [each.number for each in queue.next_batch()]


def test_waiting_requests_are_batched_in_order_up_to_the_batch_size() -> None:
    queue = filled_queue(MAX_BATCH_SIZE + 3)
    assert numbers(queue) == list(range(MAX_BATCH_SIZE)) and numbers(queue) == [
        MAX_BATCH_SIZE,
        MAX_BATCH_SIZE + 1,
        MAX_BATCH_SIZE + 2,
    ]


def test_cancelled_requests_are_not_answered() -> None:
    queue = filled_queue(4)
    queue.drop(1)
    queue.drop(99)
    assert numbers(queue) == [0, 2, 3]


def test_a_full_batch_does_not_wait_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_queue, "BATCH_WAIT_SECONDS", 60)
    queue = filled_queue(MAX_BATCH_SIZE)
    started = time.monotonic()
    queue.next_batch()
    assert time.monotonic() - started < 30


def test_a_single_request_is_taken_at_once() -> None:
    queue, batch = filled_queue(0), list[int]()
    taker = threading.Thread(target=lambda: batch.extend(numbers(queue)), daemon=True)
    taker.start()
    time.sleep(0.02)
    assert not batch
    queue.add(Question(7))
    taker.join(5)
    assert batch == [7]
