"""`plait adapt TASK`: adapt a model to a task by its examples: plait adapt home_command --data corrected.jsonl

With `--tasks FOLDER` it is adapted to any typed task, by a mixture of many.
"""

import shlex
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.cli.stale_routes import stale_by_version
from plait.foundation.cards.adapter import MAX_RANK
from plait.foundation.text.adapt_request import (
    METHODS,
    GrpoConfig,
    LoraConfig,
    MethodConfig,
    chosen_lora,
    method_config,
)
from plait.learning.adapt import model_to_adapt
from plait.learning.adapt_options import GATE_ROWS
from plait.learning.adaptation import adapt as adapt_task
from plait.learning.distill import MIN_CONFIDENCE, Teacher
from plait.learning.judged_run import AdaptedVersion, AdaptOptions
from plait.learning.mixture_adaptation import adapt_mixture
from plait.learning.reward_training import TrainedReward, train_reward
from plait.learning.rewards import SCORE
from plait.service.catalog import Catalog, find_task
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.models.discovery import find_model


@click.command()
@click.argument("task", required=False)
@click.option("--tasks", metavar="FOLDER", help="Instead of a task: adapt to any typed task, by those of a folder.")
@click.option(
    "--evaluation", metavar="FOLDER", help="Other tasks to judge that by.  [default: seeds of installed ones]"
)
@click.option(
    "--data", multiple=True, metavar="PATH", help="Rows to learn, or a folder of pictures.  [default: all examples]"
)
@click.option(
    "--method",
    type=click.Choice([*METHODS]),
    default="sft",
    show_default=True,
    help="sft: right answers; dpo: pairs of answers; kto: answers marked right or wrong; grpo: own answers by a "
    "reward; reward: a model of the reward, from pairs.",
)
@click.option("--reward", metavar="REWARD", help="Of grpo: score, FILE.py:NAME, or a reward model.  [default: score]")
@click.option("--group", type=click.IntRange(2, 64), help="Of grpo: answers to sample for each prompt.  [default: 8]")
@click.option("--teacher", metavar="MODEL", help="A larger model whose answers to --inputs are learned as well.")
@click.option("--inputs", multiple=True, metavar="FILE", help="Rows without answers, for the teacher.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=MIN_CONFIDENCE,
    show_default=True,
    help="Confidence that a teacher's answer needs, where it is known.",
)
@click.option("--model", default="", help="The model to adapt.  [default: smollm2; for pictures plait-nano]")
@click.option("--epochs", type=click.IntRange(1, 100), help="How often each row is read.  [default: 60 steps or more]")
@click.option("--rank", type=click.IntRange(1, MAX_RANK), help="Rank of a new adapter.  [default: 8]")
@click.option("--upper-layers", type=click.IntRange(1), help="Adapt this many uppermost layers alone: faster.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(1e-6, 1.0),
    help="[default: 0.001; of pictures 0.005; of preferences 0.0002]",
)
@click.option("--threads", type=click.IntRange(1), help="Threads to train with.  [default: all cores but one]")
@click.option("--processes", type=click.IntRange(1), default=1, help="Share weights and rows (sft, dpo): a card each.")
@click.option("--from-base", is_flag=True, help="Train a new adapter, not the one that answers now.")
@click.option("--quantized", is_flag=True, help="Keep the frozen weights quantised (QLoRA): slower, in less memory.")
@click.option("--gate-rows", type=click.IntRange(1), default=GATE_ROWS, show_default=True,
              help="Held-out rows to score at most.")  # fmt: skip
@click.option("--no-promote", is_flag=True, help="Keep it a candidate, whatever the verdict.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def adapt(
    task: str | None,
    tasks: str | None,
    evaluation: str | None,
    data: tuple[str, ...],
    method: str,
    reward: str | None,
    group: int | None,
    teacher: str | None,
    inputs: tuple[str, ...],
    min_confidence: float,
    model: str,
    epochs: int | None,
    rank: int | None,
    upper_layers: int | None,
    learning_rate: float | None,
    threads: int | None,
    processes: int,
    from_base: bool,
    quantized: bool,
    gate_rows: int,
    no_promote: bool,
    as_json: bool,
) -> None:
    """Adapt a model to a task by its examples, and use it if it is better.

    Rows that the task is scored on are never learned. The adapter is compared with the model that answers now; if it
    gains, loses nowhere, and is served as it was trained, it takes over at once. An adapter that answers already is
    trained on. An interrupted run is resumed by the same command.
    """
    # A server that a script started in the background ignores Ctrl-C, and so would this process, which it stops by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    check_learned(task, tasks, evaluation, of_one_task=bool(data or inputs or teacher or method != "sft"))
    config = named_config(method, chosen_lora(rank, upper_layers), epochs, learning_rate, reward, group)
    taught = named_teacher(teacher, inputs, min_confidence, method)
    more = {"teacher": taught, "reward": reward or SCORE, "quantized": quantized, "processes": processes}
    options = AdaptOptions(config, threads, gate_rows, not no_promote, from_base=from_base, **more)
    if tasks:
        judged_by = Path(evaluation) if evaluation else None
        installed = [each.declaration for each in Catalog.all_installed()]
        adapted = adapt_mixture(Path(tasks), judged_by, installed, find_model(model or EMBEDDED), options, say)
        return print_adapted(adapted, as_json)
    assert task, "checked above"
    declaration = find_task(task)[0].declaration
    chosen = model_to_adapt(declaration, model)
    if method == "reward":
        print_reward(task, train_reward(declaration, [*map(Path, data)], chosen, options, say), as_json)
        return
    print_adapted(adapt_task(declaration, [*map(Path, data)], chosen, options, say), as_json)


def named_config(
    method: str,
    lora: LoraConfig | None,
    epochs: int | None,
    learning_rate: float | None,
    reward: str | None,
    group: int | None,
) -> MethodConfig:
    """Raises UsageError for options of another method."""
    config = method_config(method, lora, epochs=epochs or 0, learning_rate=learning_rate)
    if isinstance(config, GrpoConfig):
        return replace(config, group=group or config.group)
    if reward or group:
        raise click.UsageError(f"--reward and --group are for --method grpo, not {method}")
    return config


def named_teacher(teacher: str | None, inputs: tuple[str, ...], min_confidence: float, method: str) -> Teacher | None:
    """Raises UsageError for inputs without a teacher, and for a method that does not learn its answers."""
    if inputs and not teacher:
        raise click.UsageError("--inputs is for a --teacher, and there is none")
    if teacher and method != "sft":
        raise click.UsageError(f"a teacher's answers are learned by --method sft, not {method}")
    return Teacher(teacher, tuple(map(Path, inputs)), min_confidence) if teacher else None


def check_learned(task: str | None, tasks: str | None, evaluation: str | None, *, of_one_task: bool) -> None:
    """Raises UsageError unless one task or a folder of tasks is named, with options for it."""
    if (task is None) == (tasks is None):
        raise click.UsageError("name a TASK, or --tasks FOLDER with many tasks")
    if tasks and of_one_task:
        raise click.UsageError("--tasks learns the right answers of its folder: --data, --teacher, --inputs and other "
                               "methods are for one TASK")  # fmt: skip
    if evaluation and not tasks:
        raise click.UsageError("--evaluation is for --tasks; the held-out rows of a TASK stand beside it")


def print_adapted(adapted: AdaptedVersion, as_json: bool) -> None:
    click.echo(adapted.verdict.to_json() if as_json else adapted.verdict)
    for line in next_steps(adapted):
        click.echo(line, err=as_json)


def print_reward(task: str, reward: TrainedReward, as_json: bool) -> None:
    click.echo(reward.to_json() if as_json else reward)
    click.echo("\nto learn by it:", err=as_json)
    click.echo(as_called(f"plait adapt {task} --method grpo --reward {shlex.quote(str(reward.folder))}"), err=as_json)


def say(line: str) -> None:
    click.echo(line, err=True)


def next_steps(adapted: AdaptedVersion) -> Iterator[str]:
    """What answers now, and the commands that change it."""
    version = adapted.version
    yield ""
    if adapted.is_promoted:
        yield f"{version.label} answers from now on; the one before comes back with:"
        yield as_called(f"plait models rollback {version.name}")
        yield from stale_by_version(version)
    else:
        yield f"{version.label} is a candidate and answers nobody; to use it in spite of that:"
        yield as_called(f"plait models alias {version.name} {version.number}")
