"""The door of `plait optimize`, by entry point: what is fastest on this machine of all that answers the same."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from plait.core.errors import InputError
from plait.foundation.cards.header import header
from plait.foundation.cards.inference_plan import Plan, neighbours
from plait.foundation.unified.inference.benchmark import Bench
from plait.foundation.unified.inference.compiled import can_compile
from plait.foundation.unified.inference.trial import Optimized, Tried
from plait.foundation.unified.worlds.task_items import TASKS

QUESTIONS = 40  # of each task, to compare answers
ROUNDS = 9
GAIN = 1.05  # times as fast, at least: less is within the noise of a machine, and no reason to change anything


def optimized(
    file: Path, now: Plan, within: float, tell: Callable[[str], None], questions: int = QUESTIONS, rounds: int = ROUNDS
) -> Optimized:
    """One dial after another: how many threads, then which arithmetic, then compiled or not; of each what is fastest
    and answers at least the share `within` of the questions as fp32 does.

    Raises CheckpointError, and InputError where the model has no task that there are questions for.
    """
    card = header(file).card
    tasks = [task for task in TASKS if task in card.tasks]
    if not tasks:
        raise InputError(
            f"{card.name} was trained on no task of the worlds, so there are no questions to measure it by",
            way_out=f"optimize a model that can do one of {', '.join(TASKS)}",
        )
    bench = Bench(file, tasks, questions)
    tell(f"{card.name} as it is run now: {now}")
    cores, best, tried = os.cpu_count() or 1, now, dict[Plan, Tried]()
    for dial in neighbours(now, cores):
        if dial == "compiled" and not (bench.work.commissions and can_compile()):
            continue  # only what paints is
        plans = list(dict.fromkeys([now, best, *neighbours(best, cores)[dial]]))
        tell(f"{dial}: {', '.join(map(str, plans))}; {rounds} rounds of {len(bench.work.tasks)} tasks")
        trials = bench.trials(plans, rounds)
        tried |= {each.plan: Tried(each, each.gain(trials[0])) for each in trials}
        best = fastest([tried[plan] for plan in plans], tried[best], within).trial.plan
    return Optimized(card.name, tried[best], tuple(tried.values()))


def fastest(tried: Sequence[Tried], so_far: Tried, within: float) -> Tried:
    """The best so far, unless another one is clearly faster and its answers are the same."""
    found = max((each for each in tried if each.trial.same.within(within)), key=lambda each: each.gain, default=so_far)
    return found if found.gain >= GAIN * so_far.gain else so_far
