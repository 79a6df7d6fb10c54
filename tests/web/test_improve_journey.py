"""In a browser: twenty corrections, a press of Improve, answers of the better model, and a rollback."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.service.catalog import Catalog
from tests.support.browser import Browser
from tests.support.improvable_task import ImprovableTask, improvable_task, trees
from tests.support.running_server import serve_catalog

IMPROVE = "/tasks/leaves/improve?lang=en"

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def leaves(load_source: Callable[..., Any], tmp_path: Path) -> ImprovableTask:
    return improvable_task(load_source, tmp_path)


def ask(browser: Browser, site: str, tree: str) -> str:
    """Asks on the page of the task; the answer, without what stands below it."""
    browser.open(f"{site}/tasks/leaves?lang=en")
    browser.run(f"document.querySelector('#ask textarea').value = {tree!r}")
    browser.click("#ask .run")
    browser.until("document.querySelector('#answer .verdict') && document.querySelector('.progress').hidden", 120)
    return browser.text("#answer .seen")


def correct(browser: Browser, right: str) -> None:
    """Corrects the answer on the page in its form."""
    browser.click("#answer button[value=edit]")
    browser.until("document.querySelector('#answer .verdict .field')")
    radios = "[...document.querySelectorAll('#answer .verdict input[type=radio]')]"
    browser.run(f"{radios}.find(each => each.closest('label').innerText.includes({right!r})).click()")
    browser.click("#answer .verdict .run")
    browser.until("document.querySelector('#answer .verdict button[value=undo]')")


def test_corrections_a_press_of_improve_and_a_rollback(browser: Browser, leaves: ImprovableTask) -> None:
    leaves.hold_out()
    with serve_catalog(Catalog((leaves.task,))) as server:
        site = server.url
        for tree in trees(20):
            assert leaves.answer not in ask(browser, site, tree)
            correct(browser, leaves.answer)
        browser.click("a[href*='/tasks/leaves/improve']")
        browser.until("document.querySelector('.improve .counts')")
        counts = browser.run("[...document.querySelectorAll('.counts dd')].map(each => each.textContent)")
        assert counts == ["20", "20", "0", "24"], counts

        browser.click("button[value=improve]")
        browser.until("document.querySelector('#live .stop')")
        browser.until("document.querySelector('#live .curve polyline')", 240)
        assert "tokens per second" in browser.text("#live") and "step" in browser.text("#live")
        browser.open(f"{site}{IMPROVE}")
        assert browser.run("Boolean(document.querySelector('#live .curve'))"), "progress survives a reload"
        browser.until("document.querySelector('#verdict-title')", 500)
        assert "tiny/leaves@1 may replace tiny" in browser.text("#verdict-title")
        assert browser.run("document.querySelectorAll('.gate .bar').length") >= 4
        assert "token ids equal" in browser.text(".gate .facts") and "tiny/leaves@1" in browser.text("#alias-title")

        ask(browser, site, "a first oak")  # while the version loads, the base goes on answering
        browser.run("new Promise(resolve => setTimeout(resolve, 3000))")
        assert leaves.answer in ask(browser, site, "a young oak") and "tiny/leaves" in browser.text("#answer .facts")
        browser.click("#answer a[href*='/why']")
        browser.until("document.querySelector('.why dl')")
        assert "tiny/leaves@1, an adapter of tiny" in browser.text(".why") and "20 examples" in browser.text(".why")

        browser.open(f"{site}{IMPROVE}")
        browser.run("document.querySelector('[id^=reason-back]').value = 'not yet'")
        browser.click("button[value=rollback]")
        browser.until("document.querySelectorAll('.history-table tbody tr').length === 2")
        assert "not yet" in browser.text(".history-table") and "gate: +" in browser.text(".history-table")
        assert leaves.answer not in ask(browser, site, "a young oak")
