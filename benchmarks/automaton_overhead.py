"""Ids held to a grammar, over the same many without one: the likeliest id of all, step by step.

Budget: at most 1.05, one answer at a time and 16 at once. CPU time of one core, from the first id to the last; joining
the grammars of a batch counts.

    base   random weights and 20 ids of a text: the likeliest id is refused at nearly every step, the dearest case
    nano   the trained model's detection of three things, where it needs no grammar, so that both write the same ids

    python -m benchmarks.automaton_overhead [MODEL]
"""

import random
import sys
import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch

from benchmarks.measure import interleaved, median, ratio, report
from plait.core.grammar.ast import Text
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.token_automaton.program_arrays import joined
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import LENGTH, Answerer, Question
from plait.foundation.unified.generation.decoding import steps
from plait.foundation.unified.model.decoder import Memory
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.suite.trained_solver import Trained, solver
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.task_items import items

THINGS, TOKENS, BATCHES, REPEATS = 3, 20, (1, 16), 15


def main() -> None:
    torch.set_num_threads(1)
    trained = solver(sys.argv[1] if len(sys.argv) > 1 else "plait-nano")
    question, ids = answered_alike(trained, random.Random(0))
    text, base = text_question(random.Random(0))
    report(
        "automaton_overhead",
        {
            "base": {f"batch_{batch}": overhead(base, text, batch, TOKENS) for batch in BATCHES},
            "nano": {f"batch_{batch}": overhead(trained.answerer, question, batch, len(ids), ids) for batch in BATCHES},
        },
    )


def overhead(
    model: Answerer, question: Question, batch: int, count: int, alike: list[int] | None = None
) -> dict[str, object]:
    """Of a batch of one question, answered with so many ids; with these, where both sides are to write the same."""
    memory = remembered(model, question, batch)
    taken = interleaved(
        REPEATS if batch > 1 else 4 * REPEATS,
        held=lambda: microseconds(held(model, question, memory, batch), count, alike),
        free=lambda: microseconds(free(model, memory, batch), count, alike),
    )
    told = {name: round(median(values)) for name, values in taken.items()}
    return {"ids": count, "microseconds_a_step": told, "held_over_free": ratio(taken, "held", "free")}


@torch.inference_mode()
def microseconds(writing: Iterator[int], count: int, alike: list[int] | None) -> float:
    started = time.process_time()
    written = list(islice(writing, count))
    taken = time.process_time() - started
    assert alike is None or written == alike
    return 1e6 * taken / count


def held(model: Answerer, question: Question, memory: Memory, batch: int) -> Iterator[int]:
    """The first row's ids."""
    automaton = joined([model.grammar(question.grammar).automaton] * batch)
    for step in steps(model.model, memory, automaton, np.arange(len(automaton.starts)), LENGTH):
        yield int(step.ids[0])


def free(model: Answerer, memory: Memory, batch: int) -> Iterator[int]:
    cache, chosen = model.model.cache(batch, LENGTH), None
    while True:
        chosen = model.model.step(memory, cache, chosen).argmax(-1)
        yield int(chosen.cpu().numpy()[0])


def text_question(rng: random.Random) -> tuple[Question, Answerer]:
    """A text that may not end before it is cut, and a model of size base that has learned nothing."""
    torch.manual_seed(0)
    words = vocabulary()
    model = Answerer(Unified(SIZES["base"], words), words)
    pixels = np.random.default_rng(0).integers(0, 256, (model.model.size.side, model.model.size.side, 3), np.uint8)
    return Question((words.picture, *rng.choices(words.text, k=12)), pixels, Text(4_000, 8_000)), model


def answered_alike(trained: Trained, rng: random.Random) -> tuple[Question, list[int]]:
    """A question that is answered by the same ids with its grammar and without, three things among them."""
    model = trained.answerer
    while True:
        about = scene(rng)
        if len(about.things) != THINGS:
            continue
        question = trained.question(items(about, 1, {"detect": 1.0}, rng)[0], about)
        [found] = model.answers([question])
        ids = list(found.ids)
        if isinstance(found.wire, list) and len(found.wire) == THINGS and written_freely(model, question, ids) == ids:
            return question, ids


@torch.inference_mode()
def remembered(model: Answerer, question: Question, batch: int) -> Memory:
    seen, which = model.look([question.picture] * batch)
    source = torch.tensor([question.source] * batch)
    return model.model.read(seen, which, source, torch.ones_like(source, dtype=torch.bool))[1]


@torch.inference_mode()
def written_freely(model: Answerer, question: Question, ids: list[int]) -> list[int]:
    return list(islice(free(model, remembered(model, question, 1), 1), len(ids)))


if __name__ == "__main__":
    main()
