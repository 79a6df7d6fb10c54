"""The settings in force, and where each comes from."""

import os
from dataclasses import fields
from pathlib import Path

from plait.cli.doctor.finding import Findings, ok, warn, wrong
from plait.core.config import ENVIRONMENT, Settings, from_file, settings
from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean

SECRET = ("keys",)
FILE = Path("plait.toml")


def in_force() -> Findings:
    """Raises nothing: what cannot be read is a finding."""
    try:
        told = settings()
        in_toml = set(from_file(FILE)) if FILE.is_file() else set[str]()
    except SettingsError as error:
        yield wrong(str(error), error.way_out)
    else:
        for field in fields(Settings):
            if field.name != "models":
                yield ok(f"{field.name} = {shown(told, field.name)}   ({source(field.name, in_toml)})")
        names = ", ".join(told.models)
        yield ok(f"models = {names or 'none of your own'}   ({source('models', in_toml)})")
    for name in sorted(os.environ):
        if name.startswith("PLAIT_") and name not in ENVIRONMENT:
            yield warn(
                f"{name} is set, and nothing reads it",
                did_you_mean(name, ENVIRONMENT, f"known: {', '.join(ENVIRONMENT)}"),
            )


def source(name: str, in_toml: set[str]) -> str:
    variable = f"PLAIT_{name.upper()}"
    if variable in os.environ and variable in ENVIRONMENT:
        return variable
    return str(FILE) if name in in_toml else "default"


def shown(told: Settings, name: str) -> str:
    """The value as one would write it; of a secret how many there are."""
    value = getattr(told, name)
    if name in SECRET:
        return f"{len(value)}, not shown" if value else "none"
    if value is None or value == "":
        return "not set"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
