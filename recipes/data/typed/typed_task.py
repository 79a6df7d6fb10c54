"""A small declared task as Python source, with a sampler of its rows.

The prompt of a task shows its instruction, field names, types and label words, so these vary; the name of the function
is not shown, and only says which rows belong to it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

Row = dict  # {"inputs": ..., "answer": ...}
Sampler = Callable[[Random], Row | None]

HEADER = '''"""{title}"""

from datetime import date, time
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from plait import Quoted, Ref, task
'''


@dataclass(frozen=True)
class TypedTask:
    """`kind` tells what is asked of the model, `source` declares the task, `sample` draws a row or None."""

    kind: str
    name: str
    language: str
    source: str
    sample: Sampler


def record(name: str, fields: Mapping[str, str], note: str = "") -> str:
    """The source of a record class; an empty one has a docstring."""
    body = [f"    {field}: {annotation}" for field, annotation in fields.items()]
    return "\n".join([f"class {name}(BaseModel):", *([f'    """{note}"""', ""] if note or not body else []), *body])


def literal(labels: Sequence[str]) -> str:
    return f"Literal[{', '.join(map(repr, labels))}]"


def declaration(name: str, parameters: Mapping[str, str], answer: str, instruction: str, *records: str) -> str:
    """The source of a task, its records above it."""
    listed = ", ".join(f"{parameter}: {annotation}" for parameter, annotation in parameters.items())
    function = f'@task\ndef {name}({listed}) -> {answer}:\n    """{instruction}"""\n    ...'
    return "\n\n\n".join([*records, function])


def renamed(task: TypedTask, names: Mapping[str, Sequence[str]], random: Random) -> TypedTask:
    """The task with one of the other names for each of its inputs: prompts show them."""
    chosen = {name: random.choice((name, *others)) for name, others in names.items() if f"{{{name}}}" in task.source}
    source = task.source
    for name, other in chosen.items():
        source = source.replace(f"{{{name}}}", f"{{{other}}}").replace(f"({name}: ", f"({other}: ")
        source = source.replace(f", {name}: ", f", {other}: ")

    def sample(random: Random) -> Row | None:
        row = task.sample(random)
        return row and row | {"inputs": {chosen.get(name, name): value for name, value in row["inputs"].items()}}

    return replace(task, source=source, sample=sample)


def module(title: str, tasks: Sequence[TypedTask]) -> str:
    """The source of a file that declares the tasks."""
    return HEADER.format(title=title) + "".join(f"\n\n{each.source}\n" for each in tasks)
