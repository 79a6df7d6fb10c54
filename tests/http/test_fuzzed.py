"""Thousands of requests made from the OpenAPI document, and against it: none breaks the server, refusals say where.

The model of this server writes the least that its grammar admits, so that every good request has an answer.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.grammar import ast as g
from plait.core.grammar.numbers import representable_bounds
from plait.core.prompting.prompt import Prompt
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.http.openapi import openapi_document
from plait.service.catalog import Catalog, tasks_in
from plait.service.local_transport import LocalTransport
from plait.testing.values import runs_of_words
from tests.support import house_tasks as house
from tests.support.running_server import RunningServer, serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel

CATALOG = Catalog((*tasks_in(house), *Catalog.built_in()))
DOCUMENT = openapi_document(CATALOG, "1")
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
MOMENTS = {"date": "2026-03-14", "time": "09:30:00", "datetime": "2026-03-14T09:30:00"}
# What is wrong with all of a request has no field to name; its words say what it is.
ALL_OF_IT = ("the body is not JSON", "the form cannot be read", "takes an object with its inputs, not")


class GrammarFollowingModel(ScriptedChatModel):
    """Writes the least that the grammar admits; without one, what it always says."""

    async def chat(
        self, prompt: Prompt, grammar: g.Grammar | None, sampling: Sampling
    ) -> AsyncIterator[TextDelta | Finish]:
        if grammar is None or isinstance(grammar, g.Text):
            yield TextDelta("a word")
        else:
            yield TextDelta(dumps(least(grammar)))
        yield Finish()


def least(grammar: g.Grammar) -> Json:
    match grammar:
        case g.Literal(value):
            return value
        case g.Choice(options):
            return least(options[0])
        case g.Object(parts, optional):
            return {name: least(inner) for name, inner in parts if name not in optional}
        case g.Array(item, minimum):
            return [least(item)] * minimum
        case g.Reference(labels):
            return labels[0]
        case g.Text(minimum):
            return "x" * max(minimum, 1)
        case g.WordRun():
            return next(runs_of_words(grammar))
        case g.Integer(minimum, maximum):
            return min(max(minimum, 1), maximum)
        case g.Number(minimum, maximum, above, below):
            low, high = representable_bounds(minimum, maximum, above, below)
            return float(max(low, min(high, 1)))
        case g.DateTime(form):
            return MOMENTS[form]


@dataclass
class ResponseCounts:
    """Counts of the responses of a run, by status."""

    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, case: Any, response: httpx.Response) -> None:
        self.statuses[response.status_code] += 1
        exchange = f"{case.method} {case.formatted_path} {case.query!r} {case.body!r:.2000}: {response.text:.2000}"
        assert response.status_code < 500, exchange
        if response.status_code in (400, 422):
            error = response.json()["error"]
            named = error["param"] is not None or any(words in error["message"] for words in ALL_OF_IT)
            assert named and error["message"], exchange


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    engine = ChatEngine(GrammarFollowingModel(accepts=frozenset({"image"}), box_format="pixels"))
    with serve_catalog(CATALOG, LocalTransport(catalog=CATALOG, only=engine)) as running:
        yield running


def fuzz(server: RunningServer, path: str, method: str, mode: GenerationMode, examples: int) -> ResponseCounts:
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path][method]
    seen = ResponseCounts()
    with httpx.Client(base_url=server.url, trust_env=False, timeout=240) as http:

        @seed(20_26)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            seen.note(case, send_case(http, case))

        ask()
    return seen


def send_case(http: httpx.Client, case: Any) -> httpx.Response:
    arguments = case.as_transport_kwargs(base_url=str(http.base_url))
    headers = {name: value for name, value in (arguments.get("headers") or {}).items() if name.lower() != "user-agent"}
    content = json.dumps(arguments["json"]).encode() if "json" in arguments else arguments.get("data")
    return http.request(
        arguments["method"], arguments["url"], params=arguments.get("params"), content=content, headers=headers
    )


def run(server: RunningServer, requests: int) -> Counter[int]:
    """Most of them to operations that take something: of the others there are few."""
    posts = [(path, method) for path, method in OPERATIONS if method == "post"]
    gets = [each for each in OPERATIONS if each not in posts]
    share = (requests - len(gets)) // (2 * len(posts)) + 1
    total = sum((fuzz(server, *each, GOOD, 1).statuses for each in gets), Counter[int]())
    for path, method in posts:
        total += fuzz(server, path, method, GOOD, share).statuses
        total += fuzz(server, path, method, BAD, share).statuses
    return total


def test_a_hundred_fuzzed_requests_cause_no_server_error(server: RunningServer) -> None:
    statuses = run(server, 100)
    assert statuses[200] > 20 and statuses[400] > 5 and statuses[422] > 5, statuses


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_thousand_fuzzed_requests_cause_no_server_error(server: RunningServer) -> None:
    statuses = run(server, 5_000)
    assert sum(statuses.values()) >= 5_000, statuses
