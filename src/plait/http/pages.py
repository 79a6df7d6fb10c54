"""HTML pages: tasks, forms, chat; answers are streamed with JavaScript and complete without it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from plait.core.app import installed_apps
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.engine.envelope import answer_certificate
from plait.core.engine.protocol import PartialAnswer, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, ListItem
from plait.core.errors import NoCapableModel, PlaitError
from plait.core.prompting.examples import Examples
from plait.core.sse import MEDIA_TYPE, encode_event
from plait.core.task.options import parse_options
from plait.core.task.printed_call import is_built_in
from plait.core.values.call_context import call_context
from plait.core.values.json_value import Json
from plait.http.page_examples import count_inputs, view_with_example
from plait.http.persons import new_session, request_person, set_session
from plait.http.requests import cancel_on_disconnect, parse_inputs, read_form
from plait.http.responses import EventStreamResponse, http_status
from plait.http.security import may_administer, request_author
from plait.service.catalog import AnyTask
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models, model_limits
from plait.service.route_calls import route_names
from plait.types.image import Image
from plait.web.call_options import chosen_texts, option_texts
from plait.web.form import form_to_json
from plait.web.list_rows import apply_row_button
from plait.web.pages import answer_fragment, api_page, chat_page, error_fragment, error_page, home_page, task_page
from plait.web.task_listing import TaskListing, task_listing
from plait.web.views import ChatModelOption, PageContext, TaskView, Verdict

MAX_MODELS_SHOWN = 2  # models in the head of a page
LANGUAGE_COOKIE = "plait_lang"  # a cookie, set where someone chose


class Pages:
    """The pages over a catalog of tasks and the transport that answers them."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport) -> None:
        self.catalog, self.transport = catalog, transport

    async def home(self, request: Request) -> Response:
        page_context = read_page_context(request)
        model_error = None if known_models() else self.missing_model_error()
        return page_response(
            home_page(
                [self.list_entry(task, page_context) for task in self.catalog],
                page_context,
                model_error,
                [each.app for each in installed_apps() if each.app.page],
                self.catalog.error,
            ),
            page_context,
        )

    async def chat(self, request: Request) -> Response:
        page_context = read_page_context(request)
        engines = map(self.transport.chat_engine, self.transport.chat_model_names())
        models = [ChatModelOption(each.name, "image" in each.model.accepts) for each in engines]
        return page_response(chat_page(models, page_context, self.missing_model_error()), page_context)

    async def api(self, request: Request) -> Response:
        page_context = read_page_context(request)
        return page_response(api_page(page_context), page_context)

    async def task(self, request: Request) -> Response:
        task, page_context = self.catalog[request.path_params["name"]], read_page_context(request)
        return task_page_response(
            replace(
                self.initial_view(task, request),
                unavailable_reason=self.list_entry(task, page_context).unavailable_reason,
            ),
            page_context,
        )

    async def answer(self, request: Request) -> Response:
        """Handles a submitted form: a row is added or removed, or the task is answered."""
        task = self.catalog[request.path_params["name"]]
        view, page_context = self.initial_view(task, request), read_page_context(request)
        streamed = MEDIA_TYPE in request.headers.get("accept", "")
        try:
            form = await read_form(task.declaration, request)
            changed = apply_row_button(form)
            if changed is not None:
                texts = option_texts(request.query_params, changed)
                return task_page_response(replace(view, submitted=changed, option_texts=texts), page_context)
            view = replace(view, submitted=form, option_texts=option_texts(request.query_params, form))
            call = await call_from_form(task, view, request, streamed)
            view = replace(view, inputs=task.declaration.inputs_to_json(call.inputs), image_sizes=image_sizes(call))
            if streamed:
                return EventStreamResponse(self.answer_events(call, view, page_context))
            completed = await cancel_on_disconnect(request, last_event(self.transport.answer(call)))
            return task_page_response(answered_view(view, call, completed), page_context)
        except PlaitError as error:
            failed = replace(view, error=error)
            if streamed:
                return Response(
                    encode_event({"html": error_fragment(failed, page_context)}, "error"), media_type=MEDIA_TYPE
                )
            return task_page_response(failed, page_context, http_status(error))

    async def answer_events(self, call: Call, view: TaskView, page_context: PageContext) -> AsyncGenerator[bytes, None]:
        """The answer's panel as HTML, sent again with each part of the answer."""
        items: list[Json] = []
        try:
            async with aclosing(self.transport.answer(call)) as events:
                async for event in events:
                    yield event_to_html_sse(event, items, call, view, page_context)
        except PlaitError as error:
            yield encode_event({"html": error_fragment(replace(view, error=error), page_context)}, "error")

    def error_response(self, request: Request, error: PlaitError, status_code: int | None = None) -> Response:
        page_context, status_code = read_page_context(request), status_code or http_status(error)
        return page_response(error_page(status_code, error, page_context), page_context, status_code)

    def initial_view(self, task: AnyTask, request: Request) -> TaskView:
        """The task page before a form is sent: empty, or filled in with an example."""
        examples = Examples(task.declaration, request_author(request))
        capable = self.transport.capable_models(task.declaration, task.code_engines)
        models = (*capable, *(route_names(task.declaration) if capable else ()))
        view = TaskView(
            task.declaration,
            example_count=count_inputs(examples),
            option_texts=option_texts(request.query_params),
            models=models,
            limits=model_limits(models[0]) if models else (),
        )
        return view_with_example(
            view, examples, request.query_params.get("example", ""), read_page_context(request).language
        )

    def missing_model_error(self) -> NoCapableModel | None:
        """The error that the chat page shows without a chat model; None with one."""
        try:
            self.transport.chat_engine(None)
        except NoCapableModel as error:
            return error
        return None

    def list_entry(self, task: AnyTask, page_context: PageContext) -> TaskListing:
        """A line of the list of tasks, with the model that would answer it now."""
        declaration, own = task.declaration, not is_built_in(task.declaration)
        language = page_context.language
        try:
            engine = self.transport.engine_for(declaration, None, task.code_engines)
        except NoCapableModel as error:
            reason = error.message.partition(": ")[2]
            return task_listing(declaration, language, is_own=own, unavailable_reason=reason)
        return task_listing(declaration, language, is_own=own, answered_by=engine.name)


NO_STORE = {"cache-control": "no-store"}


def event_to_html_sse(
    event: AnswerEvent, items: list[Json], call: Call, view: TaskView, page_context: PageContext
) -> bytes:
    """An event of an answer as a server-sent event with HTML."""
    match event:
        case TextDelta(text):
            return encode_event({"text": text}, "piece")
        case ListItem(value):
            item_type = dict(call.declaration.answer.children)["[]"]
            items.append(item_type.encode(value, call_context(call.declaration, call.inputs).json_context))
            name, view = "show", replace(view, is_streaming=True, partial=items)
        case PartialAnswer(json_value):
            name, view = "show", replace(view, is_streaming=True, partial=json_value)
        case Completed():
            name, view = "done", answered_view(view, call, event)
    return encode_event({"html": answer_fragment(view, page_context)}, name)


def answered_view(view: TaskView, call: Call, completed: Completed) -> TaskView:
    known = answer_certificate(completed, call.declaration, call.inputs)
    return replace(view, completed=completed, verdict=Verdict(completed.id), certificate=known)


async def call_from_form(task: AnyTask, view: TaskView, request: Request, streamed: bool) -> Call:
    assert view.submitted is not None
    options = parse_options(chosen_texts(view.option_texts))
    inputs = await parse_inputs(task.declaration, form_to_json(task.declaration, view.submitted))
    author, person = request_author(request), request_person(request)
    return Call(task.declaration, inputs, options, tuple(task.code_engines), streamed, author, person=person)


def image_sizes(call: Call) -> Mapping[str, tuple[int, int]]:
    """Pixel sizes of the images in the inputs that boxes may refer to, by path."""
    paths = {target.path for target in call.declaration.targets if target.is_image}
    pictures = call_context(call.declaration, call.inputs).candidates
    return {".".join(path): cast("Image", each[0]).size for path, each in pictures.items() if path in paths and each}


def read_page_context(request: Request) -> PageContext:
    """The language of the query or the cookie, else the one that the browser prefers."""
    language = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or preferred_language(request)
    files = known_models()
    return PageContext(
        language="zh" if language.startswith("zh") else "en",
        model=", ".join(file.name for file in files[:MAX_MODELS_SHOWN]),
        state="ready" if files else "none",
        path=request.url.path,
        query=urlencode([each for each in request.query_params.multi_items() if each[0] != "lang"]),
        origin=f"{request.url.scheme}://{request.url.netloc}",
        new_session=new_session(request),
        may_administer=may_administer(request),
    )


def preferred_language(request: Request) -> str:
    return request.headers.get("accept-language", "").strip().lower()


def task_page_response(view: TaskView, page_context: PageContext, status_code: int = 200) -> Response:
    return page_response(task_page(view, page_context), page_context, status_code)


def page_response(html: str, page_context: PageContext, status_code: int = 200) -> Response:
    response = HTMLResponse(html, status_code, headers=NO_STORE)
    response.set_cookie(LANGUAGE_COOKIE, page_context.language, max_age=31_536_000, samesite="strict", httponly=True)
    if page_context.new_session:
        set_session(response, page_context.new_session)
    return response
