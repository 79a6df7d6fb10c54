"""What a doctor looks at, one idea a file, told in findings: never an error, whatever state the machine is in.

packages.py    what is installed, and what is missing
in_force.py    the settings, and where each comes from
answering.py   which model answers what
models.py      whether each model can be had: file, server, threads, memory
port.py        what is on the port, and who may come in
disk.py        the data folder
speed.py       why it is slow
machine.py     cores, processes and memory, as the system tells
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from plait.cli.doctor.coverage import answering
from plait.cli.doctor.disk import disk
from plait.cli.doctor.finding import Finding as Finding
from plait.cli.doctor.finding import Findings, wrong
from plait.cli.doctor.machine import cores
from plait.cli.doctor.models import models
from plait.cli.doctor.packages import packages
from plait.cli.doctor.port import port
from plait.cli.doctor.settings_in_force import in_force
from plait.cli.doctor.speed import speed
from plait.core.config import Settings, settings
from plait.core.errors import PlaitError, SettingsError

Section = tuple[str, Callable[[], Findings]]


def examined(file: Path | None, *, quick: bool) -> Iterator[tuple[str, Finding]]:
    """Section by section, as soon as each is known."""
    readable, told = usable_settings()
    sections: list[Section] = [
        ("installed", packages),
        ("settings", in_force),
        ("data", lambda: disk(told)),
        ("port", lambda: port(told)),
    ]
    if readable:
        has = cores()
        sections += [("answers", lambda: answering(file)), ("models", lambda: models(has))]
        sections += [] if quick else [("speed", lambda: speed(has))]
    for name, look in sections:
        for finding in looked(look):
            yield name, finding


def usable_settings() -> tuple[bool, Settings]:
    """The settings, or the usual ones where they cannot be read: then no call is answered either."""
    try:
        return True, settings()
    except SettingsError:
        return False, Settings()


def looked(look: Callable[[], Findings]) -> Findings:
    """The findings; an error on the way is one too: whoever asks a doctor has trouble enough."""
    try:
        yield from look()
    except PlaitError as error:
        yield wrong(str(error), error.way_out)
    except Exception as fault:
        yield wrong(f"could not be looked at: {type(fault).__name__}: {fault}", "this is Plait's own fault: report it")
