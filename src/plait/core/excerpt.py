"""The writer's own line, with a mark under the fault."""

import inspect
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """Where a function was written. `lines` is empty where Python cannot say (a shell without history)."""

    file: str
    first_line: int
    lines: tuple[str, ...]

    def excerpt(self, fault: str, *, after: str = "") -> tuple[str, ...]:
        """The first line that holds `fault` (from the first that holds `after` on), and the mark under it."""
        start = next((n for n, line in enumerate(self.lines) if after in line), 0)
        for number, line in enumerate(self.lines[start:], self.first_line + start):
            column = line.find(fault, line.find(after) if number == self.first_line + start and after else 0)
            if column >= 0:
                return marked(f"{self.shown}:{number}   ", line.rstrip(), column, len(fault))
        return (f"{self.shown}:{self.first_line}",)

    @property
    def shown(self) -> str:
        """The file as the writer calls it: relative where it lies below the working folder."""
        path = Path(self.file)
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else self.file


def marked(prefix: str, line: str, column: int, length: int) -> tuple[str, str]:
    """`line` without its indentation, and carets below the `length` characters from `column` on."""
    bare = line.lstrip()
    column -= len(line) - len(bare)
    return prefix + bare, " " * (width(prefix) + width(bare[:column])) + "^" * width(bare[column : column + length])


def width(text: str) -> int:
    """Columns in a terminal: a Chinese character fills two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def source_of(function: Callable[..., object]) -> Source:
    code = function.__code__
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError, SyntaxError):
        return Source(code.co_filename, code.co_firstlineno, ())
    return Source(code.co_filename, first, tuple(lines))
