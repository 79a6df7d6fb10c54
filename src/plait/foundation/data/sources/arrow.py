"""pyarrow, which reads Parquet and Arrow. It is imported only when such a file is opened: it is optional."""

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
    """Exceptions that pyarrow raises for a damaged file; invalid UTF-8 is a ValueError."""
    return (OSError, ValueError, EOFError, import_pyarrow().ArrowException)


def first_line(error: Exception) -> str:
    """First line of the message of pyarrow; the other lines are about its own code."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")
