"""The writer's own line, with a mark under the fault."""

import ast
import inspect
import os
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class FunctionSource:
    """Where a function was written. `lines` is empty where Python cannot say (a shell without history)."""

    file: str
    first_line: int
    lines: tuple[str, ...]

    @cached_property
    def definition(self) -> FunctionNode | None:
        """The function as parsed, its line numbers counted in `lines` from one; None where there is no source."""
        # A method or a function in a function is indented: it is read as the body of an `if` on its first line.
        indented = bool(self.lines) and self.lines[0][:1].isspace()
        try:
            tree = ast.parse("".join((*(("if True:\n",) if indented else ()), *self.lines)))
        except (SyntaxError, ValueError):
            return None
        ast.increment_lineno(tree, -1 if indented else 0)
        return next((node for node in ast.walk(tree) if isinstance(node, FunctionNode)), None)

    @property
    def def_index(self) -> int:
        """Index of the line that holds `def`, behind the decorators."""
        return self.definition.lineno - 1 if self.definition else 0

    def mark_node(self, node: ast.AST | None) -> tuple[str, ...]:
        """The node's first line, and the mark under what of it stands there."""
        number, begin = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if not number:
            return self.mark_name()
        line = self.lines[number - 1]
        # Python counts columns in bytes; a parameter ends where its name does.
        column = len(line.encode()[:begin].decode())
        end = len(line.encode()[: getattr(node, "end_col_offset", 0)].decode())
        if isinstance(node, ast.arg):
            end = column + len(node.arg)
        elif getattr(node, "end_lineno", number) != number:
            end = len(line.rstrip())
        return mark_line(self.line_prefix(number - 1), line.rstrip(), column, end - column)

    def mark_word(self, token: str, *, first: int = 0, template: str = "{}") -> tuple[str, ...]:
        """The first line from index `first` on that holds the word `fault` as `within` has it, marked."""
        word = re.escape(template).replace(r"\{\}", rf"(?<!\w)({re.escape(token)})(?!\w)")
        for number, line in enumerate(self.lines[first:], first):
            if match := re.search(word, line):
                return mark_line(self.line_prefix(number), line.rstrip(), match.start(1), len(token))
        return (f"{self.display_path}:{self.first_line}",)

    def mark_name(self) -> tuple[str, ...]:
        """The line of the function's name, marked."""
        name = self.definition.name if self.definition else ""
        return self.mark_word(name, first=self.def_index) if name else (f"{self.display_path}:{self.first_line}",)

    def parameter_node(self, name: str) -> ast.arg | None:
        if self.definition is None:
            return None
        every = self.definition.args
        variable = [each for each in (every.vararg, every.kwarg) if each]
        return next(
            (each for each in (*every.posonlyargs, *every.args, *every.kwonlyargs, *variable) if each.arg == name), None
        )

    def line_prefix(self, index: int) -> str:
        return f"{self.display_path}:{self.first_line + index}   "

    @property
    def display_path(self) -> str:
        return relative_path(self.file)


def relative_path(file: str) -> str:
    """A file as whoever works here calls it: relative where it lies below the working folder."""
    return os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else file


def mark_line(prefix: str, line: str, column: int, length: int) -> tuple[str, str]:
    """`line` without its indentation, and carets below the `length` characters from `column` on."""
    bare = line.lstrip()
    column -= len(line) - len(bare)
    return prefix + bare, " " * (display_width(prefix) + display_width(bare[:column])) + "^" * display_width(
        bare[column : column + length]
    )


def display_width(text: str) -> int:
    """Columns in a terminal: a Chinese character fills two, a combining accent none."""
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1
        for character in text
    )


def function_source(function: Callable[..., object]) -> FunctionSource:
    code = function.__code__
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError, SyntaxError):
        return FunctionSource(code.co_filename, code.co_firstlineno, ())
    return FunctionSource(code.co_filename, first, tuple(lines))
