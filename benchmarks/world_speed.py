"""Cost of generated worlds: time to make a batch, as a share of the training step.

Budget: less than 0.05 of the step. CPU time of one core, size nano, the recipe's joint phase for one of its two
processes. Making a batch includes creating items and encoding them as ids, without the picture.

    python -m benchmarks.world_speed
"""

import random
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import torch

from benchmarks.measure import interleaved_timings, median, report
from benchmarks.training_speed import RANKS, RECIPE, recipe, step
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.launch import unified_trainer
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.encoded_examples import tokenize_item
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import TASKS, make_items

PICTURES, REPEATS = 64, 7


def main() -> None:
    run_recipe = recipe()
    phase, words = run_recipe.schedule.phase[-1], vocabulary()
    feed, places = BatchStream(run_recipe, words, TASKS, 0, RANKS), count(run_recipe.steps)
    scenes = [sample_scene(random.Random(place)) for place in range(PICTURES)]
    with tempfile.TemporaryDirectory() as folder:
        run = unified_trainer(run_recipe, Path(folder), RECIPE.parent)
        batch = feed.batch(next(places))
        timings = interleaved_timings(
            REPEATS,
            scenes=lambda: seconds(
                lambda: [render_scene(sample_scene(random.Random(next(places)))) for _ in range(PICTURES)]
            ),
            items=lambda: seconds(
                lambda: [
                    tokenize_item(item, words)
                    for about in scenes
                    for item in make_items(about, phase.items, run_recipe.data.mixture, random.Random(next(places)))
                ]
            ),
            batch=lambda: seconds(lambda: feed.batch(next(places))),
            learning=lambda: seconds(lambda: step(run, batch)),
        )
    middle = {name: median(values) for name, values in timings.items()}
    report(
        "world_speed",
        {
            "scenes_a_second": round(PICTURES / middle["scenes"]),
            "items_a_second": round(PICTURES * phase.items / middle["items"]),
            "batch_ms": round(1e3 * middle["batch"], 1),
            "learning_ms": round(1e3 * middle["learning"], 1),
            "share_of_a_step": round(middle["batch"] / (middle["batch"] + middle["learning"]), 4),
        },
    )


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
