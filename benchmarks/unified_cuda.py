"""The unified model on a GPU: samples per second of a training step, model FLOPs utilisation, tokens per second.

Training: size base in bf16 with random weights, including Muon and weight averaging, on batches of the recipe's last
phase that are on the GPU already. FLOPs are counted by torch in one forward and backward pass, over the peak given by
PEAK_TFLOPS (dense bf16). Generation: greedy at a batch of 64, beside a BART of the same width, depth and vocabulary in
the same environment, if transformers is installed (requirements-peers.txt).

    PEAK_TFLOPS=989 python -m benchmarks.unified_cuda
"""

import dataclasses
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.measure import interleaved_timings, median, report
from benchmarks.training_speed import RECIPE, recipe, step
from plait.core.grammar.ast import Text
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.trainer import Trainer
from plait.foundation.unified.generation import answering
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest
from plait.foundation.unified.launch import unified_trainer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import Batch
from plait.foundation.unified.objectives.unified_objective import UnifiedBatch, UnifiedObjective
from plait.foundation.unified.recipe import ModelConfig, Recipe

BATCH, WORDS, TOKENS, REPEATS = 64, 12, 20, 9


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("there is no CUDA device here; the figures of one core are those of training_speed and unified_answer")
    run_recipe = base_recipe()
    figures: dict[str, object] = {"device": torch.cuda.get_device_name(), **training(run_recipe)}
    sides = {"ours": generation(run_recipe)}
    if importlib.util.find_spec("transformers"):
        sides["bart"] = bart(run_recipe)
    timings = interleaved_timings(REPEATS, **sides)
    figures["tokens_a_second"] = {name: round(BATCH * TOKENS / median(values)) for name, values in timings.items()}
    report("unified_cuda", figures)


def base_recipe() -> Recipe:
    return dataclasses.replace(recipe(), model=ModelConfig("base"))


def training(run_recipe: Recipe) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        run = unified_trainer(run_recipe, Path(folder), RECIPE.parent)
        objective = run.objective
        assert isinstance(objective, UnifiedObjective)
        batch = objective.stream.batch(run_recipe.steps).to(run.device)
        flops = flops_of(run, batch)
        timings = interleaved_timings(REPEATS, step=lambda: seconds(lambda: step_in_bf16(run, batch)))
    rate = 1 / median(timings["step"])
    peak = float(os.environ.get("PEAK_TFLOPS", "nan")) * 1e12
    return {
        "samples_a_second": round(rate * len(batch.image_index)),
        "teraflops_a_second": round(rate * flops / 1e12, 1),
        "model_flops_utilisation": round(rate * flops / peak, 3),
    }


def flops_of(run: Trainer, batch: Batch) -> int:
    with FlopCounterMode(display=False) as counter, torch.autocast("cuda", torch.bfloat16):
        losses = run.objective.loss(UnifiedBatch(batch, None, has_examples=True))
        sum(losses.values(), torch.zeros((), device=run.device)).backward()
    return counter.get_total_flops()


def step_in_bf16(run: Trainer, batch: Batch) -> None:
    with torch.autocast("cuda", torch.bfloat16):
        step(run, batch)


def generation(run_recipe: Recipe) -> Callable[[], float]:
    """Measurement of all steps of an answer; each question has its own picture, encoded each time."""
    vocab, random, size = vocabulary(), np.random.default_rng(0), run_recipe.model.shape
    answerer = Answerer(UnifiedModel(size, vocab).cuda(), vocab)
    questions = [
        AnswerRequest(
            (vocab.picture, *random.choice(vocab.text, WORDS).tolist()),
            random.integers(0, 256, (size.side, size.side, 3), np.uint8),
            Text(4_000, 8_000),
        )
        for _ in range(BATCH)
    ]

    def answer() -> float:
        answerer.image_cache.clear()
        with patch.object(answering, "MAX_NEW_TOKENS", TOKENS), torch.autocast("cuda", torch.bfloat16):
            return seconds(lambda: answerer.answers(questions))

    return answer


def bart(run_recipe: Recipe) -> Callable[[], float]:
    from benchmarks.peer_answers import bart_model, generate

    size, table = run_recipe.model.shape, vocabulary().size_without_codes
    model = bart_model(size.width, size.encoder_layers, size.heads, table).cuda().bfloat16()
    ids = torch.randint(4, table, (BATCH, size.cells + WORDS), device="cuda")
    return lambda: seconds(lambda: generate(model, ids, TOKENS))


def seconds(work: Callable[[], object]) -> float:
    torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
