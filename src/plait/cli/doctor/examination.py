"""Runs the checks of `plait doctor`, one file per subject. A check yields findings and never raises.

packages.py            installed and missing packages
settings_in_force.py   the settings and the source of each
coverage.py            which model answers which task
models.py              whether each model can be used: file, server, threads, memory
port.py                which program listens on the port, and who may call it
disk.py                the data folder
speed.py               measured speed, and likely causes if it is slow
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from plait.cli.doctor.coverage import check_tasks
from plait.cli.doctor.disk import check_disk
from plait.cli.doctor.models import check_models
from plait.cli.doctor.packages import check_packages
from plait.cli.doctor.port import check_port
from plait.cli.doctor.settings_in_force import check_settings
from plait.cli.doctor.speed import check_speed
from plait.core.config import Settings, settings
from plait.core.errors import PlaitError, SettingsError
from plait.service.supervisor.finding import Finding as Finding
from plait.service.supervisor.finding import Findings, wrong
from plait.service.supervisor.machine import cpu_usage

Section = tuple[str, Callable[[], Findings]]


def run_checks(file: Path | None, *, quick: bool) -> Iterator[tuple[str, Finding]]:
    """Yields (section, finding) as soon as each is known."""
    readable, config = usable_settings()
    sections: list[Section] = [
        ("installed", check_packages),
        ("settings", check_settings),
        ("data", lambda: check_disk(config)),
        ("port", lambda: check_port(config)),
    ]
    if readable:
        cpu = cpu_usage()
        sections += [("answers", lambda: check_tasks(file)), ("models", lambda: check_models(cpu))]
        sections += [] if quick else [("speed", lambda: check_speed(cpu))]
    for name, check in sections:
        for finding in run_check(check):
            yield name, finding


def usable_settings() -> tuple[bool, Settings]:
    """Whether the settings can be read, and the settings, or the defaults if they cannot be read."""
    try:
        return True, settings()
    except SettingsError:
        return False, Settings()


def run_check(check: Callable[[], Findings]) -> Findings:
    """The findings of a check. An exception in it becomes one more finding."""
    try:
        yield from check()
    except PlaitError as error:
        yield wrong(str(error), error.hint)
    except Exception as error:
        yield wrong(f"this check failed: {type(error).__name__}: {error}", "this is a bug in Plait: please report it")
