"""A report of an evaluation as a page by itself: nothing to fetch, so that it can be sent to anybody."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from markupsafe import Markup
from pydantic import JsonValue

from plait.core.errors import SettingsError
from plait.core.evaluation.interval import Difference
from plait.core.evaluation.result import Result
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.web.bars import bar
from plait.web.formatting import moment
from plait.web.headline import headline
from plait.web.report_texts import REPORT_WORDS, ReportWords
from plait.web.templating import HERE, rendered
from plait.web.texts import WORDS
from plait.web.views import Language

SHOWN = 240  # characters of an input or answer before it is folded
LONGEST = 20_000  # characters of it at all: a picture among fifty inputs would be megabytes of digits
MINUTE = len("2026-11-23T23:37")


@dataclass(frozen=True)
class Verdict:
    """How the model stands to a baseline: `kind` is ahead, behind or chance."""

    kind: str
    words: str
    counts: str


@dataclass(frozen=True)
class Shortened:
    """A value's text; `whole` is empty where `start` is all of it, `left_out` what even that lacks."""

    start: str
    whole: str
    length: int
    left_out: int


def report_page(result: Result, language: Language = "en", declaration: Declaration | None = None) -> str:
    """With the task's sentence where its declaration is at hand: a report that was read from a file has only a name."""
    words = REPORT_WORDS[language]
    return rendered(
        "report.html",
        report=result,
        words=words,
        page_words=WORDS[language],
        head=headline(declaration, language) if declaration else None,
        styles=Markup(static("paper.css") + static("report.css")),
        mark=Markup(static("mark.svg").replace(' xmlns="http://www.w3.org/2000/svg"', ' aria-hidden="true"', 1)),
        data=PurePath(result.data).name,
        made=made(result, language),
        conclusion=conclusion(result, words),
        reasons=Counter(each.error for each in result.worst_rows if each.error).most_common(),
        verdict=lambda ahead: verdict(ahead, words),
        bar=bar,
        parts=parts,
        shortened=shortened,
    )


def save_page(result: Result, file: Path, language: Language = "en", declaration: Declaration | None = None) -> None:
    """Raises SettingsError where it cannot be written."""
    try:
        file.write_text(report_page(result, language, declaration), "utf-8")
    except OSError as fault:
        raise SettingsError(f"{file} cannot be written: {fault.strerror}") from None


def static(name: str) -> str:
    return (HERE / "static" / name).read_text("utf-8")


def made(result: Result, language: Language) -> str:
    zone = " UTC" if result.made.endswith("+00:00") else ""
    return moment(WORDS[language], result.made[:MINUTE]) + zone


def conclusion(result: Result, words: ReportWords) -> Verdict:
    """The whole comparison in a sentence, which says the worst of it: a baseline that wins stands first."""
    if not result.rivals:
        return Verdict("chance", words.alone, "")
    kinds = {words.rival(rival.name): kind(rival.ahead) for rival in result.rivals}
    kinds |= {f"{words.rival(rival.name)} ({words.exact.lower()})": kind(rival.ahead_exact) for rival in result.rivals}
    for worst, said in (("behind", words.beaten), ("chance", words.undecided)):
        names = ", ".join(name for name, each in kinds.items() if each == worst)
        if names:
            return Verdict(worst, said.format(model=result.model, names=names), "")
    return Verdict("ahead", words.all_ahead.format(model=result.model), "")


def kind(ahead: Difference) -> str:
    if not ahead.significant:
        return "chance"
    return "ahead" if ahead.gain.mean > 0 else "behind"


def verdict(ahead: Difference, words: ReportWords) -> Verdict:
    gain, stands = ahead.gain, kind(ahead)
    said = {"ahead": words.ahead, "behind": words.behind, "chance": words.chance}[stands]
    # Behind by 0.12 [0.08, 0.16]: how far, with the nearer bound first.
    low, high = (-gain.high, -gain.low) if stands == "behind" else (gain.low, gain.high)
    style = "+.3f" if stands == "chance" else ".3f"
    mean = gain.mean if stands == "chance" else abs(gain.mean)
    shown = {"gain": format(mean, style), "low": format(low, style), "high": format(high, style)}
    return Verdict(
        stands,
        said.format(**shown, count=f"{gain.count:,}"),
        words.counts.format(wins=f"{ahead.wins:,}", losses=f"{ahead.losses:,}"),
    )


def parts(inputs: JsonValue) -> Iterator[tuple[str, Shortened]]:
    """The inputs by name; a value that has none stands without."""
    named: Mapping[str, JsonValue] = inputs if isinstance(inputs, dict) else {"": inputs}
    for name, value in named.items():
        yield name, shortened(value)


def shortened(value: JsonValue) -> Shortened:
    """A text as itself, anything else as JSON."""
    text = value if isinstance(value, str) else dumps(value)
    whole = text[:LONGEST] if len(text) > SHOWN else ""
    return Shortened(text[:SHOWN], whole, len(text), max(0, len(text) - LONGEST))
