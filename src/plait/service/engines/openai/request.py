"""A conversation as the body of a request to /chat/completions, and a grammar as the form its answer must have."""

from enum import Enum
from typing import Any

from plait.core.engine.chat import Sampling
from plait.core.engine.chat_schema import said
from plait.core.grammar.ast import Choice, Grammar, Sequence
from plait.core.grammar.json_schema import json_schema
from plait.core.prompting.prompt import Prompt
from plait.core.values.value_type import Json

WRAP = "answer"  # the one field of the object that is put around an answer that is none


class Form(Enum):
    """How an answer is held to its type, strongest first."""

    SCHEMA = "by JSON Schema"
    WRAPPED = "by JSON Schema, inside an object"
    OBJECT = "to be some JSON object"
    WORDS = "by the words of the prompt alone"


def forms(grammar: Grammar) -> tuple[Form, ...]:
    """The forms that can hold an answer to this grammar, strongest first.

    OpenAI's own servers take an object at the root and nothing else, no `anyOf` either; llama.cpp, vLLM and Ollama take
    any schema, and the prompt shows the answer without an object around it. So it is wrapped only where it must be.
    """
    if isinstance(grammar, Sequence):
        return (Form.SCHEMA, Form.OBJECT, Form.WORDS)
    if is_object(grammar):
        return (Form.SCHEMA, Form.WRAPPED, Form.OBJECT, Form.WORDS)
    return (Form.SCHEMA, Form.WRAPPED, Form.WORDS)


def is_object(grammar: Grammar) -> bool:
    return isinstance(grammar, Sequence) or (isinstance(grammar, Choice) and all(map(is_object, grammar.options)))


def request(model: str, prompt: Prompt, sampling: Sampling, grammar: Grammar | None, form: Form) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [said(each) for each in prompt.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if sampling.repeat_penalty != 1.0:
        # The one word that the standard has against repetition: taken off a token's logit for each time it was said.
        body["frequency_penalty"] = round(sampling.repeat_penalty - 1.0, 3)
    if grammar is not None and form is not Form.WORDS:
        body["response_format"] = response_format(grammar, form)
    return body


def response_format(grammar: Grammar, form: Form) -> dict[str, Json]:
    if form is Form.OBJECT:
        return {"type": "json_object"}
    schema = json_schema(Sequence(((WRAP, grammar),)) if form is Form.WRAPPED else grammar)
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
