"""Painting in parallel over painting in raster order: time of one picture on one core, and what the judge sees.

    python -m benchmarks.painting [--limit 200]

The time is that of 128 pixels, 256 codes, one picture alone, CPU time, interleaved: of the shipped model, and of `base`
with random weights, whose time is that of trained ones. The judge's scores are of drawings that tuning has not seen.
"""

import time
from itertools import islice

import click
import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer
from plait.foundation.unified.generation.image_decoding import DEFAULT_SAMPLING, PaintSampling
from plait.foundation.unified.generation.painter import Painter, PaintRequest
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.suite.questions import sample_questions
from plait.foundation.unified.suite.results import build_result
from plait.foundation.unified.suite.task_metrics import AnsweredQuestion
from plait.foundation.unified.suite.trained_solver import TrainedSolver
from plait.foundation.unified.weights.model_lookup import load_model

SEED = 7  # of the questions; tuning used seed 3
REPEATS = 7
RASTER = PaintSampling(order="raster")
STEPS = (4, 6, DEFAULT_SAMPLING.steps, 10, 16)


@click.command(help=__doc__)
@click.option("--limit", default=200, show_default=True)
@click.option("--model", default="plait-nano", show_default=True)
def main(limit: int, model: str) -> None:
    torch.set_num_threads(1)
    nano, base = load_model(model), UnifiedModel(SIZES["base"], vocabulary()).eval()
    samplings = {f"parallel, {steps} steps": PaintSampling(steps=steps) for steps in STEPS} | {"raster": RASTER}
    report(
        "painting",
        {
            "seconds": {model: seconds(nano, samplings), "base": seconds(base, samplings)},
            "judge": {name: judge_scores(nano, sampling, limit) for name, sampling in samplings.items()},
        },
    )


def seconds(model: UnifiedModel, samplings: dict[str, PaintSampling]) -> dict[str, object]:
    painter = Painter(Answerer(model, vocabulary()), image_tokenizer())
    request = PaintRequest(
        tuple(vocabulary().encode_lowercased("what is the complete image? a cat and a dog on a blue ground")), None, 1
    )

    def painting_seconds(sampling: PaintSampling) -> float:
        started = time.process_time()
        painter.paint([request], sampling)
        return time.process_time() - started

    timings = interleaved_timings(
        REPEATS, **{name: lambda manner=manner: painting_seconds(manner) for name, manner in samplings.items()}
    )
    return {
        "median": {name: round(median(values), 3) for name, values in timings.items()},
        "over raster": {name: ratio(timings, name, "raster") for name in timings if name != "raster"},
    }


def judge_scores(model: UnifiedModel, sampling: PaintSampling, limit: int) -> dict[str, float]:
    solver = TrainedSolver("it", model, sampling)
    questions = list(islice(sample_questions("draw", "seen", limit, SEED), limit))
    predictions = [
        each
        for at in range(0, limit, 25)
        for each in solver.answers([q.item for q in questions[at : at + 25]], [None] * len(questions[at : at + 25]))
    ]
    result = build_result("it", [AnsweredQuestion(*pair) for pair in zip(questions, predictions, strict=True)])
    return {name: round(each.mean, 3) for name, each in result.measures.items()}


if __name__ == "__main__":
    main()
