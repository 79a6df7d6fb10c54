"""`plait run`, `show`, `models`: a task from the shell."""

import json
import re
import shlex
from pathlib import Path

import pytest

from plait.service.catalog import find_task
from tests.support.running_server import HOUSE, Shell, needs_model, run_plait
from tests.support.terminal import run_in_terminal

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
    assert shell("run", address, "--text", "@=@note.txt").out == "@note.txt\n"


@pytest.mark.parametrize(
    ("name", "as_file", "as_text"),
    [
        ("order.txt", "--text @order.txt?", "--text @=order.txt"),
        ("./order.txt", "--text @./order.txt?", "--text @=./order.txt"),
        ("my order.txt", "--text '@my order.txt'?", "--text '@=my order.txt'"),
    ],
)
def test_the_name_of_a_file_as_a_text_is_asked_about(
    name: str, as_file: str, as_text: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("from a file\n")
    result = shell("run", f"{HOUSE}:shorten", "--text", name, "--model", "no-such-model")
    assert result.code == 2 and result.err.startswith("InputError: --text is the name of a file"), "before any model"
    assert f"  → did you mean {as_file}\n  → for the text itself: {as_text}\n" in result.err
    assert shell("run", f"{HOUSE}:shorten", *shlex.split(as_file.removesuffix("?"))).out == "from a file\n"
    assert shell("run", f"{HOUSE}:shorten", *shlex.split(as_text)).out == f"{name}\n"


def test_a_text_that_is_more_than_the_name_of_a_file_is_a_text(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "order.txt").write_text("x")
    (tmp_path / "orders").mkdir()
    for text in ("read order.txt", "order.txt ", "orders", "order", "x" * 5_000, "a\x01b", "a\nb"):
        assert shell("run", f"{HOUSE}:echo", "--text", text).out == f"{text.rstrip()}\n"


def test_the_name_of_a_file_as_a_list_is_asked_about(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "lamps.json").write_text(LAMPS)
    result = shell("run", f"{HOUSE}:turn", "--wish", "desk", "--lamps", "lamps.json")
    assert result.code == 2 and "did you mean --lamps @lamps.json?" in result.err


def test_standard_input_is_a_file_too() -> None:
    assert run_plait("run", f"{HOUSE}:shorten", "--text", "@-", stdin="eins zwei drei vier").out == "eins zwei drei\n"
    failure = run_plait("run", f"{HOUSE}:shorten", "--text", "@-", stdin=b"\xff\xfe")
    assert failure.code == 2 and "is not UTF-8 text (byte 0)" in failure.err


def test_json_is_printed_on_one_line(shell: Shell) -> None:
    result = shell("run", f"{HOUSE}:turn", "--wish", "desk off", "--lamps", LAMPS, "--json")
    assert result.out == '{"Turn":{"lamp":1,"on":false}}\n'
    assert shell("run", f"{HOUSE}:shorten", "--text", "a “b” ü", "--json").out == '"a “b” ü"\n'
    pretty = shell("run", f"{HOUSE}:turn", "--wish", "desk off", "--lamps", LAMPS).out
    assert pretty.count("\n") > 3 and json.loads(pretty) == {"Turn": {"lamp": "desk", "on": False}}


@pytest.mark.parametrize(
    ("lamps", "name"),
    [
        ('[{"name":"hall"},{"name":"desk"}]', "hall"),
        ('[{"name":"12"},{"name":"null"}]', "12"),
        ('[{"name":"hall"},{"name":"hall","kind":"table"}]', "1 · hall"),
    ],
)
def test_a_reference_is_printed_by_its_name_and_as_its_index_for_programs(lamps: str, name: str, shell: Shell) -> None:
    call = ("run", f"{HOUSE}:pick", "--wish", "any", "--lamps", lamps)
    assert shell(*call).out == f"{name}\n"
    assert shell(*call, "--json").out == "0\n"
    assert json.loads(shell(*call, "--detailed").out)["answer"] == 0


def test_references_of_a_list_are_printed_by_their_first_words(shell: Shell) -> None:
    passages = ["The sun is a star.", "The moon is made of rock, and it moves around the earth."]
    printed = shell("run", f"{HOUSE}:cite", "--passages", json.dumps(passages)).out
    assert json.loads(printed) == [
        {"text": "The sun", "source": "1 · The sun is a star."},
        {"text": "The moon", "source": "2 · The moon is made of rock, and it moves a…"},
        {"text": "Nothing", "source": None},
    ]


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


# ── the line below an answer ──


def test_a_terminal_shows_the_id_with_a_command_that_runs(shell: Shell, tmp_path: Path) -> None:
    result = run_in_terminal("run", f"{HOUSE}:turn", "--wish", "desk off", "--lamps", LAMPS, cwd=tmp_path)
    notice = result.screen.rpartition("\x1b[J")[2].rstrip()
    assert result.code == 0 and json.loads(result.out)
    assert re.fullmatch(r"id [0-9a-f]{12}-[0-9a-f]{12}  ·  wrong\? edit: plait correct last --\w+ \S+", notice)
    assert shell(*shlex.split(notice.partition("plait ")[2])).code == 0
    assert [example.answer.on for example in find_task(f"{HOUSE}:turn")[0].examples] == [False]


def test_a_pipe_gets_the_answer_alone(shell: Shell) -> None:
    assert shell("run", f"{HOUSE}:shorten", "--text", "plain").err == ""


@pytest.fixture
def as_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.cli.answer_notice.is_terminal", lambda stream: True)


@pytest.mark.parametrize("text", ["plain", "@home", "it's", "note.txt", "-5", "--right", "a b\tc", "x" * 100])
def test_the_command_holds_the_answer_as_it_is(as_terminal: None, shell: Shell, tmp_path: Path, text: str) -> None:
    (tmp_path / "note.txt").write_text("x")
    printed = shell("run", f"{HOUSE}:echo", f"--text=@={text}").err
    command = shlex.split(printed.partition("plait ")[2])
    assert command[:2] == ["correct", "last"] and ("--right" in command[2:3]) == (len(text) > 40 or "\t" in text)
    assert shell(*command).code == 0
    assert [example.answer for example in find_task(f"{HOUSE}:echo")[0].examples] == [text]


@pytest.mark.parametrize("name", ["desk lamp", "12", "null", '"hall"'])
def test_a_reference_is_corrected_by_its_name(as_terminal: None, shell: Shell, name: str) -> None:
    lamps = json.dumps([{"name": name}, {"name": "other lamp"}])
    printed = shell("run", f"{HOUSE}:pick", "--wish", "any", "--lamps", lamps).err
    assert shell(*shlex.split(printed.partition("plait ")[2])).code == 0
    assert shell("correct", "last", "--answer", "other lamp").code == 0
    assert [example.answer.index for example in find_task(f"{HOUSE}:pick")[0].examples] == [1]
    refused = shell("correct", "last", "--answer", "no lamp")
    assert refused.code == 2 and "should refer to one of the 2 lamps" in refused.err


def test_an_answer_that_is_not_kept_has_only_its_id(as_terminal: None, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("record = false\n")
    assert re.fullmatch(r"id [0-9a-f-]{25}\n", shell("run", f"{HOUSE}:shorten", "--text", "plain").err)


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
    locations = [part for line in result.out.splitlines() for part in line.split() if re.search(r"[.]py:\d", part)]
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
