"""What a server turned out to take. Nothing is asked beforehand: what it refuses by name is left out from then on."""

import json
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.grammar.json_schema import json_schema
from plait.core.values.value_type import Json
from plait.service.engines.openai.refusals import Refusal
from plait.service.engines.openai.request import Form, forms

# Without these an answer means the same: the count of tokens, and a nudge that only a second attempt has.
SPARE = ("stream_options", "frequency_penalty")
RENAMED = {"max_tokens": "max_completion_tokens"}
# As llama.cpp ("failed to parse grammar"), vLLM ("features not supported by xgrammar") and OpenAI say it.
NO_SCHEMA = re.compile(r"response_format|json_schema|schema|grammar|guided|structured", re.IGNORECASE)
BY_SCHEMA = (Form.SCHEMA, Form.WRAPPED)
KEPT = 256  # forms of answers
ROOM = 64  # tokens: a prompt that leaves less for its answer is too long

logger = logging.getLogger("plait")


class Ability:
    """Remembered as long as the engine lives, so that each refusal is met once.

    A schema that is refused says nothing of other schemas: `held` keeps, by the shape of the answer, how far down its
    forms the server has sent us.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.left_out: set[str] = set()
        self.renamed: set[str] = set()
        self.held: OrderedDict[str, int] = OrderedDict()

    def form(self, grammar: Grammar | None) -> Form:
        return Form.WORDS if grammar is None else forms(grammar)[self.held.get(shape(grammar), 0)]

    def fitted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body as this server takes it."""
        return {
            RENAMED[name] if name in self.renamed else name: value
            for name, value in body.items()
            if name not in self.left_out
        }

    def learns(self, refusal: Refusal, body: Mapping[str, Any], grammar: Grammar | None, form: Form) -> bool:
        """Whether the refusal was about something that can be asked otherwise; then it is, from now on."""
        if refusal.limit or refusal.status not in (400, 422, 500, 501):
            return False
        for name in SPARE:
            if name in body and name in refusal.words:
                self.left_out.add(name)
                return True
        for name in RENAMED:
            if name in body and name in refusal.words and RENAMED[name] in refusal.words:
                self.renamed.add(name)
                return True
        if grammar is None or "response_format" not in body or not NO_SCHEMA.search(refusal.words):
            return False
        if self.form(grammar) is form:  # else a call beside this one has learned it already
            self.weaken(refusal, grammar, form)
        return True

    def weaken(self, refusal: Refusal, grammar: Grammar, form: Form) -> None:
        self.held[shape(grammar)] = forms(grammar).index(form) + 1
        if len(self.held) > KEPT:
            self.held.popitem(last=False)
        after = self.form(grammar)
        if form in BY_SCHEMA and after not in BY_SCHEMA:
            logger.warning(
                "%s does not hold answers to a JSON Schema (%s): they are held %s, and refused where they are not of "
                "their type",
                self.name,
                refusal.words,
                after.value,
            )


def shape(grammar: Grammar) -> str:
    """A schema without the names that a reference may point at: those differ from call to call."""
    return json.dumps(without_labels(json_schema(grammar)))


def without_labels(schema: Json) -> Json:
    match schema:
        case dict():
            return {key: without_labels(value) for key, value in schema.items() if key != "enum"}
        case list():
            return [without_labels(value) for value in schema]
        case _:
            return schema


def shorter(error: ContextTooLong, asked: int) -> int:
    """How many tokens an answer may have where prompt and answer together were too long; 0 where the prompt is."""
    room = error.limit - error.tokens
    return room if error.limit and ROOM <= room < asked else 0
