"""Quoted values on a page: the words of the input are marked, and each value shows its own when it is pointed at."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from plait import Quoted, task
from plait.core.engine.chat import ChatEngine
from plait.core.engine.evidence import evidence
from plait.core.engine.validation import Completed
from plait.core.values.call_context import call_context
from plait.core.values.span import Span
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.web.pages import answer_fragment
from plait.web.quotations import segments
from plait.web.texts import PAGE_STRINGS
from plait.web.views import PageContext, TaskView
from tests.support.browser import FAINT, Browser
from tests.support.running_server import serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel


class Line(BaseModel):
    what: Quoted[str]
    price: Quoted[Decimal]


class Bill(BaseModel):
    number: Quoted[str]
    issued: Quoted[date] | None
    lines: list[Line]


@task
def read_bill(text: str) -> Bill:
    """Read the bill {text}."""
    ...


TEXT = "Bill 12 of 13: nails 1.50, screws 1.50"
BILL = {
    "number": "12",
    "issued": None,
    "lines": [{"what": "nails", "price": "1.50"}, {"what": "screws", "price": "1.50"}],
}


@pytest.fixture
def site() -> Iterator[str]:
    with serve_catalog(
        Catalog((read_bill,)), LocalTransport(only=ChatEngine(ScriptedChatModel(text=json.dumps(BILL))))
    ) as server:
        yield server.url


def ask(browser: Browser, site: str, language: str = "en") -> None:
    browser.open(f"{site}/tasks/read_bill?lang={language}")
    browser.run(f"document.querySelector('#ask textarea').value = {TEXT!r}")
    browser.click("#ask .run")
    browser.until("document.querySelector('#answer .quotations')")


def pointed(browser: Browser, selector: str) -> list[str]:
    return browser.run(f"[...document.querySelectorAll('{selector}.pointed')].map(each => each.innerText.trim())")


@pytest.mark.browser
def test_a_value_that_is_pointed_at_shows_its_own_words(browser: Browser, site: str) -> None:
    """Also by keyboard, and the other way round; the second price is that of the second line."""
    ask(browser, site)
    values = browser.run("[...document.querySelectorAll('[data-quoted]')].map(each => each.innerText.trim())")
    assert values == ["12", "nails", "1.50", "screws", "1.50"]
    browser.run("document.querySelectorAll('[data-quoted]')[4].focus()")
    assert pointed(browser, "mark") == ["1.50"]
    before = (
        "((range) => (range.setStart(document.querySelector('.source'), 0), "
        "range.setEndBefore(document.querySelector('mark.pointed')), range.toString()))(document.createRange())"
    )
    assert browser.run(before) == TEXT[: TEXT.rindex("1.50")]
    browser.run("document.activeElement.blur()")
    assert pointed(browser, "mark") == []
    browser.run("document.querySelectorAll('mark')[1].dispatchEvent(new PointerEvent('pointerover', {bubbles: true}))")
    assert pointed(browser, "[data-quoted]") == ["nails"]
    assert not browser.complaints and not browser.nameless()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_marks_are_readable_on_a_phone_in_the_dark(browser: Browser, site: str, language: str) -> None:
    browser.dark()
    ask(browser, site, language)
    browser.ask("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=False)
    browser.run("document.querySelectorAll('#answer details').forEach((each) => { each.open = true })")
    assert PAGE_STRINGS[language].leaf_quotation.format(count=5) in browser.text(".certificate summary")
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.run(FAINT.read_text()) == []


@task
def pairs_of(text: str) -> list[tuple[Quoted[str], int]]:
    """Which pairs are in {text}?"""
    ...


def fragment(json_value: Any, text: str) -> str:
    declaration = pairs_of.declaration
    places = evidence(declaration, json_value, call_context(declaration, {"text": text}))
    completed = Completed(None, json_value, "id-1", "model", evidence=places)
    return answer_fragment(TaskView(declaration, inputs={"text": text}, completed=completed), PageContext())


def test_values_that_are_shown_as_json_are_not_linked() -> None:
    """Their numbers would be those of other values."""
    html = fragment([["a", 1]], "a b")
    assert "data-quoted" not in html and "data-marks" not in html


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5))
def test_the_segments_are_the_text_and_each_mark_covers_its_own_words(text: str, places: list[tuple[int, int]]) -> None:
    bounds = [(min(one, other, len(text)), min(max(one, other), len(text))) for one, other in places]
    marks = [(Span("text", start, end, text[start:end]), str(number)) for number, (start, end) in enumerate(bounds)]
    parts = list(segments(text, marks))
    assert "".join(part.text for part in parts) == text
    for span, mark in marks:
        assert "".join(part.text for part in parts if mark in part.marks) == span.text


def test_a_long_part_without_marks_is_shortened() -> None:
    text = "a" * 5_000 + "12" + "b" * 5_000
    parts = list(segments(text, [(Span("text", 5_000, 5_002, "12"), "m")]))
    assert [part.text for part in parts if part.marks] == ["12"]
    assert all(len(part.text) < 400 and " … " in part.text for part in parts if not part.marks)
