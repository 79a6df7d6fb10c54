"""pyarrow, which reads Parquet and Arrow: asked for when such a file is, since most people go without it."""

from importlib import import_module
from typing import Any

from plait.core.errors import MissingDependency


def import_pyarrow(module: str = "") -> Any:
    """pyarrow, or a module of it. Raises MissingDependency."""
    try:
        return import_module(f"pyarrow.{module}".rstrip("."))
    except ModuleNotFoundError:
        hint = "pip install -e '.[tables]'"
        raise MissingDependency("Parquet and Arrow files need the package pyarrow", hint=hint) from None


def pyarrow_errors() -> tuple[type[Exception], ...]:
    """What pyarrow raises for a file that is damaged; texts that are no UTF-8 are ValueErrors."""
    return (OSError, ValueError, EOFError, import_pyarrow().ArrowException)


def first_line(error: Exception) -> str:
    """The first line of what pyarrow says: the others are about its own code."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")
