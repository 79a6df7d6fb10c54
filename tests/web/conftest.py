"""One Chromium for all tests of the pages."""

from collections.abc import Iterator

import pytest

from tests.support.browser import CHROMIUM, Browser


@pytest.fixture(scope="session")
def the_browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture
def browser(the_browser: Browser) -> Iterator[Browser]:
    """The browser; afterwards nothing may have been thrown or blocked."""
    the_browser.fresh()
    yield the_browser
    assert the_browser.complaints == []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [each for each in terminalreporter.stats.get("skipped", ()) if "browser" in each.keywords]
    if CHROMIUM is None and skipped:
        terminalreporter.write_line(f"{len(skipped)} tests of the pages need chromium: apt-get install chromium")
