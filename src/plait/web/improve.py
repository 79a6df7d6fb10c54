"""The Improve page of a task and the page of all models, each a pure function that returns HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.web.bars import bar
from plait.web.formatting import label
from plait.web.improve_texts import IMPROVE_STRINGS
from plait.web.pages import render_in_language
from plait.web.registry_views import AliasCard, ModelRow, RouteRow
from plait.web.report import excerpt, input_excerpts
from plait.web.report_texts import REPORT_STRINGS
from plait.web.route_texts import ROUTE_STRINGS
from plait.web.texts import PAGE_STRINGS, PageStrings
from plait.web.views import PageContext

SVG_WIDTH, SVG_HEIGHT = 300.0, 80.0


@dataclass(frozen=True)
class RunView:
    """How far an adaptation is; see plait.learning.adapt_progress, which stands above this package."""

    state: str = "none"
    phase: str = "starting"
    done: int = 0
    total: int = 0
    losses: Sequence[tuple[int, float]] = ()
    tokens_per_second: float | None = None
    seconds_left: float | None = None
    is_paused: bool = False
    paused_seconds: float = 0.0
    error: str = ""
    hint: str = ""
    is_of_request: bool = True

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def can_resume(self) -> bool:
        """Whether a button resumes it: otherwise it was begun by a command with options that the page does not have."""
        return self.state in ("interrupted", "stopped") and self.is_of_request


@dataclass(frozen=True)
class ImproveView:
    """The Improve page. `readiness` and `verdict` are those of plait.learning, `held_out` a line about its rows.

    `candidate` is the number of the version that the verdict is on, if it can be promoted. `error` is that of a button.
    """

    declaration: Declaration
    run: RunView
    models: Sequence[str] = ()
    model: str = ""
    methods: Sequence[str] = ()
    method: str = ""
    gate_rows: int = 0
    epochs: int | None = None
    learning_rate: float | None = None
    keep: bool = False
    from_base: bool = False
    readiness: object = None
    verdict: object = None
    held_out: str = ""
    alias: AliasCard | None = None
    error: PlaitError | None = None


@dataclass(frozen=True)
class ModelsView:
    """The page of all models."""

    models: Sequence[ModelRow] = ()
    aliases: Sequence[AliasCard] = field(default_factory=tuple[AliasCard, ...])
    routes: Sequence[RouteRow] = ()
    error: PlaitError | None = None


def improve_page(view: ImproveView, page_context: PageContext) -> str:
    return render_improve("improve.html", view, page_context)


def improve_fragment(view: ImproveView, page_context: PageContext) -> str:
    """The part of the page that changes while the adaptation runs."""
    return render_improve("improve_live.html", view, page_context)


def render_improve(template: str, view: ImproveView, page_context: PageContext) -> str:
    strings = PAGE_STRINGS[page_context.language]
    return render_in_language(
        template,
        page_context,
        view=view,
        title=label(view.declaration.name),
        texts=IMPROVE_STRINGS[page_context.language],
        words=REPORT_STRINGS[page_context.language],
        time_left=time_text(strings, view.run.seconds_left),
        curve=curve_points(view.run.losses),
        width=SVG_WIDTH,
        height=SVG_HEIGHT,
        bar=bar,
        excerpt=excerpt,
        input_excerpts=input_excerpts,
        error=view.error,
        problems={},
    )


def models_page(view: ModelsView, page_context: PageContext) -> str:
    texts, route_texts = IMPROVE_STRINGS[page_context.language], ROUTE_STRINGS[page_context.language]
    return render_in_language(
        "models.html", page_context, view=view, texts=texts, route_texts=route_texts, error=view.error, problems={}
    )


def time_text(strings: PageStrings, seconds: float | None) -> str:
    """A duration for people; "" if it is not known."""
    if seconds is None:
        return ""
    if seconds < 90:
        return strings.file_seconds.format(count=round(seconds))
    return strings.file_minutes.format(count=round(seconds / 60))


def curve_points(losses: Sequence[tuple[int, float]]) -> str:
    """The points of a loss curve from 0 to the largest loss, for a polyline; "" for less than two."""
    if len(losses) < 2:
        return ""
    first, last = losses[0][0], losses[-1][0]
    most = max(loss for _, loss in losses) or 1.0
    width = max(last - first, 1)
    points = ((SVG_WIDTH * (step - first) / width, SVG_HEIGHT * (1 - loss / most)) for step, loss in losses)
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
