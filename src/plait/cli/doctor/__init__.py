"""`plait doctor`: check the installation, the settings, the models and their speed."""

import sys
from pathlib import Path

import click

from plait.cli.doctor.examination import run_checks
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.service.supervisor.finding import Finding

COLOURS = {"ok": "green", "warn": "yellow", "wrong": "red"}


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Skip the speed measurement, which starts a model.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON on one line.")
def doctor(file: Path | None, quick: bool, as_json: bool) -> None:
    """Check the installation, the settings, the models and their speed; with FILE.py, also its tasks.

    The exit code is 1 if a problem keeps Plait from answering.
    """
    findings: list[tuple[str, Finding]] = []
    for section, finding in run_checks(file, quick=quick):
        if not as_json:
            print_finding(section, finding, first=not findings or findings[-1][0] != section)
        findings.append((section, finding))
    if as_json:
        click.echo(dumps({"findings": [finding_json(section, finding) for section, finding in findings]}))
    sys.exit(any(finding.mark == "wrong" for _, finding in findings))


def print_finding(section: str, finding: Finding, *, first: bool) -> None:
    if first:
        click.echo(section)
    head, *rest = finding.message.splitlines()
    click.echo(f"  {click.style(f'{finding.mark:<5}', fg=COLOURS[finding.mark])}  {head}")
    for line in rest:
        click.echo(f"         {line}")
    for line in finding.hint.splitlines():
        click.echo(f"         → {line}")


def finding_json(section: str, finding: Finding) -> dict[str, Json]:
    return {
        "section": section,
        "mark": finding.mark,
        "what": finding.message,
        "hint": finding.hint,
        "figures": dict(finding.figures),
    }
