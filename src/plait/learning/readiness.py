"""What a task has to improve from: examples, corrections, answers marked right, held-out rows, and what is missing."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError, PlaitError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.learning.adapt import MIN_EXAMPLES, check_adaptable
from plait.learning.adapt_plan import runs_folder
from plait.learning.evidence import evidence_of
from plait.learning.gate import GateRule
from plait.learning.held_out import Split, rated_rows, sample_rows, split_examples
from plait.learning.training_rows import examples_to_learn
from plait.service.models.discovery import find_model

ASSIGNMENT = "held-out.json"


@dataclass(frozen=True)
class Readiness:
    """How many rows of each kind there are, and what an automatic promotion lacks.

    `learned` of the `examples` are learned, `left_out` are too near to held-out rows. `missing` are reasons, `hints`
    commands that supply it. `obstacle` is set if the task cannot be adapted at all.
    """

    examples: int = 0
    corrections: int = 0
    right: int = 0
    learned: int = 0
    left_out: int = 0
    held_out: int = 0
    source: str = ""
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    obstacle: PlaitError | None = None


def readiness(declaration: Declaration, model: str, gate_rows: int, rule: GateRule | None = None) -> Readiness:
    """What there is now. Nothing is written: examples are assigned to held-out rows by the first adaptation."""
    rule = rule or GateRule()
    try:
        examples = examples_to_learn(declaration, [], lambda line: None)
        split = planned_split(declaration, examples)
        rated = len(rated_rows(declaration))
    except PlaitError as error:
        return Readiness(obstacle=error)
    rows = sample_rows(split.held_out, gate_rows)
    evidence = evidence_of(declaration, split, rows, rule)
    few = () if len(rows) >= rule.min_rows else (few_rows(len(rows), rule),)
    missing = (*evidence.missing, *few)
    return Readiness(
        len(examples),
        sum(bool(each.correction) and not each.is_right for each in examples),
        sum(each.is_right for each in examples) + rated,
        len(split.examples),
        split.left_out,
        len(split.held_out),
        split.source,
        missing,
        evidence.hints if missing else (),
        next(obstacles(declaration, model, split), None),
    )


def few_rows(count: int, rule: GateRule) -> str:
    return f"there are {count} held-out rows, and {rule.min_rows} are the least"


def planned_split(declaration: Declaration, examples: list[Example]) -> Split:
    """The split of the next adaptation, made on a copy of the assignment."""
    with tempfile.TemporaryDirectory(prefix="plait-split-") as scratch:
        known = runs_folder(declaration) / ASSIGNMENT
        if known.exists():
            shutil.copy(known, scratch)
        return split_examples(declaration, examples, Path(scratch))


def obstacles(declaration: Declaration, model: str, split: Split) -> Iterator[PlaitError]:
    """Why the task cannot be adapted; nothing if it can."""
    try:
        check_adaptable(find_model(model), declaration)
    except PlaitError as error:
        yield error
    if len(split.examples) < MIN_EXAMPLES:
        yield InputError(
            f"{declaration.name} has {len(split.examples)} examples to learn from; {MIN_EXAMPLES} are the least",
            hint=f"correct answers on the page of the task\nplait correct {task_address(declaration)} --rows FILE",
        )
