"""An evaluation report as HTML: a self-contained page that fetches nothing, or the scores page of a task."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from markupsafe import Markup
from pydantic import JsonValue

from plait.core.evaluation.interval import Difference
from plait.core.evaluation.report_file import write_report_file
from plait.core.evaluation.result import EvaluationResult
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.web.bars import bar
from plait.web.formatting import format_datetime
from plait.web.headline import headline
from plait.web.report_texts import REPORT_STRINGS, ReportStrings
from plait.web.templating import HERE, render
from plait.web.texts import PAGE_STRINGS
from plait.web.views import Language

# The parts below the main scores, each a template that gets the variables of the report. A new part is a template here.
SECTIONS = ("report/fields.html", "report/confidence.html", "report/timing.html", "report/worst.html")
FOLD_ABOVE = 240  # characters; a longer input or answer is folded
MAX_CHARACTERS = 20_000  # characters of an input or answer: fifty inputs with images would be megabytes of text
MINUTE_LENGTH = len("2026-11-23T23:37")


@dataclass(frozen=True)
class ComparisonSummary:
    """The model compared with a baseline: `outcome` is ahead, behind or chance."""

    outcome: str
    text: str
    counts: str


@dataclass(frozen=True)
class TextExcerpt:
    """A value's text. `full` is empty if `start` is the whole text; `omitted` counts the characters cut from it."""

    start: str
    full: str
    length: int
    omitted: int


def report_page(result: EvaluationResult, language: Language = "en", declaration: Declaration | None = None) -> str:
    """The report as HTML. The task's headline needs `declaration`: a report file has only the task's name."""
    return render(
        "report.html",
        head=headline(declaration, language) if declaration else None,
        styles=Markup(static_text("paper.css") + static_text("report.css")),
        mark=Markup(static_text("mark.svg").replace(' xmlns="http://www.w3.org/2000/svg"', ' aria-hidden="true"', 1)),
        strings=PAGE_STRINGS[language],
        **report_variables(result, language),
    )


def report_variables(result: EvaluationResult, language: Language) -> dict[str, object]:
    """What the template `report/body.html` shows, in a file and on the scores page of a task."""
    words = REPORT_STRINGS[language]
    return {
        "report": result,
        "words": words,
        "sections": SECTIONS,
        "data": PurePath(result.data).name,
        "created": creation_time(result.made, language),
        "conclusion": conclusion(result, words),
        "reasons": Counter(each.error for each in result.worst_rows if each.error).most_common(),
        "comparison_summary": lambda difference: comparison_summary(difference, words),  # pyright: ignore[reportUnknownLambdaType]
        "bar": bar,
        "input_excerpts": input_excerpts,
        "excerpt": excerpt,
    }


def save_page(
    result: EvaluationResult, file: Path, language: Language = "en", declaration: Declaration | None = None
) -> None:
    """Writes the report page. Raises SettingsError if the file cannot be written."""
    write_report_file(file, report_page(result, language, declaration))


def static_text(name: str) -> str:
    return (HERE / "static" / name).read_text("utf-8")


def creation_time(made: str, language: Language) -> str:
    zone = " UTC" if made.endswith("+00:00") else ""
    return format_datetime(PAGE_STRINGS[language], made[:MINUTE_LENGTH]) + zone


def conclusion(result: EvaluationResult, strings: ReportStrings) -> ComparisonSummary:
    """Summarizes all comparisons in one sentence. The worst result comes first: a baseline that beats the model."""
    if not result.rivals:
        return ComparisonSummary("chance", strings.no_baseline, "")
    outcomes = {strings.baseline_name(rival.name): comparison_outcome(rival.ahead) for rival in result.rivals}
    outcomes |= {
        f"{strings.baseline_name(rival.name)} ({strings.exact.lower()})": comparison_outcome(rival.ahead_exact)
        for rival in result.rivals
    }
    for worst, sentence in (("behind", strings.some_behind), ("chance", strings.undecided)):
        names = ", ".join(name for name, each in outcomes.items() if each == worst)
        if names:
            return ComparisonSummary(worst, sentence.format(model=result.model, names=names), "")
    return ComparisonSummary("ahead", strings.all_ahead.format(model=result.model), "")


def comparison_outcome(difference: Difference) -> str:
    if not difference.significant:
        return "chance"
    return "ahead" if difference.gain.mean > 0 else "behind"


def comparison_summary(difference: Difference, strings: ReportStrings) -> ComparisonSummary:
    gain, outcome = difference.gain, comparison_outcome(difference)
    sentence = {"ahead": strings.ahead, "behind": strings.behind, "chance": strings.chance}[outcome]
    # "Behind by 0.12 [0.08, 0.16]": positive distance, smaller bound first.
    low, high = (-gain.high, -gain.low) if outcome == "behind" else (gain.low, gain.high)
    style = "+.3f" if outcome == "chance" else ".3f"
    mean = gain.mean if outcome == "chance" else abs(gain.mean)
    figures = {"gain": format(mean, style), "low": format(low, style), "high": format(high, style)}
    return ComparisonSummary(
        outcome,
        sentence.format(**figures, count=f"{gain.count:,}"),
        strings.counts.format(wins=f"{difference.wins:,}", losses=f"{difference.losses:,}"),
    )


def input_excerpts(inputs: JsonValue) -> Iterator[tuple[str, TextExcerpt]]:
    """Yields name and excerpt of each input; the name is "" for inputs without names."""
    values: Mapping[str, JsonValue] = inputs if isinstance(inputs, dict) else {"": inputs}
    for name, value in values.items():
        yield name, excerpt(value)


def excerpt(value: JsonValue) -> TextExcerpt:
    """The excerpt of a value: a text unchanged, anything else as JSON."""
    text = value if isinstance(value, str) else dumps(value)
    full = text[:MAX_CHARACTERS] if len(text) > FOLD_ABOVE else ""
    return TextExcerpt(text[:FOLD_ABOVE], full, len(text), max(0, len(text) - MAX_CHARACTERS))
