"""Converts a server's error responses to Plait's errors. Quoted messages are bounded, printable and without the key."""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from plait.core.errors import EngineBusy, EngineError, PlaitError
from plait.core.values.quoting import shorten
from plait.service.engines.openai.config import Config
from plait.service.supervisor.process_engine import too_long_error

MAX_EXCERPT = 80  # characters of a body without an error message
MAX_MESSAGE = 400  # characters of an error message
SERVER_HINT = "check the url: an OpenAI-compatible server's usually ends in /v1"
LOG_HINT = "this is the server's message; its log may say more"
# Groups: (tokens of the prompt, limit), in the error formats of these servers.
CONTEXT_LENGTH_PATTERNS = (
    # vLLM, OpenAI: maximum context length is 4096 tokens. However, you requested 5024 tokens (4000 in the messages, ...
    re.compile(r"maximum context length is (?P<limit>\d+) tokens.*?\((?P<tokens>\d+) in the (messages|prompt)", re.S),
    # vLLM: maximum context length is 2048 tokens and your request has 1500 input tokens
    re.compile(r"maximum context length is (?P<limit>\d+) tokens.*?(?P<tokens>\d+) input tokens", re.S),
    # OpenAI: maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens
    re.compile(r"maximum context length is (?P<limit>\d+) tokens.*?resulted in (?P<tokens>\d+) tokens", re.S),
    # vLLM: The decoder prompt (length 5000) is longer than the maximum model length of 4096
    re.compile(r"prompt \(length (?P<tokens>\d+)\) is longer than the maximum model length of (?P<limit>\d+)"),
    # llama.cpp: request (1407 tokens) exceeds the available context size (256 tokens)
    re.compile(r"request \((?P<tokens>\d+) tokens\) exceeds the available context size \((?P<limit>\d+) tokens\)"),
    # llama-cpp-python: Requested tokens (2285) exceed context window of 2048
    re.compile(r"Requested tokens \((?P<tokens>\d+)\) exceed context window of (?P<limit>\d+)"),
    # Plait: the prompt has 9,312 tokens, smollm2 takes 8,128 here
    re.compile(r"the prompt has (?P<tokens>[\d,]+) tokens, \S+ takes (?P<limit>[\d,]+)"),
)


@dataclass(frozen=True)
class Refusal:
    """An error response: status, message ("" where the body has none), and the start of its body."""

    status: int
    message: str
    excerpt: str
    tokens: int = 0
    limit: int = 0
    retry_after: float | None = None

    @property
    def summary(self) -> str:
        return self.message or f"{self.status} {reason_phrase(self.status)}: {self.excerpt}".strip(": ")


def parse_refusal(status: int, content: bytes, server: Config, retry_after: float | None = None) -> Refusal:
    payload = parse_json(content)
    message = sanitize(error_message(payload), MAX_MESSAGE, server)
    tokens, limit = token_counts(payload, message)
    return Refusal(
        status, message, sanitize(content.decode(errors="replace"), MAX_EXCERPT, server), tokens, limit, retry_after
    )


def parse_json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def error_message(payload: Any) -> str:
    """The message of an error body in the formats of OpenAI, vLLM, Ollama and FastAPI; "" if it has none."""
    if not isinstance(payload, dict):
        return ""
    error = payload.get("error", payload)
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return ""
    message = error.get("message") or error.get("detail") or payload.get("detail")
    return message if isinstance(message, str) else json.dumps(message, ensure_ascii=False) if message else ""


def sanitize(text: str, max_length: int, server: Config) -> str:
    """The text as one printable line, without the key, which some servers repeat in errors."""
    redacted = text.replace(server.key, "[key]") if server.key else text
    line = " ".join("".join(each if each.isprintable() else " " for each in redacted[: max_length * 4]).split())
    return shorten(line, max_length)


def token_counts(payload: Any, message: str) -> tuple[int, int]:
    """Tokens of the prompt, and the limit; (0, 0) if the error is not about the context length."""
    error = payload.get("error") if isinstance(payload, dict) else None
    if isinstance(error, dict):
        counts = error.get("n_prompt_tokens"), error.get("n_ctx")
        if all(isinstance(count, int) for count in counts):
            return counts  # pyright: ignore[reportReturnType]
    for pattern in CONTEXT_LENGTH_PATTERNS:
        if match := pattern.search(message):
            return parse_count(match["tokens"]), parse_count(match["limit"])
    return 0, 0


def parse_count(digits: str) -> int:
    return int(digits.replace(",", "")[:12])


def to_error(refusal: Refusal, name: str, server: Config) -> PlaitError:
    """The error for a refusal, except for 404: that error needs the server's list of models first."""
    if refusal.limit:
        return too_long_error(name, refusal.tokens, refusal.limit, where=" including its answer")
    match refusal.status:
        case 401 | 403:
            problem = "refuses the key of" if server.key else "requires a key, and there is none in"
            return EngineError(
                f"{name} {problem} [models.{name}]: {refusal.summary}",
                hint=f'write key = "env:NAME" under [models.{name}] in plait.toml, and export NAME=...',
            )
        case 429 | 503:
            delay = f"in {refusal.retry_after:,.0f} seconds" if refusal.retry_after else "in a moment"
            return EngineBusy(f"{name} is busy: {refusal.summary}", hint=f"try again {delay}, or use another model")
        case status if 300 <= status < 400:
            return EngineError(
                f"{name} redirects to another address ({status}); Plait follows no redirects, to protect the key",
                hint=f"set url to the final address under [models.{name}] in plait.toml",
            )
        case _ if refusal.message:
            return EngineError(f"{name} refused the request: {refusal.message}", hint=LOG_HINT)
        case _:
            return EngineError(f"{name} answered {refusal.summary}", hint=SERVER_HINT)


def reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
