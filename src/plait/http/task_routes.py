"""The endpoints of tasks: what there is, one task's schema, its answer whole or as a stream."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.dispatch import answered
from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call
from plait.core.engine.validation import Event
from plait.core.errors import PlaitError
from plait.core.task.derive import schema
from plait.http.requests import asked, first_of, unless_gone
from plait.http.responses import EVENTS, EventStream, envelope, error_object, json_response, sse, told
from plait.service.catalog import AnyTask, Catalog, card
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models
from plait.types.image.value import Image


class Endpoints:
    """The endpoints over a catalog of tasks and the transport that answers them."""

    def __init__(self, catalog: Catalog, transport: LocalTransport, version: str) -> None:
        self.catalog, self.transport, self.version = catalog, transport, version

    async def health(self, request: Request) -> Response:
        models = [file.name for file in known_models()]
        return json_response({"status": "ok", "version": self.version, "models": models})

    async def tasks(self, request: Request) -> Response:
        return json_response({"tasks": [described(task) for task in self.catalog]})

    async def task(self, request: Request) -> Response:
        task = self.catalog[request.path_params["name"]]
        found = schema(task.declaration)
        return json_response({**described(task), "schema": {"request": found.request, "answer": found.answer}})

    async def answer(self, request: Request) -> Response:
        task = self.catalog[request.path_params["name"]]
        inputs, options = await asked(task.declaration, request)
        streamed = EVENTS in request.headers.get("accept", "")
        call = Call(task.declaration, inputs, options, tuple(task.by_code), streamed)
        events = self.transport.answer(call)
        if streamed:
            return await stream(request, events, call)
        whole = await unless_gone(request, answered(events))
        if isinstance(whole.value, Image) and pictures_wanted(request):
            facts = {"x-plait-id": whole.id, "x-plait-model": whole.model}
            return Response(whole.value.content, headers=facts, media_type=whole.value.media_type)
        return json_response(envelope(whole))


def pictures_wanted(request: Request) -> bool:
    """Whether a picture is to come as it is, not as a data URL in JSON: `curl -H "accept: image/*"`."""
    return request.headers.get("accept", "").lstrip().startswith("image/")


def described(task: AnyTask) -> dict[str, Any]:
    return {**vars(card(task.declaration)), "href": f"/v1/tasks/{task.declaration.name}"}


async def stream(request: Request, events: AsyncIterator[Event], call: Call) -> Response:
    return EventStream(telling(await first_of(request, events), events, call))


async def telling(first: Event, events: AsyncIterator[Event], call: Call) -> AsyncIterator[bytes]:
    async with closing(events):
        yield told(first, call.declaration, call.inputs)
        try:
            async for event in events:
                yield told(event, call.declaration, call.inputs)
        except PlaitError as error:
            yield sse("error", error_object(error))
