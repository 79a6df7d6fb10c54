"""What a verb needs of layer 1, found by entry point: it brings torch, which nothing else here needs."""

from importlib.metadata import entry_points
from typing import Any

from plait.core.errors import MissingDependency, SettingsError


def load_entry_point(group: str, activity: str, verb: str, extra: str) -> Any:
    """What the group `plait.GROUP` names; `doing` and `do` are what it is for: "training", "train". Raises MissingExtra
    for a package that is not there, and SettingsError where nothing is named.
    """
    way_out = f"pip install 'plait[{extra}]'"
    for point in entry_points(group=f"plait.{group}", name="unified"):
        try:
            return point.load()
        except ModuleNotFoundError as missing:
            if missing.name is None or missing.name.startswith("plait"):
                raise
            raise MissingDependency(f"{activity} needs the package {missing.name}", hint=way_out) from None
    raise SettingsError(f"nothing here can {verb}", hint=way_out)
