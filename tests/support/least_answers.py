"""An engine for every task: it writes the least that the grammar of the answer admits, or a picture."""

from collections.abc import AsyncGenerator

from hypothesis import find, settings

from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.json_text import dumps
from plait.testing.values import decoder_text, json_values
from plait.types.image import Image
from tests.support.shelf import PNG


class LeastAnswerEngine:
    name = "least"
    digest = ""

    def can(self, declaration: Declaration) -> str:
        return ""

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        yield TextDelta(least_answer(request))
        yield Finish()

    async def aclose(self) -> None: ...


def least_answer(request: TaskRequest) -> str:
    if request.declaration.answer.media:
        return dumps(Image(PNG).data_url)
    if request.declaration.is_plain_text:
        return "a word"
    if request.declaration.answer.needs_image:  # the least box has no area
        return dumps(request.declaration.answer.placeholder())
    grammar = answer_grammar(request.declaration, request.context)
    return decoder_text(grammar, find(json_values(grammar), lambda _: True, settings=settings(database=None)))
