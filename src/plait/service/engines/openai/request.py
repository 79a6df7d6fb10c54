"""Builds the body of a /chat/completions request: messages, sampling, and the grammar as a structured output mode."""

from enum import Enum
from typing import Any

from plait.core.engine.chat import Sampling
from plait.core.engine.chat_schema import message_json
from plait.core.grammar.ast import Choice, Grammar, Object
from plait.core.grammar.json_schema import json_schema
from plait.core.prompting.prompt import Prompt
from plait.core.values.json_value import Json

MAX_TOP_LOGPROBS = 20  # that OpenAI's API takes
WRAPPER_FIELD = "answer"  # the only field of the object around an answer that is not an object itself


class StructuredOutputMode(Enum):
    """Ways in which a server constrains an answer to its type, strongest first."""

    SCHEMA = "by JSON Schema"
    WRAPPED = "by JSON Schema, inside an object"
    OBJECT = "to be some JSON object"
    PROMPT_ONLY = "by the words of the prompt alone"


def output_modes(grammar: Grammar) -> tuple[StructuredOutputMode, ...]:
    """The output modes that can constrain an answer to this grammar, strongest first.

    OpenAI's own servers accept only an object at the root, and no `anyOf` there. llama.cpp, vLLM and Ollama accept any
    schema, and the prompt shows the answer without an object around it, so an answer is wrapped only if necessary.
    """
    if isinstance(grammar, Object):
        return (StructuredOutputMode.SCHEMA, StructuredOutputMode.OBJECT, StructuredOutputMode.PROMPT_ONLY)
    if is_object(grammar):
        return (
            StructuredOutputMode.SCHEMA,
            StructuredOutputMode.WRAPPED,
            StructuredOutputMode.OBJECT,
            StructuredOutputMode.PROMPT_ONLY,
        )
    return (StructuredOutputMode.SCHEMA, StructuredOutputMode.WRAPPED, StructuredOutputMode.PROMPT_ONLY)


def is_object(grammar: Grammar) -> bool:
    return isinstance(grammar, Object) or (isinstance(grammar, Choice) and all(map(is_object, grammar.options)))


def request_body(
    model: str, prompt: Prompt, sampling: Sampling, grammar: Grammar | None, mode: StructuredOutputMode
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [message_json(each) for each in prompt.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        **sampling.chosen_fields(),
    }
    if sampling.repeat_penalty != 1.0:
        # The only standard parameter against repetition: it is subtracted from a token's logit for each occurrence.
        body["frequency_penalty"] = round(sampling.repeat_penalty - 1.0, 3)
    if sampling.candidates:
        body |= {"logprobs": True, "top_logprobs": min(sampling.candidates, MAX_TOP_LOGPROBS)}
    if grammar is not None and mode is not StructuredOutputMode.PROMPT_ONLY:
        body["response_format"] = response_format(grammar, mode)
    return body


def response_format(grammar: Grammar, mode: StructuredOutputMode) -> dict[str, Json]:
    if mode is StructuredOutputMode.OBJECT:
        return {"type": "json_object"}
    schema = json_schema(Object(((WRAPPER_FIELD, grammar),)) if mode is StructuredOutputMode.WRAPPED else grammar)
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
