"""`plait run`, `show`, `models`: a task from the shell."""

import json
from pathlib import Path

import pytest

from tests.support.running_server import HOUSE, Shell, needs_model, run_plait

LAMPS = '[{"name":"hall"},{"name":"desk","kind":"table"}]'


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def test_the_command_prints_the_bare_answer() -> None:
    result = run_plait("run", f"{HOUSE}:shorten", "--text", "one two three four")
    assert (result.code, result.out, result.err) == (0, "one two three\n", "")


def test_a_value_is_used_literally_and_an_at_sign_means_a_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("﻿from a file\n")
    address = f"{HOUSE}:shorten"
    assert shell("run", address, "--text", "plain").out == "plain\n"
    assert shell("run", address, "--text", "@note.txt").out == "from a file\n"
    assert shell("run", address, "--text", "@@home").out == "@home\n"
    assert shell("run", address, "--text", "@@@x").out == "@@x\n"
    assert shell("run", address, "--text", "a@b").out == "a@b\n"
    assert shell("run", address, "--text=--dashed").out == "--dashed\n"
    assert shell("run", address, "--text", "").out == "\n"


def test_standard_input_is_a_file_too() -> None:
    assert run_plait("run", f"{HOUSE}:shorten", "--text", "@-", stdin="eins zwei drei vier").out == "eins zwei drei\n"
    failure = run_plait("run", f"{HOUSE}:shorten", "--text", "@-", stdin=b"\xff\xfe")
    assert failure.code == 2 and "is not UTF-8 text (byte 0)" in failure.err


def test_json_is_printed_on_one_line(shell: Shell) -> None:
    result = shell("run", f"{HOUSE}:turn", "--wish", "desk off", "--lamps", LAMPS, "--json")
    assert result.out == '{"Turn":{"lamp":1,"on":false}}\n'
    assert shell("run", f"{HOUSE}:shorten", "--text", "a “b” ü", "--json").out == '"a “b” ü"\n'
    pretty = shell("run", f"{HOUSE}:turn", "--wish", "desk off", "--lamps", LAMPS).out
    assert pretty.count("\n") > 3 and json.loads(pretty) == json.loads(result.out)


def test_an_input_with_a_default_may_be_omitted_or_passed(shell: Shell) -> None:
    for more in ((), ("--level", "12.5")):
        assert shell("run", f"{HOUSE}:turn", "--wish", "desk", "--lamps", LAMPS, *more).code == 0


def test_a_file_with_several_tasks_requires_a_task_name(shell: Shell) -> None:
    result = shell("run", str(HOUSE), "--text", "x")
    assert result.code == 2 and result.err.startswith("TaskNotFound: ") and f"name one: {HOUSE}:turn" in result.err


@pytest.mark.parametrize("arguments", [("run", "--help"), ("run", "extract_invoice", "--help"), ("--help",), ("-h",)])
def test_help_is_printed(arguments: tuple[str, ...], shell: Shell) -> None:
    result = shell(*arguments)
    assert result.code == 0 and result.out.startswith("Usage: ")


def test_help_of_a_task_lists_its_inputs(shell: Shell) -> None:
    result = shell("run", f"{HOUSE}:turn", "--help")
    for word in ("--wish", "--lamps", "--level", "--rows", "--json", "--seed", "--wording", "With {lamps} at {level}"):
        assert word in result.out
    assert "slot_" not in result.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rnu",), "No such command 'rnu'"),
        (("run", "extract_invoce", "--text", "x"), "did you mean extract_invoice?"),
        (("run", "extract_invoice", "--text"), "Option '--text' requires an argument"),
        (("run", "extract_invoice", "loose"), "unexpected extra argument"),
        (("run", "extract_invoice"), "text: is missing"),
        (("run", "nowhere.py:cook"), "is not a Python file of tasks"),
        (("show", "extract_invoce"), "did you mean extract_invoice?"),
        (("chat", "--seed", "-1"), "option seed should be between"),
        (("serve", "--port", "99999"), "99999 is not a port number"),
        (("serve", "nowhere.py"), "is not a Python file of tasks"),
    ],
)
def test_input_errors_exit_with_code_2(arguments: tuple[str, ...], says: str, shell: Shell) -> None:
    result = shell(*arguments)
    assert (result.code, result.out) == (2, "") and says in result.err


def test_an_invalid_setting_is_quoted(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("prot = 8801\n")
    result = shell("run", f"{HOUSE}:shorten", "--text", "x")
    assert result.code == 2 and "prot" in result.err and "did you mean port?" in result.err


def test_a_closed_pipe_is_not_reported_as_an_error() -> None:
    import subprocess
    import sys

    ended = subprocess.run(
        f"{sys.executable} -m plait show extract_invoice | head -c 10", shell=True, capture_output=True, timeout=240
    )
    assert len(ended.stdout) == 10 and b"Traceback" not in ended.stderr


# ── show, models ──


def test_show_prints_the_path_with_file_and_line(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    result = shell("show", f"{HOUSE}:turn")
    assert result.code == 0
    for word in (
        "inputs",
        "prompt",
        "grammar",
        "engine",
        "validate",
        "by_name answers",
        "/v1/tasks/turn",
        "lamps",
        "level",
    ):
        assert word in result.out
    assert "With {lamps} at {level} percent" in result.out
    locations = [part for line in result.out.splitlines() for part in line.split() if ".py:" in part]
    for place in locations:
        file, _, line = place.rpartition(":")
        path = Path(file) if Path(file).is_absolute() else HOUSE.parents[2] / "src" / file
        assert path.is_file(), place
        text = path.read_text().splitlines()[int(line) - 1]
        assert text.lstrip().startswith(("def ", "class ", "async def ", "@")), (place, text)
    assert len(locations) > 6


def test_show_lists_what_the_grammar_cannot_express(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "even.py").write_text(
        "from typing import Annotated\nfrom pydantic import Field\nfrom plait import task\n\n@task\n"
        'def even(text: str) -> Annotated[int, Field(multiple_of=2)]:\n    """Count {text}."""\n    ...\n'
    )
    assert "multiple of 2" in shell("show", "even.py").out
    assert "the grammar enforces the whole type" in shell("show", f"{HOUSE}:words_in").out


@pytest.mark.parametrize("name", ["extract_invoice", "home_command"])
def test_show_knows_the_built_in_tasks(name: str, shell: Shell) -> None:
    result = shell("show", name)
    assert result.code == 0 and f"plait run {name}" in result.out and "seeds" in result.out


@needs_model
def test_models_are_listed(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text('[models.mine]\npath = "mine.gguf"\ncontext = 2048\n')
    lines = shell("models").out.splitlines()
    assert lines[0].split() == ["name", "size", "context", "where"]
    assert lines[1].split() == ["mine", "missing", "2,048", str(tmp_path / "mine.gguf")]
    assert lines[2].startswith("plait-nano") and "for locate" in lines[2]
    assert lines[3].startswith("smollm2") and "SmolLM2-135M-Instruct (Apache-2.0)" in lines[3]


def test_a_task_file_and_an_input_file_may_begin_with_a_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = 'from plait import engine, task\n\n@task\ndef say_it(text: str) -> str:\n    """Say {text}."""\n    ...\n'
    answer = "\n@engine.answers(say_it)\ndef by_code(text: str) -> str:\n    return ascii(text)\n"
    Path("marked_tasks.py").write_text(source + answer, "utf-8-sig")
    Path("input.txt").write_text("grüße\n", "utf-8-sig")
    result = Shell(monkeypatch, capsys)("run", "marked_tasks.py:say_it", "--text", "@input.txt")
    assert (result.code, result.out) == (0, "'gr\\xfc\\xdfe\\n'\n")
    Path("wrong_tasks.py").write_text(source.replace("{text}", "{texts}"), "utf-8-sig")
    result = Shell(monkeypatch, capsys)("run", "wrong_tasks.py:say_it", "--text", "x")
    _, line, mark, hint = result.err.splitlines()
    assert (result.code, mark.index("^^^^^"), hint) == (2, line.index("texts}"), "  → did you mean {text}?")
