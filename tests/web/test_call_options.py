"""The options of a call on a task's page: offered where they apply, kept in the address, checked as over HTTP."""

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.task.options import IMAGE_OPTIONS, OPTIONS
from plait.core.values.forms import FormFields
from plait.service.catalog import Catalog
from plait.tasks.draw import draw
from plait.web.call_options import OF_CONFIDENCE, chosen_options, option_fields, option_texts
from plait.web.form import OPTION_PREFIX
from plait.web.pages import task_page
from plait.web.views import PageContext, TaskView
from tests.support.browser import Browser
from tests.support.page_reading import Page
from tests.support.scripted_transport import Script, serve_script
from tests.support.web_tasks import TASKS

SEED = "[name='_option.seed']"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve_script(Script(), Catalog.all_installed()) as server:
        yield server.url


def test_options_of_images_are_offered_for_images_only_and_those_of_confidence_for_all_else() -> None:
    names = {each.name for each in option_fields(TaskView(TASKS["shorten"]), "en")}
    assert names == set(OPTIONS) - IMAGE_OPTIONS
    assert {each.name for each in option_fields(TaskView(draw.declaration), "en")} == set(OPTIONS) - OF_CONFIDENCE


def test_a_wording_is_offered_where_the_task_has_several() -> None:
    assert "wording" not in {each.name for each in option_fields(TaskView(TASKS["cited_answer"]), "zh")}
    (wording,) = (each for each in option_fields(TaskView(TASKS["shorten"]), "zh") if each.name == "wording")
    assert wording.text == "zh"


def test_the_models_that_can_answer_are_offered() -> None:
    view = TaskView(TASKS["shorten"], models=("small", "large"), option_texts={"model": "another"})
    model = option_fields(view, "en")[0]
    assert [value for value, _ in model.choices] == ["", "small", "large", "another"]


@given(st.dictionaries(st.sampled_from(sorted(OPTIONS)), st.text(max_size=12)), st.text(max_size=12))
def test_the_form_replaces_the_address(query: dict[str, str], text: str) -> None:
    texts = option_texts({**query, "lang": "zh"}, FormFields({f"{OPTION_PREFIX}seed": [text]}))
    assert texts == {**query, "seed": text.strip()}
    chosen_options(TaskView(TASKS["shorten"], option_texts=texts), "en")


def test_the_code_on_the_page_makes_the_same_call() -> None:
    view = TaskView(TASKS["shorten"], option_texts={"seed": "7", "temperature": "0", "shots": "many", "model": "a b"})
    text = Page(task_page(view, PageContext(path="/tasks/shorten"))).text
    assert 'shorten.using(seed=7, temperature=0.0, model="a b")' in text
    assert "--seed 7 --temperature 0.0 --model 'a b'" in " ".join(text.replace("\\", "").split())
    assert "?seed=7&temperature=0.0&model=a+b" in text


def test_an_option_of_the_address_is_in_the_form_and_reaches_the_call(site: str) -> None:
    page = Page(httpx.get(f"{site}/tasks/sort_message?seed=7&example=0&lang=en").text)
    assert page.fields.get_list("_option.seed") == ["7"]
    (language,) = (each for each in page.all("a") if each.attributes.get("hreflang") == "zh")
    assert "seed=7" in language.attributes["href"] and "example=0" in language.attributes["href"]


def test_an_invalid_option_has_the_words_of_http(site: str) -> None:
    form = {"message": "Hello", "_option.seed": "many"}
    page = httpx.post(f"{site}/tasks/sort_message?lang=en", data=form)
    api = httpx.post(f"{site}/v1/tasks/sort_message?seed=many", json={"message": "Hello"})
    assert (page.status_code, api.status_code) == (422, 422)
    problem = api.json()["error"]["problems"][0]["message"]
    (shown,) = (each for each in Page(page.text).elements if each.attributes.get("id") == "in-_option-seed-problem")
    assert problem in page.text and shown
    assert '<details class="options" id="options" open>' in page.text


def test_an_unknown_option_of_a_form_is_refused(site: str) -> None:
    answer = httpx.post(f"{site}/tasks/sort_message", data={"message": "Hello", "_option.sed": "1"})
    assert answer.status_code == 422 and "did you mean seed?" in answer.text


def test_an_example_is_in_the_language_of_the_page(site: str) -> None:
    for language, is_chinese in (("en", False), ("zh", True)):
        for number in range(4):
            html = httpx.get(f"{site}/tasks/sort_message?example={number}&lang={language}").text
            (message, *_) = Page(html).fields.get_list("message")
            assert any(character > "\u3400" for character in message) == is_chinese


def test_an_example_may_quote_what_does_not_stand_in_its_inputs(site: str) -> None:
    for number in (0, 39):
        assert httpx.get(f"{site}/tasks/extract_invoice?example={number}&lang=zh").status_code == 200


@pytest.mark.browser
def test_options_are_remembered_in_the_address(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/sort_message?example=0&lang=en")
    browser.run("document.querySelector('#options summary').focus()")
    browser.key("Enter")
    browser.run(f'document.querySelector("{SEED}").focus()')
    browser.type("7")
    assert browser.run("location.search") == "?example=0&lang=en&seed=7"
    assert browser.run("[...document.querySelectorAll('[data-keeps]')].every(a => a.href.includes('seed=7'))")
    browser.key("Enter", ctrl=True)
    browser.until("document.querySelector('#answer .facts, #answer .error')")
    browser.open(browser.run("location.href"))
    assert browser.run(f'document.querySelector("{SEED}").value') == "7"
    assert browser.run("document.querySelector('#options').open")


@pytest.mark.browser
def test_an_invalid_option_is_shown_at_its_field(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/sort_message?example=0&lang=en")
    browser.run(f"document.querySelector(\"{SEED}\").value = 'many'")
    browser.click(".run")
    browser.until("document.querySelector('#options .problem:not(:empty)')")
    assert browser.run("document.querySelector('#options').open")
    assert browser.run("document.activeElement.name") == "_option.seed"
    assert browser.text("#options .problem:not(:empty)") == "should be a whole number"


@pytest.mark.slow
@pytest.mark.browser
def test_options_work_without_javascript(browser: Browser) -> None:
    script = Script()
    with serve_script(script, Catalog.all_installed()) as server:
        browser.ask("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(f"{server.url}/tasks/home_command?example=0&lang=en")
        browser.run(f"document.querySelector(\"{SEED}\").value = '7'")
        browser.click(".run.run")
        browser.until("document.querySelector('#answer .facts')")
        assert browser.run(f'document.querySelector("{SEED}").value') == "7"
    assert script.seeds == [7]
