"""Quotations: what `Quoted[str]` costs while an answer is decoded, and how long its grammar takes to build.

Decoding: milliseconds per token of the embedded model on the same prompt, with a text of 300 words, interleaved:
free (no grammar), quoted (Plait's GBNF over the words), and llguidance's substring automaton over the same words, which
the shipped engine contains. Budget: quoted at most 1.25 times free. A broken llguidance grammar is the control: this
engine answers it unconstrained, so Plait never sends one.

Building: milliseconds of processor time from a text never seen to the GBNF text of an invoice, for 300, 2,000 and
10,000 words. Budget: 200 ms for 2,000.

    python -m benchmarks.quotation_speed
"""

import asyncio
import json
import random
import time
from typing import Annotated, Any

from pydantic import Field

from benchmarks.measure import median, ratio, report
from plait import Quoted, task
from plait.core.engine.chat import Sampling
from plait.core.grammar.gbnf import gbnf
from plait.core.prompting.prompt import prompt
from plait.core.sse import iter_events
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.service.engines.llamacpp.completion import request_body
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.tasks.extract_invoice import extract_invoice

ROUNDS = 7
TOKENS = 40
WORDS = (
    "lamp chair oak desk paper bolt green steel glass tile door pipe cable frame sheet panel valve motor brush hinge "
    "screw plate switch handle bucket ladder drill clamp"
).split()


@task
def passages(text: str) -> Annotated[list[Quoted[str]], Field(min_length=8)]:
    """List the important parts of {text}."""
    ...


def text_of(words: int, seed: int) -> str:
    """Lines of words, numbers, amounts and dates, as in a long invoice."""
    draw = random.Random(seed)
    made = [
        draw.choice([draw.choice(WORDS), draw.choice(WORDS), f"{draw.randint(1, 999)}", f"{draw.randint(1, 99)}.50"])
        for _ in range(words - words // 50)
    ]
    made += [f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.2026" for _ in range(words // 50)]
    draw.shuffle(made)
    return "\n".join(" ".join(made[start : start + 10]) for start in range(0, len(made), 10))


def build_milliseconds(words: int, seed: int) -> float:
    inputs = {"text": text_of(words, seed)}
    started = time.process_time()
    gbnf(answer_grammar(extract_invoice.declaration, call_context(extract_invoice.declaration, inputs, by_name=True)))
    return (time.process_time() - started) * 1e3


def llguidance(text: str, name: str = "substring_chunks") -> str:
    """A list of substrings of the words in llguidance's notation."""
    chunks: list[str] = []
    for word in text.split():
        chunks += [word, " "]
    return (
        '%llguidance {}\nstart: "[" item ("," item){7,99} "]"\n'
        f'item: "\\"" SPAN "\\""\nSPAN: %regex {json.dumps({name: chunks}, ensure_ascii=False)}\n'
    )


async def per_token(engine: LlamaCpp, tokens: list[int], grammar: str | None) -> tuple[float, str]:
    """Milliseconds per token, and the text."""
    body: dict[str, Any] = request_body(tokens, TOKENS, None, Sampling())
    server = await engine.ensure_running()
    payload: dict[str, Any] = {}
    parts: list[str] = []
    async with server.http.stream(
        "POST", "/completion", json=body if grammar is None else {**body, "grammar": grammar}
    ) as response:
        async for event in iter_events(response.aiter_raw()):
            payload = json.loads(event.data)
            parts.append(payload.get("content", ""))
    return payload["timings"]["predicted_per_token_ms"], "".join(parts)


async def decoding() -> dict[str, Any]:
    file = embedded_file()
    assert file is not None, "the embedded model is not installed: make up"
    engine = LlamaCpp("smollm2", file, 8_192)
    text = text_of(300, 1)
    inputs = {"text": text}
    context = call_context(passages.declaration, inputs, by_name=True)
    grammars = {
        "free": None,
        "quoted": gbnf(answer_grammar(passages.declaration, context)),
        "llguidance": llguidance(text),
    }
    await engine.ensure_running()
    tokens = await engine.tokenizer.tokenize_prompt(prompt(passages.declaration, inputs, ()))
    timings: dict[str, list[float]] = {name: [] for name in grammars}
    written: dict[str, str] = {}
    for turn in range(ROUNDS + 1):
        for name, grammar in grammars.items():
            milliseconds, written[name] = await per_token(engine, tokens, grammar)
            if turn:  # the first round fills the cache of the prompt
                timings[name].append(milliseconds)
    _, broken = await per_token(engine, tokens, llguidance(text, "no_such_regex"))
    await engine.aclose()
    return {
        "words": len(text.split()),
        "ms_per_token": {name: round(median(each), 1) for name, each in timings.items()},
        "quoted_over_free": ratio(timings, "quoted", "free"),
        "llguidance_over_free": ratio(timings, "llguidance", "free"),
        "written": {name: each[:80] for name, each in written.items()},
        "broken_llguidance_is_answered_unconstrained": not broken.startswith('["'),
    }


def main() -> None:
    building = {
        f"{words}_words": round(median([build_milliseconds(words, seed) for seed in range(ROUNDS)]), 1)
        for words in (300, 2_000, 10_000)
    }
    report("quotation_speed", {"decoding": asyncio.run(decoding()), "build_ms": building})


if __name__ == "__main__":
    main()
