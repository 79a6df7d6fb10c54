"""The pages and fragments, each a pure function to HTML."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from plait.core.errors import InputError, NoModel, PlaitError
from plait.core.values.forms import Fields
from plait.core.values.value_type import Json
from plait.web.chat_texts import CHAT_WORDS
from plait.web.control_context import Context
from plait.web.form import fields_of, problems_at
from plait.web.headline import headline, of_card, wording
from plait.web.snippets import snippets
from plait.web.templating import rendered
from plait.web.texts import WORDS
from plait.web.views import ChatModel, Listed, Look, TaskView


def home_page(tasks: Sequence[Listed], look: Look, missing: NoModel | None = None) -> str:
    """The tasks, those of the served file first, each with who answers it; `missing` where there is no model at all."""
    words = WORDS[look.language]
    rows = [(task, of_card(task.card)) for task in tasks]
    own, others = [row for row in rows if row[0].own], [row for row in rows if not row[0].own]
    groups = [(title, group) for title, group in ((words.own_tasks, own), (words.built_in, others)) if group]
    return rendered("home.html", look=look, words=words, groups=groups, count=len(rows), error=missing, problems={})


def chat_page(models: Sequence[ChatModel], look: Look, missing: NoModel | None = None) -> str:
    """Talking with one of the models; `missing` says what to do where there is none."""
    chat = CHAT_WORDS[look.language]
    scripted = json.dumps(asdict(chat), ensure_ascii=False)
    words = WORDS[look.language]
    return rendered(
        "chat.html", look=look, words=words, chat=chat, scripted=scripted, models=models, error=missing, problems={}
    )


def task_page(view: TaskView, look: Look) -> str:
    words = WORDS[look.language]
    return rendered(
        "task.html",
        look=look,
        words=words,
        view=view,
        ctx=context(view, look),
        headline=headline(view.declaration, look.language),
        wording=wording(view.declaration, look.language),
        pictured=any(slot.pictured for slot in view.declaration.slots),
        snippets=snippets(view.declaration, inputs_of(view), look, words.shell),
        **told(view),
    )


def answer_fragment(view: TaskView, look: Look) -> str:
    """The answer as far as it is known: what stands in the answer's panel."""
    ctx = replace(context(view, look), fragment=True)
    return rendered("answer.html", look=look, words=WORDS[look.language], view=view, ctx=ctx)


def error_fragment(view: TaskView, look: Look) -> str:
    """The view's error for the answer's panel; each problem tells in `data-at` which field of the form it concerns."""
    assert view.error is not None
    return rendered("error.html", look=look, words=WORDS[look.language], **told(view))


def error_page(status: int, error: PlaitError, look: Look) -> str:
    words = WORDS[look.language]
    return rendered("error_page.html", look=look, words=words, status=status, error=error, problems={})


def told(view: TaskView) -> dict[str, object]:
    return {"error": view.error, "problems": problems_of(view)}


def context(view: TaskView, look: Look) -> Context:
    return Context(WORDS[look.language], fields_in(view), inputs_of(view), problems_of(view))


def fields_in(view: TaskView) -> Fields:
    """What stands in the form: as it was sent, else what says the inputs."""
    return fields_of(view.declaration, inputs_of(view)) if view.sent is None else view.sent


def inputs_of(view: TaskView) -> Mapping[str, Json]:
    return view.inputs or {}


def problems_of(view: TaskView) -> dict[str, list[str]]:
    """What is wrong with the inputs, by field. An answer's own problems are about no field of the form."""
    if not isinstance(view.error, InputError):
        return {}
    return problems_at(view.declaration, fields_in(view), view.error.problems)
