"""The page of an answer that was given: people say whether it is right, comment on it, and correct it in a form.

With JavaScript the same requests return the answer's panel, so that the page is not left.
"""

import asyncio
from dataclasses import replace
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.answer_log import RecordedAnswer
from plait.core.calls.corrections import corrections_of, remove_correction
from plait.core.calls.feedback import checked_feedback
from plait.core.calls.transport import Call
from plait.core.engine.envelope import answer_certificate
from plait.core.engine.evidence import evidence
from plait.core.errors import InputError, PlaitError
from plait.core.sse import MEDIA_TYPE, encode_event
from plait.core.values.call_context import call_context
from plait.core.values.forms import FormFields
from plait.core.values.inputs import to_input_error
from plait.core.values.json_value import InvalidValue
from plait.http.answer_routes import right_answer
from plait.http.pages import image_sizes, page_response, read_page_context
from plait.http.persons import request_person
from plait.http.requests import read_form
from plait.http.responses import http_status
from plait.http.security import request_author
from plait.service.answer_feedback import ratable_answer, store_ratings, store_watched_correction
from plait.service.answer_lookup import find_answer
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport
from plait.storage.database import current_database
from plait.storage.feedback_table import feedback_on
from plait.web.list_rows import apply_row_button
from plait.web.pages import answer_fragment, task_page
from plait.web.views import TaskView, Verdict

VERDICT = "_verdict"  # the name of the buttons
COMMENT = "_comment"


class CorrectionPages:
    """The pages over the transport that remembers the answers, and the catalog of their tasks."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport) -> None:
        self.catalog, self.transport = catalog, transport

    async def answer(self, request: Request) -> Response:
        record, person = await self.find(request), request_person(request)
        return respond(request, await asyncio.to_thread(answer_view, record, person))

    async def submit(self, request: Request) -> Response:
        """Handles a button: right, wrong, comment, example, edit, save, cancel, undo, or one of a row of the form."""
        record, person = await self.find(request), request_person(request)
        form = await read_form(record.declaration, request)
        view = await asyncio.to_thread(act, record, form, person)
        return respond(request, view)

    async def find(self, request: Request) -> RecordedAnswer:
        declarations = (each.declaration for each in self.catalog)
        return await find_answer(
            self.transport.answers, declarations, request.path_params["id"], request_author(request)
        )


def act(record: RecordedAnswer, form: FormFields, person: str) -> TaskView:
    """The answer after the button of the form was pressed."""
    changed = apply_row_button(form)
    if changed is not None:
        return editing(answer_view(record, person), changed)
    match next(iter(form.get_list(VERDICT)), ""):
        case "right" | "wrong" | "comment" as button:
            return rate(record, form, button, person)
        case "example":
            store_watched_correction(record, {})
        case "undo":
            remove_correction(record.declaration, record.id, record.author)
        case "edit":
            view = answer_view(record, person)
            return editing(view, form_of_answer(view))
        case "save":
            return save(record, form, person)
        case _:
            pass
    return answer_view(record, person)


def rate(record: RecordedAnswer, form: FormFields, button: str, person: str) -> TaskView:
    """The answer with a verdict or a comment, or with the reason why the comment is refused."""
    comment = next(iter(form.get_list(COMMENT)), "")
    said = {"right": None if button == "comment" else button == "right", "comment": comment, "user": person}
    view = answer_view(record, person)
    if view.verdict is not None and comment.strip() == view.verdict.comment:
        said["comment"] = ""  # it is kept already
    try:
        if button != "comment" or said["comment"]:
            store_ratings([ratable_answer(record)], checked_feedback({"answers": [record.id], **said}), {})
    except InputError as error:
        return replace(view, error=error)
    return answer_view(record, person)


def save(record: RecordedAnswer, form: FormFields, person: str) -> TaskView:
    """The corrected answer, or the form with what is wrong in it."""
    declaration = record.declaration
    try:
        try:
            json_value = declaration.answer.read_form(form, Verdict(record.id).root)
        except InvalidValue as error:
            raise to_input_error(f"{declaration.name} cannot accept this correction", "", error) from None
        store_watched_correction(record, {"": json_value})
    except PlaitError as error:
        return replace(editing(answer_view(record, person), form), error=error)
    return answer_view(record, person)


def editing(view: TaskView, form: FormFields) -> TaskView:
    assert view.verdict is not None
    return replace(view, verdict=replace(view.verdict, state="editing", fields=form))


def form_of_answer(view: TaskView) -> FormFields:
    assert view.completed is not None and view.verdict is not None
    return FormFields(view.declaration.answer.to_fields(view.completed.json_value, view.verdict.root))


def answer_view(record: RecordedAnswer, person: str) -> TaskView:
    """The answer with its inputs, as corrected if it was, and what this person said about it."""
    declaration, recorded, completed = record.declaration, record.json_value, record.completed
    found = next(iter(list(corrections_of(declaration, record.id, record.author))), None)
    answer = completed.json_value if found is None else right_answer(declaration, found)
    places = evidence(declaration, answer, call_context(declaration, record.inputs))
    return TaskView(
        declaration,
        inputs=recorded["inputs"],
        completed=replace(completed, json_value=answer, evidence=places),
        image_sizes=image_sizes(Call(declaration, record.inputs)),
        verdict=verdict_of(record, person, "open" if found is None else "corrected"),
        certificate=answer_certificate(completed, declaration, record.inputs) if found is None else None,
    )


def verdict_of(record: RecordedAnswer, person: str, state: Literal["open", "corrected"]) -> Verdict:
    """The last verdict and the last comment of this person."""
    rows = [row for row in feedback_on(current_database(), record.id) if row.rater == (record.author, person)]
    right = next((row.is_right for row in reversed(rows) if row.is_right is not None), None)
    comment = next((row.comment for row in reversed(rows) if row.comment), "")
    return Verdict(record.id, state, right=right, comment=comment)


def respond(request: Request, view: TaskView) -> Response:
    """The panel of the answer for a script, else the page of its task."""
    page_context = replace(read_page_context(request), path=f"/tasks/{view.declaration.name}")
    if MEDIA_TYPE in request.headers.get("accept", ""):
        content = encode_event({"html": answer_fragment(view, page_context, is_fragment=False)}, "done")
        return Response(content, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})
    status = 200 if not isinstance(view.error, InputError) else http_status(view.error)
    return page_response(task_page(view, page_context), page_context, status)
