"""Below an answer: correct it in a form, use it as an example, undo; the page keeps its answers until it is closed."""

import json
from collections.abc import Iterator

import httpx
import pytest

from plait.core.engine.chat import ChatEngine
from plait.core.engine.validation import Completed
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.web.pages import answer_fragment
from plait.web.texts import PAGE_STRINGS
from plait.web.views import PageContext, TaskView, Verdict
from tests.support.browser import FAINT, Browser
from tests.support.ledger_tasks import read_bill, shorten, turn
from tests.support.running_server import serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel

BILL = {"number": "12", "issued": None, "lines": [{"what": "nails", "unit_price": "1.50"}]}
FORM = ".verdict"


@pytest.fixture
def site() -> Iterator[str]:
    """A server whose model reads every bill alike."""
    model = ScriptedChatModel(text=json.dumps(BILL))
    transport = LocalTransport(only=ChatEngine(model))
    with serve_catalog(Catalog((read_bill, shorten, turn)), transport) as server:
        yield server.url


def stored() -> list[str]:
    return [f"{example.answer.number} {example.answer.issued}" for example in read_bill.examples]  # type: ignore[attr-defined]


def button(browser: Browser, value: str, within: str = "#answer") -> None:
    browser.click(f"{within} .verdict .acts button[value={value}]")


def ask(browser: Browser, site: str, text: str = "bill 12 of 13", language: str = "en") -> None:
    browser.open(f"{site}/tasks/read_bill?lang={language}")
    ask_again(browser, text)


def ask_again(browser: Browser, text: str) -> None:
    browser.run(f"document.querySelector('#ask textarea').value = {text!r}")
    browser.click("#ask .run")
    browser.until("document.querySelector('#answer .verdict') && document.querySelector('.progress').hidden")


def shows(browser: Browser, value: str, within: str = "#answer") -> None:
    browser.until(f"document.querySelector('{within} .verdict .acts button[value={value}]')")


def use_as_example(browser: Browser, within: str = "#answer") -> None:
    button(browser, "right", within)
    shows(browser, "example", within)
    button(browser, "example", within)
    shows(browser, "undo", within)


@pytest.mark.parametrize(("model", "note"), [
    ("smollm2@abc", PAGE_STRINGS["en"].corrected_note), ("smollm2/read_bill@2", PAGE_STRINGS["en"].corrected_to_learn),
])  # fmt: skip
def test_a_correction_says_whether_the_prompt_or_the_next_version_has_it(model: str, note: str) -> None:
    completed = Completed(None, BILL, id="a1", model=model)
    view = TaskView(
        read_bill.declaration, inputs={"text": "bill 12"}, completed=completed, verdict=Verdict("a1", "corrected")
    )
    page = answer_fragment(view, PageContext(may_administer=True))
    assert note in page and ("/tasks/read_bill/improve?lang=en" in page) is ("/" in model)


@pytest.mark.browser
def test_a_right_answer_is_used_as_an_example_and_taken_back(browser: Browser, site: str) -> None:
    ask(browser, site)
    use_as_example(browser)
    assert stored() == ["12 None"] and PAGE_STRINGS["en"].corrected_note in browser.text("#answer")
    assert browser.run("document.activeElement.value") == "undo"
    button(browser, "undo")
    shows(browser, "example")
    assert stored() == []


@pytest.mark.browser
def test_a_field_is_corrected_and_the_next_answer_says_so(browser: Browser, site: str) -> None:
    ask(browser, site)
    button(browser, "edit")
    browser.until("document.querySelector('.verdict input')")
    browser.run("document.querySelector('.verdict [name$=\".issued\"]').value = '2026-05-06'")
    button(browser, "save")
    shows(browser, "undo")
    assert stored() == ["12 2026-05-06"] and "2026" in browser.text("#answer .seen")
    ask_again(browser, "the bill 12 of 14")
    assert "Your corrections in its prompt: 1." in browser.text("#answer")


@pytest.mark.browser
def test_a_refused_value_is_reported_at_its_field(browser: Browser, site: str) -> None:
    ask(browser, site)
    button(browser, "edit")
    browser.until("document.querySelector('.verdict [name$=\".number\"]')")
    browser.run("document.querySelector('.verdict [name$=\".number\"]').value = '99'")
    button(browser, "save")
    browser.until("document.querySelector('.verdict [aria-invalid=true]')")
    assert "does not stand in the input" in browser.text(".verdict") and stored() == []
    assert browser.run("document.activeElement.name.endsWith('.number')")
    browser.key("Escape")
    shows(browser, "right")


@pytest.mark.browser
def test_the_keyboard_alone_corrects_an_answer(browser: Browser, site: str) -> None:
    ask(browser, site)
    for _ in range(40):
        browser.key("Tab")
        if browser.run("document.activeElement.value") == "edit":
            break
    browser.key("Enter")
    browser.until("document.activeElement.name?.endsWith('.number')")
    browser.run("document.activeElement.select()")
    browser.type("13")
    browser.key("Enter", ctrl=True)
    shows(browser, "undo")
    assert stored() == ["13 None"]


@pytest.mark.browser
def test_rows_of_the_right_answer_are_added_and_removed(browser: Browser, site: str) -> None:
    ask(browser, site)
    button(browser, "edit")
    browser.click(".verdict .add")
    browser.until("document.querySelectorAll('.verdict .row').length === 2")
    browser.run("document.querySelector('.verdict [name$=\".lines.1.what\"]').value = 'screws'")
    browser.run("document.querySelector('.verdict [name$=\".lines.1.price\"]').value = '2'")
    browser.click(".verdict .row .drop")
    button(browser, "save")
    shows(browser, "undo")
    (example,) = read_bill.examples
    assert [line.what for line in example.answer.lines] == ["screws"]  # type: ignore[attr-defined]


@pytest.mark.browser
def test_the_page_keeps_its_answers_and_each_can_be_corrected(browser: Browser, site: str) -> None:
    ask(browser, site, "bill 12 of 13, the first")
    assert browser.run("document.getElementById('history').hidden")
    ask_again(browser, "bill 12 of 13, the second")
    ask_again(browser, "bill 12 of 13, the third")
    summaries = "document.querySelectorAll('#history > ol > li > details > summary')"
    texts = browser.run(f"[...{summaries}].map(each => each.innerText)")
    assert texts == ["bill 12 of 13, the second", "bill 12 of 13, the first"]
    browser.click("#history li:last-child summary")
    use_as_example(browser, "#history li:last-child")
    assert [example.inputs["text"] for example in read_bill.examples] == ["bill 12 of 13, the first"]
    ids = browser.run("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_form_fits_a_phone_and_can_be_read_in_the_dark(browser: Browser, site: str, language: str) -> None:
    ask(browser, site, language=language)
    ask_again(browser, "bill 12 of 13 again, " + "a long text " * 20)
    button(browser, "edit")
    browser.until("document.querySelector('.verdict input')")
    for width, dark in ((390, False), (390, True), (1180, True)):
        browser.dark(dark)
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=False)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth"), width
        assert browser.run(FAINT.read_text()) == []
    assert browser.nameless() == []


# ── without JavaScript ──


def test_the_same_buttons_work_without_javascript(site: str) -> None:
    with httpx.Client(base_url=site, trust_env=False, follow_redirects=True) as client:
        page = client.post("/tasks/read_bill?lang=zh", data={"text": "bill 12 of 13"}).text
        path = page.partition('action="/answers/')[2].partition('"')[0]
        path = f"/answers/{path}"
        assert "更正" in page and '<form class="verdict"' in page
        page = client.post(path, data={"_verdict": "edit"}).text
        root = f"answer-{path.removeprefix('/answers/').partition('?')[0]}"
        assert f'name="{root}.number"' in page and "正确答案" in page
        fields = {f"{root}.number": "13", f"{root}.lines.0.what": "nails", f"{root}.lines.0.price": "2"}
        added = client.post(path, data={**fields, "_add": f"{root}.lines"}).text
        assert f'name="{root}.lines.1.what"' in added
        wrong = client.post(path, data={**fields, f"{root}.number": "99", "_verdict": "save"})
        assert wrong.status_code == 422 and "does not stand in the input" in wrong.text and stored() == []
        assert "撤销" in client.post(path, data={**fields, "_verdict": "save"}).text and stored() == ["13 None"]
        assert "撤销" in client.get(path).text
        assert "撤销" not in client.post(path, data={"_verdict": "undo"}).text and stored() == []
        assert client.post(path, data={}).status_code == client.post(path, data={"_verdict": "x"}).status_code == 200


def test_the_page_of_an_unknown_answer_is_not_found(site: str) -> None:
    response = httpx.get(f"{site}/answers/0-0", headers={"accept": "text/html"}, trust_env=False)
    assert response.status_code == 404 and "0-0" in response.text
