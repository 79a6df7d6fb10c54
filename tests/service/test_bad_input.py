"""Input errors have the same message in Python, on the command line and over HTTP."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from plait.client.response_decoding import error_from_json
from plait.core.errors import error_text
from plait.service.catalog import Catalog, tasks_in
from tests.support import house_tasks as house
from tests.support.running_server import HOUSE, RunningServer, Shell, error_of, serve_catalog

LAMPS = [{"name": "hall"}, {"name": "desk"}]
RIGHT: Mapping[str, Any] = {"wish": "hall on", "lamps": LAMPS}


@dataclass(frozen=True)
class Case:
    """A call of `turn`, or of another task, that cannot be answered. `inputs` are wire forms, for pydantic too."""

    says: str
    inputs: Mapping[str, Any] | None = None
    task: str = "turn"
    options: Mapping[str, Any] | None = None


CASES = {
    "a wrong type": Case(
        """InputError: turn cannot accept these inputs
    level: should be a number    "warm\"""",
        {**RIGHT, "level": "warm"},
    ),
    "a number out of bounds": Case(
        """InputError: turn cannot accept these inputs
    level: Input should be less than or equal to 100    101.5""",
        {**RIGHT, "level": 101.5},
    ),
    "a wrong type deep inside": Case(
        """InputError: turn cannot accept these inputs
    lamps.1.kind: should be one of ceiling, table    "disco\"""",
        {**RIGHT, "lamps": [LAMPS[0], {"name": "desk", "kind": "disco"}]},
    ),
    "a field that is missing": Case(
        """InputError: turn cannot accept these inputs
    lamps.0.name: is missing""",
        {**RIGHT, "lamps": [{"kind": "table"}]},
    ),
    "a field too many": Case(
        """InputError: turn cannot accept these inputs
    lamps.0.nam: is not a field; did you mean name?    "desk"
    lamps.0.name: is missing""",
        {**RIGHT, "lamps": [{"nam": "desk"}]},
    ),
    "a blank text": Case(
        """InputError: turn cannot accept these inputs
    wish: should not be blank    " \u3000\"""",
        {**RIGHT, "wish": " \u3000"},
    ),
    "a missing slot": Case(
        """InputError: turn cannot accept these inputs
    lamps: is missing
  → turn takes wish, lamps, level""",
        {"wish": "hall on"},
    ),
    "no slot at all": Case(
        """InputError: turn cannot accept these inputs
    wish: is missing
    lamps: is missing
  → turn takes wish, lamps, level""",
        {},
    ),
    "an unknown slot with a near name": Case(
        """InputError: turn cannot accept these inputs
    wishes: is not an input of turn    "hall off"
  → did you mean wish?""",
        {**RIGHT, "wishes": "hall off"},
    ),
    "an unknown slot like no other": Case(
        """InputError: turn cannot accept these inputs
    colour: is not an input of turn    "red"
  → turn takes wish, lamps, level""",
        {**RIGHT, "colour": "red"},
    ),
    "a slot misspelled": Case(
        """InputError: turn cannot accept these inputs
    wihs: is not an input of turn    "hall on"
    wish: is missing
  → did you mean wish?""",
        {"wihs": "hall on", "lamps": LAMPS},
    ),
    "no items to refer to": Case(
        """InputError: pick has no items to refer to
    lamps: is empty, but the answer must refer to one of its items    []
  → pass at least one item in lamps, or declare the answer as `... | None`""",
        {"wish": "hall on", "lamps": []},
        task="pick",
    ),
    "a seed below zero": Case(
        """InputError: option seed should be between 0 and 4294967294
    seed: should be between 0 and 4294967294    -1""",
        options={"seed": -1},
    ),
    "a temperature that is none": Case(
        """InputError: option temperature should be between 0 and 5
    temperature: should be between 0 and 5    nan""",
        options={"temperature": float("nan")},
    ),
    "shots that are no number": Case(
        """InputError: option shots should be a whole number
    shots: should be a whole number    "many\"""",
        options={"shots": "many"},
    ),
    "an unknown wording": Case(
        """InputError: 'zh' is not a wording of turn
    wording: is not a wording of turn    'zh'
  → it has the docstring only""",
        options={"wording": "zh"},
    ),
    "an unknown model": Case(
        """ModelNotFound: no model is called 'by_nam'
  → did you mean by_name?""",
        options={"model": "by_nam"},
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog.from_tasks(tasks_in(house))) as running:
        yield running


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def in_python(case: Case) -> str:
    task = getattr(house, case.task)
    inputs = RIGHT if case.inputs is None else case.inputs
    return error_text(error_of(lambda: task.using(**(case.options or {}))(**inputs)))


def on_command_line(case: Case, shell: Shell) -> str:
    inputs = RIGHT if case.inputs is None else case.inputs
    flags = [f"--{name}={flag(value)}" for name, value in {**inputs, **(case.options or {})}.items()]
    result = shell("run", f"{HOUSE}:{case.task}", *flags)
    assert (result.code, result.out) == (2, ""), result
    return result.err.removesuffix("\n")


def flag(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def over_http(case: Case, server: RunningServer) -> str:
    inputs = RIGHT if case.inputs is None else case.inputs
    options = {name: str(value) for name, value in (case.options or {}).items()}
    response = httpx.post(f"{server.url}/v1/tasks/{case.task}", json=inputs, params=options, trust_env=False)
    assert response.status_code in (404, 422), response.text
    return error_text(error_from_json(response.json()["error"]))


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_python_raises_the_error(case: Case) -> None:
    assert in_python(case) == case.says


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_the_command_line_prints_the_same_error(case: Case, shell: Shell) -> None:
    assert on_command_line(case, shell) == case.says


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_http_returns_the_same_error(case: Case, server: RunningServer) -> None:
    assert over_http(case, server) == case.says


# ── what only some doors can carry ──


def post_json(server: RunningServer, body: str | bytes, task: str = "turn") -> httpx.Response:
    headers = {"content-type": "application/json"}
    return httpx.post(f"{server.url}/v1/tasks/{task}", content=body, headers=headers, trust_env=False)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_an_invalid_number_is_refused_by_python_cli_and_http(number: str, server: RunningServer, shell: Shell) -> None:
    by_flag = shell("run", f"{HOUSE}:weigh", "--kilograms", number)
    assert by_flag.code == 2
    assert by_flag.err.startswith(
        "InputError: weigh cannot accept these inputs\n    kilograms: should be a finite number    "
    )
    response = post_json(server, f'{{"kilograms": {number}}}', "weigh")
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith("the body is not JSON: ")
    assert response.json()["error"]["hint"] == "send one JSON value in UTF-8"


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_python_refuses_an_invalid_number(number: str) -> None:
    error = error_of(lambda: house.weigh(float(number)))
    assert error_text(error).startswith(
        "InputError: weigh cannot accept these inputs\n    kilograms: should be a finite number    "
    )


def test_a_lone_surrogate_is_refused_in_json(server: RunningServer, shell: Shell) -> None:
    response = post_json(server, '{"text": "\\ud800"}', "shorten")
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith("the body is not JSON: ")
    by_flag = shell("run", f"{HOUSE}:turn", "--wish", "hall", "--lamps", '[{"name": "\\ud800"}]')
    assert (by_flag.code, by_flag.err.startswith("InputError: lamps is not JSON: ")) == (2, True)


def test_a_lone_surrogate_is_refused_as_a_text(shell: Shell) -> None:
    assert "text: " in error_text(error_of(lambda: house.shorten("half \ud800")))
    # What is no UTF-8 on a command line reaches Python as lone surrogates.
    assert shell("run", f"{HOUSE}:shorten", "--text", b"\xff".decode(errors="surrogateescape")).code == 2


def test_brackets_200_000_deep_are_refused_by_cli_and_http(
    server: RunningServer, shell: Shell, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = "[" * 200_000 + "]" * 200_000
    message = "is not JSON: recursion limit exceeded"
    response = post_json(server, f'{{"wish": "x", "lamps": {deep}}}')
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(f"the body {message}")
    (tmp_path / "deep.json").write_text(deep)
    by_flag = shell("run", f"{HOUSE}:turn", "--wish", "x", "--lamps", f"@{tmp_path / 'deep.json'}")
    assert (by_flag.code, by_flag.err.startswith(f"InputError: lamps {message}")) == (2, True)


def test_lists_200_000_deep_are_refused_in_python() -> None:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    try:
        assert "lamps.0" in error_text(error_of(lambda: house.turn("x", deep)))
    finally:
        while deep:  # taking it apart by itself would overflow the stack
            deep = deep[0]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"wish": "x"', "{'wish': 'x'}", "\\xff", '{"a":1}{}'])
def test_a_body_that_is_not_a_json_object_is_refused(text: str, server: RunningServer) -> None:
    response = post_json(server, text)
    assert response.status_code == 422
    assert response.json()["error"]["type"] == "InputError"
    assert response.json()["error"]["hint"]


def test_json_that_is_not_utf8_is_refused(server: RunningServer) -> None:
    assert post_json(server, b'{"wish": "\xff\xfe"}').status_code == 422


def test_an_unknown_option_is_refused_with_the_nearest_name(server: RunningServer, shell: Shell) -> None:
    url = f"{server.url}/v1/tasks/turn"
    response = httpx.post(url, params={"temprature": "1"}, json=RIGHT, trust_env=False)
    assert response.status_code == 422
    assert error_text(error_from_json(response.json()["error"])) == (
        'InputError: option temprature is not known\n    temprature: is not known    "1"\n  → did you mean temperature?'
    )
    with pytest.raises(TypeError, match="temprature"):
        house.turn.using(temprature=1)  # type: ignore[call-arg]
    assert "temprature: is not an input of turn" in shell("run", f"{HOUSE}:turn", "--temprature", "1").err


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("nothing.txt", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("latin.txt", "is not UTF-8 text (byte 3)"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    file: str, says: str, shell: Shell, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    result = shell("run", f"{HOUSE}:shorten", "--text", f"@{file}")
    assert result.code == 2
    assert result.err.startswith(f"InputError: --text {says}\n") and result.err.endswith("  → write @@ for a plain @\n")


def test_an_answer_that_its_type_refuses_is_reported_by_python_cli_and_http(
    server: RunningServer, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HOUSE.parents[2])
    text = "nails;0;2026-03-14"
    error = error_of(lambda: house.read_order(text))
    response = httpx.post(f"{server.url}/v1/tasks/read_order", json={"text": text}, trust_env=False)
    result = shell("run", f"{HOUSE}:read_order", "--text", text)
    assert error_text(error) == (
        "InvalidAnswer: read_order answered twice with an invalid Order\n"
        "    pieces: Input should be greater than 0    0\n"
        "  → the answer is in error.answer; more shots or a larger model help "
        "(plait evaluate tests/support/house_tasks.py:read_order)"
    )
    assert error_text(error) == error_text(error_from_json(response.json()["error"])) == result.err.removesuffix("\n")
    assert response.status_code == 502
    assert result.code == 1
    assert error_from_json(response.json()["error"]).answer == error.answer  # type: ignore[attr-defined]
