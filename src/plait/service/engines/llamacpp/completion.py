"""Requests to llama.cpp's /completion, and the events of its answers."""

import json
from typing import Any

from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Finish, TextDelta, TokenCandidate, TokenProbs, Usage
from plait.core.errors import EngineError
from plait.core.grammar.ast import Grammar
from plait.core.grammar.gbnf import gbnf

REPEAT_WINDOW = 128  # tokens that the repetition penalty looks back


def request_body(tokens: list[int], limit: int, grammar: Grammar | None, sampling: Sampling) -> dict[str, Any]:
    body: dict[str, Any] = {
        "prompt": tokens,
        "n_predict": limit,
        "temperature": sampling.temperature,
        "cache_prompt": True,
        "stream": True,
        **sampling.chosen_fields(),
    }
    if sampling.repeat_penalty != 1.0:
        body |= {"repeat_penalty": sampling.repeat_penalty, "repeat_last_n": REPEAT_WINDOW}
    if sampling.untruncated:
        body |= {"top_k": 0, "top_p": 1.0, "min_p": 0.0}
    if sampling.candidates:
        body["n_probs"] = sampling.candidates
    return body if grammar is None else {**body, "grammar": gbnf(grammar)}


def parse_events(payload: dict[str, Any], name: str) -> list[TextDelta | Finish]:
    if "error" in payload:
        raise EngineError(f"{name} stopped: {payload['error'].get('message', payload['error'])}")
    tokens = tuple(map(token_probs, payload.get("completion_probabilities", ())))
    text = payload.get("content", "")
    events: list[TextDelta | Finish] = [TextDelta(text, tokens)] if text or tokens else []
    if payload.get("stop"):
        usage = Usage(payload.get("tokens_evaluated", 0), payload.get("tokens_predicted", 0))
        cut = payload.get("stop_type") == "limit" or payload.get("truncated")
        events.append(Finish(usage, "length" if cut else "stop"))
    return events


def token_probs(data: dict[str, Any]) -> TokenProbs:
    candidates = tuple(TokenCandidate(bytes(each["bytes"]), each["logprob"]) for each in data["top_logprobs"])
    return TokenProbs(bytes(data["bytes"]), data["logprob"], candidates)


def refusal_error(name: str, content: bytes) -> EngineError:
    """The server's error response as EngineError. A grammar that it cannot parse is an error, never ignored."""
    try:
        message = json.loads(content)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = content[:200].decode(errors="replace")
    return EngineError(f"{name} refused the request: {message}", hint="plait show TASK prints the grammar it was given")
