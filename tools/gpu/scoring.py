"""Scores weights with the suite `unified` within a time limit, on all CPU cores, where the weights will be used.

python -m tools.gpu.scoring WEIGHTS --until $(($(date +%s) + 60))    writes scores.json beside them, and their card

Each task in each split is scored in a separate process, beginning with scenes like those of training. Parts that
are not done in time are left out. Baselines and more questions: `python -m benchmarks.unified_scores plait-base`.
"""

import argparse
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import torch

from plait.foundation.cards.card import card_path, parse_card
from plait.foundation.unified.suite.questions import sample_questions, task_splits
from plait.foundation.unified.suite.report import SuiteReport, score_cards
from plait.foundation.unified.suite.results import SuiteResult, build_result
from plait.foundation.unified.suite.suite import SUITE_NAME, answer_batch, split_batches
from plait.foundation.unified.suite.trained_solver import TrainedSolver, trained_solver
from plait.foundation.unified.weights.weight_files import save_card
from plait.foundation.unified.worlds.sampling import Split
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS

SEED = 1  # of the suite
WRITE_SECONDS = 4.0  # reserved for writing the results


@dataclass(frozen=True)
class Part:
    weights: Path
    task: str
    split: Split
    count: int


@dataclass(frozen=True)
class PartScore:
    """Scores of `asked` questions of one task in one split; `unanswered` of them had no readable answer."""

    result: SuiteResult
    asked: int
    unanswered: int


def main() -> None:
    began = time.time()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--until", type=float, required=True, help="when it ends, in seconds since 1970")
    parser.add_argument("--questions", type=int, default=32)
    options = parser.parse_args()
    planned = list(parts(options.weights, options.questions))
    scores = list(score_parts(planned, options.until - WRITE_SECONDS))
    report = build_report(options.weights.stem, scores, options.questions * len(planned), time.time() - began)
    report.save(options.weights.with_name("scores.json"))
    card = parse_card(card_path(options.weights).read_bytes(), options.weights)
    save_card(replace(card, scores=score_cards(report)), options.weights)
    print(f"{report}\n{len(scores)} of {len(planned)} parts of the suite were done in time")


def parts(weights: Path, count: int) -> Iterator[Part]:
    """Parts in order: splits like training first, and image generation before reading, because it takes longest."""
    order = sorted(TASKS, key=lambda task: task not in IMAGE_TASKS)
    each = [Part(weights, task, split, count) for task in order for split in task_splits(task)]
    yield from sorted(each, key=lambda part: part.split != "seen")


def score_parts(planned: list[Part], deadline: float) -> Iterator[PartScore]:
    """Yields the scores of parts as they finish, until the deadline."""
    processes = max(1, min(len(planned), (os.cpu_count() or 1) - 1))
    # Leaving the block ends the processes that still run.
    with multiprocessing.get_context("spawn").Pool(processes, use_one_thread) as pool:
        scores = pool.imap_unordered(score_part, planned)
        for _ in planned:
            try:
                yield scores.next(max(0.0, deadline - time.time()))
            except multiprocessing.TimeoutError:
                return


def use_one_thread() -> None:
    """Limits each process to one core."""
    torch.set_num_threads(1)


@cache
def load_solver(weights: Path) -> TrainedSolver:
    return trained_solver(str(weights))


def score_part(part: Part) -> PartScore:
    solver = load_solver(part.weights)
    questions = tuple(sample_questions(part.task, part.split, part.count, SEED))
    rows = [row for batch in split_batches(questions) for row in answer_batch([solver], batch)[solver.name]]
    return PartScore(build_result(solver.name, rows), len(rows), sum(row.answer is None for row in rows))


def build_report(name: str, scores: list[PartScore], planned: int, seconds: float) -> SuiteReport:
    order = {
        (task, split): number for number, (task, split) in enumerate((t, s) for t in TASKS for s in task_splits(t))
    }
    results = sorted((each.result for each in scores), key=lambda each: order[each.task, each.split])
    asked, unanswered = (sum(getattr(each, of) for each in scores) for of in ("asked", "unanswered"))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return SuiteReport(SUITE_NAME, name, SEED, created, seconds, max(planned, asked), asked, unanswered, tuple(results))


if __name__ == "__main__":
    main()
