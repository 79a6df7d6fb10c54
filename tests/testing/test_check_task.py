"""check_task passes tasks whose parts agree, and sees those whose parts do not."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from plait.core.errors import InputError
from plait.core.grammar.ast import Literal
from plait.core.task.signature import Ref
from plait.core.task.task import Task, task
from plait.tasks.cited_answer import cited_answer
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.home_command import home_command
from plait.tasks.sort_message import sort_message
from plait.testing import check_task
from plait.types.date_time import DateTimeType


class Passage(BaseModel):
    title: str = Field(min_length=1)
    lines: list[str]


class Claim(BaseModel):
    text: str = Field(max_length=20)
    source: Ref[Passage] | None
    weight: float = Field(ge=-1, lt=0.5)

    @field_validator("text")
    @classmethod
    def calm(cls, text: str) -> str:
        if "!" in text:
            raise ValueError("a claim is calm")
        return text


@task
def claims(
    passages: list[Passage], strict: bool = False, about: str | None = None
) -> list[Claim] | Ref[Passage] | None:
    """What do {passages} claim {about} ({strict})?"""
    ...


@pytest.mark.parametrize("each", [extract_invoice, home_command, cited_answer, sort_message, claims], ids=repr)
def test_a_correct_task_passes(each: Task[..., Any]) -> None:
    check_task(each)


def test_an_invalid_seed_fails(load_source: Callable[..., Any]) -> None:
    source = 'from plait import task\n\n@task\ndef count(text: str) -> int:\n    """Count {text}."""\n    ...\n'
    Path("seeds").mkdir()
    Path("seeds/count.jsonl").write_text('{"text": "a", "answer": 1e3}')
    with pytest.raises(InputError, match=r"seeds/count\.jsonl:1 has an invalid answer"):
        check_task(load_source(source, "count"))


@task
def due(text: str) -> date:
    """When is {text} due?"""
    ...


def test_a_grammar_that_admits_too_much_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DateTimeType, "grammar", lambda self, context: Literal("x"))
    with pytest.raises(AssertionError, match="refused"):
        check_task(due)
