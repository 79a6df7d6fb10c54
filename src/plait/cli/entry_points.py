"""What a verb needs of layer 1, found by entry point: it brings torch, which nothing else here needs."""

from importlib.metadata import entry_points
from typing import Any

from plait.core.errors import MissingDependency, SettingsError


def load_entry_point(group: str, activity: str, verb: str, extra: str) -> Any:
    """What the group `plait.GROUP` names; `activity` and `verb` say what it is for: "training", "train". Raises
    MissingDependency for a package that is not there, and SettingsError where nothing is named.
    """
    hint = f"pip install -e '.[{extra}]'"
    for point in entry_points(group=f"plait.{group}", name="unified"):
        try:
            return point.load()
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("plait"):
                raise
            raise MissingDependency(f"{activity} needs the package {error.name}", hint=hint) from None
    raise SettingsError(f"nothing here can {verb}", hint=hint)
