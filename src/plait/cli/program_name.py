"""The name by which the command was called: `.venv/bin/plait` where no `plait` is on the path of the shell."""

import os
import re
import shlex
import shutil
import sys

NAME = "plait"


def program() -> str:
    """The word that a printed command begins with, so that it can be run as it stands."""
    called = sys.argv[0]
    if os.path.basename(called) != NAME or os.sep not in called or is_on_path(called):
        return NAME
    near = os.path.relpath(called)
    return shlex.quote(called if near.startswith(os.pardir) else near)


def is_on_path(called: str) -> bool:
    found = shutil.which(NAME)
    return found is not None and os.path.realpath(found) == os.path.realpath(called)


def as_called(text: str) -> str:
    """The text with the commands in it, `plait VERB`, as the program was called."""
    name = program()
    return text if name == NAME else re.sub(rf"(?<![\w./-]){NAME}(?= [a-z])", lambda _: name, text)
