"""The suite `unified`: evaluates the unified model task by task, beside baselines without a model.

Every task is asked as in training, in new scenes, then in a style, with pictograms and in combinations that training
never shows. Command: `plait evaluate --suite unified`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from plait.core.errors import InputError, MissingDependency
from plait.core.progress import CountProgress
from plait.foundation.unified.suite.nearest_picture_baseline import NearestImageBaseline
from plait.foundation.unified.suite.question_only_baseline import MajorityBaseline, QuestionOnlyBaseline
from plait.foundation.unified.suite.questions import SuiteQuestion, sample_questions, task_splits
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.suite.results import build_result
from plait.foundation.unified.suite.solver import Solver
from plait.foundation.unified.suite.task_metrics import AnsweredQuestion
from plait.foundation.unified.worlds.task_items import TASKS

SUITE_NAME = "unified"
DEFAULT_MODEL = "plait-nano"
SEEN_COUNT, HELD_OUT_COUNT = 1_000, 500  # questions of each task, half of them in each language
BATCH = 64
BASELINES: tuple[type[MajorityBaseline] | type[QuestionOnlyBaseline] | type[NearestImageBaseline], ...] = (
    MajorityBaseline,
    QuestionOnlyBaseline,
    NearestImageBaseline,
)

QuestionSet = tuple[SuiteQuestion, ...]  # the questions of one task in one split


@dataclass(frozen=True)
class SuitePlan:
    """`limit` is the number of questions of each task in each split; the seed determines the scenes."""

    tasks: tuple[str, ...] = TASKS
    limit: int | None = None
    seed: int = 1


def evaluate(
    model: str = "",
    tasks: Sequence[str] = (),
    limit: int | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> SuiteReport:
    """Evaluates a trained model or a baseline by name. Ctrl-C stops early and returns a report on the answers so far.

    Raises InputError for a task that is not in the suite, ModelNotFound, MissingDependency.
    """
    for task in tasks:
        if task not in TASKS:
            raise InputError(f"{task} is not in the suite {SUITE_NAME}", hint=f"its tasks are {', '.join(TASKS)}")
    solver = solver_by_name(model or DEFAULT_MODEL)
    return run_suite(solver, SuitePlan(tuple(tasks) or TASKS, limit), tell=tell)


def solver_by_name(name: str) -> Solver:
    for baseline in BASELINES:
        if baseline.name == name:
            return baseline()
    try:
        from plait.foundation.unified.suite.trained_solver import trained_solver
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("plait"):
            raise
        raise MissingDependency(f"{name} needs the package {error.name}", hint="pip install -e '.[unified]'") from None
    return trained_solver(name)


def run_suite(
    solver: Solver, plan: SuitePlan, baselines: bool = True, tell: Callable[[str], None] = lambda line: None
) -> SuiteReport:
    """Runs the solver and the baselines on the same questions."""
    started = time.monotonic()
    solvers = [solver, *(each() for each in BASELINES if baselines and each.name != solver.name)]
    question_sets = list(sample_question_sets(plan))
    rows = collect_answers(solvers, question_sets, tell)
    model_rows = [row for rows_by_solver in rows for row in rows_by_solver[solver.name]]
    return SuiteReport(
        suite=SUITE_NAME,
        model=solver.name,
        seed=plan.seed,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=time.monotonic() - started,
        planned=sum(map(len, question_sets)),
        asked=len(model_rows),
        unanswered=sum(row.answer is None for row in model_rows),
        results=tuple(
            build_result(name, solver_rows)
            for rows_by_solver in rows
            for name, solver_rows in rows_by_solver.items()
            if solver_rows
        ),
    )


def collect_answers(
    solvers: Sequence[Solver], question_sets: Sequence[QuestionSet], tell: Callable[[str], None]
) -> list[dict[str, list[AnsweredQuestion]]]:
    """Answers to each question set by solver; after Ctrl-C those so far."""
    rows: list[dict[str, list[AnsweredQuestion]]] = [{each.name: [] for each in solvers} for _ in question_sets]
    progress, num_asked = CountProgress(f"evaluate {SUITE_NAME}", sum(map(len, question_sets)), "questions"), 0
    try:
        tell(f"asking {sum(map(len, question_sets)):,} questions; Ctrl-C ends with the results so far")
        for question_set, rows_by_solver in zip(question_sets, rows, strict=True):
            for batch in split_batches(question_set):
                for name, batch_rows in answer_batch(solvers, batch).items():
                    rows_by_solver[name] += batch_rows
                num_asked += len(batch)
                progress.update(num_asked)
    except KeyboardInterrupt:
        pass
    return rows


def sample_question_sets(plan: SuitePlan) -> Iterator[QuestionSet]:
    for task in plan.tasks:
        for split in task_splits(task):
            count = plan.limit or (SEEN_COUNT if split == "seen" else HELD_OUT_COUNT)
            yield tuple(sample_questions(task, split, count, plan.seed))


def split_batches(question_set: QuestionSet) -> Iterator[QuestionSet]:
    remaining = iter(question_set)
    while batch := tuple(islice(remaining, BATCH)):
        yield batch


def answer_batch(solvers: Sequence[Solver], batch: QuestionSet) -> dict[str, list[AnsweredQuestion]]:
    """Answers by solver. All solvers must answer, otherwise the batch is dropped."""
    items, scenes = [each.item for each in batch], [each.visible_scene for each in batch]
    predictions = {solver.name: solver.answers(items, scenes) for solver in solvers}
    return {
        name: [AnsweredQuestion(*pair) for pair in zip(batch, each, strict=True)] for name, each in predictions.items()
    }
