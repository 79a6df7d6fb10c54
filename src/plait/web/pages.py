"""Pages and fragments, each a pure function that returns HTML."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from urllib.parse import urlencode

from markupsafe import Markup

from plait.core.app import App
from plait.core.calls.answer_table import has_media
from plait.core.calls.row_answers import MAX_FILE_BYTES, MAX_ROWS
from plait.core.engine.certificate import certificate_json
from plait.core.engine.validation import Completed
from plait.core.errors import InputError, NoCapableModel, PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json
from plait.web.call_options import chosen_options, chosen_texts, option_fields
from plait.web.chat_texts import CHAT_STRINGS
from plait.web.control_context import ControlContext
from plait.web.doubt import DoubtMarks, doubt_marks, whole_confidence
from plait.web.form import descend, json_to_form, problems_by_field
from plait.web.formatting import label
from plait.web.headline import headline
from plait.web.limit_texts import localized_limit
from plait.web.origin_texts import ORIGIN_STRINGS
from plait.web.quotations import QuoteNumbers, marked_texts, quotations
from plait.web.snippets import snippets
from plait.web.task_listing import TaskListing, grouped
from plait.web.templating import render
from plait.web.texts import PAGE_STRINGS, PageStrings
from plait.web.views import ChatModelOption, PageContext, TaskView


def home_page(
    tasks: Sequence[TaskListing],
    page_context: PageContext,
    model_error: NoCapableModel | None = None,
    apps: Sequence[App] = (),
    load_error: PlaitError | None = None,
) -> str:
    """The home page: all tasks, those of the served file first, each with its model.

    `model_error` is set if there is no model at all. `apps` with a page are linked.
    `load_error` is the error of a changed file, whose earlier tasks are served.
    """
    strings = PAGE_STRINGS[page_context.language]
    return render_in_language(
        "home.html",
        page_context,
        groups=grouped(tasks, strings),
        count=len(tasks),
        command=help_command(tasks),
        error=model_error,
        load_error=load_error,
        problems={},
        apps=apps,
    )


def help_command(tasks: Sequence[TaskListing]) -> str:
    """A command that shows how to call a task; a task of a file would need its path."""
    name = next((task.headline.name for task in tasks if task.group != "own"), "")
    return f"plait run {name} --help".replace("  ", " ")


def chat_page(
    models: Sequence[ChatModelOption], page_context: PageContext, model_error: NoCapableModel | None = None
) -> str:
    """The chat page. `model_error` tells what to do if there is no chat model."""
    chat = CHAT_STRINGS[page_context.language]
    page = PAGE_STRINGS[page_context.language]
    words = {**asdict(chat), "working": page.working, "seconds": page.seconds}
    return render_in_language(
        "chat.html",
        page_context,
        chat=chat,
        chat_json=json.dumps(words, ensure_ascii=False),
        models=models,
        error=model_error,
        problems={},
    )


def api_page(page_context: PageContext) -> str:
    return render_in_language("api.html", page_context)


def task_page(view: TaskView, page_context: PageContext) -> str:
    return render_in_language(
        "task.html",
        page_context,
        view=view,
        ctx=control_context(view, page_context),
        **answer_variables(view, control_context(view, page_context)),
        headline=headline(view.declaration, page_context.language),
        result_title=label(headline(view.declaration, page_context.language).result),
        options=option_fields(view, page_context.language),
        limits=[localized_limit(limit, page_context.language) for limit in view.limits],
        file_hint=file_hint(view.declaration, PAGE_STRINGS[page_context.language]),
        rows_query=urlencode(chosen_options(view, page_context.language)),
        kept_query=urlencode(chosen_texts(view.option_texts)),
        pictured=any(parameter.has_images for parameter in view.declaration.parameters),
        snippets=snippets(
            view.declaration,
            json_inputs(view),
            page_context,
            PAGE_STRINGS[page_context.language].shell,
            chosen_options(view, page_context.language),
        ),
        **{**error_variables(view), **verdict_variables(view, page_context)},
    )


def file_hint(declaration: Declaration, strings: PageStrings) -> str:
    """What a file of rows has to look like; "" for a task whose values do not fit into one."""
    if has_media(declaration):
        return ""
    columns = strings.list_separator.join(parameter.name for parameter in declaration.parameters)
    return strings.file_hint.format(columns=columns, rows=f"{MAX_ROWS:,}", size=MAX_FILE_BYTES // 2**20)


def answer_fragment(view: TaskView, page_context: PageContext, *, is_fragment: bool = True) -> str:
    """HTML of the answer panel; the answer may be partial. The page has the images of a fragment's inputs already."""
    ctx = replace(control_context(view, page_context), is_fragment=is_fragment)
    variables = {
        **answer_variables(view, ctx), **error_variables(view), **verdict_variables(view, page_context)
    }  # fmt: skip
    return render_in_language("answer.html", page_context, view=view, ctx=ctx, **variables)


def answer_variables(view: TaskView, ctx: ControlContext) -> dict[str, object]:
    """The answer as HTML, with the texts that it quotes. Values of a type that is shown as JSON are not linked."""
    answer, plain = view.declaration.answer, {"marked_texts": [], "certificate": None, "confidence": ""}
    if view.completed is None:
        return {**plain, "answer": ctx.display(answer, view.partial if view.is_streaming else ctx.pending, "page")}
    if view.certificate is not None:
        certified = {"answer": view.completed.json_value, "certificate": certificate_json(view.certificate)}
        plain["certificate"] = certified
    html, is_linked = displayed_answer(view, view.completed, ctx)
    texts = marked_texts(view) if is_linked else []
    return {**plain, "answer": html, "marked_texts": texts, "confidence": whole_confidence(view)}


def displayed_answer(view: TaskView, completed: Completed, ctx: ControlContext) -> tuple[Markup, bool]:
    """The answer as HTML, with shades of doubt, and whether its quotations are linked.

    Both marks are found by the order of the values. Where a type is shown as JSON the numbers do not fit, and the
    answer is displayed without that kind of marks.
    """

    def marks() -> tuple[QuoteNumbers, DoubtMarks | None]:
        return QuoteNumbers(completed.id), doubt_marks(view, ctx.strings.value_confidence)

    def display(quotes: QuoteNumbers | None, doubt: DoubtMarks | None) -> Markup:
        return replace(ctx, quotes=quotes, doubt=doubt).display(view.declaration.answer, completed.json_value, "page")

    quotes, doubt = marks()
    html = display(quotes, doubt)
    is_linked, is_shaded = 0 < quotes.count == len(quotations(view)), doubt is None or doubt.fits
    if not (is_linked and is_shaded):
        quotes, doubt = marks()
        html = display(quotes if is_linked else None, doubt if is_shaded else None)
    return html, is_linked


def verdict_variables(view: TaskView, page_context: PageContext) -> dict[str, object]:
    """The form of the right answer, while it is edited, and the problems in it."""
    verdict = view.verdict
    if verdict is None:
        return {}
    problems: dict[str, list[str]] = {}
    for problem in view.error.problems if isinstance(view.error, InputError) else ():
        path = [step for step in problem.path.split(".") if step]
        name = descend(view.declaration.answer, verdict.fields, verdict.root, path)
        problems.setdefault(name, []).append(problem.message)
    labels = view.declaration.labels.get(page_context.language, {})
    strings = PAGE_STRINGS[page_context.language]
    form_context = ControlContext(strings, verdict.fields, json_inputs(view), problems, labels=labels)
    return {"problems": {}, "form_ctx": form_context}


def error_fragment(view: TaskView, page_context: PageContext) -> str:
    """HTML of the view's error for the answer panel. `data-at` of each problem names its form field."""
    assert view.error is not None
    return render_in_language("error.html", page_context, **error_variables(view))


def error_page(status: int, error: PlaitError, page_context: PageContext) -> str:
    return render_in_language("error_page.html", page_context, status=status, error=error, problems={})


def origin_page(
    id: str, facts: Sequence[tuple[str, str]], feedback: Sequence[tuple[str, str]], page_context: PageContext
) -> str:
    """The page of an answer's origin: labelled facts, and what each person said."""
    origin = ORIGIN_STRINGS[page_context.language]
    return render_in_language("why.html", page_context, origin=origin, id=id, facts=facts, feedback=feedback)


def render_in_language(template: str, page_context: PageContext, **variables: object) -> str:
    return render(template, page_context=page_context, strings=PAGE_STRINGS[page_context.language], **variables)


def error_variables(view: TaskView) -> dict[str, object]:
    return {"error": view.error, "problems": field_problems(view)}


def control_context(view: TaskView, page_context: PageContext) -> ControlContext:
    return ControlContext(
        PAGE_STRINGS[page_context.language],
        form_fields(view),
        json_inputs(view),
        field_problems(view),
        labels=view.declaration.labels.get(page_context.language, {}),
    )


def form_fields(view: TaskView) -> FormFields:
    """The form's fields: as submitted, else made from the inputs."""
    return json_to_form(view.declaration, json_inputs(view)) if view.submitted is None else view.submitted


def json_inputs(view: TaskView) -> Mapping[str, Json]:
    return view.inputs or {}


def field_problems(view: TaskView) -> dict[str, list[str]]:
    """Problems of the inputs by field name. Problems of an answer belong to no field."""
    if not isinstance(view.error, InputError) or view.verdict is not None:
        return {}
    return problems_by_field(view.declaration, form_fields(view), view.error.problems)
