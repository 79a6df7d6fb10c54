"""`plait adapt TASK`: adapt a model to a task by its examples: plait adapt home_command --data corrected.jsonl"""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.core.errors import InputError
from plait.core.evaluation.rows import count_rows, read_rows
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.foundation.cards.gguf.adapter_fit import MAX_RANK
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.learning.adapt import AdapterRun, plan_adaptation, prepare_run, train
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.models.discovery import find_model


@click.command()
@click.argument("task")
@click.option("--data", multiple=True, metavar="FILE", help="Rows to learn, .csv or .jsonl. Default: all examples.")
@click.option("--model", default=EMBEDDED, show_default=True, help="The GGUF model to adapt.")
@click.option("--epochs", type=click.IntRange(1, 100), default=1, show_default=True, help="How often each row is read.")
@click.option("--rank", type=click.IntRange(1, MAX_RANK), default=8, show_default=True, help="Rank of the adapter.")
@click.option("--upper-layers", type=click.IntRange(1), help="Adapt this many uppermost layers alone: faster.")
@click.option("--learning-rate", type=click.FloatRange(1e-6, 1.0), default=1e-3, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="Threads to train with.  [default: all cores]")
def adapt(
    task: str,
    data: tuple[str, ...],
    model: str,
    epochs: int,
    rank: int,
    upper_layers: int | None,
    learning_rate: float,
    threads: int | None,
) -> None:
    """Adapt a model to a task by its examples.

    Rows that the task is scored on are never learned. An interrupted run is resumed by the same command. The adapter is
    a candidate: compare it with the model before you use it, as the last lines say.
    """
    declaration = find_task(task)[0].declaration
    config = SftConfig(LoraConfig(rank, 2.0 * rank, upper_layers=upper_layers), learning_rate, epochs)
    plan = plan_adaptation(declaration, find_model(model), examples_to_learn(declaration, data), config)
    if plan.held_out_count:
        click.echo(f"{plan.held_out_count} rows are left out: the task is scored on them", err=True)
    run = prepare_run(plan, threads or os.cpu_count() or 1)
    tokens = run.token_count * epochs
    click.echo(f"{run.row_count:,} rows, {tokens:,} tokens to read; run {run.request.folder}", err=True)
    train(run)
    for line in next_steps(task, model, run):
        click.echo(line)


def examples_to_learn(declaration: Declaration, data: tuple[str, ...]) -> Iterator[Example]:
    """The rows of the files, otherwise all examples of the task. Raises InputError with the line at fault."""
    if not data:
        yield from Examples(declaration)
    for file in map(Path, data):
        if not count_rows(file):
            raise InputError(f"{file} has no rows", hint="a row needs a column per input and a column called answer")
        yield from (row.example() for row in read_rows(declaration, file))


def next_steps(task: str, model: str, run: AdapterRun) -> Iterator[str]:
    """The adapter, the table that serves it, and the command that compares it with its base."""
    name = f"{run.request.task}-{run.request.folder.name[:6]}"
    yield f"adapter {run.adapter}"
    yield f'''
add to plait.toml, then compare it with {model}:

[models.{name}]
path = "{run.request.base}"
adapter = "{run.adapter}"
'''
    yield as_called(f"plait evaluate {task} --model {name} --shots 0 --against model={model}")
