"""A report of an evaluation as a page by itself: nothing to fetch, so that it can be sent to anybody."""

from pathlib import Path

from plait.core.errors import SettingsError
from plait.core.evaluation.result import Result
from plait.web.pages import rendered


def report_page(result: Result) -> str:
    return rendered("report.html", report=result)


def save_page(result: Result, file: Path) -> None:
    """Raises SettingsError where it cannot be written."""
    try:
        file.write_text(report_page(result), "utf-8")
    except OSError as fault:
        raise SettingsError(f"{file} cannot be written: {fault.strerror}") from None
