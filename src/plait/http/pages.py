"""Pages for people: the form of a task, its answer whole (without JavaScript) or growing (with it)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from plait.core.calls.dispatch import answered
from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call, TaskCard
from plait.core.engine.protocol import Piece
from plait.core.engine.validation import Answered, Event, Item, SoFar
from plait.core.errors import NoModel, PlaitError
from plait.core.prompting.examples import row
from plait.core.task.declaration import Declaration
from plait.core.task.options import NAMES, options_in
from plait.core.task.signature import beside_inputs
from plait.core.values.value_type import Json
from plait.http.requests import fields_of, inputs_in, unless_gone
from plait.http.responses import EVENTS, EventStream, sse, status
from plait.service.catalog import AnyTask, Catalog, built_in, card
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models
from plait.types.image.value import Image
from plait.web.form import wire_of
from plait.web.headline import wording
from plait.web.list_rows import edited
from plait.web.pages import answer_fragment, chat_page, error_fragment, error_page, home_page, task_page
from plait.web.views import ChatModel, Listed, Look, TaskView

NAMED = 2  # models in the head of a page
LANGUAGE = "plait_lang"  # a cookie, set where someone chose


class Pages:
    """The pages over a catalog of tasks and the transport that answers them."""

    def __init__(self, catalog: Catalog, transport: LocalTransport) -> None:
        self.catalog, self.transport = catalog, transport

    async def home(self, request: Request) -> Response:
        look = look_of(request)
        missing = None if known_models() else self.missing()
        return page(home_page([self.listed(task, look) for task in self.catalog], look, missing), look)

    async def chat(self, request: Request) -> Response:
        look = look_of(request)
        engines = map(self.transport.chat_engine, self.transport.chatting())
        models = [ChatModel(each.name, each.chats.sees) for each in engines]
        return page(chat_page(models, look, self.missing()), look)

    async def task(self, request: Request) -> Response:
        task, look = self.catalog[request.path_params["name"]], look_of(request)
        return shown(replace(view_of(task, request), refused=self.listed(task, look).refused), look)

    async def answer(self, request: Request) -> Response:
        """A form sent: to be changed by a row, or to be answered."""
        task = self.catalog[request.path_params["name"]]
        view, look = view_of(task, request), look_of(request)
        streamed = EVENTS in request.headers.get("accept", "")
        try:
            sent = await fields_of(task.declaration, request)
            changed = edited(sent)
            if changed is not None:
                return shown(replace(view, sent=changed), look)
            view = replace(view, sent=sent)
            call = await call_of(task, view, request, streamed)
            view = replace(view, inputs=in_wire(call), sizes=sizes_in(call))
            if streamed:
                return EventStream(self.growing(call, view, look))
            whole = await unless_gone(request, answered(self.transport.answer(call)))
            return shown(replace(view, answered=whole), look)
        except PlaitError as error:
            failed = replace(view, error=error)
            if streamed:
                return Response(sse("error", {"html": error_fragment(failed, look)}), media_type=EVENTS)
            return shown(failed, look, status(error))

    async def growing(self, call: Call, view: TaskView, look: Look) -> AsyncIterator[bytes]:
        """The answer's panel again and again, as more is known."""
        items: list[Json] = []
        try:
            async with closing(self.transport.answer(call)) as events:
                async for event in events:
                    yield drawn(event, items, call, view, look)
        except PlaitError as error:
            yield sse("error", {"html": error_fragment(replace(view, error=error), look)})

    def failed(self, request: Request, error: PlaitError, code: int | None = None) -> Response:
        look, code = look_of(request), code or status(error)
        return page(error_page(code, error, look), look, code)

    def missing(self) -> NoModel | None:
        """What is said where there is no model to talk with."""
        try:
            self.transport.chat_engine(None)
        except NoModel as error:
            return error
        return None

    def listed(self, task: AnyTask, look: Look) -> Listed:
        """The task with who would answer it now."""
        declared, own = task.declaration, not built_in(task)
        try:
            engine = self.transport.engine_for(declared, None, task.by_code)
        except NoModel as error:
            return Listed(worded(declared, look), refused=error.message.partition(": ")[2], own=own)
        return Listed(worded(declared, look), by=engine.name, own=own)


NOT_KEPT = {"cache-control": "no-store"}


def drawn(event: Event, items: list[Json], call: Call, view: TaskView, look: Look) -> bytes:
    """One event of an answer as what the page shows of it."""
    match event:
        case Piece(text):
            return sse("piece", {"text": text})
        case Item(value):
            kind = dict(call.declaration.answer.children)["[]"]
            items.append(kind.encode(value, beside_inputs(call.declaration.targets, call.inputs)))
            return sse("show", {"html": answer_fragment(replace(view, growing=True, so_far=items), look)})
        case SoFar(wire):
            return sse("show", {"html": answer_fragment(replace(view, growing=True, so_far=wire), look)})
        case Answered():
            return sse("done", {"html": answer_fragment(replace(view, answered=event), look)})


def worded(declaration: Declaration, look: Look) -> TaskCard:
    """The task's card in the reader's language, where it has words in it."""
    words = declaration.wordings[wording(declaration, look.language)][0]
    return replace(card(declaration), instruction=str(words))


def view_of(task: AnyTask, request: Request) -> TaskView:
    """The task as it is first shown: empty, or with an example filled in."""
    view = TaskView(task.declaration, examples=task.examples.count)
    wanted = request.query_params.get("example", "")
    if not view.examples or not (wanted.isascii() and wanted.isdecimal()) or len(wanted) > 9:
        return view
    number = int(wanted) % view.examples
    example = next(islice(task.examples, number, None), None)
    if example is None:  # the last ones were made for an earlier form of the task
        return view
    told = row(task.declaration, example)
    return replace(view, inputs={name: wire for name, wire in told.items() if name != "answer"}, example=number)


async def call_of(task: AnyTask, view: TaskView, request: Request, streamed: bool) -> Call:
    assert view.sent is not None
    options = options_in({name: text for name, text in request.query_params.items() if name in NAMES})
    inputs = await inputs_in(task.declaration, wire_of(task.declaration, view.sent))
    return Call(task.declaration, inputs, options, tuple(task.by_code), streamed)


def in_wire(call: Call) -> Mapping[str, Json]:
    beside = beside_inputs((), {})
    return {slot.name: slot.kind.encode(call.inputs[slot.name], beside) for slot in call.declaration.slots}


def sizes_in(call: Call) -> Mapping[str, tuple[int, int]]:
    """The sizes of the pictures that boxes may lie on, by where they stand."""
    targets = [target for target in call.declaration.targets if target.picture]
    pictures = beside_inputs(tuple(targets), call.inputs).candidates
    return {".".join(path): cast("Image", found[0]).size for path, found in pictures.items() if found}


def look_of(request: Request) -> Look:
    """The language that was chosen, here or before; else the one that the browser prefers."""
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE) or preferred(request)
    files = known_models()
    return Look(
        language="zh" if wanted.startswith("zh") else "en",
        model=", ".join(file.name for file in files[:NAMED]),
        state="ready" if files else "none",
        path=request.url.path,
        origin=f"{request.url.scheme}://{request.url.netloc}",
    )


def preferred(request: Request) -> str:
    return request.headers.get("accept-language", "").strip().lower()


def shown(view: TaskView, look: Look, code: int = 200) -> Response:
    return page(task_page(view, look), look, code)


def page(html: str, look: Look, code: int = 200) -> Response:
    response = HTMLResponse(html, code, headers=NOT_KEPT)
    response.set_cookie(LANGUAGE, look.language, max_age=31_536_000, samesite="strict", httponly=True)
    return response
