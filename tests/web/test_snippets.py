"""The code on a page is the call that its form makes: it runs, and says the same."""

import json
import shlex
from typing import Any

import pytest

from plait.core.values.inputs import inputs_from_call, inputs_from_json, json_from_texts
from plait.web.snippets import sample_value, snippets
from plait.web.views import PageContext
from tests.support.web_tasks import TASKS, examples_of

COMPLETE = [name for name in TASKS if name != "every_kind"]


def inputs(name: str) -> dict[str, Any]:
    return {
        parameter: json_value for parameter, json_value in examples_of(TASKS[name])[0].items() if parameter != "answer"
    }


def texts(name: str, json_value: Any, look: PageContext = PageContext()) -> list[str]:  # noqa: B008 - a frozen value
    return [snippet.text for snippet in snippets(TASKS[name], json_value, look, "Shell")]


@pytest.mark.parametrize("name", TASKS)
def test_the_python_snippet_runs_with_the_values_of_the_form(name: str) -> None:
    json_value = {parameter: sample_value(each) for parameter, each in inputs(name).items()}
    python, _, _ = texts(name, inputs(name))
    imported, call = python.split("\n\n", 1)
    namespace: dict[str, Any] = {}
    exec(imported, namespace)
    namespace[name] = lambda *args, **kwargs: inputs_from_call(TASKS[name], args, kwargs)
    passed = eval(call, namespace)
    assert passed == inputs_from_json(TASKS[name], json_value)


@pytest.mark.parametrize("name", COMPLETE)
def test_the_command_is_parsed_by_a_shell(name: str) -> None:
    json_value = {parameter: sample_value(each) for parameter, each in inputs(name).items()}
    _, command, _ = texts(name, inputs(name))
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["plait", "run"] and words[2].endswith(name)
    flags = {
        flag.removeprefix("--").replace("-", "_"): text for flag, text in zip(words[3::2], words[4::2], strict=True)
    }
    assert json_from_texts(TASKS[name], flags) == json_value


@pytest.mark.parametrize("name", TASKS)
def test_the_curl_snippet_sends_the_values_of_the_form(name: str) -> None:
    *_, curl = texts(name, inputs(name), PageContext("zh", origin="http://127.0.0.1:9000"))
    words = shlex.split(curl.replace("\\\n", ""))
    worded = "?wording=zh" if "zh" in TASKS[name].wordings else ""
    assert words[1] == f"http://127.0.0.1:9000/v1/tasks/{name}{worded}"
    assert json.loads(words[words.index("-d") + 1]) == {
        parameter: sample_value(each) for parameter, each in inputs(name).items()
    }


@pytest.mark.parametrize("name", TASKS)
def test_an_empty_form_has_snippets(name: str) -> None:
    python, command, curl = texts(name, {})
    compile(python, "snippet", "exec")
    assert set(json.loads(shlex.split(curl.replace("\\\n", ""))[-1])) == {
        parameter.name for parameter in TASKS[name].parameters if parameter.required
    }
    assert shlex.split(command.replace("\\\n", ""))


def test_quotes_and_escapes_are_escaped_in_snippets() -> None:
    text = 'it\'s "so" $HOME `id` \\ \n!'
    python, command, curl = texts("shorten", {"text": text})
    assert eval(python.split("\n\n", 1)[1], {"shorten": lambda text: text}) == text
    assert shlex.split(command)[-1] == text
    assert json.loads(shlex.split(curl)[-1]) == {"text": text}


def test_long_texts_and_lists_are_shortened() -> None:
    assert sample_value("a " * 2_000) == "a " * 999 + "a…"
    assert sample_value([{"a": [*range(60)]}] * 70) == [{"a": [*range(50)]}] * 50


def test_a_text_that_begins_with_an_at_sign_is_no_file() -> None:
    _, command, _ = texts("shorten", {"text": "@home"})
    assert shlex.split(command)[-1] == "@=@home"
