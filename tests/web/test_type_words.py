"""Types and names of a declaration in words: for people who do not know Python, in both languages."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from plait import Image, Quoted, Ref, task
from plait.core.errors import ParameterError
from plait.core.task.declaration import Declaration
from plait.service.catalog import Catalog
from plait.tasks.detect import detect
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.home_command import home_command
from plait.tasks.sort_message import sort_message
from plait.web.limit_texts import CHINESE, localized_limit
from plait.web.pages import answer_fragment, home_page, task_page
from plait.web.task_listing import task_listing
from plait.web.type_words import purpose, type_words
from plait.web.views import Language, PageContext, TaskView
from tests.support.browser import Browser
from tests.support.page_reading import Page
from tests.support.running_server import serve_catalog

BUILT_IN = [each.declaration for each in Catalog.built_in()]


class SetLevel(BaseModel):
    percent: int = Field(title="Level in percent")
    until: Quoted[date] | None


@dataclass
class Stop:
    place: str


@task
def everything(
    text: str, amount: Decimal, mood: Literal["calm", "lively"], picture: Image, stops: list[Stop]
) -> list[SetLevel]:
    """Read {text} with {amount}, {mood}, {picture} and {stops}."""
    ...


@task
def one_of(stops: list[Stop]) -> Ref[Stop] | None:
    """Choose one of {stops}."""
    ...


def words(declared: Declaration, language: Language) -> list[str]:
    known = type_words(declared, language)
    return [
        known.words(value_type) for value_type in (*(each.value_type for each in declared.parameters), declared.answer)
    ]


def test_types_are_named_in_english_and_chinese() -> None:
    assert words(everything.declaration, "en") == [
        "text", "number", "calm | lively", "picture", "list of stop", "list of set level"
    ]  # fmt: skip
    assert words(everything.declaration, "zh") == [
        "文本", "数字", "calm | lively", "图片", "stop列表", "set level列表"
    ]  # fmt: skip
    assert words(one_of.declaration, "en")[1] == "one of the stops | none"


def test_names_of_the_author_come_first() -> None:
    assert words(home_command.declaration, "zh") == ["文本", "设备列表", "开关 | 调节 | 不操作"]
    assert words(sort_message.declaration, "en")[1] == "sorted message"
    assert type_words(sort_message.declaration, "zh").parts(sort_message.declaration.answer) == "主题、紧急程度、概括"


def test_a_title_of_a_field_is_its_label() -> None:
    html = task_page(TaskView(everything.declaration), PageContext())
    assert "Level in percent" in Page(html).text and "Until" in Page(html).text


@pytest.mark.parametrize("declared", BUILT_IN, ids=lambda declared: declared.name)
def test_a_built_in_task_has_a_purpose_and_labels_for_every_input_in_chinese(declared: Declaration) -> None:
    for language in ("en", "zh"):
        assert purpose(declared, language)
    html = Page(task_page(TaskView(declared), PageContext("zh", path=f"/tasks/{declared.name}"))).text
    for parameter in declared.parameters:
        assert declared.labels["zh"][parameter.name] in html


def test_choices_options_and_fields_are_in_chinese_on_the_page() -> None:
    answered = {"Switch": {"device": "lamp", "on": True}}
    view = TaskView(home_command.declaration, is_streaming=True, partial=answered)
    html = Page(answer_fragment(view, PageContext("zh"))).text
    assert "开关" in html and "打开" in html and "Switch" not in html
    form = task_page(TaskView(home_command.declaration), PageContext("zh", path="/tasks/x"))
    assert '<option value="cover">窗帘</option>' in form


def test_the_home_page_groups_tasks_and_says_what_they_are_for() -> None:
    listings = [
        task_listing(each.declaration, "zh", is_own=each is everything)
        for each in (detect, extract_invoice, everything)
    ]
    page = Page(home_page(listings, PageContext("zh")))
    assert [each.text for each in page.all("h2")][:3] == ["您的任务", "文本", "图片"]
    assert "找出图片里的物体及其位置。" in page.text
    assert "发票号、开票日期、卖方、明细、币种" in page.text


def test_purpose_and_labels_are_no_part_of_the_fingerprint() -> None:
    @task(purpose="Shortens.", labels={"zh": {"text": "文本"}})
    def shorten(text: str) -> str:
        """Say {text} in one sentence."""
        ...

    labelled = shorten

    @task
    def shorten(text: str) -> str:
        """Say {text} in one sentence."""
        ...

    assert labelled.declaration.fingerprint == shorten.declaration.fingerprint
    assert purpose(labelled.declaration, "zh") == "Shortens."
    assert labelled.declaration.labels["zh"] == {"text": "文本"}


def test_a_label_of_nothing_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ParameterError, match=r"label \(zh\) for mesage") as caught:

        @task(labels={"zh": {"mesage": "消息"}})
        def read(message: str) -> str:  # pyright: ignore[reportUnusedFunction]
            """Read {message}."""
            ...

    assert "did you mean message?" in caught.value.hint


def test_the_limits_of_the_shipped_model_are_in_both_languages() -> None:
    from plait.service.models.discovery import model_limits

    limits = model_limits("plait-nano")
    assert "159" in limits[0] and "no photographs" in limits[0]
    assert len(limits) == len(CHINESE)
    assert localized_limit(limits[0], "zh") == "它认识纯色背景上的 159 种象形图，不认识照片。"
    assert all(localized_limit(limit, "zh") != limit for limit in limits)
    assert [localized_limit(limit, "en") for limit in limits] == list(limits)
    assert localized_limit("It is slow.", "zh") == "It is slow."
    assert model_limits("nobody") == ()


@pytest.mark.slow
@pytest.mark.browser
def test_no_page_of_a_built_in_task_is_wider_than_a_phone(browser: Browser) -> None:
    with serve_catalog(Catalog.built_in()) as server:
        for declared in BUILT_IN:
            for path in (f"/tasks/{declared.name}?example=0", f"/tasks/{declared.name}/scores?report=0"):
                for language in ("en", "zh"):
                    browser.open(f"{server.url}{path}&lang={language}", 390)
                    assert browser.run("document.documentElement.scrollWidth") <= 390, (path, language)
