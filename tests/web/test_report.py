"""The report of an evaluation as a page that stands by itself."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from plait.cli.evaluate import evaluate as command
from plait.core.engine.calibration import Judgement
from plait.core.errors import SettingsError
from plait.core.evaluation.calibration import ConfidenceFigures, figures
from plait.core.evaluation.interval import Difference, Interval, tally
from plait.core.evaluation.report import Report
from plait.core.evaluation.result import RowResult, Timing
from plait.service.catalog import find_task
from plait.web.bars import WIDTH, bar
from plait.web.report import FOLD_ABOVE, MAX_CHARACTERS, report_page, save_page
from plait.web.report_texts import REPORT_STRINGS
from plait.web.views import Language
from tests.support.browser import FAINT, Browser

HERE = Path(__file__).resolve().parents[2]
RULES = f"{HERE / 'examples/rules/home_command.py'}:home_command"
SCRIPT = "</code><script>document.title='taken'</script><img src=x onerror=alert(1)>"
LANGUAGES: tuple[Language, ...] = get_args(Language)

EMPTY = Report(
    task="shorten", fingerprint="0", model="m", data="rows.jsonl", digest="0", options={},
    made="2026-11-23T23:37:09+00:00",
    score=Interval(0, 0, 0, 0), exact=Interval(0, 0, 0, 0), fields={}, slices={}, rivals=(),
    timing=Timing(0, 0, 1, 0, 0),
    failed=0, unread=(), unread_count=0, known=0, worst_rows=(), rows=(), scores=(), exacts=(),
)  # fmt: skip


@pytest.fixture(scope="module")
def report_and_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Report, str]]:
    """A report of real answers, by rules, and the page that the command wrote of it."""
    folder = tmp_path_factory.mktemp("report")
    data = HERE / "src/plait/tasks/held_out/home_command.unseen-templates.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAIT_URL", "none")
        patch.setenv("PLAIT_DATA", str(folder / "data"))
        outs = ["--out", str(folder / "r.json"), "--out", str(folder / "r.html")]
        result = CliRunner().invoke(command, [RULES, "--model", "rules", "--data", str(data), "--limit", "16", *outs])
    assert result.exit_code == 0, result.output
    yield Report.read(folder / "r.json"), (folder / "r.html").read_text("utf-8")


@pytest.fixture
def report(report_and_page: tuple[Report, str]) -> Report:
    return report_and_page[0]


class ReportReader(HTMLParser):
    """The tags of a page with their attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attrs for each, attrs in self.tags if each == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def row_result(**changed: object) -> RowResult:
    return replace(RowResult(3, "rows.jsonl:3", 0.0, {"text": "a"}, "b", "c"), **changed)  # pyright: ignore[reportArgumentType]


def gain(mean: float, low: float, high: float) -> Difference:
    return Difference(Interval(mean, low, high, 600), 90, 30)


def test_the_command_writes_a_page_with_every_score_of_the_report(report_and_page: tuple[Report, str]) -> None:
    report, page = report_and_page
    text = ReportReader(page).text
    rows_shown = [
        report.score,
        report.exact,
        *report.fields.values(),
        *(i for by in report.slices.values() for i in by.values()),
    ]
    rows_shown += [interval for rival in report.rivals for interval in (rival.score, rival.exact)]
    assert len(report.rivals) == 2
    assert all(f"{each.mean:.3f} [{each.low:.3f}, {each.high:.3f}]" in text for each in rows_shown)
    assert all(
        name in text for name in (*report.fields, *report.slices, report.digest, report.model, report.fingerprint)
    )
    assert "Switch" in text and "utterance" in text  # the sentence of the task


def test_the_figures_of_confidence_are_shown_where_a_task_is_calibrated(report: Report) -> None:
    known = [[Judgement(0.9, True), Judgement(0.2, False)], [Judgement(0.8, True), Judgement(0.3, True)]]
    confidence = ConfidenceFigures(figures(known, 0.5), figures([[Judgement(0.7, True)]] * 2, 0.5))
    page = report_page(replace(report, confidence=confidence))
    assert "Confidence" in page and f"{confidence.values.ece.mean:.3f}" in page
    assert "100 %: 0.75" in page and "calibration error" in page
    assert "把握" in report_page(replace(report, confidence=confidence), "zh")
    assert "calibration error" not in report_page(report)


def test_each_bar_has_an_accessible_name(report: Report) -> None:
    read = ReportReader(report_page(report))
    bars = [svg for svg in read.named("svg") if svg.get("class", "").startswith("bar")]
    count = 2 + 2 * len(report.rivals) + len(report.fields) + sum(map(len, report.slices.values()))
    assert len(bars) == count
    assert all(svg["role"] == "img" and "on a scale from 0 to 1" in svg["aria-label"] for svg in bars)


def test_the_page_makes_no_requests(report_and_page: tuple[Report, str]) -> None:
    read = ReportReader(report_and_page[1])
    for tag, attrs in read.tags:
        assert tag not in ("script", "link", "img", "iframe"), tag
        assert not any(name in ("src", "href", "srcset", "action") for name in attrs), (tag, attrs)
        assert not any("://" in value for value in attrs.values()), (tag, attrs)
    style = report_and_page[1].partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style and "@import" not in style


def test_model_output_is_escaped_everywhere(report: Report) -> None:
    bad = (
        row_result(inputs={SCRIPT: SCRIPT}, answer={"why": SCRIPT}, reference=SCRIPT, where=SCRIPT),
        row_result(inputs=SCRIPT * 20, error=SCRIPT),
    )
    named = {SCRIPT: report.score}
    rival = replace(report.rivals[0], name=SCRIPT)
    page = report_page(
        replace(report, task=SCRIPT, model=SCRIPT, data=SCRIPT, options={SCRIPT: SCRIPT}, fields=named,
                slices={SCRIPT: named}, rivals=(rival,), unread=(SCRIPT,), unread_count=1, failed=1, worst_rows=bad)
    )  # fmt: skip
    read = ReportReader(page)
    assert read.named("script") == [] and read.named("img") == []
    assert read.text.count("document.title='taken'") > 10
    assert ReportReader(SCRIPT).named("script") != []  # as it would be found if it were let through


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_one_language(report: Report, language: Language) -> None:
    page, words = report_page(report, language), REPORT_STRINGS[language]
    read = ReportReader(page)
    assert read.named("html") == [{"lang": language}]
    assert all(text in read.text for text in (words.score, words.exact, words.by_field, words.timing, words.worst))


def test_the_baselines_are_named_in_chinese_too(report: Report) -> None:
    text = ReportReader(report_page(report, "zh")).text
    assert report.rivals and not any(rival.name in text for rival in report.rivals)


def test_the_languages_have_the_same_placeholders() -> None:
    english, chinese = REPORT_STRINGS["en"], REPORT_STRINGS["zh"]
    for each in fields(english):
        if each.name == "baselines":
            continue
        one, other = str(getattr(english, each.name)), str(getattr(chinese, each.name))
        assert sorted(part.partition("}")[0] for part in one.split("{")[1:]) == sorted(
            part.partition("}")[0] for part in other.split("{")[1:]
        ), each.name


@pytest.mark.parametrize(
    ("ahead", "message"),
    [
        (gain(0.12, 0.08, 0.16), "ahead by 0.120 [0.080, 0.160] on 600 rows"),
        (gain(-0.12, -0.16, -0.08), "behind by 0.120 [0.080, 0.160] on 600 rows"),
        (gain(0.02, -0.03, 0.07), "may be chance: +0.020 [-0.030, +0.070] on 600 rows"),
    ],
)
def test_the_comparison_with_a_baseline_is_written_out(report: Report, ahead: Difference, message: str) -> None:
    rival = replace(report.rivals[0], ahead=ahead)
    assert message in ReportReader(report_page(replace(report, rivals=(rival,)))).text


@pytest.mark.parametrize("where", ["ahead", "ahead_exact"])
def test_a_baseline_that_wins_is_reported_at_the_top(report: Report, where: str) -> None:
    winner = replace(report.rivals[1], **{where: gain(-0.2, -0.3, -0.1)})
    text = ReportReader(report_page(replace(report, rivals=(report.rivals[0], winner)))).text
    assert f"{report.model} is worse than these baselines without a model: {winner.name}" in text
    assert "is ahead of every baseline" not in text
    assert "is ahead of every baseline" in ReportReader(report_page(report)).text


def test_without_baselines_the_page_names_the_command(report: Report) -> None:
    assert "task.examples.add" in ReportReader(report_page(replace(report, rivals=()))).text


def test_unanswered_and_invalid_rows_are_listed_with_their_reasons(report: Report) -> None:
    failing = tuple(row_result(error="the model ran out of room") for _ in range(3))
    page = report_page(
        replace(report, worst_rows=failing, failed=3, unread=("row 7: no column text",), unread_count=12, known=5)
    )
    text = ReportReader(page).text
    assert "3 rows without an answer count as 0." in text and "3 × the model ran out of room" in text
    assert "12 rows could not be read" in text and "row 7: no column text" in text
    assert "5 rows are among the task's own examples" in text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=600))
def test_a_long_input_can_be_expanded(text: str) -> None:
    page = report_page(replace(EMPTY, worst_rows=(row_result(inputs={"text": text}),)))
    read = ReportReader(page)
    assert not text or {text, f"\n{text}"} & {*read.texts}  # a browser drops the first new line of a <pre>
    assert bool([each for each in read.named("details") if each.get("class") == "value"]) == (len(text) > FOLD_ABOVE)


def test_an_enormous_input_is_truncated_with_a_note(report: Report) -> None:
    page = report_page(replace(report, worst_rows=(row_result(inputs={"picture": "A" * (MAX_CHARACTERS + 1234)}),)))
    assert "1,234 more characters" in page and len(page) < 3 * MAX_CHARACTERS + 60_000


@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_marks_of_a_bar_are_ordered_on_its_scale(scores: list[float]) -> None:
    at = bar(tally(scores).score_interval)
    assert 0 <= at.low <= at.mean <= at.high <= WIDTH


@given(*[st.floats(allow_nan=False)] * 3)
def test_a_bar_stays_on_its_scale_for_any_numbers(mean: float, low: float, high: float) -> None:
    at = bar(Interval(mean, low, high, 1))
    assert 0 <= at.low <= at.mean <= at.high <= WIDTH
    if 0 <= low <= mean <= high <= 1:
        assert (at.low, at.mean, at.high) == pytest.approx((low * WIDTH, mean * WIDTH, high * WIDTH), abs=0.005)


def test_a_page_that_cannot_be_written_is_reported_with_its_path(report: Report, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        save_page(report, tmp_path / "nowhere" / "r.html")


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_opens_from_disk_fits_and_is_readable(
    browser: Browser, report: Report, tmp_path: Path, language: Language, dark: bool
) -> None:
    declaration = find_task(RULES)[0].declaration
    save_page(report, tmp_path / "r.html", language, declaration)
    browser.dark(dark)
    for width in (1180, 320):
        browser.open((tmp_path / "r.html").as_uri(), width)
        assert browser.run("document.documentElement.scrollWidth") == width
        assert browser.run(FAINT.read_text()) == []
        assert browser.nameless() == []
    positions = json.loads(
        browser.run("""JSON.stringify([...document.querySelectorAll("svg.bar")].map(svg => {
        const [width, filled] = [svg, svg.querySelector(".fill")].map(each => each.getBoundingClientRect().width);
        return [parseFloat(svg.getAttribute("aria-label").match(/[\\d.]+/)[0]), filled / width];}))""")
    )
    assert positions and all(width == pytest.approx(mean, abs=0.01) for mean, width in positions)
