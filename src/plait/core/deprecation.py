"""Deprecated names: they work for one more version and warn when used."""

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def warn_renamed(old: str, new: str, *, stacklevel: int = 3) -> None:
    """Warns that `old` is now `new`. `stacklevel` 3 points at the caller of the function that calls this one."""
    warnings.warn(f"{old} is now called {new}", DeprecationWarning, stacklevel=stacklevel)


def stacklevel_outside_plait() -> int:
    """The `stacklevel` with which `warn_renamed` points at the nearest caller outside Plait: the user's own line."""
    level, frame = 2, sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "plait":
        level, frame = level + 1, frame.f_back
    return level


def renamed_property(old: str, new: str) -> Any:
    """A property that reads the attribute `new` under its old name."""

    def read(self: object) -> Any:
        warn_renamed(f"{type(self).__name__}.{old}", f".{new}")
        return getattr(self, new)

    return property(read)


def renamed_names(module: str, renamed: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module with renamed attributes."""

    def read(name: str) -> Any:
        if name not in renamed:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warn_renamed(f"{module}.{name}", renamed[name])
        from importlib import import_module

        return getattr(import_module(module), renamed[name])

    return read
