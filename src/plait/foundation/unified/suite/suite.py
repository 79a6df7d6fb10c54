"""The suite `unified`: what the unified model can do, task by task, beside what needs no model.

Every task is asked as training asks it, in scenes that training did not draw, then in a style, with pictograms and in
combinations that training never shows. `plait evaluate --suite unified`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from plait.core.calls.batch import Progress
from plait.core.errors import InputError, MissingExtra
from plait.foundation.unified.suite.nearest_picture_baseline import Nearest
from plait.foundation.unified.suite.question_only_baseline import Blind, Majority
from plait.foundation.unified.suite.questions import Question, questions, splits
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.suite.results import result
from plait.foundation.unified.suite.solver import Solver
from plait.foundation.unified.suite.task_metrics import Judged
from plait.foundation.unified.worlds.task_items import TASKS

NAME = "unified"
MODEL = "plait-nano"
SEEN, HELD_OUT = 1_000, 500  # questions of each task, half of them in each language
BATCH = 64
BASELINES: tuple[type[Majority] | type[Blind] | type[Nearest], ...] = (Majority, Blind, Nearest)

Part = tuple[Question, ...]  # the questions of one task in one split


@dataclass(frozen=True)
class Plan:
    """`limit` is how many questions of each task in each split, and scenes follow from the seed."""

    tasks: tuple[str, ...] = TASKS
    limit: int | None = None
    seed: int = 1


def evaluated(
    model: str = "",
    tasks: Sequence[str] = (),
    limit: int | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> SuiteReport:
    """The report on a model by name: a trained one, or a baseline. Ctrl-C ends it early, with what is known so far.

    Raises InputError for a task that is not in the suite, NoModel, MissingExtra.
    """
    for task in tasks:
        if task not in TASKS:
            raise InputError(f"{task} is not in the suite {NAME}", way_out=f"its tasks are {', '.join(TASKS)}")
    solver = solver_called(model or MODEL)
    return report(solver, Plan(tuple(tasks) or TASKS, limit), tell=tell)


def solver_called(name: str) -> Solver:
    for baseline in BASELINES:
        if baseline.name == name:
            return baseline()
    try:
        from plait.foundation.unified.suite.trained_solver import solver
    except ModuleNotFoundError as fault:
        if fault.name is None or fault.name.startswith("plait"):
            raise
        raise MissingExtra(f"{name} needs the package {fault.name}", way_out="pip install 'plait[unified]'") from None
    return solver(name)


def report(
    solver: Solver, plan: Plan, baselines: bool = True, tell: Callable[[str], None] = lambda line: None
) -> SuiteReport:
    """What the solver and the baselines answer to the same questions."""
    started = time.monotonic()
    solvers = [solver, *(each() for each in BASELINES if baselines and each.name != solver.name)]
    parts = list(drawn(plan))
    rows = collected(solvers, parts, tell)
    ours = [row for found in rows for row in found[solver.name]]
    return SuiteReport(
        suite=NAME,
        model=solver.name,
        seed=plan.seed,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=time.monotonic() - started,
        planned=sum(map(len, parts)),
        asked=len(ours),
        unanswered=sum(row.given is None for row in ours),
        results=tuple(result(name, those) for found in rows for name, those in found.items() if those),
    )


def collected(
    solvers: Sequence[Solver], parts: Sequence[Part], tell: Callable[[str], None]
) -> list[dict[str, list[Judged]]]:
    """Of each part, by the name of the solver; after Ctrl-C what there is by then."""
    rows: list[dict[str, list[Judged]]] = [{each.name: [] for each in solvers} for _ in parts]
    progress, asked = Progress(f"evaluate {NAME}", sum(map(len, parts))), 0
    try:
        tell(f"asking {sum(map(len, parts)):,} questions; Ctrl-C ends with what is known so far")
        for part, found in zip(parts, rows, strict=True):
            for batch in batches(part):
                for name, judged in answers(solvers, batch).items():
                    found[name] += judged
                asked += len(batch)
                progress.tell(asked, failed=0)
    except KeyboardInterrupt:
        pass
    return rows


def drawn(plan: Plan) -> Iterator[Part]:
    for task in plan.tasks:
        for split in splits(task):
            count = plan.limit or (SEEN if split == "seen" else HELD_OUT)
            yield tuple(questions(task, split, count, plan.seed))


def batches(part: Part) -> Iterator[Part]:
    left = iter(part)
    while batch := tuple(islice(left, BATCH)):
        yield batch


def answers(solvers: Sequence[Solver], batch: Part) -> dict[str, list[Judged]]:
    """By the name of the solver: all of them, or the batch counts for none."""
    items, scenes = [each.item for each in batch], [each.shown for each in batch]
    said = {solver.name: solver.answers(items, scenes) for solver in solvers}
    return {name: [Judged(*pair) for pair in zip(batch, each, strict=True)] for name, each in said.items()}
