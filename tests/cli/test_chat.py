"""`plait chat`: a conversation in a terminal or a pipe, its commands, and answers that are asked again."""

import builtins
import fcntl
import os
import pty
import re
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plait.core.engine.chat import ChatEngine
from plait.service.local_transport import LocalTransport
from tests.support.running_server import CommandResult, Shell, needs_model, run_plait, wait_until
from tests.support.scripted_transport import Script, serve_script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    script = Script(pause=0)
    monkeypatch.setattr("plait.cli.chat.transport", lambda: LocalTransport(only=ChatEngine(script)))
    return script


Conversation = Callable[..., CommandResult]


@pytest.fixture
def converse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], script: Script) -> Conversation:
    """`converse(line, ...)`: the lines typed one after another at the prompt of `plait chat`."""

    def talk(*lines: str, flags: tuple[str, ...] = ()) -> CommandResult:
        typed = iter(lines)

        def read(prompt: str) -> str:
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(builtins, "input", read)
        return Shell(monkeypatch, capsys)("chat", *flags)

    return talk


def questions(script: Script) -> list[list[str]]:
    """For each request all messages after the system message."""
    return [[message.content for message in prompt.messages[1:]] for prompt in script.asked]


def test_help_lists_every_command(converse: Conversation, script: Script) -> None:
    result = converse("/help")
    for command in ("/new", "/retry", "/help", "/exit", "/quit", "//text"):
        assert command in result.err
    assert (result.code, result.out, script.asked) == (0, "", [])


@pytest.mark.parametrize("command", ["/exit", "/quit", " /exit "])
def test_exit_ends(command: str, converse: Conversation, script: Script) -> None:
    assert converse(command, "Hello").code == 0 and script.asked == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/retyr", "did you mean /retry?"),
        ("/EXIT", "did you mean /exit?"),
        ("/new please", "did you mean /new?"),
        ("/xyzzy", "/help lists the commands"),
        ("/", "/help lists the commands"),
    ],
)
def test_an_unknown_command_is_not_sent(line: str, says: str, converse: Conversation, script: Script) -> None:
    result = converse(line)
    assert says in result.err and f"sent as a text with a second slash: /{line}\n" in result.err
    assert (result.out, script.asked) == ("", [])


def test_two_slashes_send_one(converse: Conversation, script: Script) -> None:
    converse("//etc/hosts is what?", "///", "a/b")
    assert [question[-1] for question in questions(script)] == ["/etc/hosts is what?", "//", "a/b"]


def test_new_forgets_the_conversation(converse: Conversation, script: Script) -> None:
    converse("one", "two", "/new", "three")
    assert list(map(len, questions(script))) == [1, 3, 1]


def test_retry_drops_the_answer_and_asks_with_another_seed(converse: Conversation, script: Script) -> None:
    result = converse("one", "/retry", "/retry", "two", "/retry", flags=("--seed", "4294967294"))
    assert result.out.splitlines()[:3] == [f"You said: one (answer {number})" for number in (1, 2, 3)]
    assert questions(script)[:3] == [["one"]] * 3
    assert questions(script)[3] == questions(script)[4] == ["one", "You said: one (answer 3)", "two"]
    assert script.seeds == [4294967294, 0, 1, 4294967294, 0]


def test_retry_without_a_seed_leaves_it_to_the_model(converse: Conversation, script: Script) -> None:
    converse("one", "/retry")
    assert script.seeds == [None, None]


def test_retry_says_that_temperature_zero_gives_the_same(converse: Conversation, script: Script) -> None:
    assert (
        "at temperature 0 every seed gives the same answer" in converse("x", "/retry", flags=("--temperature", "0")).err
    )


def test_there_is_nothing_to_retry_at_first(converse: Conversation, script: Script) -> None:
    result = converse("/retry", "one", "/new", "/retry")
    assert result.err.count("there is no answer to drop yet") == 2 and len(script.asked) == 1


def test_a_retry_that_fails_keeps_the_answer(converse: Conversation, script: Script) -> None:
    lines = iter(("busy one", "/retry", "two"))
    script.failing = False
    original = script.chat

    def failing_later(*arguments: object) -> object:
        script.failing = len(script.asked) == 1
        return original(*arguments)  # type: ignore[arg-type]

    script.chat = failing_later  # type: ignore[method-assign,assignment]
    result = converse(*lines)
    assert "EngineBusy" in result.err
    assert questions(script)[-1] == ["busy one", "You said: busy one (answer 1)", "two"]


def test_a_model_that_repeats_itself_is_stopped(converse: Conversation, script: Script) -> None:
    result = converse("forever")
    assert "(stopped: the model repeats itself; /retry asks again)" in result.err
    assert 100 < len(result.out) < 1_000


def test_an_answer_that_is_cut_off_says_so(converse: Conversation, script: Script) -> None:
    assert "cut off: raise answer_tokens in plait.toml" in converse("cut this").err


# ── in a real terminal ──

Terminal = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def chat_in_terminal(*flags: str, **env: str) -> Iterator[Terminal]:
    """`typed(line, shows="words")`: types a line at the prompt of `plait chat`, and returns what was seen since."""
    screen, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", "chat", *flags],
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "TERM": "dumb", **env},
        preexec_fn=with_terminal,
    )
    os.close(end)
    os.set_blocking(screen, False)
    seen = ""

    def read() -> str:
        nonlocal seen
        try:
            seen += os.read(screen, 4_096).decode(errors="replace")
        except BlockingIOError:
            pass
        except OSError:
            seen += "(closed)"
        return seen

    def typed(text: str = "", *, shows: str) -> str:
        nonlocal seen
        seen = ""
        os.write(screen, text.encode())
        wait_until(lambda: re.search(shows, read()), within=60)
        return seen

    try:
        yield typed
    finally:
        process.kill()
        process.wait(10)
        os.close(screen)


def with_terminal() -> None:
    """The process has its standard input as its own terminal, whose Ctrl-C reaches it."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_commands_at_a_terminal_with_a_server(folder: Path) -> None:
    script = Script()
    with serve_script(script) as server, chat_in_terminal("--seed", "7", PLAIT_URL=server.url) as typed:
        assert "/help lists the commands" in typed(shows=r"> $")
        assert "/retry" in typed("/help\n", shows=r"Ctrl-D do.*\n> $|text that begins with a slash\r\n> $")
        assert "did you mean /retry?" in typed("/rety\n", shows=r"\n> $")
        assert "You said: hello (answer 1)" in typed("hello\n", shows=r"\n> $")
        assert "You said: hello (answer 2)" in typed("/retry\n", shows=r"\n> $")
        assert "the model repeats itself" in typed("forever\n", shows=r"\n> $")
        assert "Traceback" not in typed("/exit\n", shows=r"\(closed\)|/exit\r\n$")
    assert script.seeds == [7, 8, 7]


@needs_model
@pytest.mark.model
def test_a_conversation_in_a_terminal(folder: Path) -> None:
    with chat_in_terminal("--seed", "3", "--temperature", "0", PLAIT_ANSWER_TOKENS="24") as typed:
        assert "Ctrl-D ends" in typed(shows=r"> $")
        answer = typed("Say hello.\n", shows=r"\n> $")
        assert len(answer) > 20
        assert "cut off: raise answer_tokens" in typed("Tell a very long story of a lighthouse.\n", shows=r"\n> $")
        assert "Traceback" not in typed("/new\n", shows=r"> $")
        typed("Tell a story.\n", shows=r"\n\w+")
        assert "Traceback" not in typed("\x03", shows=r"\n> $")
        typed("\x04", shows=r"\(closed\)|^\s*$")


@needs_model
@pytest.mark.model
def test_a_conversation_from_a_pipe(folder: Path) -> None:
    result = run_plait("chat", "--seed", "3", "--temperature", "0", stdin="Say hello.\n\n/new\nSay hello.\n")
    assert result.code == 0 and "Traceback" not in result.err
    first, _, second = result.out.partition("\n")
    assert len(first) > 4 and first.removeprefix("> ") in second, "the same seed says the same again"
