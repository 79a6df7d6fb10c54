"""Takes the screenshot of README: a task's page with an answer, in a real browser, from a running server.

python -m tools.picture http://127.0.0.1:8800 home_command docs/pictures/task-page.png
"""

import sys
from pathlib import Path

from tests.support.browser import Browser

ANSWER_TIMEOUT = 60.0  # seconds for the answer


def main(address: str, task: str, file: str, query: str = "example=0") -> None:
    browser = Browser()
    try:
        browser.open(f"{address}/tasks/{task}?{query}", 1280, 960)
        browser.run("document.querySelector('form').requestSubmit()")
        browser.until("document.querySelector('#answer-json')", within=ANSWER_TIMEOUT)
        browser.shot(Path(file))
    finally:
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
