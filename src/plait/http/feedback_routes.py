"""The endpoint of feedback: what a person says about an answer, or about the answers of an episode.

It takes the key that asked, as corrections do; any other caller gets the error of an unknown id.
"""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.feedback import MAX_ANSWERS, MAX_COMMENT, MAX_LABEL, feedback_from_json
from plait.core.values.json_text import loads
from plait.http.persons import request_person
from plait.http.requests import read_body
from plait.http.responses import json_response
from plait.http.security import request_author
from plait.service.answer_feedback import store_feedback
from plait.service.local_transport import LocalTransport

LABEL: dict[str, Any] = {"type": "string", "maxLength": MAX_LABEL}
FEEDBACK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": 'what a person says about one answer, or about the "answers" of an episode alike',
    "properties": {
        "answer": {"type": "string"},
        "answers": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_ANSWERS},
        "right": {"type": ["boolean", "null"]},
        "score": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "comment": {"type": "string", "maxLength": MAX_COMMENT},
        "better_than": {"type": "string", "description": "an answer to the same inputs, which is worse"},
        "episode": {**LABEL, "description": "groups answers; made if it is left out and there are several"},
        "user": {**LABEL, "description": "who says so: a label, never used for access"},
    },
    "oneOf": [{"required": ["answer"]}, {"required": ["answers"]}],
    "additionalProperties": False,
}


class FeedbackEndpoints:
    """The endpoint over the transport that knows the answers."""

    def __init__(self, transport: LocalTransport) -> None:
        self.transport = transport

    async def feedback(self, request: Request) -> Response:
        """Stores the feedback; it is durable when the response comes."""
        json_value = loads(await read_body(request), "the body")
        feedback = feedback_from_json(json_value)
        feedback = replace(feedback, user=request_person(request, feedback.user or None))
        await store_feedback(self.transport.answers, feedback, request_author(request))
        return json_response(feedback.json_value)
