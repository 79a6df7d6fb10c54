"""The rules of examples/rules/: always a valid answer, and a baseline worth the name."""

import asyncio
import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plait.core.engine.protocol import TaskRequest
from plait.core.engine.validation import answer_events
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.tasks.home_command import Nothing, home_command
from plait.tasks.sort_message import sort_message

ROOT = Path(__file__).resolve().parents[2]
TASKS: list[Task[..., Any]] = [home_command, sort_message]


@pytest.fixture
def rules(task: Task[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The engine that the file gives the task, taken away again after the test."""
    monkeypatch.setattr(task, "code_engines", [])
    runpy.run_path(str(ROOT / f"examples/rules/{task.declaration.name}.py"))
    [engine] = task.code_engines
    return engine


def rows(task: Task[..., Any], folder: str) -> Iterator[Example]:
    for file in sorted((ROOT / "src/plait/tasks" / folder).glob(f"{task.declaration.name}*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            yield example_from_json(task.declaration, json.loads(line), f"{file}:{number}")


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_rules_give_a_valid_answer_for_every_row(task: Task[..., Any], rules: Any) -> None:
    async def gone_through_the_gate() -> int:
        count = 0
        for example in rows(task, "held_out"):
            context = call_context(task.declaration, example.inputs, by_name=True)
            async for _ in answer_events(
                rules, TaskRequest(task.declaration, example.inputs, context), streamed=False, timeout=10
            ):
                pass
            count += 1
        return count

    assert asyncio.run(gone_through_the_gate()) >= 1_000


@pytest.mark.parametrize("task", [home_command], ids=repr)
def test_home_command_rules_answer_nearly_all_seeds(rules: Any) -> None:
    right = [same_command(rules.function(**row.inputs), row.answer) for row in rows(home_command, "seeds")]
    assert sum(right) / len(right) > 0.95


def same_command(answer: Any, expected: Any) -> bool:
    """Nothing is nothing, whatever the reason."""
    return answer == expected or (isinstance(answer, Nothing) and isinstance(expected, Nothing))


@pytest.mark.parametrize("task", [sort_message], ids=repr)
def test_sort_message_rules_label_most_seeds(rules: Any) -> None:
    answers = [(rules.function(**row.inputs), row.answer) for row in rows(sort_message, "seeds")]
    assert sum(one.label == other.label for one, other in answers) / len(answers) > 0.85
    assert sum(one.urgency == other.urgency for one, other in answers) / len(answers) > 0.85
