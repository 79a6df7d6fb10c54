"""The scores page of a task: its newest report, the measures of the suite, or the command that measures it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from plait.cli.evaluate import evaluate
from plait.http.score_pages import scores_view
from plait.service.catalog import Catalog, find_task
from plait.web.scores import scores_page
from plait.web.views import PageContext
from tests.support.browser import FAINT, Browser
from tests.support.page_reading import Page
from tests.support.running_server import HOUSE, serve_catalog


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAIT_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("PLAIT_URL", "none")
        with serve_catalog(Catalog.with_files(HOUSE)) as server:
            yield server.url


def page(site: str, path: str) -> Page:
    answer = httpx.get(site + path)
    assert answer.status_code == 200
    return Page(answer.text)


def hrefs(page: Page) -> list[str]:
    return [each.attributes.get("href", "") for each in page.all("a")]


def test_a_built_in_task_has_the_scores_that_come_with_plait(site: str) -> None:
    scores = page(site, "/tasks/home_command/scores?lang=en")
    assert "How good is smollm2" in scores.all("h1")[0].text
    assert "copy of the nearest example" in scores.text and "Worst answers" in scores.text
    links = [href for href in hrefs(scores) if "report=" in href]
    assert len(links) == 4
    assert "unseen-sentences" in page(site, links[0]).text + page(site, links[1]).text


@pytest.mark.parametrize("number", ["7", "x", "-1", "99999999999"])
def test_another_number_shows_the_newest_report(site: str, number: str) -> None:
    assert "How good is" in page(site, f"/tasks/home_command/scores?lang=en&report={number}").all("h1")[0].text


def test_a_task_of_the_suite_has_its_measures_beside_a_baseline(site: str) -> None:
    scores = page(site, "/tasks/locate/scores?lang=en")
    assert "How good is plait-nano at locate?" in scores.text
    assert "Acc@0.5" in scores.text and "best baseline without a model" in scores.text
    assert "留出的画风" in page(site, "/tasks/locate/scores?lang=zh").text


def test_a_task_without_scores_names_the_command(site: str) -> None:
    scores = page(site, "/tasks/turn/scores?lang=en")
    assert "turn has not been measured" in scores.all("h1")[0].text
    assert "house_tasks.py:turn --data FILE.csv" in scores.text
    assert httpx.get(f"{site}/tasks/nothing/scores").status_code == 404


@pytest.mark.slow
def test_an_evaluation_appears_on_the_page(site: str, tmp_path: Path) -> None:
    rows = tmp_path / "wishes.csv"
    lamps, answer = '"[{""name"": ""lamp one""}]"', '"{""Turn"": {""lamp"": 0, ""on"": false}}"'
    rows.write_text(f"wish,lamps,answer\nlamp one off,{lamps},{answer}\n")
    result = CliRunner().invoke(evaluate, [f"{HOUSE}:turn", "--data", str(rows)])
    assert result.exit_code == 0, result.output
    scores = page(site, "/tasks/turn/scores?lang=en")
    assert "wishes.csv" in scores.text and "1.000" in scores.text


def test_a_report_of_an_earlier_form_of_the_task_says_so() -> None:
    task, _ = find_task("sort_message")
    view = scores_view(task, "")
    old = replace(view, reports=[replace(view.reports[0], fingerprint="0" * 12)])
    html = scores_page(old, PageContext(path="/tasks/sort_message/scores"))
    assert "earlier form of the task" in html and "plait evaluate sort_message</code>" in html


def test_the_page_of_a_task_links_to_its_scores(site: str) -> None:
    assert "/tasks/turn/scores?lang=zh" in hrefs(page(site, "/tasks/turn?lang=zh"))


@pytest.mark.browser
@pytest.mark.parametrize(("path", "width", "dark"), [("home_command", 390, True), ("detect", 390, False)])
def test_scores_fit_and_are_readable(browser: Browser, site: str, path: str, width: int, dark: bool) -> None:
    browser.dark(dark)
    browser.open(f"{site}/tasks/{path}/scores?lang=en", width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run(FAINT.read_text()) == []
