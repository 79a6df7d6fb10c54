"""Inputs of the built-in tasks: samples written here, and rows of their seeds and held-out files."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import plait.tasks
from plait.core.prompting.example_rows import read_examples
from plait.core.task.task import Task
from plait.core.values.inputs import embed_row_files, inputs_from_json
from tools.golden.recording import GOLDEN, Json

ROWS = 2  # of each file of seeds and of held-out rows
HOLE = {"x0": 6, "y0": 66, "x1": 21, "y1": 76}
PICTURE = "picture.png"
# Inputs, in JSON form, of the tasks without rows of their own; also the questions for plait-nano.
SAMPLES: dict[str, list[dict[str, Json]]] = {
    "ask": [
        {"picture": PICTURE, "question": "how many squirrels are there?"},
        {"picture": PICTURE, "question": "骆驼是什么颜色的？"},  # noqa: RUF001
    ],
    "describe": [{"picture": PICTURE}],
    "describe_region": [{"picture": PICTURE, "region": {"x0": 5, "y0": 59, "x1": 28, "y1": 78}}],
    "detect": [{"picture": PICTURE}],
    "draw": [{"description": "a camel and two squirrels"}, {"description": "一头骆驼"}],
    "locate": [{"picture": PICTURE, "phrase": "the camel"}, {"picture": PICTURE, "phrase": "左边的松鼠"}],
    "matches": [{"picture": PICTURE, "text": "a camel"}, {"picture": PICTURE, "text": "a car and a red mug"}],
    "restore_image": [{"picture": PICTURE, "hole": HOLE}],
    "restore_text": [{"text": "is the squirrel left of the camel? ___, ___ camel is right of ___"}],
}


def built_in_tasks() -> dict[str, "Task[..., Any]"]:
    names = [each.name for each in iter_modules(plait.tasks.__path__) if not each.ispkg]
    modules = ((name, import_module(f"plait.tasks.{name}")) for name in names)
    return {name: getattr(module, name) for name, module in modules}


def row_files(task: "Task[..., Any]") -> list[Path]:
    return [file for file in (task.examples.seeds_file, *task.examples.held_out_files) if file.exists()]


def samples(task: "Task[..., Any]") -> Iterator[tuple[str, dict[str, object]]]:
    """Yields inputs as Python values, each with its source."""
    for number, json_value in enumerate(SAMPLES.get(task.declaration.name, ()), 1):
        yield f"sample {number}", decode_inputs(task, json_value)
    for file in row_files(task):
        for number, each in enumerate(take(ROWS, read_examples(task.declaration, file)), 1):
            yield f"{file.parent.name}/{file.name}:{number}", dict(each.inputs)


def decode_inputs(task: "Task[..., Any]", json_value: Json) -> dict[str, object]:
    return inputs_from_json(task.declaration, embed_row_files(task.declaration, json_value, GOLDEN))


def take(count: int, of: Iterator[Any]) -> list[Any]:
    return [each for _, each in zip(range(count), of, strict=False)]
