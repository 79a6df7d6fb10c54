"""`plait new`: the files it writes work unchanged, and no existing file is overwritten."""

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.cli.new import TASK_STARTER, TYPE_STARTER
from plait.cli.starter import name_problem, suggested_name, write_files
from plait.core.errors import InputError, SettingsError
from plait.core.prompting.example_rows import read_examples
from plait.service.catalog import find_task
from tests.support.running_server import Shell, error_of


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def files_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


# ── a task ──


def test_a_new_task_is_a_file_with_examples_and_tests(shell: Shell, tmp_path: Path) -> None:
    result = shell("new", "task", "opinion_of")
    assert result.code == 0 and result.err == ""
    assert files_in(tmp_path) == [
        "held_out/opinion_of.jsonl",
        "opinion_of.py",
        "seeds/opinion_of.jsonl",
        "test_opinion_of.py",
    ]
    assert not any("new_task" in (tmp_path / name).read_text() for name in files_in(tmp_path))


def test_the_examples_of_a_new_task_are_valid_rows(shell: Shell, tmp_path: Path) -> None:
    shell("new", "task", "opinion_with_rows")
    task, _ = find_task("opinion_with_rows.py")
    held_out = list(read_examples(task.declaration, Path("held_out/opinion_with_rows.jsonl")))
    seeds = list(task.examples.seeds)
    assert len(seeds) == 2 and len(held_out) >= 5
    assert not {str(row.inputs) for row in seeds} & {str(row.inputs) for row in held_out}


@pytest.mark.parametrize("name", [pytest.param("opinion_of", marks=pytest.mark.slow), "意见"])
def test_the_tests_of_a_new_task_pass_unchanged(shell: Shell, tmp_path: Path, name: str) -> None:
    assert shell("new", "task", name, "--folder", "mine").code == 0
    process = pytest_in(tmp_path, sys.executable, "mine")
    assert process.returncode == 0 and "2 passed" in process.stdout, process.stdout + process.stderr


def test_the_printed_next_commands_work(shell: Shell, tmp_path: Path) -> None:
    result = shell("new", "task", "opinion_here", "--folder", "my tasks")
    (command,) = [line.strip() for line in result.out.splitlines() if line.strip().startswith("plait run ")]
    assert command.startswith("plait run 'my tasks/opinion_here.py' --review ")
    output = shell("show", "my tasks/opinion_here.py")
    assert output.code == 0 and "2 seeds, 0 added" in output.out and "the grammar enforces the whole type" in output.out


# ── a value type ──


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder where `plait new type molecule` was run, installed into an environment of its own beside it."""
    folder = tmp_path_factory.mktemp("plait-molecule")
    new = [sys.executable, "-m", "plait", "new", "type", "molecule"]
    subprocess.run(new, cwd=folder, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"], cwd=folder, check=True)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    # What this environment has, editable packages included.
    site.joinpath("outer.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder / "env/bin/python")]
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", "./plait-molecule"]
    process = subprocess.run([*pip, *install], cwd=folder, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    yield folder


def pytest_in(folder: Path, python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_a_new_type_passes_its_conformance_test_once_it_is_installed(installed: Path) -> None:
    process = pytest_in(installed, str(installed / "env/bin/python"), "plait-molecule")
    assert process.returncode == 0 and "3 passed" in process.stdout, process.stdout + process.stderr


def test_the_test_of_a_type_that_is_not_installed_fails_with_the_reason(installed: Path) -> None:
    process = pytest_in(installed, sys.executable, "plait-molecule")
    assert process.returncode != 0 and "no value type supports Molecule" in process.stdout


@pytest.mark.slow
def test_the_test_of_a_type_with_a_wrong_grammar_fails(installed: Path) -> None:
    grammar = installed / "plait-molecule/molecule.py"
    right = grammar.read_text()
    try:
        grammar.write_text(right.replace("g.Integer(1, LARGEST)", "g.Integer(1, 3)"))
        process = pytest_in(installed, str(installed / "env/bin/python"), "plait-molecule")
    finally:
        grammar.write_text(right)
    assert process.returncode == 1 and "GBNF does not admit" in process.stdout


USED = '''
from pydantic import BaseModel
from molecule import Molecule
from plait import engine, task
from plait.core.engine.validation import Completed
from plait.core.engine.protocol import Usage
from plait.core.grammar.gbnf import gbnf
from plait.testing.gbnf_check import GbnfGrammar
from plait.web import pages
from plait.web.views import PageContext, TaskView

class Part(BaseModel):
    code: Molecule
    pieces: int

@task
def part_in(text: str, like: Molecule | None = None) -> Part:
    """Which part does {text} order? Codes look like {like}."""
    ...

said = Part(code=Molecule("B", 1203), pieces=2)
with engine.scripted({part_in: said}):
    assert part_in("two of B-1203", Molecule("A", 1)) == said
assert GbnfGrammar(gbnf(part_in.grammar)).admits('{"code":{"letter":"B","number":1203},"pieces":2}')
assert not GbnfGrammar(gbnf(part_in.grammar)).admits('{"code":{"letter":"X","number":1203},"pieces":2}')
json_value = {"code": {"letter": "B", "number": 1203}, "pieces": 2}
completed = Completed(said, json_value, id="1", model="m@1", usage=Usage(), seconds=0.1)
view = TaskView(part_in.declaration, inputs={"text": "two", "like": {"letter": "A", "number": 1}}, completed=completed)
page = pages.task_page(view, PageContext("en", "m", "ready", "/tasks/part_in"))
assert "A-1</textarea>" in page, page
assert "<b>B-1203</b>" in page, page
print("all of it")
'''


CONTROL = """
{% from "json.html" import form_control as json_control %}
{% macro form_control(ctx, value_type, name, label) %}{{ json_control(ctx, value_type, name, label) }}{% endmacro %}
{% macro display(ctx, value_type, json_value) %}<b>{{ json_value.letter }}-{{ json_value.number }}</b>{% endmacro %}
"""


def test_a_task_can_use_a_new_type_in_python_cli_http_and_page(installed: Path) -> None:
    (installed / "plait-molecule/molecule.html").write_text(CONTROL)
    process = subprocess.run(
        [str(installed / "env/bin/python"), "-c", USED], cwd=installed, capture_output=True, text=True
    )
    assert process.stdout == "all of it\n", process.stderr


def test_the_command_line_refuses_an_invalid_value_of_a_new_type(installed: Path) -> None:
    (installed / "orders.py").write_text(
        "from molecule import Molecule\nfrom plait import task\n\n@task\ndef what(code: Molecule) -> str:\n"
        '    """What is {code}?"""\n    ...\n'
    )
    command = [
        str(installed / "env/bin/python"),
        "-m",
        "plait",
        "run",
        "orders.py",
        "--code",
        "X-7",
    ]
    process = subprocess.run(command, cwd=installed, capture_output=True, text=True)
    assert process.returncode == 2
    assert process.stderr.splitlines()[1].startswith("    code: X-7 is not a code    ")


def test_the_output_lists_each_line_to_fill_in(shell: Shell, tmp_path: Path) -> None:
    output = shell("new", "type", "postal_code", "--folder", "types")
    assert files_in(tmp_path) == [
        "types/plait-postal-code/postal_code.py",
        "types/plait-postal-code/pyproject.toml",
        "types/plait-postal-code/test_postal_code.py",
    ]
    file = tmp_path / "types/plait-postal-code/postal_code.py"
    lines = file.read_text().splitlines()
    for method in ("from_annotation", "encode", "decode", "grammar", "render", "describe", "score", "read_form"):
        (line_of_method,) = [line for line in output.out.splitlines() if f" {method}: " in line]
        number = int(line_of_method.split()[0].rpartition(":")[2])
        assert f"def {method}(" in lines[number - 1]
    assert "class PostalCode:" in lines
    assert 'name = "plait-postal-code"' in (tmp_path / "types/plait-postal-code/pyproject.toml").read_text()


# ── names ──


@pytest.mark.parametrize(
    ("what", "name", "why", "instead"),
    [
        ("task", "my-task", "is not a Python name", "my_task"),
        ("task", "2nd try", "is not a Python name", "task_2nd_try"),
        ("task", "", "is not a Python name", "new_task"),
        ("task", "../../etc", "is not a Python name", "etc"),
        ("task", "class", "is a Python keyword", "task_class"),
        ("task", "match", "is a Python keyword", "task_match"),
        ("task", "print", "is the name of a Python built-in or standard module", "task_print"),
        ("task", "json", "is the name of a Python built-in or standard module", "task_json"),
        ("task", "task", "is used for something else in the starter files", "task_task"),
        ("task", "Opinion", "is used for something else in the starter files", "task_Opinion"),
        ("type", "value_type", "is used for something else in the starter files", "type_value_type"),
        ("type", "number", "is the name of a built-in value type", "my_number"),
        ("type", "pytest", "is the name of an installed package", "my_pytest"),
        ("type", "plait", "is the name of an installed package", "my_plait"),
        ("type", "分子", "is not a package name", "my_value"),
        ("type", "_x", "is not a package name", "my_x"),
    ],
)
def test_an_invalid_name_is_quoted_with_a_valid_suggestion(
    shell: Shell, tmp_path: Path, what: str, name: str, why: str, instead: str
) -> None:
    result = shell("new", what, name)
    assert result.code == 2 and files_in(tmp_path) == []
    assert result.err.splitlines()[0] == f"InputError: a {what} cannot have this name"
    assert f"NAME: {why}" in result.err and f'"{name}"' in result.err
    assert result.err.splitlines()[-1] == f"  → plait new {what} {instead}"
    assert shell("new", what, instead).code == 0


@pytest.mark.parametrize("starter", [TASK_STARTER, TYPE_STARTER], ids=lambda starter: starter.template)
@pytest.mark.parametrize("name", ["a b", "for", "str", "os", "1", "-", "é!", "None", "Field", "ValueType"])
def test_a_suggested_name_is_always_valid(starter: object, name: str) -> None:
    assert name_problem(suggested_name(name, starter), starter) == ""  # type: ignore[arg-type]


# ── nothing is written over, nothing is half written ──


def test_an_existing_file_is_kept_and_no_other_file_is_written(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/mine.jsonl").write_text("precious")
    result = shell("new", "task", "mine")
    assert result.code == 2 and result.err.startswith("SettingsError: seeds/mine.jsonl already exists\n")
    assert files_in(tmp_path) == ["seeds/mine.jsonl"] and (tmp_path / "seeds/mine.jsonl").read_text() == "precious"


def test_a_second_run_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    shell("new", "type", "molecule_code")
    (tmp_path / "plait-molecule-code/molecule_code.py").write_text("mine now")
    assert shell("new", "type", "molecule_code").code == 2
    assert (tmp_path / "plait-molecule-code/molecule_code.py").read_text() == "mine now"


@pytest.mark.parametrize("what", ["task", "type"])
def test_a_folder_that_cannot_be_written_to_is_named(shell: Shell, tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("in the way")
    result = shell("new", what, "mine", "--folder", "file/below")
    assert (
        result.code == 2 and result.err.startswith("SettingsError: file/below") and "cannot be written to" in result.err
    )
    assert "--folder" in result.err and files_in(tmp_path) == ["file"]


def test_a_failed_command_removes_its_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    texts = {Path("deep/er/a.txt"): "a", Path("kept/b.txt"): "b", Path("deep/er/a.txt/c.txt"): "no folder"}
    error = error_of(lambda: write_files(tmp_path, texts))
    assert isinstance(error, SettingsError)
    assert [path.name for path in tmp_path.rglob("*")] == ["kept"]


def test_a_failed_write_removes_all_files(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_files(tmp_path, {Path("a.txt"): "a", Path("b.txt"): "half a character: \ud800"})
    assert list(tmp_path.iterdir()) == []


def test_a_refused_name_is_an_input_error_with_its_field() -> None:
    from plait.cli.starter import check_name

    error = error_of(lambda: check_name("for", TASK_STARTER))
    assert isinstance(error, InputError) and error.input == "NAME"


def test_the_old_name_of_the_command_works_with_a_deprecation_warning(shell: Shell, tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match="plait new modality is now called plait new type"):
        result = shell("new", "modality", "old_style")
    assert result.code == 0 and "deprecated" in result.err and (tmp_path / "plait-old-style").is_dir()
