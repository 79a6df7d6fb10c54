"""Everything a person does with Plait, from one end to the other: a real browser, and the server as it is."""

from collections.abc import Iterator

import pytest

from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.browser import FAINT, Browser
from tests.support.running_server import HOUSE, needs_model, serve_catalog
from tests.support.scripted_transport import Script, serve_script

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh")
PAGES = (
    "/",
    "/chat",
    "/nowhere",
    "/tasks/turn",
    "/tasks/locate",
    "/tasks/sort_message",
    "/tasks/home_command?example=0",
)
ROWS = "[...document.querySelectorAll('.tasks > li')].filter(row => row.checkVisibility()).length"


@pytest.fixture(scope="module")
def script() -> Script:
    return Script(accepts=frozenset({"image"}))


@pytest.fixture(scope="module")
def site(script: Script) -> Iterator[str]:
    """The tasks of a file beside the built-in ones, all answered by the script."""
    with serve_script(script, Catalog.with_files(HOUSE)) as house:
        yield house.url


def tab_to(browser: Browser, selector: str) -> None:
    """Goes there with the Tab key alone."""
    for _ in range(60):
        if browser.run(f"document.activeElement.matches({selector!r})"):
            return
        browser.key("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def go_to(browser: Browser, address: str) -> None:
    browser.until(f"document.readyState === 'complete' && (location.pathname + location.search).includes({address!r})")


# ── from the home page to an answer ──


def test_from_home_to_an_answer(browser: Browser, site: str) -> None:
    browser.open(f"{site}/?lang=en")
    browser.click("a[href^='/tasks/home_command']")
    go_to(browser, "/tasks/home_command")
    browser.click("a[href*='example=0']")
    go_to(browser, "example=0")
    browser.click(".run")
    browser.until("document.querySelector('#answer .growing')")
    browser.until("document.querySelector('#answer .facts')")
    assert "garage ceiling light" in browser.text("#answer") and "scripted" in browser.text("#answer")
    assert browser.run("document.querySelector('.lit').id") == "in-devices-14"
    assert {address.split("/")[2] for address in browser.asked_for if address != "about:blank"} == {site.split("/")[2]}


def test_the_home_page_names_models_and_finds_tasks(browser: Browser, site: str) -> None:
    browser.open(f"{site}/?lang=en")
    count = browser.run(ROWS)
    assert count > 8
    assert "scripted" in browser.text("a[href^='/tasks/home_command']")
    assert browser.run("document.querySelector('.tasks > li a').pathname") == "/tasks/turn", "the file's own come first"
    browser.run("document.querySelector('#find').focus()")
    browser.type("invoice fields")
    assert browser.run(ROWS) == 1
    browser.type(" nowhere")
    assert browser.run(ROWS) == 0 and "No task matches." in browser.text(".find")


def test_an_error_is_shown_at_its_field_and_corrected_there(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/home_command?example=0&lang=en")
    browser.click(".add")
    browser.type("attic fan")
    browser.click(".run")
    browser.until("document.querySelector('.problem:not(:empty)')")
    assert browser.run("document.activeElement.name") == "devices.17.kind"
    browser.run("document.activeElement.value = [...document.activeElement.options].at(-1).value")
    browser.run("document.querySelector('[name=\"devices.17.area\"]').value = 'attic'")
    browser.key("Enter", ctrl=True)
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelectorAll('.problem:not(:empty), [aria-invalid]').length") == 0


def test_rows_are_added_and_removed_without_javascript_and_a_function_answers(browser: Browser) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    rows = "document.querySelectorAll('.rows > .row').length"
    with serve_catalog(Catalog.with_files(HOUSE)) as house:
        browser.open(f"{house.url}/tasks/turn?lang=en")
        browser.run("document.querySelector('[name=wish]').value = 'lamp two on'")
        browser.run("document.querySelector('[name=\"lamps.0.name\"]').value = 'lamp one'")
        browser.click(".add")
        browser.until(f"{rows} === 2")
        browser.run("document.querySelector('[name=\"lamps.1.name\"]').value = 'lamp two'")
        browser.click(".add")
        browser.until(f"{rows} === 3")
        browser.click("[data-row='lamps.2'] .drop")
        browser.until(f"{rows} === 2")
        browser.click(".acts .run")
        browser.until("document.querySelector('#answer .facts')")
        assert "lamp two" in browser.text("#answer") and "by_name" in browser.text("#answer .facts")


def test_a_missing_page_links_to_the_home_page(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/home_comand?lang=en")
    assert "did you mean home_command?" in browser.text("main")
    browser.click("main a.button")
    go_to(browser, "/?lang=en")
    browser.complaints.clear()  # the 404 itself


# ── in Chinese, by keyboard ──


def test_the_chosen_language_is_remembered(browser: Browser, site: str) -> None:
    browser.open(f"{site}/?lang=en")
    browser.click(".language")
    go_to(browser, "/?lang=zh")
    assert "任务" in browser.text("h1")
    browser.open(f"{site}/tasks/home_command?example=0")
    assert "应如何执行" in browser.text("h1")
    browser.run("document.querySelector('[name=\"devices.0.name\"]').value = 'garage ceiling light'")
    browser.click(".run")
    browser.until("document.querySelector('#answer .facts')")
    assert "秒" in browser.text("#answer .facts")
    browser.open(f"{site}/chat")
    assert browser.run("document.querySelector('#message').placeholder") == "写一条消息"


def test_everything_can_be_done_by_keyboard(browser: Browser, site: str) -> None:
    browser.open(f"{site}/?lang=en")
    tab_to(browser, "a[href^='/tasks/home_command']")
    browser.key("Enter")
    go_to(browser, "/tasks/home_command")
    tab_to(browser, "a[href*='example=0']")
    browser.key("Enter")
    go_to(browser, "example=0")
    tab_to(browser, "[name='devices.0.name']")
    browser.key("Enter", ctrl=True)
    browser.until("document.querySelector('#answer .facts')")
    browser.open(f"{site}/?lang=en")
    tab_to(browser, "nav a[href^='/chat']")
    browser.key("Enter")
    go_to(browser, "/chat")
    browser.until("document.activeElement.id === 'message'")
    browser.type("a line")
    browser.key("Enter", shift=True)
    browser.type("and another")
    assert browser.run("document.querySelector('#message').value") == "a line\nand another"
    browser.key("Enter")
    browser.until("document.querySelector('.turn')?.dataset.state === 'done'")
    browser.run("document.activeElement.blur()")
    tab_to(browser, ".edit")
    browser.key("Enter")
    browser.type(" and more")
    browser.key("Enter")
    browser.until("document.querySelector('.question .text')?.textContent.endsWith('and more')")
    browser.key("Escape")
    browser.until("document.querySelector('.turn').dataset.state === 'stopped'")


# ── a conversation ──


def test_a_conversation_from_the_first_message_to_the_next_conversation(browser: Browser, site: str) -> None:
    browser.open(f"{site}/chat?lang=en", 360, 700)
    browser.click(".starter")
    browser.until("document.querySelector('.turn')?.dataset.state === 'done'")
    browser.type("forever")
    browser.key("Enter")
    browser.until("document.querySelectorAll('.turn')[1]?.querySelector('.prose').textContent.length > 20")
    browser.click(".stop")
    browser.until("document.querySelectorAll('.turn')[1].dataset.state === 'stopped'")
    browser.click(".turn:last-child .edit")
    browser.run("document.activeElement.value = 'enough'")
    browser.click(".editing .run")
    browser.until("document.querySelectorAll('.turn')[1].dataset.state === 'done'")
    browser.click(".turn:last-child .again")
    browser.until("document.querySelectorAll('.turn')[1].dataset.state === 'done'")
    browser.open(f"{site}/chat?lang=en", 360, 700)
    assert browser.run("document.querySelectorAll('.turn').length") == 2
    assert browser.text(".turn:last-child .prose").startswith("You said: enough")
    browser.click(".new")
    assert browser.text(".greeting h1") == "Chat with scripted"


@needs_model
@pytest.mark.model
def test_the_embedded_model_answers_a_task_in_the_page(browser: Browser) -> None:
    catalog = Catalog.built_in()
    with serve_catalog(catalog, LocalTransport(catalog=catalog)) as house:
        browser.open(f"{house.url}/tasks/home_command?example=0&lang=en")
        browser.click(".run")
        browser.until("document.querySelector('#answer :is(.facts, .error)')", 100)
        assert "smollm2" in browser.text("#answer .facts"), browser.text("#answer")


# ── how every page is ──


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_readable_accessible_and_fits_a_phone(
    browser: Browser, site: str, path: str, language: str
) -> None:
    """Names for all controls, contrast in light and dark, no sideways scrolling, no other host."""
    browser.open(f"{site}{path}{'&' if '?' in path else '?'}lang={language}", 320)
    assert_accessible(browser)
    assert [each for each in browser.asked_for if not each.startswith((site, "about:", "data:"))] == []
    browser.complaints = [each for each in browser.complaints if "404" not in each]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_conversation_is_readable_accessible_and_fits_a_phone(browser: Browser, site: str, language: str) -> None:
    browser.open(f"{site}/chat?lang={language}", 320)
    browser.run("document.querySelector('details').open = true")
    for count, (text, state) in enumerate(
        (("format " + "x" * 90, "done"), ("busy", "failed"), ("forever", "growing")), 1
    ):
        browser.run("document.querySelector('#message').focus()")
        browser.type(text)
        browser.key("Enter")
        browser.until(f"document.querySelectorAll('.turn').length === {count}")
        browser.until(f"document.querySelector('.turn:last-child').dataset.state === {state!r}")
    browser.until("document.querySelector('.turn:last-child .prose').textContent.length > 20")
    assert_accessible(browser)
    browser.key("Escape")
    browser.click(".turn:last-child .edit")
    assert_accessible(browser)
    browser.click(".new")
    browser.complaints.clear()  # the 503


def assert_accessible(browser: Browser) -> None:
    for dark in (False, True):
        browser.dark(dark)
        assert browser.run(FAINT.read_text()) == []
    assert browser.run("document.documentElement.scrollWidth") <= 320
    assert browser.nameless() == []


def test_the_test_detects_a_control_without_a_name(browser: Browser, site: str) -> None:
    """The negative control of the test above."""
    browser.open(f"{site}/chat")
    browser.run("document.querySelector('main').append(document.createElement('button'))")
    browser.run("document.querySelector('#content').style.color = '#999'")
    assert browser.nameless() == ["button"]
    assert browser.run(FAINT.read_text()) != []
