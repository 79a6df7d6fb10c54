"""Doubt on a page: values of little confidence are shaded, each by its own number; nothing without a calibration."""

import re
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel

from plait import Quoted, task
from plait.core.engine.validation import Completed
from plait.core.task.task import Task
from plait.core.values.call_context import CallContext
from plait.web.pages import answer_fragment
from plait.web.views import Language, PageContext, TaskView


class Line(BaseModel):
    what: Quoted[str]
    price: Decimal


class Bill(BaseModel):
    number: str | None
    lines: list[Line]
    currency: Literal["EUR", "USD"]


@task
def read_bill(text: str) -> Bill:
    """Read {text}."""
    ...


@task
def prices(text: str) -> dict[str, Decimal]:
    """Which prices are in {text}?"""
    ...


ANSWER = {
    "number": None,
    "lines": [{"what": "lamps", "price": "9.00"}, {"what": "cups", "price": "2.00"}],
    "currency": "EUR",
}


def page(declared: Task[..., Any], answer: Any, confidence: dict[str, float], language: Language = "en") -> str:
    value = declared.declaration.answer.decode(answer, CallContext())
    completed = Completed(value, answer, id="a1", model="m@1", confidence=confidence)
    view = TaskView(declared.declaration, inputs={"text": "lamps and cups"}, completed=completed)
    return answer_fragment(view, PageContext(language=language))


def shaded(html: str) -> list[tuple[str, str, str]]:
    """Level, title and text of each shaded value."""
    found = re.findall(r'<span class="doubt (\w+)" title="([^"]*)">(.*?)</span>\s*</(?:dd|td)>', html, re.DOTALL)
    return [(level, title, re.sub(r"<[^>]+>|\s", "", inner)) for level, title, inner in found]


def test_each_value_is_shaded_by_its_own_confidence() -> None:
    html = page(
        read_bill, ANSWER,
        {"": 0.21, "number": 0.3, "lines.0.what": 0.95, "lines.0.price": 0.62, "lines.1.what": 0.4, "currency": 0.81},
    )  # fmt: skip
    assert shaded(html) == [
        ("doubtful", "right with a probability of 30%", "none"),
        ("unsure", "right with a probability of 62%", "9.00"),
        ("doubtful", "right with a probability of 40%", "cups"),
    ]
    assert "all of it right: 21% likely" in html


def test_without_a_calibration_there_is_no_shade_and_no_number() -> None:
    html = page(read_bill, ANSWER, {})
    assert "doubt" not in html and "%" not in html


def test_an_answer_that_is_shown_as_json_is_not_shaded_by_chance() -> None:
    html = page(prices, {"lamp": "9.00", "cup": "2.00"}, {"": 0.5, "lamp": 0.1, "cup": 0.9})
    assert shaded(html) in ([], [("doubtful", "right with a probability of 10%", "9.00")])
    assert "all of it right: 50% likely" in html


def test_the_words_are_chinese_on_a_chinese_page() -> None:
    html = page(read_bill, ANSWER, {"": 0.5, "currency": 0.4}, "zh")
    assert "全部正确的可能性：50%" in html and "正确的可能性为 40%" in html
