"""`plait optimize MODEL`: find the fastest way to run a model on this machine."""

import tomllib
from pathlib import Path

import click

from plait.core import plugins
from plait.core.config import settings
from plait.core.engine.model_table import parse_table
from plait.core.errors import InputError
from plait.core.toml_file import TomlTable
from plait.core.values.json_text import dumps
from plait.foundation.cards.shipped import WEIGHTS_SUFFIX, shipped_weights_files
from plait.foundation.unified.inference.trial import OptimizationResult, ScoredTrial
from plait.service.models.discovery import Model, find_model
from plait.service.models.settings_edit import add_models

SETTINGS_FILE = Path("plait.toml")


@click.command()
@click.argument("model")
@click.option("--within", type=click.FloatRange(0, 1), default=0.99, show_default=True,
              help="Minimum share of answers that are the same as in fp32.")  # fmt: skip
@click.option("--questions", type=click.IntRange(1, 1000), default=40, show_default=True,
              help="Number of questions per task, to compare answers.")  # fmt: skip
@click.option("--write", is_flag=True, help="Write the fastest settings to plait.toml.")
@click.option("--json", "as_json", is_flag=True, help="Print all trials as JSON.")
def optimize(model: str, within: float, questions: int, write: bool, as_json: bool) -> None:
    """Find the fastest settings for MODEL on this machine: `plait optimize plait-nano`.

    Compares the current settings with other numbers of threads, with matrix products in fp32, bf16 and int8, and with
    compiled layers for image generation. Settings that change more answers than --within allows are shown but not
    chosen. Takes a minute or two on an idle machine.
    """
    weights = optimizable_model(model)
    run_optimizer = plugins.load(plugins.OPTIMIZERS, weights.config.engine_name)
    result: OptimizationResult = run_optimizer(weights.config, within, questions)
    click.echo(dumps(result_json(result)) if as_json else trial_table(result, within))
    if result.best == result.trials[0]:
        click.echo("no other settings are clearly faster than the current ones", err=True)
    elif write:
        append_settings(weights, result)
    elif not as_json:
        click.echo(f"to use it, add to plait.toml, or run again with --write:\n\n{toml_table(weights, result)}")


def optimizable_model(name: str) -> Model:
    """The model of that name or weights file. Raises ModelNotFound, or InputError if its engine has no optimizer."""
    model = model_of_file(Path(name)) if name.endswith(WEIGHTS_SUFFIX) else find_model(name)
    if plugins.find(plugins.OPTIMIZERS, model.config.engine_name) is None:
        raise InputError(
            f"{name} runs on the engine {model.config.engine_name}, which has no settings to optimize",
            hint="choose a model that Plait trained: plait optimize plait-nano",
        )
    return model


def model_of_file(file: Path) -> Model:
    """The model as a table of plait.toml with this path alone gives it."""
    settings_table = TomlTable(SETTINGS_FILE, str(SETTINGS_FILE), "", {"path": str(file)})
    table = parse_table(file.stem, settings_table)
    return Model(file.stem, table.with_defaults(file.stem, settings().threads))


def trial_table(result: OptimizationResult, threshold: float) -> str:
    """Formats the times of the tasks side by side, with the best plan marked."""
    tasks = list(result.trials[0].trial.milliseconds)
    head = ["", "", "speedup", "same answers", *(f"{task} ms" for task in tasks)]
    rows = [head, *(trial_row(each, each.trial.plan == result.best.trial.plan, threshold) for each in result.trials)]
    widths = [max(len(each[column]) for each in rows) for column in range(len(head))]
    return "\n".join("  ".join([each[0].ljust(widths[0]), each[1].ljust(widths[1])] + [
        cell.rjust(width) for cell, width in zip(each[2:], widths[2:], strict=True)
    ]).rstrip() for each in rows)  # fmt: skip


def trial_row(timed_trial: ScoredTrial, best: bool, threshold: float) -> list[str]:
    trial = timed_trial.trial
    share = (
        f"{trial.parity.same_answers} of {trial.parity.questions}"
        + f", {trial.parity.code_variation:.1%} of codes" * bool(trial.parity.code_variation)
    )
    mark = "→" if best else "" if trial.parity.is_within(threshold) else "✗"
    return [
        mark,
        str(trial.plan),
        f"{timed_trial.gain:.2f}",
        share,
        *(f"{each:.1f}" for each in trial.milliseconds.values()),
    ]


def result_json(result: OptimizationResult) -> dict[str, object]:
    return {
        "model": result.model,
        "best": trial_json(result.best),
        "tried": [trial_json(each) for each in result.trials],
    }


def trial_json(timed_trial: ScoredTrial) -> dict[str, object]:
    trial = timed_trial.trial
    milliseconds = {task: round(value, 2) for task, value in trial.milliseconds.items()}
    return {**vars(trial.plan), "gain": round(timed_trial.gain, 3), "milliseconds": milliseconds, **vars(trial.parity)}


def toml_table(model: Model, result: OptimizationResult) -> str:
    """The model's table for plait.toml. It has a path only if the model does not ship with Plait."""
    plan = result.best.trial.plan
    path = "" if model.config.file in shipped_weights_files() else f'path = "{model.config.file}"\n'
    return f"[models.{model.name}]\n{path}{plan.toml()}"


def append_settings(model: Model, result: OptimizationResult) -> None:
    """Appends the table to plait.toml. Raises SettingsError if the file has one for this model already."""
    tables = tomllib.loads(toml_table(model, result))["models"]
    add_models(SETTINGS_FILE, tables).write()
    click.echo(f"written to {SETTINGS_FILE}; to undo it, remove [models.{model.name}]", err=True)
