"""Files of tasks in a test's own folder; modules that a test imports from it are gone after the test."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def forgotten_modules(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "").is_relative_to(folder):
                del sys.modules[name]


@contextmanager
def user_folder(folder: Path, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str]) -> Iterator[Path]:
    """The working folder, with these files by name."""
    monkeypatch.chdir(folder)
    for name, text in files.items():
        (folder / name).write_text(text)
    with forgotten_modules(folder):
        yield folder
