"""Files of tasks as modules: an error is the user's own line, never a traceback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.core.errors import InstructionError, SettingsError, TaskFileError, error_text
from plait.service.task_module import import_file
from tests.support.running_server import error_of
from tests.support.user_modules import forgotten_modules

TASK = '''from plait import task


@task
def cook(dish: str) -> str:
    """How is {dish} cooked?"""
    ...
'''


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten_modules(tmp_path):
        yield tmp_path


@pytest.mark.parametrize(
    ("line", "reason", "mark"),
    [
        ("price = prise * 2", "NameError: name 'prise' is not defined", "prise"),
        ("half = = 1", "SyntaxError: invalid syntax", "= 1"),
        ("words = (1, 2", "SyntaxError: '(' was never closed", "("),
        ("import surely_missing_words", "ModuleNotFoundError: No module named 'surely_missing_words'", "import surely"),
        ("half = 1 / 0", "ZeroDivisionError: division by zero", "1 / 0"),
        ("raise SystemExit(3)", "SystemExit: 3", "raise SystemExit(3)"),
        ("gewürz = {}['Kümmel']", "KeyError: 'Kümmel'", "{}['Kümmel']"),
        ("cook(7)", "InputError: cook cannot accept its input", "cook(7)"),
    ],
)
def test_an_error_shows_the_line_of_the_user_with_a_mark(folder: Path, line: str, reason: str, mark: str) -> None:
    (folder / "my_tasks.py").write_text(f"{TASK}\n{line}\n", "utf-8")
    error = error_of(lambda: import_file(Path("my_tasks.py")))
    assert isinstance(error, TaskFileError)
    assert error.message.startswith(f"my_tasks.py cannot be imported: {reason.partition(': cook')[0]}")
    marked, under, *_ = error.details
    assert marked == f"my_tasks.py:9   {line.strip()}"
    assert marked[under.index("^") :].startswith(mark[: under.count("^")])
    assert error.hint and "my_tasks" not in sys.modules


def test_an_error_in_a_module_beside_the_file_shows_the_line_of_that_module(folder: Path) -> None:
    (folder / "my_tasks.py").write_text("import spices\n")
    (folder / "spices.py").write_text("def pick():\n    return [][1]\n\n\nfirst = pick()\n")
    error = error_of(lambda: import_file(Path("my_tasks.py")))
    assert error.details[0] == "spices.py:2   return [][1]"


def test_a_misspelled_name_is_answered_with_the_nearest_one(folder: Path) -> None:
    (folder / "my_tasks.py").write_text("price = 2\ntotal = prise\n")
    assert error_of(lambda: import_file(Path("my_tasks.py"))).hint == "did you mean price?"


def test_an_error_in_a_library_shows_the_line_that_called_it(folder: Path) -> None:
    (folder / "my_tasks.py").write_text("import json\n\nsettings = json.loads('{')\n")
    text = error_text(error_of(lambda: import_file(Path("my_tasks.py"))))
    assert text.splitlines()[1] == "    my_tasks.py:3   settings = json.loads('{')"
    assert "Traceback" not in text and "json/decoder" not in text


def test_a_mistake_in_a_declaration_keeps_its_own_words(folder: Path) -> None:
    (folder / "my_tasks.py").write_text(TASK.replace("{dish}", "{dihs}"))
    assert isinstance(error_of(lambda: import_file(Path("my_tasks.py"))), InstructionError)


def test_bytes_that_are_no_text_are_an_error_of_the_file(folder: Path) -> None:
    for content in (b"\xff\xfe = 1\n", b"a = '\x00'\n"):
        (folder / "my_tasks.py").write_bytes(content)
        assert isinstance(error_of(lambda: import_file(Path("my_tasks.py"))), TaskFileError)


def test_a_file_that_fails_leaves_the_module_of_its_name(folder: Path) -> None:
    (folder / "json.py").write_text("1 / 0\n")
    before = sys.modules["json"]
    error_of(lambda: import_file(Path("json.py")))
    assert sys.modules["json"] is before


def test_what_is_no_python_file_is_refused(folder: Path) -> None:
    assert isinstance(error_of(lambda: import_file(Path("no.py"))), SettingsError)
