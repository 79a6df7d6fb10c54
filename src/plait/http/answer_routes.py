"""Endpoints of answers that were given: one with its inputs, its correction, and the correction undone.

An answer is read and corrected with the key that asked. Any other caller gets the error of an unknown id, in the same
bytes.
"""

import asyncio
from collections.abc import Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.answer_log import RecordedAnswer, answer_not_found
from plait.core.calls.corrections import corrections_of, remove_correction
from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example, example_to_json
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.http.requests import read_body
from plait.http.responses import json_response
from plait.http.security import request_author
from plait.service.answer_feedback import store_watched_correction
from plait.service.answer_lookup import find_answer
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport

CORRECTION_HINT = (
    'send {"right": true}, or the right values, {"fields": {"lines.0.price": "3.00"}}, '
    'or the whole answer, {"answer": ...}'
)


class AnswerEndpoints:
    """The endpoints over the transport that remembers the answers, and the catalog of their tasks."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport) -> None:
        self.catalog, self.transport = catalog, transport

    async def answer(self, request: Request) -> Response:
        """The answer with its inputs, and its correction if there is one."""
        answer = await self.find(request)
        found = await asyncio.to_thread(lambda: list(corrections_of(answer.declaration, answer.id, answer.author)))
        correction = right_answer(answer.declaration, found[0]) if found else None
        return json_response({**answer.json_value, "correction": correction})

    async def correct(self, request: Request) -> Response:
        answer = await self.find(request)
        changes = parse_correction(loads(await read_body(request), "the body"))
        example = await asyncio.to_thread(store_watched_correction, answer, changes)
        return json_response(correction_json(answer.declaration, answer.id, example))

    async def undo(self, request: Request) -> Response:
        """Takes the caller's correction back, also after the answer itself was forgotten."""
        id = request.path_params["id"]
        fingerprint = id.partition("-")[0]
        task = next((each for each in self.catalog if each.declaration.fingerprint == fingerprint), None)
        author = request_author(request)
        if task is None or not await asyncio.to_thread(remove_correction, task.declaration, id, author):
            raise answer_not_found(id)
        return Response(status_code=204)

    async def find(self, request: Request) -> RecordedAnswer:
        declarations = (each.declaration for each in self.catalog)
        return await find_answer(
            self.transport.answers, declarations, request.path_params["id"], request_author(request)
        )


def parse_correction(json_value: Json) -> Mapping[str, Json]:
    """The changes of a correction by path; none if the answer is right. Raises InputError."""
    match json_value:
        case {"right": True} if len(json_value) == 1:
            return {}
        case {"fields": dict(fields)} if len(json_value) == 1 and fields:
            return cast("dict[str, Json]", fields)
        case {"answer": answer} if len(json_value) == 1:
            return {"": answer}
        case _:
            raise InputError(f"this is not a correction: {quote(json_value) or 'null'}", hint=CORRECTION_HINT)


def correction_json(declaration: Declaration, id: str, example: Example) -> dict[str, Json]:
    """A stored correction: the inputs and the right answer of its example."""
    row = example_to_json(declaration, example)
    inputs: Json = {parameter.name: row[parameter.name] for parameter in declaration.parameters}
    return {"id": id, "task": declaration.name, "inputs": inputs, "answer": right_answer(declaration, example)}


def right_answer(declaration: Declaration, example: Example) -> Json:
    """The answer of an example as answers are sent, with computed fields."""
    return declaration.answer.encode(example.answer, call_context(declaration, example.inputs).json_context)
