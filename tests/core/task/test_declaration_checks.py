"""Every mistake of a declaration: its words, the writer's own line, a mark under the fault, the way out."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from plait.core.errors import DeclarationError, error_text
from plait.core.task import task
from plait.core.task.source import display_width
from tests.support.mistakes_in_instructions import IN_WORDS
from tests.support.mistakes_in_parameters import IN_SLOTS
from tests.support.mistakes_in_types import IN_TYPES

HEAD = """from __future__ import annotations
from typing import Annotated, Literal
from pydantic import BaseModel, Field
from plait import AnyWords, From, Ordered, Ref, task

class Device(BaseModel):
    name: str

"""  # what stands above every task below: its own first line is line 9
Write = Callable[..., Any]


def declaration_error(load_source: Write, source: str, head: str = HEAD) -> str:
    """The error message for this declaration."""
    with pytest.raises(DeclarationError) as caught:
        load_source(head + source)
    return error_text(caught.value)


def test_the_messages_promised_in_the_api_are_exact(load_source: Write) -> None:
    head = HEAD + "\n" * 31 + "# line 40\n"
    source = '''@task
def home_command(utterance: str, devices: list[Device]) -> str:
    """With {device} in the house, what should "{utterance}" do?"""
    ...
'''
    assert declaration_error(load_source, source, head.removesuffix("# line 40\n")) == (
        "InstructionError: home_command mentions {device}, which is not a parameter\n"
        '    my_tasks.py:42   """With {device} in the house, what should "{utterance}" do?"""\n'
        "                              ^^^^^^\n"
        "  → did you mean {devices}?"
    )


CASES = {**IN_WORDS, **IN_TYPES, **IN_SLOTS}


@pytest.mark.parametrize("mistake", CASES)
def test_each_mistake_has_its_own_message(load_source: Write, mistake: str) -> None:
    source, message = CASES[mistake]
    assert message in declaration_error(load_source, source)


@pytest.mark.parametrize("mistake", CASES)
def test_a_mistake_is_reported_without_its_source(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shell there is no line to show: file and number remain, the words and the way out too."""
    source, message = CASES[mistake]
    monkeypatch.setitem(sys.modules, "shell", module := ModuleType("shell"))
    shell = vars(module)
    with pytest.raises(DeclarationError) as caught:
        exec(compile(HEAD + source, "<shell>", "exec", dont_inherit=True), shell)
    first = error_text(caught.value).splitlines()[0]
    if mistake == "an f-string":  # nothing tells it from a missing docstring but the source
        assert first == "InstructionError: f has no docstring: it is the instruction for the model"
    else:
        assert message.startswith("  →") or message.splitlines()[0] in first
    assert caught.value.details[0].startswith("<shell>:") and len(caught.value.details) == 1
    assert caught.value.hint


def test_a_mark_under_chinese_text_is_aligned(load_source: Write) -> None:
    source = '''@task
def 执行命令(指令: str, 设备: list[Device]) -> str:
    """在{设备们}中，应如何执行“{指令}”？"""
'''
    lines = declaration_error(load_source, source).splitlines()
    assert lines[0] == "InstructionError: 执行命令 mentions {设备们}, which is not a parameter"
    before = lines[1].partition("设备们")[0]
    assert lines[2] == " " * display_width(before) + "^" * 6
    assert lines[3] == "  → did you mean {设备}?"


def test_a_parameter_after_chinese_ones_is_marked(load_source: Write) -> None:
    message = declaration_error(
        load_source, '@task\ndef f(指令: str, 设备: list[Device], 房间) -> str:\n    """{指令}{设备}{房间}"""\n'
    ).splitlines()
    assert message[2] == " " * display_width(message[1].partition("房间")[0]) + "^^^^"


def test_the_source_of_a_nested_function_is_found(load_source: Write) -> None:
    source = '''def outer():
    @task
    def inner(text: str) -> str:
        """Read {txt}.
  A docstring may hang to the left."""
    return inner
'''
    with pytest.raises(DeclarationError) as caught:
        load_source(HEAD + source, "outer")()
    assert caught.value.details[0] == 'my_tasks.py:12   """Read {txt}.'
    assert caught.value.details[1].index("^") == caught.value.details[0].index("txt")


def test_a_file_outside_the_working_folder_is_shown_with_its_full_path(
    load_source: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = HEAD + "@task\ndef f(text: str) -> str: ...\n"
    here = Path.cwd()
    with pytest.raises(DeclarationError) as caught:
        (here / "below").mkdir()
        loaded = load_source(HEAD, file="other.py")
        monkeypatch.chdir(here / "below")
        exec(compile(source, str(here / "other.py"), "exec"), vars(loaded))
    assert caught.value.details[0].startswith(f"{here}/other.py:")


def test_the_hint_is_the_last_line_of_a_traceback(load_source: Write) -> None:
    import traceback

    with pytest.raises(DeclarationError) as caught:
        load_source(HEAD + CASES["a placeholder that is nothing's name"][0])
    assert "".join(traceback.format_exception(caught.value)).rstrip().endswith("\n  → did you mean {text}?")


@pytest.mark.parametrize("body", ["...", "pass", '""', "return", "return None", ""])
def test_an_empty_body_is_accepted(load_source: Write, body: str) -> None:
    f = load_source(f'{HEAD}@task\ndef f(text: str) -> str:\n    """Read {{text}}."""\n    {body}\n', "f")
    assert f.declaration.instruction.parameter_names == ("text",)


def test_an_empty_body_with_a_closure_is_accepted(load_source: Write) -> None:
    source = f'''{HEAD}def outer(kind):
    @task
    def inner(text: str) -> kind:
        """Read {{text}}."""
        ...
    return inner
'''.replace("from __future__ import annotations\n", "")
    assert load_source(source, "outer")(str).declaration.answer.name == "text"


def test_python_without_docstrings_is_named_as_the_cause(tmp_path: Path) -> None:
    file = tmp_path / "stripped.py"
    file.write_text('from plait import task\n\n@task\ndef f(text: str) -> str:\n    """Read {text}."""\n    ...\n')
    process = subprocess.run([sys.executable, "-OO", str(file)], capture_output=True, text=True, cwd=tmp_path)
    assert process.returncode == 1
    assert (
        "InstructionError: f has no docstring because of python -OO\n    stripped.py:4   def f(text: str)"
        in process.stderr
    )
    assert process.stderr.rstrip().endswith("  → run Python without -OO: the docstring is the instruction")


def test_annotated_resolves_two_candidates(load_source: Write) -> None:
    source = HEAD + CASES["a Ref to two things"][0].replace(
        "list[Ref[str]]", 'list[Annotated[Ref[str], From("passages")]]'
    )
    answer = load_source(source, "f").declaration.answer
    assert answer.item.path == ("passages",)


def test_a_task_has_to_be_a_function() -> None:
    with pytest.raises(DeclarationError, match="is not a function"):
        task.task(print)
