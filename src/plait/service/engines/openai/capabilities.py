"""Server capabilities, learned from its errors: a parameter that the server refuses by name is omitted from then on."""

import json
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.grammar.json_schema import json_schema
from plait.core.values.json_value import Json
from plait.service.engines.openai.refusals import Refusal
from plait.service.engines.openai.request import StructuredOutputMode, output_modes

# Omitting these does not change what an answer means: the token count, a penalty that only a second attempt sets, and
# token probabilities.
OPTIONAL_PARAMETERS = ("stream_options", "frequency_penalty", "top_logprobs", "logprobs")
RENAMED_PARAMETERS = {"max_tokens": "max_completion_tokens"}
# Matches the errors of llama.cpp ("failed to parse grammar"), vLLM ("features not supported by xgrammar") and OpenAI.
SCHEMA_REFUSAL = re.compile(r"response_format|json_schema|schema|grammar|guided|structured", re.IGNORECASE)
SCHEMA_MODES = (StructuredOutputMode.SCHEMA, StructuredOutputMode.WRAPPED)
MAX_CACHED_SHAPES = 256
MIN_ANSWER_TOKENS = 64  # tokens; a prompt that leaves fewer for the answer is too long

logger = logging.getLogger("plait")


class ServerCapabilities:
    """What a server supports, as far as its errors reveal it. It lives as long as the engine.

    A refused schema implies nothing for other schemas: `mode_index` maps the shape of an answer to the output mode in
    use.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.unsupported: set[str] = set()
        self.renamed: set[str] = set()
        self.mode_index: OrderedDict[str, int] = OrderedDict()

    def output_mode(self, grammar: Grammar | None) -> StructuredOutputMode:
        return (
            StructuredOutputMode.PROMPT_ONLY
            if grammar is None
            else output_modes(grammar)[self.mode_index.get(schema_shape(grammar), 0)]
        )

    def adapt_body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request body with unsupported parameters omitted or renamed."""
        return {
            RENAMED_PARAMETERS[name] if name in self.renamed else name: value
            for name, value in body.items()
            if name not in self.unsupported
        }

    def learn_from(
        self, refusal: Refusal, body: Mapping[str, Any], grammar: Grammar | None, mode: StructuredOutputMode
    ) -> bool:
        """Adapts later requests to the refusal. Returns False if no change of the request helps."""
        if refusal.limit or refusal.status not in (400, 422, 500, 501):
            return False
        for name in OPTIONAL_PARAMETERS:
            if name in body and name in refusal.message:
                self.unsupported.add(name)
                return True
        for name in RENAMED_PARAMETERS:
            if name in body and name in refusal.message and RENAMED_PARAMETERS[name] in refusal.message:
                self.renamed.add(name)
                return True
        if grammar is None or "response_format" not in body or not SCHEMA_REFUSAL.search(refusal.message):
            return False
        if self.output_mode(grammar) is mode:  # otherwise a concurrent call has changed the mode already
            self.weaken(refusal, grammar, mode)
        return True

    def weaken(self, refusal: Refusal, grammar: Grammar, mode: StructuredOutputMode) -> None:
        self.mode_index[schema_shape(grammar)] = output_modes(grammar).index(mode) + 1
        if len(self.mode_index) > MAX_CACHED_SHAPES:
            self.mode_index.popitem(last=False)
        weaker = self.output_mode(grammar)
        if mode in SCHEMA_MODES and weaker not in SCHEMA_MODES:
            logger.warning(
                "%s does not enforce a JSON Schema (%s): answers are constrained %s, and validated afterwards",
                self.name,
                refusal.message,
                weaker.value,
            )


def schema_shape(grammar: Grammar) -> str:
    """The JSON Schema as text, without enum values: those of references differ in each call."""
    return json.dumps(without_labels(json_schema(grammar)))


def without_labels(schema: Json) -> Json:
    match schema:
        case dict():
            return {key: without_labels(value) for key, value in schema.items() if key != "enum"}
        case list():
            return [without_labels(value) for value in schema]
        case _:
            return schema


def reduced_max_tokens(error: ContextTooLong, max_tokens: int) -> int:
    """A max_tokens that fits if prompt and answer together were too long; 0 if the prompt alone is too long."""
    remaining = error.limit - error.tokens
    return remaining if error.limit and MIN_ANSWER_TOKENS <= remaining < max_tokens else 0
