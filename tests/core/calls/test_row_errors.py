"""Any exception in a row is that row's error, whoever wrote the code that raised it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator

from plait import engine, task
from plait.core.errors import BatchFailed, EngineError, InputError, error_text, to_plait_error
from tests.support.running_server import Shell

RAISED: list[type[BaseException]] = [
    ZeroDivisionError, KeyError, StopIteration, StopAsyncIteration, RecursionError, MemoryError, AssertionError,
    TimeoutError, asyncio.CancelledError, SystemExit, KeyboardInterrupt, GeneratorExit, InputError,
]  # fmt: skip
BY_NAME = {each.__name__: each for each in RAISED}
SOURCE = '''
from plait import engine, task

@task
def halve(text: str) -> str:
    """Halve {text}."""
    ...

@engine.answers(halve)
def by_rules(text: str) -> str:
    return str(4 // int(text))
'''


class Fussy(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def refuse(cls, name: str) -> str:
        return name if name != "bad" else name.nothing  # type: ignore[attr-defined]


@task
def raising(text: str) -> str:
    """Say {text}."""
    ...


@engine.answers(raising)
def by_raising(text: str) -> str:
    if text in BY_NAME:
        raise BY_NAME[text]("a bug of the author's own")
    return text


@task
def awaiting(text: str) -> str:
    """Say {text}."""
    ...


@engine.answers(awaiting)
async def by_awaiting(text: str) -> str:
    await asyncio.sleep(0)
    return by_raising(text)


@task
def fussy(who: Fussy) -> str:
    """Greet {who}."""
    ...


@engine.answers(fussy)
def by_greeting(who: Fussy) -> str:
    return who.name


@pytest.mark.parametrize("called", [raising, awaiting], ids=["function", "coroutine"])
@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "GeneratorExit"])
def test_an_exception_in_a_rule_is_the_error_of_its_row(called: Any, name: str) -> None:
    with pytest.raises(BatchFailed) as caught:
        called.batch([{"text": "before"}, {"text": name}, {"text": "after"}])
    assert caught.value.answers == ["before", None, "after"]
    before, error, after = caught.value.errors
    assert before is None and after is None
    # Python turns what would end an iterator into RuntimeError.
    others = {"StopIteration": RuntimeError, "StopAsyncIteration": RuntimeError, "CancelledError": EngineError}
    assert isinstance(error, others.get(name, BY_NAME[name]))
    assert str(caught.value).startswith("1 of 3 rows failed\n    row 1: ")
    assert called("still answering") == "still answering", "the event loop has survived"


def test_the_error_of_a_row_is_the_exception_itself_with_its_traceback() -> None:
    with pytest.raises(BatchFailed) as caught:
        asyncio.run(raising.abatch([{"text": "ZeroDivisionError"}]))
    (error,) = caught.value.errors
    assert type(error) is ZeroDivisionError and error.__traceback__ is not None
    assert caught.value.details == ("row 0: ZeroDivisionError: a bug of the author's own",)


@given(st.lists(st.sampled_from(["a", "b", *BY_NAME]).filter(lambda name: name != "GeneratorExit"), max_size=12))
def test_every_row_has_an_answer_or_an_error_and_never_both(texts: list[str]) -> None:
    try:
        answers, errors = raising.batch([{"text": text} for text in texts]), [None] * len(texts)
    except BatchFailed as failed:
        answers, errors = failed.answers, failed.errors  # type: ignore[assignment]
    assert [answer for answer, text in zip(answers, texts, strict=True) if text not in BY_NAME] == [
        text for text in texts if text not in BY_NAME
    ]
    assert [error is not None for error in errors] == [text in BY_NAME for text in texts]


def test_an_exception_in_a_validator_of_an_input_is_the_error_of_its_row() -> None:
    with pytest.raises(BatchFailed) as caught:
        fussy.batch([{"who": {"name": "good"}}, {"who": {"name": "bad"}}, {"who": {"name": "fine"}}])
    assert caught.value.answers == ["good", None, "fine"]


def test_a_row_whose_keys_are_no_names_is_its_own_error() -> None:
    with pytest.raises(BatchFailed) as caught:
        raising.batch([{1: "x"}, {"self": "x"}, {"text": "good"}])  # type: ignore[dict-item]
    assert caught.value.answers == [None, None, "good"]


def test_an_exit_in_a_rule_reaches_the_caller_and_later_calls_are_answered() -> None:
    with pytest.raises(SystemExit):
        raising("SystemExit")
    assert raising("after") == "after"


def test_rows_of_a_file_report_an_exception_with_the_line_that_raised_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "halving.py").write_text(SOURCE)
    (tmp_path / "rows.csv").write_text("text\n1\n0\n2\n")
    result = Shell(monkeypatch, capsys)("run", "halving.py:halve", "--rows", "rows.csv")
    first, failed, last = map(json.loads, result.out.splitlines())
    assert result.code == 1 and (first["answer"], last["answer"]) == ("4", "2")
    assert failed["where"] == "rows.csv:3" and failed["error"]["message"].startswith("ZeroDivisionError: ")
    assert failed["error"]["details"] == [f"{tmp_path / 'halving.py'}:11   return str(4 // int(text))"]
    assert "Traceback" not in result.err


def test_an_evaluation_counts_an_exception_as_a_row_without_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [{"text": text, "answer": text} for text in ("a", "ZeroDivisionError", "SystemExit", "CancelledError")]
    file.write_text("\n".join(map(json.dumps, rows)))
    report = raising.using("by_raising").evaluate(file)
    errors = [each.error for each in report.worst(4) if each.error]
    assert len(errors) == report.failed == 3
    assert any(error.startswith("EngineError: ZeroDivisionError: a bug of the author's own") for error in errors)
    with engine.scripted({raising: "a"}):
        report = raising.evaluate(file)
    assert report.failed == 0 and report.score.mean == 0.25
    assert {each.name: each.score.mean for each in report.rivals} == {"by_raising": 0.25}, "the rules fail thrice"


def test_an_exception_in_words_quotes_its_first_line_only() -> None:
    assert error_text(to_plait_error(ValueError("one\ntwo"))) == "EngineError: ValueError: one"
    assert error_text(to_plait_error(ValueError())) == "EngineError: ValueError"
    same = InputError("x")
    assert to_plait_error(same) is same
