"""Modules that a test imports from its own folder are gone after it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def forgotten_modules(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "").is_relative_to(folder):
                del sys.modules[name]
