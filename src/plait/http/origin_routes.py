"""Where an answer came from: `GET /v1/answers/ID/why` and the page of the same name."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.answer_log import answer_not_found
from plait.core.errors import AnswerNotFound
from plait.http.pages import page_response, read_page_context
from plait.http.responses import json_response
from plait.http.security import request_author
from plait.learning.answer_origin import ORIGIN, AnswerOrigin, origin_of_answer, origin_of_row
from plait.learning.origin_text import feedback_facts, origin_facts
from plait.service.answer_lookup import recorded_row
from plait.service.local_transport import LocalTransport
from plait.web.origin_texts import ORIGIN_STRINGS
from plait.web.pages import origin_page


class OriginEndpoints:
    """Endpoint and page over the transport that remembers the answers which are not recorded."""

    def __init__(self, transport: LocalTransport) -> None:
        self.transport = transport

    async def why(self, request: Request) -> Response:
        return json_response(ORIGIN.dump_python(await self.origin(request), mode="json"))

    async def page(self, request: Request) -> Response:
        origin, page_context = await self.origin(request), read_page_context(request)
        strings = ORIGIN_STRINGS[page_context.language]
        html = origin_page(origin.id, origin_facts(origin, strings), feedback_facts(origin, strings), page_context)
        return page_response(html, page_context)

    async def origin(self, request: Request) -> AnswerOrigin:
        """Raises AnswerNotFound, the same whether there is none or it is of another key."""
        id, author = request.path_params["id"], request_author(request)
        row = await asyncio.to_thread(recorded_row, id, author)
        if row is not None:
            return await asyncio.to_thread(origin_of_row, row)
        try:
            answer = self.transport.answers.find(id, author)
        except AnswerNotFound:
            raise answer_not_found(id) from None
        return await asyncio.to_thread(origin_of_answer, answer)
