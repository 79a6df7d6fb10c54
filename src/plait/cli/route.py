"""`plait route TASK`: find the smallest model that is sure enough: plait route sort_message --models smollm2,gpu-box"""

import shlex
import sys
from pathlib import Path

import click

from plait.cli.evaluate import check_rows
from plait.cli.missing_rows import no_held_out_rows
from plait.cli.program_name import as_called
from plait.core.errors import InputError
from plait.core.evaluation.report_file import write_report_file
from plait.learning.route import CONCURRENCY, ROWS, RoutePlan, find_best_route
from plait.learning.route_curve import RouteGoal
from plait.learning.route_report import RouteReport
from plait.service.catalog import find_task


@click.command()
@click.argument("task")
@click.option("--models", metavar="NAME,NAME,...", help="The models to choose from.  [default: all that can answer]")
@click.option("--data", multiple=True, metavar="FILE", help="A .csv or .jsonl file of rows with right answers. "
              "Default: the held-out rows beside the task's file.")  # fmt: skip
@click.option("--min-accuracy", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
              help="Keep at least this share of right answers, as cheaply as possible.")  # fmt: skip
@click.option("--risk", type=click.FloatRange(0, 1, min_open=True), metavar="SHARE",
              help="Allow at most this share of wrong answers.")  # fmt: skip
@click.option("--as", "name", metavar="NAME", help="The name of the route.  [default: TASK-route]")
@click.option("--rows", type=click.IntRange(1), default=ROWS, show_default=True, help="Maximum number of rows.")
@click.option("--at-once", type=click.IntRange(1, 256), default=CONCURRENCY, show_default=True,
              help="Number of rows answered concurrently.")  # fmt: skip
@click.option("--out", metavar="FILE", help="Also write the report to a .json file.")
@click.option("--fresh", is_flag=True, help="Ignore the answers of an interrupted run.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def route(
    task: str,
    models: str | None,
    data: tuple[str, ...],
    min_accuracy: float | None,
    risk: float | None,
    name: str | None,
    rows: int,
    at_once: int,
    out: str | None,
    fresh: bool,
    as_json: bool,
) -> None:
    """Find the models to ask for a task, one after the other until one is sure, and keep them as a route.

    Every model answers the held-out rows once. One part of them chooses the confidence that each model needs, the other
    part measures what comes of it. Without --min-accuracy or --risk the route is to be right as often as the best model
    alone. The name of the route stands wherever a model does: `plait run TASK --model TASK-route`.

    All models but one have to be calibrated: `plait evaluate TASK --model NAME --calibrate`. After an interruption, the
    same command resumes the run.
    """
    if min_accuracy is not None and risk is not None:
        raise InputError("--min-accuracy and --risk are two goals", hint="choose one of the two")
    check_report_path(out)
    known_task, _ = find_task(task)
    files = tuple(map(Path, data)) or tuple(known_task.examples.held_out_files)
    if not files:
        raise no_held_out_rows(known_task, task)
    for file in files:
        check_rows(known_task.declaration, task, file, with_flag=bool(data))
    names = tuple(each.strip() for each in models.split(",") if each.strip()) if models else ()
    goal = RouteGoal(min_accuracy, risk)
    report = find_best_route(RoutePlan(known_task, files, names, name or "", goal, rows, at_once, fresh), say)
    click.echo(report.to_json() if as_json else report)
    if out:
        write_report_file(out, report.to_json() + "\n")
        say(f"wrote {out}")
    say_next(report, task)
    sys.exit(1 if report.objections else 0)


def check_report_path(out: str | None) -> None:
    """Checks before any work that the report can be written. Raises InputError."""
    if out is not None and Path(out).suffix != ".json":
        raise InputError(f"--out takes a .json file, not {out}", hint="--out route.json")
    if out is not None and not Path(out).parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {Path(out).parent}")


def say(line: str) -> None:
    click.echo(line, err=True)


def say_next(report: RouteReport, task: str) -> None:
    """How the route is used, and taken back."""
    if report.objections:
        return
    say(f"\n{report.name} answers from now on where it is named as a model:")
    say(as_called(f"plait run {shlex.quote(task)} --model {report.name}"))
    say(as_called(f"plait models rollback {report.name} takes it back"))
