"""Screenshots of the pages: `python -m tests.support.screenshots 8899 FOLDER`, with the page harness on that port."""

import sys
from pathlib import Path

from tests.support.browser import Browser

SHOTS = {
    "home": "/",
    "home-zh": "/?lang=zh",
    "home-empty": "/?none=1&state=none",
    "chat-empty": "/chat?state=none",
    "invoice-empty": "/tasks/extract_invoice",
    "invoice-answered": "/tasks/extract_invoice?example=0&answered=1",
    "invoice-growing": "/tasks/extract_invoice?example=0&growing=120",
    "invoice-invalid": "/tasks/extract_invoice?example=0&failed=invalid",
    "invoice-zh": "/tasks/extract_invoice?lang=zh&example=2&answered=1",
    "command-empty": "/tasks/home_command?state=starting",
    "command-answered": "/tasks/home_command?example=0&answered=1",
    "command-refused": "/tasks/home_command?example=0&failed=input",
    "command-zh": "/tasks/home_command?lang=zh&example=1&answered=1",
    "cited": "/tasks/cited_answer?example=0&answered=1",
    "shorten": "/tasks/shorten?example=0&answered=1",
    "every-kind": "/tasks/every_kind?example=0&answered=1",
    "lost": "/nowhere",
}


def take(site: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    for name, path in SHOTS.items():
        for look, width, dark in (("wide", 1180, False), ("narrow", 320, False), ("dark", 1180, True)):
            browser.dark(dark)
            browser.open(site + path, width)
            browser.shot(folder / f"{name}-{look}.png")
    browser.close()


if __name__ == "__main__":
    take(f"http://127.0.0.1:{sys.argv[1]}", Path(sys.argv[2]))
