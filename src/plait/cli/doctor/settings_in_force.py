"""Check of `plait doctor`: the settings in force, and the source of each."""

import os
from dataclasses import fields
from pathlib import Path

from plait.core.config import ENVIRONMENT_KEYS, FILE_NAME, Settings, read_settings_file, settings
from plait.core.errors import SettingsError
from plait.core.suggestions import did_you_mean
from plait.service.supervisor.finding import Findings, ok, warn, wrong

SECRET_SETTINGS = ("keys",)


def check_settings() -> Findings:
    """Lists the settings. An unreadable setting is a finding, not an exception."""
    file = Path(FILE_NAME)
    try:
        config = settings()
        in_toml = set(read_settings_file(file).values) if file.is_file() else set[str]()
    except SettingsError as error:
        yield wrong(str(error), error.hint)
    else:
        for field in fields(Settings):
            if field.name != "models":
                yield ok(
                    f"{field.name} = {format_setting(config, field.name)}   ({setting_source(field.name, in_toml)})"
                )
        names = ", ".join(config.models)
        yield ok(f"models = {names or 'none in plait.toml'}   ({setting_source('models', in_toml)})")
    for name in sorted(os.environ):
        if name.startswith("PLAIT_") and name not in ENVIRONMENT_KEYS:
            yield warn(
                f"{name} is set, but there is no such setting",
                did_you_mean(name, ENVIRONMENT_KEYS, f"known: {', '.join(ENVIRONMENT_KEYS)}"),
            )


def setting_source(name: str, in_toml: set[str]) -> str:
    variable = f"PLAIT_{name.upper()}"
    if variable in os.environ and variable in ENVIRONMENT_KEYS:
        return variable
    return FILE_NAME if name in in_toml else "default"


def format_setting(config: Settings, name: str) -> str:
    """The value as text; for secrets, only their number."""
    value = getattr(config, name)
    if name in SECRET_SETTINGS:
        return f"{len(value)}, not shown" if value else "none"
    if value is None or value == "":
        return "not set"
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)
