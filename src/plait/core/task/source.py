"""Source lines of a declaration, with a mark under the fault."""

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
    """The source of a function. `lines` is empty if Python has no source (a shell without history)."""

    file: str
    first_line: int
    lines: tuple[str, ...]

    @cached_property
    def definition(self) -> FunctionNode | None:
        """The parsed function, with line numbers counted from 1 in `lines`; None without source."""
        # A method or nested function is indented: it is parsed as the body of an `if` on line 1.
        indented = bool(self.lines) and self.lines[0][:1].isspace()
        try:
            tree = ast.parse("".join((*(("if True:\n",) if indented else ()), *self.lines)))
        except (SyntaxError, ValueError):
            return None
        ast.increment_lineno(tree, -1 if indented else 0)
        return next((node for node in ast.walk(tree) if isinstance(node, FunctionNode)), None)

    @property
    def def_index(self) -> int:
        """Index of the `def` line, after the decorators."""
        return self.definition.lineno - 1 if self.definition else 0

    def mark_node(self, node: ast.AST | None) -> tuple[str, ...]:
        """The node's first line with a mark under the node's part of that line."""
        number, begin = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if not number:
            return self.mark_name()
        line = self.lines[number - 1]
        # Python counts columns in bytes; the mark of a parameter ends with its name.
        column = len(line.encode()[:begin].decode())
        end = len(line.encode()[: getattr(node, "end_col_offset", 0)].decode())
        if isinstance(node, ast.arg):
            end = column + len(node.arg)
        elif getattr(node, "end_lineno", number) != number:
            end = len(line.rstrip())
        return mark_line(self.line_prefix(number - 1), line.rstrip(), column, end - column)

    def mark_word(self, token: str, *, first: int = 0, template: str = "{}") -> tuple[str, ...]:
        """The first line from index `first` on that contains `token` formatted by `template`, with a mark."""
        word = re.escape(template).replace(r"\{\}", rf"(?<!\w)({re.escape(token)})(?!\w)")
        for number, line in enumerate(self.lines[first:], first):
            if match := re.search(word, line):
                return mark_line(self.line_prefix(number), line.rstrip(), match.start(1), len(token))
        return (f"{self.display_path}:{self.first_line}",)

    def mark_name(self) -> tuple[str, ...]:
        """The line with the function's name, marked."""
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
    """The path relative to the working folder if the file is below it, otherwise unchanged."""
    return os.path.relpath(file) if Path(file).is_relative_to(Path.cwd()) else file


def mark_line(prefix: str, line: str, column: int, length: int) -> tuple[str, str]:
    """`line` without indentation, and carets below `length` characters from `column` on."""
    bare = line.lstrip()
    column -= len(line) - len(bare)
    return prefix + bare, " " * (display_width(prefix) + display_width(bare[:column])) + "^" * display_width(
        bare[column : column + length]
    )


def display_width(text: str) -> int:
    """Terminal columns of a text: a Chinese character takes two, a combining accent none."""
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
