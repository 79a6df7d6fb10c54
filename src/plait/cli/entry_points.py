"""What a verb needs of layer 1, found by entry point: it brings torch, which nothing else here needs."""

from importlib.metadata import entry_points
from typing import Any

from plait.core.errors import MissingExtra, SettingsError


def loaded(group: str, doing: str, do: str, extra: str) -> Any:
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
            raise MissingExtra(f"{doing} needs the package {missing.name}", way_out=way_out) from None
    raise SettingsError(f"nothing here can {do}", way_out=way_out)
