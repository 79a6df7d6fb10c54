"""Reports that are kept for the scores page of a task: the newest of each model and data file, by project."""

from dataclasses import replace
from pathlib import Path

import pytest

from plait import task
from plait.core.errors import SettingsError
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.report import Report
from plait.core.evaluation.result import Timing
from plait.service import score_reports
from plait.service.score_reports import keep_report, reports_folder, suite_scores
from plait.tasks.home_command import home_command


@task
def shorten(text: str) -> str:
    """Say {text} in one sentence."""
    ...


SHORTEN = shorten.declaration
EMPTY = Report(
    task="shorten", fingerprint=SHORTEN.fingerprint, model="small@abc", data="rows/held-out.jsonl", digest="0",
    options={}, made="2026-11-23T23:37:09+00:00",
    score=Interval(0.5, 0.4, 0.6, 9), exact=Interval(0, 0, 0, 9), fields={}, slices={}, rivals=(),
    timing=Timing(0, 0, 1, 0, 0),
    failed=0, unread=(), unread_count=0, known=0, worst_rows=(), rows=(), scores=(), exacts=(),
)  # fmt: skip


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "data"))
    return tmp_path


def kept() -> list[Report]:
    return score_reports.score_reports(SHORTEN, is_built_in=False)


def test_the_newest_report_of_a_model_and_a_file_replaces_the_earlier_one() -> None:
    later = replace(EMPTY, model="small@def", made="2026-11-24T00:00:00+00:00")
    for report in (EMPTY, later, replace(EMPTY, model="large"), replace(EMPTY, data="other.csv")):
        keep_report(SHORTEN, report)
    assert kept()[0] == later
    assert sorted((each.model, each.data) for each in kept()) == [
        ("large", "rows/held-out.jsonl"), ("small@abc", "other.csv"), ("small@def", "rows/held-out.jsonl")
    ]  # fmt: skip


def test_a_report_is_private_and_stays_in_its_folder() -> None:
    file = keep_report(SHORTEN, replace(EMPTY, model="../../x/../y", data="a/../../b.csv"))
    assert file.parent == reports_folder(SHORTEN)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_report_is_left_out() -> None:
    keep_report(SHORTEN, EMPTY)
    (reports_folder(SHORTEN) / "other.json").write_text('{"task": "shorten"}')
    assert kept() == [EMPTY]


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "file"))
    with pytest.raises(SettingsError, match="cannot be written"):
        keep_report(SHORTEN, EMPTY)


def test_a_built_in_task_shows_the_reports_that_come_with_plait_until_it_has_its_own() -> None:
    declared = home_command.declaration
    shipped = score_reports.score_reports(declared, is_built_in=True)
    assert len(shipped) == 4 and {each.task for each in shipped} == {"home_command"}
    own = replace(EMPTY, task="home_command", fingerprint=declared.fingerprint)
    keep_report(declared, own)
    assert score_reports.score_reports(declared, is_built_in=True) == [own]
    assert kept() == []


@pytest.mark.parametrize("name", ["detect", "draw"])
def test_a_task_of_the_suite_has_measures_beside_a_baseline(name: str) -> None:
    scores = suite_scores(name)
    assert scores is not None and scores.model == "plait-nano"
    for measure in scores.measures:
        assert next(iter(measure.splits)) == "seen"
        assert measure.baseline is not None and measure.baseline.mean < measure.splits["seen"].mean
    assert suite_scores("shorten") is None
