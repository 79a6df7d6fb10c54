"""The pages in a real browser: with JavaScript and without, by keyboard, on a narrow screen, in the dark."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from tests.support import page_harness as harness
from tests.support.browser import FAINT, Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(harness.app, port=port, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


# ── asking ──


def test_an_answer_is_streamed_in_place_with_its_duration(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/extract_invoice?example=0")
    browser.click(".run")
    browser.until("document.querySelector('#answer .growing dd .text')?.textContent.startsWith('MB-')")
    assert browser.run("document.querySelector('.run').hidden && !document.querySelector('.stop').hidden")
    assert browser.run("!document.querySelector('.progress').hidden")
    browser.until("document.querySelector('.elapsed').textContent !== '0.0 s'")
    browser.until("document.querySelector('#answer .facts')")
    assert "1.8 s" in browser.run("document.querySelector('.facts').textContent")
    assert browser.run("!document.querySelector('.run').hidden && document.querySelector('.progress').hidden")
    assert browser.run("document.querySelector('#status').textContent") == "The answer is complete."
    assert browser.run("location.pathname + location.search") == "/tasks/extract_invoice?example=0"


def test_a_text_is_streamed(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/shorten?example=0")
    browser.click(".run")
    browser.until("document.querySelector('#answer .growing > .text')?.textContent.startsWith('The ferry')")
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelectorAll('#answer .text').length") == 1


def test_stop_keeps_the_partial_answer(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/shorten?example=0")
    browser.run("document.querySelector('#in-text').focus()")
    browser.key("Enter", ctrl=True)
    browser.until("document.querySelector('#answer .growing > .text')?.textContent.length > 8")
    browser.key("Escape")
    browser.until("document.querySelector('#answer .note')")
    assert browser.run("document.querySelector('#answer').textContent").strip().endswith("stays here.")
    assert browser.run("document.querySelector('#answer .text').textContent.length") > 8
    assert browser.run("!document.querySelector('.run').hidden && document.querySelector('.stop').hidden")


def test_an_error_is_shown_at_its_field_until_the_next_call(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/every_kind?example=0")
    browser.run("document.querySelector('#in-journey-stops-1-nights').value = ''")
    browser.click(".run")
    browser.until("document.querySelector('#answer .error')")
    assert "number" in browser.run("document.querySelector('#in-journey-stops-1-nights-problem').textContent")
    assert browser.run("document.activeElement.id") == "in-journey-stops-1-nights"
    assert browser.run("document.activeElement.getAttribute('aria-invalid')") == "true"
    browser.type("3")
    browser.key("Enter", ctrl=True)
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelectorAll('.problem:not(:empty), [aria-invalid]').length") == 0


def test_an_error_during_an_answer_is_shown_with_its_hint(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/shorten")
    browser.run("document.querySelector('#in-text').value = 'fail'")
    browser.click(".run")
    browser.until("document.querySelector('#answer .error')")
    assert "EngineDied" in browser.run("document.querySelector('#answer').textContent")


def test_an_unreachable_server_is_reported(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/shorten?example=0")
    browser.run("document.querySelector('#ask').action = '/tasks/shorten/nowhere'")
    browser.click(".run")
    browser.until("document.querySelector('#answer .error')")
    assert "plait up" in browser.run("document.querySelector('#answer').textContent")
    browser.complaints.clear()  # the 404 itself


def test_an_answer_highlights_the_items_it_refers_to(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/home_command?example=0")
    browser.click(".run")
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelector('.lit').id") == "in-devices-2"
    assert browser.run("document.querySelector('.lit').classList.contains('pale')")
    browser.run("document.querySelector('[data-ref]').focus()")
    assert not browser.run("document.querySelector('.lit').classList.contains('pale')")
    browser.click(".run")
    browser.until("document.querySelector('#answer .growing')")


# ── rows ──


def test_rows_are_added_and_removed_without_a_request(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/home_command?example=0")
    browser.run("window.same = true")
    browser.click(".add")
    assert browser.run("document.activeElement.name") == "devices.4.name"
    browser.type("attic fan")
    browser.click("[data-row='devices.1'] .drop")
    rows = "[...document.querySelectorAll('.rows > [data-row]')].map(row => row.dataset.row)"
    assert browser.run(rows) == ["devices.0", "devices.2", "devices.3", "devices.4"]
    assert browser.run("document.querySelector('#in-devices-4').getAttribute('aria-label')") == "Devices 5"
    assert browser.run("window.same")
    browser.click(".run")
    browser.until("document.querySelector('.problem:not(:empty)')")  # its area is missing
    assert browser.run("document.activeElement.name") == "devices.4.kind"


def test_lists_in_lists_get_their_own_numbers(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/every_kind")
    browser.click("#in-journey-stops > .add")
    browser.click("#in-journey-stops > .add")
    names = "[...document.querySelectorAll('#in-journey-stops > .rows [name$=place]')].map(field => field.name)"
    assert browser.run(names) == [f"journey.stops.{n}.place" for n in (0, 1, 2)]


@pytest.mark.parametrize("button", ["add", "drop"])
def test_rows_are_added_and_removed_without_javascript(browser: Browser, site: str, button: str) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{site}/tasks/home_command?example=0")
    browser.click(f".{button}")
    count = 5 if button == "add" else 3
    browser.until(f"document.querySelectorAll('.rows > .row').length === {count}")
    assert browser.run("document.querySelector('#in-utterance').value") == "please turn on the playroom rainbow lamp"


def test_a_form_is_answered_without_javascript(browser: Browser, site: str) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{site}/tasks/home_command?example=0")
    browser.run("document.querySelector('[name=\"devices.0.name\"]').focus()")
    browser.key("Enter")
    browser.until("document.querySelector('#answer .facts')")
    assert browser.run("document.querySelectorAll('.rows > .row').length") == 4
    browser.click("[data-ref]")
    browser.until("document.querySelector('.row:target')?.id === 'in-devices-2'")


# ── looks ──

# A choice and a tab show focus on their labels.
FOCUSED = """
(() => {
  const at = document.activeElement;
  const tab = at.matches('.tabs > input') && at.nextElementSibling;
  const label = at.closest('.choices > label, .option > label') ?? tab;
  const { outlineStyle, outlineWidth } = getComputedStyle(label || at);
  return [at.id || at.className || at.tagName, outlineStyle !== 'none' && outlineWidth !== '0px'];
})()
"""
PAGES = (
    "/", "/?lang=zh&none=1", "/chat?lang=zh&state=none", "/nowhere",
    "/tasks/home_command?example=0&answered=1", "/tasks/home_command?lang=zh",
    "/tasks/extract_invoice?example=0&answered=1", "/tasks/extract_invoice?example=0&failed=invalid",
    "/tasks/extract_invoice?example=0&growing=90", "/tasks/cited_answer?example=0&answered=1",
    "/tasks/every_kind?example=0&answered=1", "/tasks/home_command?example=0&failed=input",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 768, 1180])
def test_no_page_is_wider_than_its_screen(browser: Browser, site: str, path: str, width: int) -> None:
    browser.open(site + path, width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.complaints = [each for each in browser.complaints if "404" not in each]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_has_sufficient_contrast(browser: Browser, site: str, path: str, dark: bool) -> None:
    browser.dark(dark)
    browser.open(site + path)
    assert browser.run(FAINT.read_text()) == []
    browser.complaints = [each for each in browser.complaints if "404" not in each]


def test_keyboard_focus_is_always_visible(browser: Browser, site: str) -> None:
    browser.open(f"{site}/tasks/every_kind?example=0&answered=1")
    seen: list[Any] = []
    for _ in range(60):
        browser.key("Tab")
        seen.append(browser.run(FOCUSED))
    assert len({name for name, _ in seen}) > 25
    assert [name for name, visible in seen if not visible and name != "BODY"] == []
