"""A file of rows on a task's page, in a browser: watched, stopped, downloaded, with the errors of its rows."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait import engine, task
from plait.core.engine.chat import ChatEngine
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.browser import FAINT, Browser
from tests.support.running_server import RunningServer, serve_catalog, wait_until
from tests.support.scripted_chat_model import ScriptedChatModel

pytestmark = pytest.mark.browser
SAVE = "document.querySelector('#rows .save:not([hidden])')"


@task
def half(number: int) -> int:
    """What is half of {number}?"""
    ...


@engine.answers(half)
def exactly(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


@pytest.fixture
def house() -> Iterator[RunningServer]:
    with serve_catalog(Catalog((half,))) as server:
        yield server


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    file = tmp_path / "numbers.csv"
    file.write_text("id,number\n" + "".join(f"{row},{row + 4}\n" for row in range(6)))
    return file


def read_table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_file_is_answered_watched_and_downloaded(
    browser: Browser, house: RunningServer, numbers: Path, tmp_path: Path
) -> None:
    browser.open(f"{house.url}/tasks/half?lang=en", 390)
    browser.run("document.querySelector('#file summary').focus()")
    browser.key("Enter")
    browser.choose_file("#rows-file", numbers)
    browser.click("#rows .run")
    browser.until(SAVE)
    assert "6 of 6 rows" in browser.text("#rows .figures") and "3 failed" in browser.text("#rows .figures")
    assert "Columns not used: id" in browser.text("#rows")
    errors = browser.run("[...document.querySelectorAll('#rows tbody .bad')].map(cell => cell.textContent)")
    assert [error.partition(": /")[0] for error in errors] == [f"ValueError: {number} is odd" for number in (5, 7, 9)]
    assert browser.run("document.documentElement.scrollWidth") <= 390
    assert browser.run(FAINT.read_text()) == []
    assert browser.run("document.activeElement.className") == "button save"
    browser.save_downloads(tmp_path)
    browser.key("Enter")
    answers = tmp_path / "numbers-answers.csv"
    wait_until(lambda: answers.exists() and len(read_table(answers)) == 6)
    assert [(row["id"], row["answer"], bool(row["error"])) for row in read_table(answers)][:2] == [
        ("0", "2", False), ("1", "", True)
    ]  # fmt: skip


def test_a_file_is_answered_without_javascript(
    browser: Browser, house: RunningServer, numbers: Path, tmp_path: Path
) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(f"{house.url}/tasks/half?lang=en")
    browser.click("#file summary")
    browser.choose_file("#rows-file", numbers)
    browser.save_downloads(tmp_path)
    browser.click("#rows .run")
    answers = tmp_path / "numbers-answers.csv"
    wait_until(lambda: answers.exists() and len(read_table(answers)) == 6)


def test_a_file_that_is_stopped_can_be_downloaded_as_far_as_it_is(browser: Browser, tmp_path: Path) -> None:
    model = ScriptedChatModel(text="7", pause=0.2)
    file = tmp_path / "many.csv"
    file.write_text("number\n" + "8\n" * 400)
    plain = Catalog((task(half.declaration.function),))
    with serve_catalog(plain, LocalTransport(only=ChatEngine(model))) as server:
        browser.open(f"{server.url}/tasks/half?lang=en")
        browser.click("#file summary")
        browser.choose_file("#rows-file", file)
        browser.click("#rows .run")
        browser.until("document.querySelectorAll('#rows tbody tr').length > 3")
        assert " left" in browser.text("#rows .figures")
        browser.click("#rows .stop")
        browser.until(SAVE)
        assert browser.text("#rows [role=status]") == "Stopped. The answers so far can be downloaded."
        wait_until(lambda: not model.working)
    assert len(model.prompts) < 400


def test_a_file_that_is_refused_says_why(browser: Browser, house: RunningServer, tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    file.write_text("number,number\n1,2\n")
    browser.open(f"{house.url}/tasks/half?lang=zh&seed=7")
    assert browser.run("document.querySelector('#rows').action").endswith("seed=7")
    browser.click("#file summary")
    browser.choose_file("#rows-file", file)
    browser.click("#rows .run")
    browser.until("document.querySelector('#rows .error')")
    assert "2 columns called number" in browser.text("#rows .fault")
    assert not browser.holds(SAVE)
