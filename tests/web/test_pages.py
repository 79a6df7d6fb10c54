"""The pages: whole, labelled, inert against what is written into them, in both languages."""

import re
import string
from dataclasses import fields, replace
from typing import Any

import pytest

from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.errors import (
    EngineBusy,
    InputError,
    InvalidAnswer,
    NoCapableModel,
    PlaitError,
    Problem,
    TaskNotFound,
    error_text,
)
from plait.core.values.forms import FormFields
from plait.web import chat_texts
from plait.web.headline import Headline, Slot
from plait.web.pages import answer_fragment, chat_page, error_fragment, error_page, home_page, task_page
from plait.web.task_listing import TaskListing
from plait.web.texts import CHINESE, ENGLISH, PAGE_STRINGS
from plait.web.views import ChatModelOption, Language, PageContext, TaskView
from tests.support.page_reading import Page, unlabelled_controls
from tests.support.web_tasks import MISSING, TASKS, examples_of, task_listings

LANGUAGES: tuple[Language, ...] = ("en", "zh")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 123457*3 }}</textarea></template>&amp;"
FAILED = InputError(
    "it cannot accept these inputs",
    problems=(Problem("text", "is strange", '"x"'),),
    hint="say it otherwise\nor not at all",
)


def completed_answer(json_value: Any) -> Completed:
    return Completed(None, json_value, "abc-1", "smollm2@0123456789abcdef", Usage(12, 3), 1.25)


def views(name: str) -> dict[str, TaskView]:
    declared = TASKS[name]
    row = examples_of(declared)[0]
    inputs = {parameter: json_value for parameter, json_value in row.items() if parameter != "answer"}
    return {
        "empty": TaskView(declared),
        "example": TaskView(declared, inputs=inputs, example_count=3, example_index=0),
        "answered": TaskView(
            declared, inputs=inputs, completed=completed_answer(row["answer"]), example_count=3, example_index=2
        ),
        "growing": TaskView(declared, inputs=inputs, is_streaming=True, partial=row["answer"]),
        "failed": TaskView(declared, inputs=inputs, error=FAILED),
        "invalid": TaskView(declared, inputs=inputs, error=InvalidAnswer("twice no", answer='{"a":', problems=())),
    }


def all_pages() -> list[Any]:
    pages = [
        pytest.param(
            task_page(view, PageContext(language, "smollm2", path=f"/tasks/{name}")), id=f"{name}-{state}-{language}"
        )
        for name in TASKS
        for language in LANGUAGES
        for state, view in views(name).items()
    ]
    for language in LANGUAGES:
        look = PageContext(language, "smollm2", "starting")
        pages += [
            pytest.param(home_page(task_listings(language), look), id=f"home-{language}"),
            pytest.param(home_page(task_listings(language) * 2, look), id=f"home-many-{language}"),
            pytest.param(home_page([], replace(look, state="none"), MISSING), id=f"home-empty-{language}"),
            pytest.param(chat_page([ChatModelOption("a", True), ChatModelOption("b")], look), id=f"chat-{language}"),
            pytest.param(chat_page((), replace(look, state="none"), MISSING), id=f"chat-empty-{language}"),
            pytest.param(error_page(404, TaskNotFound("no task", hint="try another"), look), id=f"error-{language}"),
        ]
    return pages


everywhere = pytest.mark.parametrize("html", all_pages())


@everywhere
def test_every_control_has_a_label_and_every_reference_a_target(html: str) -> None:
    page = Page(html)
    assert not unlabelled_controls(page)
    ids = page.ids()
    assert len(ids) == len(set(ids))
    attributes = [each.attributes for each in page.elements]
    pointing = ("aria-describedby", "aria-labelledby", "for")
    targets = {at for each in attributes for name in pointing for at in each.get(name, "").split()}
    targets |= {each["href"][1:] for each in attributes if each.get("href", "").startswith("#")}
    assert targets <= set(ids)
    assert len(page.all("h1")) == 1


@everywhere
def test_only_scripts_and_styles_of_our_files_are_used(html: str) -> None:
    page = Page(html)
    for element in page.elements + page.templates:
        assert element.tag != "style"
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")], element
        assert element.tag != "script" or (element.attributes["src"].startswith("/static/") and not element.text)


@everywhere
def test_no_other_host_is_requested(html: str) -> None:
    page = Page(html)
    for element in page.elements + page.templates:
        for name in ("href", "src", "action", "formaction", "srcset", "data"):
            assert element.attributes.get(name, "/").startswith(("/", "#")), element
            assert not element.attributes.get(name, "/").startswith("//")


@everywhere
def test_a_page_declares_its_language(html: str) -> None:
    page = Page(html)
    (root,) = page.all("html")
    (other,) = [each for each in page.all("a") if each.attributes.get("class") == "language"]
    assert {root.attributes["lang"], other.attributes["lang"]} == {"en", "zh"}
    assert f"lang={other.attributes['lang']}" in other.attributes["href"]


# ── what is written into a page stays text ──


def shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    page = Page(html)
    return [(each.tag, tuple(each.attributes)) for each in page.elements + page.templates]


def hostile(value: Any, instead: str) -> Any:
    match value:
        case str():
            return instead
        case list():
            return [hostile(item, instead) for item in value]
        case dict():
            return {key: hostile(inner, instead) for key, inner in value.items()}
        case _:
            return value


@pytest.mark.parametrize("name", ["extract_invoice", "cited_answer", "shorten"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_is_escaped_everywhere(name: str, language: Language) -> None:
    """The page of hostile values has the very elements that the page of harmless ones has."""

    def errors_on_page(text: str) -> list[str]:
        declared, look = TASKS[name], PageContext(language, text, path="/tasks/x")
        row = examples_of(declared)[0]
        inputs = hostile(
            {parameter: json_value for parameter, json_value in row.items() if parameter != "answer"}, text
        )
        answer = hostile(row["answer"], text)
        error = InputError(text, problems=(Problem(declared.parameters[0].name, text, text),), hint=text)
        invalid = InvalidAnswer(text, answer=text, hint=text)
        view = TaskView(declared, inputs=inputs)
        return [
            task_page(
                replace(view, completed=replace(completed_answer(answer), model=f"{text}@{text}", id=text)), look
            ),
            task_page(replace(view, is_streaming=True, partial=answer), look),
            task_page(replace(view, error=error), look),
            error_fragment(replace(view, error=invalid), look),
            answer_fragment(replace(view, is_streaming=True, partial={text: text}), look),
            error_page(404, error, look),
            home_page([TaskListing(heading(text), answered_by=text, group="own")], look),
            home_page([TaskListing(purposeful(text), (Slot(text, text),), text, unavailable_reason=text)], look),
            chat_page([ChatModelOption(text), ChatModelOption(text + text, True)], look),
            chat_page([], look, NoCapableModel(text, hint=text)),
        ]

    def heading(text: str) -> Headline:
        return Headline(text.replace("/", ""), (text, Slot(text, text)), (), text)

    def purposeful(text: str) -> Headline:
        return replace(heading(text), purpose=text)

    harmless = "a long enough harmless text, as wide as the other and more"
    for bad, good in zip(errors_on_page(HOSTILE), errors_on_page(harmless), strict=True):
        assert shape(bad) == shape(good)
        assert "<script>alert" not in bad and "<img src=x" not in bad
        assert "370371" not in bad


# ── what a page says ──


@pytest.mark.parametrize("error", [FAILED, EngineBusy("the queue is full", hint="wait"), TaskNotFound("no such task")])
def test_an_error_has_the_text_of_the_command_line(error: PlaitError) -> None:
    fragment = error_fragment(TaskView(TASKS["shorten"], error=error), PageContext())
    text = " ".join(Page(fragment).text.split())
    assert " ".join(error_text(error).split()) in text
    assert (ENGLISH.try_again in text) == error.retryable


def test_an_error_is_linked_to_its_field() -> None:
    page = Page(error_fragment(TaskView(TASKS["shorten"], error=FAILED), PageContext()))
    assert [each.text for each in page.elements if each.attributes.get("data-at") == "text"] == ["is strange"]


def test_an_answer_shows_duration_and_model() -> None:
    page = Page(answer_fragment(views("extract_invoice")["answered"], PageContext()))
    for part in ("1.2 s", "smollm2", "@0123456789ab", "12 + 3 tokens", "MB-2026-0117", "14 Mar 2026"):
        assert part in page.text


def test_an_answer_links_to_the_items_it_refers_to() -> None:
    view = views("home_command")["answered"]
    page = Page(task_page(view, PageContext()))
    (link,) = [each for each in page.all("a") if "data-ref" in each.attributes]
    assert link.text == "playroom rainbow lamp"
    (row,) = [each for each in page.elements if each.attributes.get("id") == link.attributes["href"][1:]]
    assert row.attributes["data-row"] == "devices.2"


def test_an_answer_links_to_the_row_of_the_form_that_was_sent() -> None:
    """Rows have gaps where some were dropped, and blank ones are no items."""
    view = views("home_command")["answered"]
    sent: dict[str, list[str]] = {"utterance": ["x"], "devices.0.name": [""]}
    for number, device in zip((1, 4, 7, 9), view.inputs["devices"], strict=True):  # type: ignore[index, arg-type]
        sent |= {f"devices.{number}.{name}": [text] for name, text in device.items()}  # type: ignore[union-attr]
    fragment = answer_fragment(replace(view, submitted=FormFields(sent)), PageContext())
    assert 'href="#in-devices-7"' in fragment


def test_a_reference_is_resolved_in_a_partial_answer() -> None:
    view = replace(views("home_command")["growing"], partial={"Switch": {"device": "playroom rainbow lamp"}})
    assert 'href="#in-devices-2"' in answer_fragment(view, PageContext())
    half = replace(view, partial={"Switch": {"device": "playroom rai"}})
    assert "playroom rai" in answer_fragment(half, PageContext()) and "href" not in answer_fragment(half, PageContext())


def test_a_page_whose_task_no_model_can_answer_gives_the_reason() -> None:
    view = TaskView(TASKS["extract_invoice"], unavailable_reason="it needs an image in; smollm2 reads text only")
    fragment = answer_fragment(view, PageContext())
    assert f"{ENGLISH.no_capable_model}: {view.unavailable_reason}" in fragment and "run it" not in fragment
    able = answer_fragment(replace(view, unavailable_reason=""), PageContext())
    assert ENGLISH.no_capable_model not in able and ENGLISH.try_example_clause not in able, (
        "there is not an example to try"
    )


def test_an_empty_page_shows_what_will_come_and_what_to_do() -> None:
    page = Page(
        task_page(TaskView(TASKS["extract_invoice"], example_count=3), PageContext(path="/tasks/extract_invoice"))
    )
    assert ENGLISH.answer_preview.format(example=ENGLISH.try_example_clause) in page.text
    ghosts = [each.text for each in page.elements if each.attributes.get("class") == "ghost"]
    assert ghosts == ["text", "date", "text", "text", "number", "number", "EUR or USD or GBP or CNY"]
    (example,) = [each for each in page.all("a") if each.text == ENGLISH.example]
    assert example.attributes["href"] == "/tasks/extract_invoice?lang=en&example=0"


def test_the_home_page_names_the_model_of_each_task_or_the_reason_for_none() -> None:
    page = Page(home_page(task_listings(), PageContext()))
    rows = {each.text.split()[0]: " ".join(each.text.split()) for each in page.all("li") if "→" in each.text}
    assert "answered by smollm2" in rows["home_command"] and ENGLISH.no_capable_model not in rows["home_command"]
    assert (
        ENGLISH.no_capable_model in rows["every_kind"]
        and "it needs time in; smollm2 reads text only" in rows["every_kind"]
    )
    assert next(iter(rows)) == "shorten", "the served file's own come first"
    assert [each.text for each in page.all("h2")] == [ENGLISH.own_tasks, ENGLISH.text_tasks, ENGLISH.other_entries]


@pytest.mark.parametrize("render", [home_page, chat_page])
def test_a_page_without_any_model_has_instructions(render: Any) -> None:
    page = Page(render([], PageContext(state="none"), MISSING))
    assert " ".join(error_text(MISSING).split()) in " ".join(page.text.split())


def test_a_few_tasks_need_no_search() -> None:
    assert not Page(home_page(task_listings(), PageContext())).all("input")
    assert [each.attributes["type"] for each in Page(home_page(task_listings() * 2, PageContext())).all("input")] == [
        "search"
    ]


def test_a_home_page_without_tasks_explains_how_to_declare_one() -> None:
    assert "plait serve my_tasks.py" in Page(home_page([], PageContext())).text


def test_the_next_example_cycles_through_all_examples() -> None:
    view = TaskView(TASKS["shorten"], example_count=3)
    assert [replace(view, example_index=at).next_example for at in (None, 0, 1, 2)] == [0, 1, 2, 0]


def test_a_task_with_a_chinese_wording_is_shown_and_asked_in_chinese() -> None:
    page = Page(task_page(TaskView(TASKS["shorten"]), PageContext("zh", path="/tasks/shorten")))
    assert "用一句话概括" in page.text
    form, *_ = page.all("form")
    assert form.attributes["action"] == "/tasks/shorten?lang=zh"
    assert [
        each.attributes["value"]
        for each in page.all("option")
        if "selected" in each.attributes and each.attributes["value"]
    ] == ["zh"]
    assert "wording=zh" in page.text and 'using(wording="zh")' in page.text


def test_a_task_without_a_chinese_wording_is_asked_in_its_own_language() -> None:
    form, *_ = Page(task_page(TaskView(TASKS["cited_answer"]), PageContext("zh", path="/tasks/x"))).all("form")
    assert form.attributes["action"] == "/tasks/x?lang=zh"


def test_enter_in_a_field_presses_the_button_that_runs() -> None:
    """The first submit button of a form is its default one; a row's would drop the row."""
    page = Page(task_page(views("home_command")["example"], PageContext()))
    first = next(each for each in page.all("button") if each.attributes.get("type") == "submit")
    assert "name" not in first.attributes


# ── two languages ──


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def pairs() -> list[Any]:
    """Each of the words, in English and in Chinese."""
    both = [(ENGLISH, CHINESE), (chat_texts.ENGLISH, chat_texts.CHINESE)]
    names = [(field.name, *pair) for pair in both for field in fields(pair[0])]
    return [
        pytest.param(name, getattr(english, name), getattr(chinese, name), id=f"{type(english).__name__}-{name}")
        for name, english, chinese in names
        if name not in ("code", "months", "starters")
    ]


@pytest.mark.parametrize(("name", "english", "chinese"), pairs())
def test_both_languages_have_the_same_texts(name: str, english: str, chinese: str) -> None:
    assert english.strip() and chinese.strip()
    assert places(english) == places(chinese)
    if name not in ("as_json", "run_shortcut", "tokens", "row", "list_separator", "other_code", "other_name"):
        assert re.search(r"[\u4e00-\u9fff]", chinese), chinese
        assert not re.search(r"[\u4e00-\u9fff]", english), english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_twelve_months_and_its_own_name(language: Language) -> None:
    assert len(PAGE_STRINGS[language].months) == 12
    assert PAGE_STRINGS[language].code == language != PAGE_STRINGS[language].other_code
