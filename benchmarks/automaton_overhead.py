"""A detection of three things held to its grammar, over the same without one: the likeliest id of all, step by step.

Budget: at most 1.05, one at a time and 16 at once. CPU time of one core, from the first id to the last; joining the
grammars of a batch counts. The picture is one where the model needs no grammar, so that both write the same ids.

    python -m benchmarks.automaton_overhead [MODEL]
"""

import random
import sys
import time

import numpy as np
import torch

from benchmarks.measure import interleaved, median, ratio, report
from plait.foundation.data.worlds.asked import items
from plait.foundation.data.worlds.drawing import drawn
from plait.foundation.data.worlds.sampling import scene
from plait.foundation.evaluation.trained import Trained, solver
from plait.foundation.generation.answering import LENGTH, Answerer, Question
from plait.foundation.generation.arrays import joined
from plait.foundation.generation.decoding import steps
from plait.foundation.model.decoder import Memory

THINGS, BATCHES, REPEATS = 3, (1, 16), 15


def main() -> None:
    torch.set_num_threads(1)
    trained = solver(sys.argv[1] if len(sys.argv) > 1 else "plait-nano")
    model, (question, ids) = trained.answerer, answered_alike(trained, random.Random(0))
    figures: dict[str, object] = {"ids": len(ids)}
    for batch in BATCHES:
        memory = remembered(model, question, batch)
        taken = interleaved(
            REPEATS if batch > 1 else 4 * REPEATS,
            held=lambda memory=memory, batch=batch: held(model, question, memory, batch, ids),
            free=lambda memory=memory, batch=batch: free(model, memory, batch, ids),
        )
        told = {name: round(1e6 * median(values) / len(ids)) for name, values in taken.items()}
        figures[f"batch_{batch}"] = {"microseconds_a_step": told, "held_over_free": ratio(taken, "held", "free")}
    report("automaton_overhead", figures)


def answered_alike(trained: Trained, rng: random.Random) -> tuple[Question, list[int]]:
    """A question that is answered by the same ids with its grammar and without, three things among them."""
    model = trained.answerer
    while True:
        about = scene(rng)
        if len(about.things) != THINGS:
            continue
        question = trained.question(items(about, 1, {"detect": 1.0}, rng)[0], drawn(about))
        [found] = model.answers([question])
        ids = list(found.ids)
        if isinstance(found.wire, list) and len(found.wire) == THINGS and written_freely(model, question, ids) == ids:
            return question, ids


@torch.inference_mode()
def remembered(model: Answerer, question: Question, batch: int) -> Memory:
    seen, which = model.look([question.picture] * batch)
    source = torch.tensor([question.source] * batch)
    return model.model.read(seen, which, source, torch.ones_like(source, dtype=torch.bool))[1]


def held(model: Answerer, question: Question, memory: Memory, batch: int, ids: list[int]) -> float:
    automata = [model.grammar(question.grammar).automaton] * batch
    started = time.process_time()
    written = [int(step.ids[0]) for step in steps(model.model, memory, joined(automata), np.arange(batch), LENGTH)]
    taken = time.process_time() - started
    assert written == ids
    return taken


@torch.inference_mode()
def free(model: Answerer, memory: Memory, batch: int, ids: list[int]) -> float:
    started = time.process_time()
    cache, chosen, written = model.model.cache(batch, LENGTH), None, list[int]()
    for _ in ids:
        chosen = model.model.step(memory, cache, chosen).argmax(-1)
        written.append(int(chosen.cpu().numpy()[0]))
    taken = time.process_time() - started
    assert written == ids
    return taken


@torch.inference_mode()
def written_freely(model: Answerer, question: Question, ids: list[int]) -> list[int]:
    memory, cache, chosen = remembered(model, question, 1), model.model.cache(1, LENGTH), None
    written: list[int] = []
    for _ in ids:
        chosen = model.model.step(memory, cache, chosen).argmax(-1)
        written.append(int(chosen[0]))
    return written


if __name__ == "__main__":
    main()
