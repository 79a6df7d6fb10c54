"""Pages and fragments, each a pure function that returns HTML."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from plait.core.app import App
from plait.core.errors import InputError, NoCapableModel, PlaitError
from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json
from plait.web.chat_texts import CHAT_STRINGS
from plait.web.control_context import ControlContext
from plait.web.form import json_to_form, problems_by_field
from plait.web.headline import card_headline, headline, wording
from plait.web.snippets import snippets
from plait.web.templating import render
from plait.web.texts import PAGE_STRINGS
from plait.web.views import ChatModelOption, PageContext, TaskListing, TaskView


def home_page(
    tasks: Sequence[TaskListing],
    page_context: PageContext,
    model_error: NoCapableModel | None = None,
    apps: Sequence[App] = (),
) -> str:
    """The home page: all tasks, those of the served file first, each with its model.

    `model_error` is set if there is no model at all. `apps` with a page are linked.
    """
    strings = PAGE_STRINGS[page_context.language]
    rows = [(task, card_headline(task.card)) for task in tasks]
    own, others = [row for row in rows if row[0].is_own], [row for row in rows if not row[0].is_own]
    groups = [(title, group) for title, group in ((strings.own_tasks, own), (strings.built_in, others)) if group]
    return render(
        "home.html",
        page_context=page_context,
        strings=strings,
        groups=groups,
        count=len(rows),
        error=model_error,
        problems={},
        apps=apps,
    )


def chat_page(
    models: Sequence[ChatModelOption], page_context: PageContext, model_error: NoCapableModel | None = None
) -> str:
    """The chat page. `model_error` tells what to do if there is no chat model."""
    chat = CHAT_STRINGS[page_context.language]
    chat_json = json.dumps(asdict(chat), ensure_ascii=False)
    strings = PAGE_STRINGS[page_context.language]
    return render(
        "chat.html",
        page_context=page_context,
        strings=strings,
        chat=chat,
        chat_json=chat_json,
        models=models,
        error=model_error,
        problems={},
    )


def task_page(view: TaskView, page_context: PageContext) -> str:
    strings = PAGE_STRINGS[page_context.language]
    return render(
        "task.html",
        page_context=page_context,
        strings=strings,
        view=view,
        ctx=control_context(view, page_context),
        headline=headline(view.declaration, page_context.language),
        wording=wording(view.declaration, page_context.language),
        pictured=any(parameter.has_images for parameter in view.declaration.parameters),
        snippets=snippets(view.declaration, json_inputs(view), page_context, strings.shell),
        **error_variables(view),
    )


def answer_fragment(view: TaskView, page_context: PageContext) -> str:
    """HTML of the answer panel; the answer may be partial."""
    ctx = replace(control_context(view, page_context), is_fragment=True)
    return render(
        "answer.html", page_context=page_context, strings=PAGE_STRINGS[page_context.language], view=view, ctx=ctx
    )


def error_fragment(view: TaskView, page_context: PageContext) -> str:
    """HTML of the view's error for the answer panel. `data-at` of each problem names its form field."""
    assert view.error is not None
    return render(
        "error.html", page_context=page_context, strings=PAGE_STRINGS[page_context.language], **error_variables(view)
    )


def error_page(status: int, error: PlaitError, page_context: PageContext) -> str:
    strings = PAGE_STRINGS[page_context.language]
    return render(
        "error_page.html", page_context=page_context, strings=strings, status=status, error=error, problems={}
    )


def error_variables(view: TaskView) -> dict[str, object]:
    return {"error": view.error, "problems": field_problems(view)}


def control_context(view: TaskView, page_context: PageContext) -> ControlContext:
    return ControlContext(
        PAGE_STRINGS[page_context.language], form_fields(view), json_inputs(view), field_problems(view)
    )


def form_fields(view: TaskView) -> FormFields:
    """The form's fields: as submitted, else made from the inputs."""
    return json_to_form(view.declaration, json_inputs(view)) if view.submitted is None else view.submitted


def json_inputs(view: TaskView) -> Mapping[str, Json]:
    return view.inputs or {}


def field_problems(view: TaskView) -> dict[str, list[str]]:
    """Problems of the inputs by field name. Problems of an answer belong to no field."""
    if not isinstance(view.error, InputError):
        return {}
    return problems_by_field(view.declaration, form_fields(view), view.error.problems)
