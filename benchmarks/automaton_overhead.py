"""Time of greedy decoding with a grammar over decoding without one, for the same number of ids.

Budget: at most 1.05, for single answers and for batches of 16. CPU time of one core, from the first id to the last,
including the merge of a batch's grammars.

    python -m benchmarks.automaton_overhead [MODEL]
"""

import random
import sys
import time
from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from plait.core.grammar.ast import Text
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.token_automaton.program_arrays import join_automata
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import MAX_NEW_TOKENS, Answerer, AnswerRequest
from plait.foundation.unified.generation.decoding import iter_decoding_steps
from plait.foundation.unified.model.decoder import DecoderMemory
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.suite.trained_solver import TrainedSolver, trained_solver
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import make_items

THINGS, TOKENS, BATCHES, REPEATS = 3, 20, (1, 16), 15


def main() -> None:
    torch.set_num_threads(1)
    solver = trained_solver(sys.argv[1] if len(sys.argv) > 1 else "plait-nano")
    question, ids = question_with_equal_answers(solver, random.Random(0))
    text, base = text_question(random.Random(0))
    report(
        "automaton_overhead",
        {
            "base": {f"batch_{batch}": overhead(base, text, batch, TOKENS) for batch in BATCHES},
            "nano": {f"batch_{batch}": overhead(solver.answerer, question, batch, len(ids), ids) for batch in BATCHES},
        },
    )


def overhead(
    model: Answerer, question: AnswerRequest, batch: int, count: int, expected_ids: list[int] | None = None
) -> dict[str, object]:
    """Ratio for a batch of one question answered with `count` ids; checks both sides against `expected_ids`, if any."""
    memory = encode_question(model, question, batch)
    timings = interleaved_timings(
        REPEATS if batch > 1 else 4 * REPEATS,
        held=lambda: microseconds(constrained_ids(model, question, memory, batch), count, expected_ids),
        free=lambda: microseconds(unconstrained_ids(model, memory, batch), count, expected_ids),
    )
    medians = {name: round(median(values)) for name, values in timings.items()}
    return {"ids": count, "microseconds_a_step": medians, "held_over_free": ratio(timings, "held", "free")}


@torch.inference_mode()
def microseconds(id_stream: Iterator[int], count: int, expected_ids: list[int] | None) -> float:
    started = time.process_time()
    ids = list(islice(id_stream, count))
    seconds = time.process_time() - started
    assert expected_ids is None or ids == expected_ids
    return 1e6 * seconds / count


def constrained_ids(model: Answerer, question: AnswerRequest, memory: DecoderMemory, batch: int) -> Iterator[int]:
    """Ids of the first row."""
    automaton = join_automata([model.token_grammar(question.grammar).automaton] * batch)
    for step in iter_decoding_steps(model.model, memory, automaton, np.arange(len(automaton.starts)), MAX_NEW_TOKENS):
        yield int(step.ids[0])


def unconstrained_ids(model: Answerer, memory: DecoderMemory, batch: int) -> Iterator[int]:
    cache, last_ids = model.model.new_kv_cache(batch, MAX_NEW_TOKENS), None
    while True:
        last_ids = model.model.decode_step(memory, cache, last_ids).argmax(-1)
        yield int(last_ids.cpu().numpy()[0])


def text_question(rng: random.Random) -> tuple[AnswerRequest, Answerer]:
    """A question whose answer is a text that may not end before it is cut, and an untrained model of size base."""
    torch.manual_seed(0)
    vocab = vocabulary()
    model = Answerer(UnifiedModel(SIZES["base"], vocab), vocab)
    pixels = np.random.default_rng(0).integers(0, 256, (model.model.size.side, model.model.size.side, 3), np.uint8)
    return AnswerRequest((vocab.picture, *rng.choices(vocab.text, k=12)), pixels, Text(4_000, 8_000)), model


def question_with_equal_answers(solver: TrainedSolver, rng: random.Random) -> tuple[AnswerRequest, list[int]]:
    """A question that the model answers with the same ids with and without a grammar; the answer has three objects."""
    model = solver.answerer
    while True:
        scene = sample_scene(rng)
        if len(scene.things) != THINGS:
            continue
        question = solver.answer_request(make_items(scene, 1, {"detect": 1.0}, rng)[0], scene)
        [answer] = model.answers([question])
        ids = list(answer.output_ids)
        if (
            isinstance(answer.json_value, list)
            and len(answer.json_value) == THINGS
            and unconstrained_answer(model, question, ids) == ids
        ):
            return question, ids


@torch.inference_mode()
def encode_question(model: Answerer, question: AnswerRequest, batch: int) -> DecoderMemory:
    image_features, image_index = model.encode_images([question.image] * batch)
    source = torch.tensor([question.input_ids] * batch)
    return model.model.encode_text(image_features, image_index, source, torch.ones_like(source, dtype=torch.bool))[1]


@torch.inference_mode()
def unconstrained_answer(model: Answerer, question: AnswerRequest, ids: list[int]) -> list[int]:
    return list(islice(unconstrained_ids(model, encode_question(model, question, 1), 1), len(ids)))


if __name__ == "__main__":
    main()
