"""A version for several tasks is compared on the others, each of which has to hold by itself."""

from collections.abc import Mapping, Sequence

from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.learning.gate import GateRow, GateRule, SliceLoss, slice_losses
from plait.learning.regression import TASK_COLUMN, general_set
from plait.service.catalog import Catalog

RULE = GateRule()


def task_losses(scores: Mapping[str, Sequence[tuple[float, float]]]) -> tuple[SliceLoss, ...]:
    """The loss on each task, by the scores of champion and candidate on its rows."""
    pairs = [(name, *pair) for name, of_task in scores.items() for pair in of_task]
    return slice_losses([GateRow("", before, after, slices={TASK_COLUMN: name}) for name, before, after in pairs], RULE)


def declarations() -> list[Declaration]:
    return [task.declaration for task in Catalog.built_in()]


def test_the_general_set_has_seeds_of_the_text_tasks_outside_the_scope() -> None:
    found = {each.declaration.name: each for each in general_set(declarations(), {"home_command"}, 12)}
    assert set(found) == {"sort_message", "extract_invoice", "cited_answer"}
    seeds = [example.inputs for example in Examples(found["sort_message"].declaration).seeds]
    rows = found["sort_message"].rows
    assert len(rows) == 12 and all(row.example.inputs in seeds for row in rows)
    assert {row.slices["task"] for row in rows} == {"sort_message"}
    assert list(general_set(declarations(), {"home_command"}, 12)) == list(found.values())


def test_a_smaller_set_is_a_part_of_a_larger_one() -> None:
    small, large = ({row.where for each in general_set(declarations(), (), n) for row in each.rows} for n in (5, 10))
    assert small < large


def test_a_loss_on_one_other_task_is_not_hidden_by_a_gain_on_another() -> None:
    scores = {
        "sort_message": [(0.2, 0.9)] * 30,
        "cited_answer": [(0.6, 0.4)] * 30,
        "extract_invoice": [(0.1, 0.1)] * 30,
    }
    losses = {each.name: each.loss for each in task_losses(scores)}
    assert losses["task=cited_answer"].high > RULE.max_loss
    assert all(losses[f"task={name}"].high <= RULE.max_loss for name in ("sort_message", "extract_invoice"))


def test_tasks_with_few_rows_are_judged_together() -> None:
    losses = task_losses({"a": [(0.5, 0.5)] * 12, "b": [(0.5, 0.1)] * 12, "c": [(0.0, 1.0)] * 40})
    assert [(each.name, each.loss.count) for each in losses] == [("task=c", 40), ("task=others", 24)]
    assert losses[1].loss.high > RULE.max_loss
