"""Rows to adapt a model with are what the model is served: the same ids, and loss only where the model has a choice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.calls.scope import use_transport
from plait.core.engine.chat import ChatEngine
from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.prompting.prompt import answer_text
from plait.core.values.json_places import json_places
from plait.foundation.text.token_row import TokenRow
from plait.learning.token_rows import token_row, token_rows, token_starts, value_ranges, value_weights
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer
from plait.service.local_transport import LocalTransport
from tests.support.text_pieces import pieces_of

TASKS = ("home_command", "sort_message", "extract_invoice", "cited_answer")


def examples(name: str, count: int = 12) -> list[Example]:
    return list(islice(find_task(name)[0].examples.seeds, count))


def with_engine(work: Callable[[LlamaCpp, LlamaRowTokenizer], Any]) -> Any:
    """The result of a coroutine with the embedded engine."""

    async def run() -> Any:
        file = embedded_file()
        assert file is not None
        engine = LlamaCpp("smollm2", file, CONTEXT, 1)
        try:
            return await work(engine, LlamaRowTokenizer(engine))
        finally:
            await engine.aclose()

    return asyncio.run(run())


async def collect(rows: AsyncIterator[TokenRow]) -> list[TokenRow]:
    return [row async for row in rows]


@pytest.mark.model
def test_the_prompt_of_a_row_is_what_the_model_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[int]] = []
    generate = LlamaCpp.generate

    def recorded(self: LlamaCpp, tokens: list[int], *others: Any) -> Any:
        sent.append(tokens)
        return generate(self, tokens, *others)

    monkeypatch.setattr(LlamaCpp, "generate", recorded)

    async def work(engine: LlamaCpp, tokenizer: LlamaRowTokenizer) -> None:
        for name in ("home_command", "sort_message"):
            task, (example, *_) = find_task(name)[0], examples(name)
            row = await token_row(task.declaration, example, engine, tokenizer)
            with use_transport(LocalTransport(only=ChatEngine(engine))):
                await task.using(shots=0).acall(**example.inputs)
            assert sent[0] == list(row.prompt), name
            sent.clear()

    with_engine(work)


@pytest.mark.model
def test_the_answer_of_a_row_is_the_text_of_the_right_answer_and_its_end() -> None:
    async def work(engine: LlamaCpp, tokenizer: LlamaRowTokenizer) -> None:
        for name in TASKS:
            declaration = find_task(name)[0].declaration
            for example in examples(name, 4):
                row = await token_row(declaration, example, engine, tokenizer)
                text = answer_text(declaration, example.inputs, example.answer)
                assert (await engine.post("/detokenize", {"tokens": row.answer}))["content"] == text + "<|im_end|>"
                _, pieces = await tokenizer.answer_tokens(text)
                assert b"".join(pieces).decode() == text and len(pieces) == len(row.answer)
                assert row.learned and len(row.learned) < len(row.answer)

    with_engine(work)


@pytest.mark.model
def test_answers_that_are_tokenized_first_at_the_same_time_have_one_end_each() -> None:
    async def work(engine: LlamaCpp, tokenizer: LlamaRowTokenizer) -> list[list[int]]:
        both = await asyncio.gather(*(tokenizer.answer_tokens(text) for text in ("red", "red", "red", "red")))
        return [ids for ids, _ in (*both, await tokenizer.answer_tokens("red"))]

    first, *others = with_engine(work)
    assert len(set(first)) == len(first) == 2 and others == [first] * 4


@pytest.mark.model
def test_a_row_with_too_many_tokens_is_refused_by_its_number() -> None:
    declaration = find_task("home_command")[0].declaration

    async def work(engine: LlamaCpp, tokenizer: LlamaRowTokenizer) -> None:
        await collect(token_rows(declaration, examples("home_command", 3), engine, tokenizer, max_tokens=50))

    with pytest.raises(InputError, match=r"example 1 of home_command has \d+ tokens, and a row may have 50"):
        with_engine(work)


# ── what each token counts ──


@given(st.sampled_from(TASKS), st.integers(0, 11), st.lists(st.integers(0, 10_000), max_size=40))
def test_the_tokens_of_a_value_weigh_as_much_as_one_value(name: str, number: int, cuts: list[int]) -> None:
    declaration, example = find_task(name)[0].declaration, examples(name)[number]
    text = answer_text(declaration, example.inputs, example.answer)
    pieces = pieces_of(text, cuts)
    learned = range(len(pieces))
    weights = value_weights(text, pieces, learned)
    assert all(0 < weight <= 1 for weight in weights)
    starts = token_starts(pieces)
    for start, end in value_ranges(text)[: len(list(json_places(text)))]:
        inside = [weight for place, weight in zip(starts, weights, strict=True) if start <= place < end]
        assert sum(inside) < 1.0001 or len(set(inside)) > 1, "tokens across two values belong to the first"


def test_a_long_reason_weighs_no_more_than_the_action_before_it() -> None:
    text = '{"Nothing":{"why":"no such device"}}'
    pieces = [b'{"', b"Nothing", b'":{"why":"', b"no", b" such", b" device", b'"}}', b""]
    assert value_weights(text, pieces, (1, 3, 4, 5, 6)) == (1.0, 0.25, 0.25, 0.25, 0.25)


def test_part_of_a_character_belongs_to_its_value() -> None:
    text = '{"device":"灯","on":true}'
    pieces = [b'{"device":"', "灯".encode()[:2], "灯".encode()[2:], b'","on":', b"true", b"}", b""]
    assert token_starts(pieces) == [0, 11, 11, 12, 19, 23, 24]
    assert value_weights(text, pieces, (1, 2, 4)) == (0.5, 0.5, 1.0)
