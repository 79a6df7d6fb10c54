"""`plait evaluate TASK`: score a model on a task, beside baselines without a model."""

from dataclasses import replace
from pathlib import Path

import click

from plait.cli.missing_rows import missing_rows, no_held_out_rows
from plait.cli.run import option_flags
from plait.cli.stale_routes import stale_by_calibration
from plait.cli.suite_report import evaluate_suite
from plait.core.calls.batch import CONCURRENCY
from plait.core.engine.calibration_files import save_calibration
from plait.core.errors import InputError
from plait.core.evaluation.calibrate import calibrate
from plait.core.evaluation.calibration_text import calibration_lines
from plait.core.evaluation.evaluate import EvaluationPlan
from plait.core.evaluation.evaluate import evaluate as evaluation
from plait.core.evaluation.report import Report
from plait.core.evaluation.result import Comparison, RowResult
from plait.core.evaluation.rows import SUFFIXES, count_rows
from plait.core.task.declaration import Declaration
from plait.core.task.options import parse_options
from plait.core.values.json_text import dumps
from plait.service.catalog import find_task
from plait.service.confidence import num_shots
from plait.service.local_transport import LocalTransport
from plait.service.score_reports import keep_report
from plait.web.report import save_page

WORST_ROWS = 3
FORMATS = (".json", ".md", ".html")
USAGE_HINT = "plait evaluate TASK --out report.json, or plait evaluate --suite unified --json"


def with_options(command: click.Command) -> click.Command:
    command.params += option_flags(for_images=False)
    return command


@with_options
@click.command
@click.argument("task", required=False)
@click.option("--data", multiple=True, metavar="PATH", help="A .csv or .jsonl file of rows with right answers, or an "
              "export of annotated pictures. Default: the held-out rows beside the task's file.")  # fmt: skip
@click.option("--suite", metavar="NAME", help="Use generated questions instead of rows: unified.")
@click.option(
    "--limit", type=click.IntRange(1), help="Maximum number of rows; for a suite, of questions per task and split."
)
@click.option("--against", metavar="WHAT", help="Compare with another setting (shots=0, model=NAME) or with "
              "an earlier report (FILE.json), row by row.")  # fmt: skip
@click.option("--out", multiple=True, metavar="FILE", help="Also write the report to a file: .json, .md or .html.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 256),
    default=CONCURRENCY,
    show_default=True,
    help="Number of rows answered concurrently.",
)
@click.option(
    "--worst",
    type=click.IntRange(0),
    default=WORST_ROWS,
    show_default=True,
    help="Number of worst answers to show.",
)
@click.option("--fresh", is_flag=True, help="Ignore the answers of an earlier run.")
@click.option("--calibrate", "calibrating", is_flag=True, help="Fit the confidence of answers on half of the rows, "
              "measure it on the others, and keep it for this task and model.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report of a suite as JSON.")
def evaluate(
    task: str | None,
    data: tuple[str, ...],
    suite: str | None,
    limit: int | None,
    against: str | None,
    out: tuple[str, ...],
    at_once: int,
    worst: int,
    fresh: bool,
    calibrating: bool,
    as_json: bool,
    **option_texts: str | None,
) -> None:
    """Score a task on rows with right answers: `plait evaluate home_command --data held-out.jsonl`.

    Baselines without a model are shown beside the score: always the same answer, a copy of the nearest example, and
    your own rules if the task has a code engine. The task's page shows the newest reports. After an interruption, the
    same command resumes the run.

    `plait evaluate --suite unified` evaluates a model that Plait trained, on generated questions: of kinds that it was
    trained on, and of held-out kinds.
    """
    if suite is not None:
        return evaluate_suite(suite, task, limit, out, as_json, data=data, against=against, fresh=fresh, **option_texts)
    if task is None or as_json:
        raise InputError("no task was given" if task is None else "--json needs --suite", hint=USAGE_HINT)
    known_task, _ = find_task(task)
    options = parse_options({name: text for name, text in option_texts.items() if text is not None})
    files = [file for name in data for file in files_of(known_task.declaration, Path(name))]
    files = files or known_task.examples.held_out_files
    if not files:
        raise no_held_out_rows(known_task, task)
    check_report_paths(out)
    for file in files:
        check_rows(known_task.declaration, task, file, with_flag=bool(data))
    code_engines = tuple(known_task.code_engines)
    plans = [
        EvaluationPlan(known_task.declaration, file, options, code_engines, limit, at_once, fresh, calibrating)
        for file in files
    ]
    if calibrating:
        return calibrate_plans(plans, against, out)
    for plan in plans:
        paths = [Path(name) if len(plans) == 1 else path_for_data(Path(name), plan.file) for name in out]
        print_report(plan, against, worst, paths)


def print_report(plan: EvaluationPlan, against: str | None, worst: int, paths: list[Path]) -> None:
    """Evaluates, prints the report with its worst answers, and writes it to the files."""
    report = evaluate_plan(plan)
    keep_report(plan.declaration, report)
    click.echo(report)
    if against:
        click.echo(comparison_text(report, comparison(plan, report, against)))
    for row_result in report.worst(worst):
        click.echo("\n" + row_text(row_result))
    for path in paths:
        write_report(report, plan.declaration, path)


def calibrate_plans(plans: list[EvaluationPlan], against: str | None, out: tuple[str, ...]) -> None:
    """Calibrates on all files together, prints the figures and keeps the calibration."""
    for name, value in (("--against", against), ("--out", out)):
        if value:
            raise InputError(f"{name} cannot be combined with --calibrate", hint="evaluate first, then calibrate")
    plans = [with_usual_shots(plan) for plan in plans]
    calibration, confidence = calibrate(plans, lambda line: click.echo(line, err=True))
    click.echo("\n".join(calibration_lines(calibration, confidence)))
    click.echo(f"wrote {save_calibration(plans[0].declaration, calibration)}", err=True)
    for line in stale_by_calibration(plans[0].declaration, calibration):
        click.echo(line, err=True)


def with_usual_shots(plan: EvaluationPlan) -> EvaluationPlan:
    """The plan with the number of examples that its model is asked with: a calibration holds for that number only."""
    name = plan.options.model
    engine = LocalTransport().engine_for(plan.declaration, name, plan.code_engines if name else ())
    return replace(plan, options=replace(plan.options, shots=num_shots(plan.options, engine)))


def check_rows(declaration: Declaration, address: str, file: Path, *, with_flag: bool) -> None:
    """Checks that the file has rows. Raises InputError, which says how to write one."""
    missing = file.suffix.lower() in SUFFIXES and not file.exists()
    if missing or count_rows(file, "--data") == 0:
        message = f"{file} does not exist" if missing else f"{file} has no rows"
        raise missing_rows(declaration, address, file, message, with_flag=with_flag)


def files_of(declaration: Declaration, path: Path) -> list[Path]:
    """The file itself, or those of the rows that annotated pictures give. Raises InputError."""
    if path.suffix.lower() in SUFFIXES and not path.is_dir():
        return [path]
    from plait.foundation.data.sources.annotations.exported_rows import rows_files

    return rows_files(declaration, path, lambda line: click.echo(line, err=True))


def check_report_paths(out: tuple[str, ...]) -> None:
    """Checks, before hours of work, that each report can be written. Raises InputError."""
    for name in out:
        if Path(name).suffix not in FORMATS:
            raise InputError(f"--out takes {', '.join(FORMATS)}, not {name}")
        if not Path(name).parent.is_dir():
            raise InputError(f"--out {name}: there is no folder {Path(name).parent}")


def evaluate_plan(plan: EvaluationPlan) -> Report:
    return evaluation(plan, lambda line: click.echo(line, err=True))


def comparison(plan: EvaluationPlan, report: Report, against: str) -> Comparison:
    """Compares the report with an earlier one, or with the same rows under other options."""
    if "=" not in against:
        return report.compare(Report.read(against))
    pairs = (each.partition("=") for each in against.split(","))
    options = parse_options({name.strip(): text.strip() for name, _, text in pairs})
    changes = {name: value for name, value in vars(options).items() if value is not None}
    return report.compare(evaluate_plan(replace(plan, options=replace(plan.options, **changes))))


def comparison_text(report: Report, other: Comparison) -> str:
    return (
        f"\nagainst {other.name}\n  score {other.score}, all fields correct {other.exact}\n"
        f"  {report.model} is {other.ahead}\n  in all {other.ahead_exact}"
    )


def row_text(row: RowResult) -> str:
    answer = f"no answer: {row.error}" if row.error else f"answer {dumps(row.answer)}"
    return f"{row.where}  {row.score:.2f}\n  {answer}\n  right  {dumps(row.reference)}"


def path_for_data(path: Path, data: Path) -> Path:
    """The report's path for one of several data files, such as report.unseen-sentences.json."""
    return path.with_stem(f"{path.stem}.{data.stem.partition('.')[2] or data.stem}")


def write_report(report: Report, declaration: Declaration, path: Path) -> None:
    if path.suffix == ".html":
        save_page(report, path, declaration=declaration)
    else:
        report.save(path)
    click.echo(f"wrote {path}", err=True)
