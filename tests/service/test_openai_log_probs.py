"""Token probabilities of OpenAI-compatible servers: wanted where they are used, read in their forms, or not there."""

import json
from collections.abc import Sequence
from math import exp, log
from typing import Any

import pytest

from plait.core.engine.validation import Completed
from plait.service.engines.openai.log_probs import token_probs
from tests.support.openai_peer import ORDER, Reply, event, events, peer, reply_parts, reply_text
from tests.support.openai_requests import complete, model


def with_probs(text: str, probability: float = 0.5, **more: Any) -> Reply:
    """A completion whose every character is a token."""
    parts = [part for part in events(text, piece=1) if b'"content": "' not in part]
    chunks = [chunk(character, probability, **more) for character in text]
    return reply_parts([*parts[:1], *chunks, *parts[1:]])


def chunk(character: str, probability: float, **more: Any) -> bytes:
    token = {"token": character, "logprob": log(probability), "bytes": [*character.encode()], **more}
    other = {"token": "~", "logprob": log(0.25), "bytes": [126]}
    choice = {"index": 0, "delta": {"content": character}, "finish_reason": None}
    logprobs = {"content": [{**token, "top_logprobs": [token, other]}]}
    return event({"object": "chat.completion.chunk", "choices": [{**choice, "logprobs": logprobs}]})


def answered(*replies: Reply, candidates: int = 20) -> tuple[Completed, Sequence[Any]]:
    with peer(*replies) as server:
        return complete(model(server.url), candidates=candidates), server.bodies


def test_the_values_of_an_answer_have_the_probabilities_of_their_tokens() -> None:
    completed, (body,) = answered(with_probs(ORDER))
    assert body["logprobs"] is True and body["top_logprobs"] == 20
    assert [*completed.probs] == ["", "what", "pieces", "due", "size"]
    # `~` may stand in a text and in nothing else; a quarter is not known.
    assert exp(completed.probs["what"].total) == pytest.approx(0.5 ** len('nails"'))
    assert completed.probs["size"].count == 1 and exp(completed.probs["size"].total) == pytest.approx(0.5 / 0.75)


def test_bytes_may_be_missing() -> None:
    completed, _ = answered(with_probs(ORDER, bytes=None))
    assert completed.probs["what"].total == answered(with_probs(ORDER))[0].probs["what"].total


def test_white_space_between_values_takes_no_probability_away() -> None:
    completed, _ = answered(with_probs(json.dumps(json.loads(ORDER), indent=1)))
    assert [*completed.probs] == ["", "what", "pieces", "due", "size"]


def test_without_probabilities_there_are_none() -> None:
    completed, (body,) = answered(reply_text(ORDER))
    assert completed.probs == {} and "logprobs" in body
    assert "logprobs" not in answered(reply_text(ORDER), candidates=0)[1][0]


@pytest.mark.parametrize(
    "logprobs",
    [
        None, [], "x", {}, {"content": None}, {"content": [{"token": "a"}]},
        {"content": [{"token": "a", "logprob": "b"}]},
        {"content": [{"token": "a", "logprob": -1, "bytes": [300]}]}, {"tokens": ["a"], "token_logprobs": [-1]},
    ],
)  # fmt: skip
def test_another_form_is_no_probability_and_no_error(logprobs: Any) -> None:
    assert token_probs(logprobs) == ()
