"""What a call that is printed consists of: the address of its task, and inputs that nobody entered yet.

Printed commands and snippets run as they stand, from the working folder.
"""

import shlex
from pathlib import Path

from plait.core.task.declaration import Declaration, Parameter
from plait.core.task.source import relative_path
from plait.core.values.json_value import Json

BUILT_IN = "plait.tasks."
# Where an answer quotes its inputs, "..." has nothing to quote: this has words, numbers, a date and a time.
QUOTABLE_TEXT = "No. 17 of 14 March 2026, 9:30: 2 lamps at 9.50 EUR"


def is_built_in(declaration: Declaration) -> bool:
    return declaration.function.__module__.startswith(BUILT_IN)


def task_address(declaration: Declaration) -> str:
    """The name of a built-in task, FILE.py:NAME for others, quoted for a shell. Without a file, the name alone."""
    file = declaration.source.file
    if is_built_in(declaration) or not Path(file).is_file():
        return declaration.name
    return f"{shlex.quote(relative_path(file))}:{declaration.name}"


def module_folder(declaration: Declaration) -> str:
    """The folder that Python must search for the module of a task's file; "" if it finds the module as it is."""
    file = Path(declaration.source.file)
    if declaration.function.__module__ not in (file.stem, "__main__") or not file.is_file():
        return ""
    folder = relative_path(str(file.parent))
    return "" if folder == "." else folder


def input_placeholder(declaration: Declaration, parameter: Parameter) -> Json:
    """A JSON form of the input that the task accepts as far as its types know."""
    plain = parameter.value_type.placeholder()
    is_free = parameter.value_type.is_text and isinstance(plain, str) and set(plain) == {"."}
    return QUOTABLE_TEXT if is_free and declaration.has_quotations else plain
