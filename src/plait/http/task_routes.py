"""Task endpoints: the list of tasks, one task's schema, its answer as JSON, image or event stream."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call
from plait.core.engine.validation import AnswerEvent
from plait.core.errors import PlaitError
from plait.core.prompting.project import project_digest, project_folder
from plait.core.sse import MEDIA_TYPE, encode_event
from plait.core.task.derive import schema
from plait.http.persons import request_person
from plait.http.requests import cancel_on_disconnect, first_event, read_request
from plait.http.responses import (
    EventStreamResponse,
    envelope,
    error_object,
    event_to_sse,
    json_response,
)
from plait.http.security import request_author
from plait.service.catalog import AnyTask, summarize_task
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models
from plait.types.image import Image


class TaskEndpoints:
    """The endpoints over a catalog of tasks and the transport that answers them."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport, version: str) -> None:
        self.catalog, self.transport, self.version = catalog, transport, version

    async def health(self, request: Request) -> Response:
        models = [file.name for file in known_models()]
        return json_response({"status": "ok", "version": self.version, "models": models})

    async def tasks(self, request: Request) -> Response:
        return json_response({"tasks": [task_summary(task) for task in self.catalog]})

    async def task(self, request: Request) -> Response:
        task = self.catalog[request.path_params["name"]]
        task_schema = schema(task.declaration)
        project = project_digest(project_folder(task.declaration))
        schemas = {"request": task_schema.request, "answer": task_schema.answer}
        return json_response({**task_summary(task), "project": project, "schema": schemas})

    async def answer(self, request: Request) -> Response:
        task = self.catalog[request.path_params["name"]]
        inputs, options = await read_request(task.declaration, request)
        streamed = MEDIA_TYPE in request.headers.get("accept", "")
        code_engines = tuple(task.code_engines)
        author, person = request_author(request), request_person(request)
        call = Call(task.declaration, inputs, options, code_engines, streamed, author, person=person)
        events = self.transport.answer(call)
        if streamed:
            return await stream_response(request, events, call)
        completed = await cancel_on_disconnect(request, last_event(events))
        if isinstance(completed.value, Image) and wants_image(request):
            headers = {"x-plait-id": completed.id, "x-plait-model": completed.model}
            return Response(completed.value.content, headers=headers, media_type=completed.value.media_type)
        return json_response(envelope(completed, task.declaration, inputs))


def wants_image(request: Request) -> bool:
    """Whether an image is requested as a file instead of a data URL in JSON: `curl -H "accept: image/*"`."""
    return request.headers.get("accept", "").lstrip().startswith("image/")


def task_summary(task: AnyTask) -> dict[str, Any]:
    return {**vars(summarize_task(task.declaration)), "href": f"/v1/tasks/{task.declaration.name}"}


async def stream_response(request: Request, events: AsyncGenerator[AnswerEvent, None], call: Call) -> Response:
    return EventStreamResponse(sse_events(await first_event(request, events), events, call))


async def sse_events(
    first: AnswerEvent, events: AsyncGenerator[AnswerEvent, None], call: Call
) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        yield event_to_sse(first, call.declaration, call.inputs)
        try:
            async for event in events:
                yield event_to_sse(event, call.declaration, call.inputs)
        except PlaitError as error:
            yield encode_event(error_object(error), "error")
