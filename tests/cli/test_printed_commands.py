"""Commands and code that Plait prints run as they stand: those of `plait show`, of pages, of errors and of starters."""

import ast
import os
import re
import shlex
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click
import httpx
import pytest

import plait
from plait.cli import main as command_line_main
from plait.cli import plait as command_line
from plait.cli import program_name
from plait.cli.run import TaskGroup
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.least_answers import LeastAnswerEngine
from tests.support.printed_commands import hints, run_printed
from tests.support.running_server import HOUSE, RunningServer, Shell, needs_model, serve_catalog
from tests.support.shelf import encode_picture, shelf

PACKAGE = Path(plait.__file__).parent
BUILT_IN = [task.declaration.name for task in Catalog.built_in()]
OWN = ["turn", "pick", "cite", "echo", "weigh", "words_in"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a person has it: pictures, and a file of tasks in another folder below."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "picture.png").write_bytes(encode_picture(shelf((200, 200))))
    (folder / "mine").mkdir()
    (folder / "mine" / "house.py").write_text(HOUSE.read_text())
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[RunningServer]:
    """All tasks over HTTP, answered by a model that follows the grammar."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        catalog = Catalog.with_files(Path("mine/house.py"))
        with serve_catalog(catalog, LocalTransport(catalog=catalog, only=LeastAnswerEngine())) as running:
            yield running
    finally:
        os.chdir(before)


def environment(server: RunningServer) -> dict[str, str]:
    return {"PLAIT_URL": server.url, "no_proxy": "*", "PYTHONDONTWRITEBYTECODE": "1"}


def snippets_of_page(server: RunningServer, name: str, query: str = "") -> dict[str, str]:
    html = httpx.get(f"{server.url}/tasks/{name}{query}", trust_env=False).text
    found = re.findall(r'<pre class="code" id="snippet-\d" tabindex="0" aria-label="([^"]+)">(.*?)</pre>', html, re.S)
    return {title: unescape(text) for title, text in found}


def snippets_of_show(shell: Shell, address: str) -> dict[str, str]:
    _, *parts = re.split(r"^(Python|Shell|curl)\n", shell("show", address).out, flags=re.M)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def check(snippets: dict[str, str], folder: Path, server: RunningServer) -> None:
    """Runs the snippets of all languages, one process after another."""
    assert set(snippets) >= {"Python", "curl"} and len(snippets) == 3
    for title, text in snippets.items():
        text = text.replace("http://127.0.0.1:8800", server.url)
        command = f"python -c {shlex.quote(text)}" if title == "Python" else text.replace("curl ", "curl --fail -sS ")
        result = run_printed(command, folder, environment(server))
        assert result.code == 0, (text, result.err)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BUILT_IN, *OWN])
def test_snippets_of_an_empty_page_run(name: str, folder: Path, server: RunningServer) -> None:
    check(snippets_of_page(server, name), folder, server)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["extract_invoice", "home_command", "cited_answer", "sort_message"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_snippets_of_an_example_run(name: str, language: str, folder: Path, server: RunningServer) -> None:
    check(snippets_of_page(server, name, f"?example=1&lang={language}"), folder, server)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BUILT_IN, *OWN])
def test_snippets_of_show_run(
    name: str, folder: Path, server: RunningServer, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(folder)
    address = name if name in BUILT_IN else f"mine/house.py:{name}"
    check(snippets_of_show(Shell(monkeypatch, capsys), address), folder, server)


def test_the_command_of_the_home_page_runs(server: RunningServer, folder: Path) -> None:
    html = httpx.get(server.url, trust_env=False).text
    (command,) = re.findall(r"<code>(plait [^<]+)</code>", html)
    assert run_printed(unescape(command), folder).code == 0


# ── what other commands print ──


@pytest.mark.slow
@needs_model
@pytest.mark.model
def test_the_commands_of_new_task_run(folder: Path, shell: Shell) -> None:
    """Without the server, which runs until Ctrl-C, and the test of the starter, which has a test of its own."""
    printed = shell("new", "task", "opinion_of", "--folder", "my tasks").out
    commands = [line.strip().rpartition("   ")[0].strip() for line in printed.splitlines() if "plait " in line]
    assert [command.split()[1] for command in commands] == ["run", "serve", "evaluate"]
    run, _, evaluate = commands
    for command in (run, f"{evaluate} --limit 1"):
        result = run_printed(command, folder, {"PLAIT_URL": "none"})
        assert result.code == 0, (command, result)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path) -> Shell:
    monkeypatch.chdir(folder)
    return Shell(monkeypatch, capsys)


def test_the_hint_of_correct_runs(folder: Path, shell: Shell) -> None:
    shell("run", "mine/house.py:turn", "--wish", "hall on", "--lamps", '[{"name":"hall"}]')
    for command in hints(shell("correct", "last").err):
        assert shell(*shlex.split(command)[1:]).code == 0, command


def test_an_invalid_answer_names_the_task_by_its_file(folder: Path, shell: Shell) -> None:
    error = shell("run", "mine/house.py:read_order", "--text", "nails;0;2026-03-14").err
    assert "(plait evaluate mine/house.py:read_order)" in error


@pytest.mark.parametrize(
    ("called", "path", "printed"),
    [
        ("plait", "", "plait"),
        ("{folder}/bin/plait", "", "bin/plait"),
        ("{folder}/bin/plait", "{folder}/bin", "plait"),
        ("/usr/share/plait/plait", "", "/usr/share/plait/plait"),
        ("{folder}/plait/__main__.py", "", "plait"),
    ],
)
def test_a_command_is_printed_as_the_program_was_called(
    called: str, path: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "plait").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "plait").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path.format(folder=tmp_path))
    monkeypatch.setattr("sys.argv", [called.format(folder=tmp_path)])
    text = "did you mean plait run x?\nplait models lists them; Plait, plait.toml and /tmp/plait stay"
    expected = text.replace("plait run", f"{printed} run").replace("plait models", f"{printed} models")
    assert program_name.as_called(text) == expected


def test_an_error_begins_its_commands_with_the_path_that_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", ["/opt/venv/bin/plait", "correct", "last", "--right"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        command_line_main()
    assert "/opt/venv/bin/plait run first" in capsys.readouterr().err


# ── commands in the texts of the package ──

COMMAND = re.compile(r"(?<![\w./-])plait ([a-z]+)((?:\s+--[a-z-]+)*)")
PROSE = {"has", "import", "author", "shop"}  # `from plait import task`, "one that plait author ..."


def string_literals() -> Iterator[tuple[str, str]]:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{file.relative_to(PACKAGE)}:{node.lineno}", node.value


def test_every_command_in_a_text_exists() -> None:
    context = click.Context(command_line)
    checked = 0
    for where, text in string_literals():
        for verb, flags in COMMAND.findall(text):
            if verb in PROSE:
                continue
            command = command_line.get_command(context, verb)
            assert command is not None, (where, f"plait {verb}")
            if isinstance(command, TaskGroup):
                command = command.get_command(context, "extract_invoice")
            checked += 1
            known = {option for parameter in command.params for option in parameter.opts}
            assert {flag for flag in flags.split() if flag not in known} <= {"--help"}, (where, verb, flags)
    assert checked > 50
