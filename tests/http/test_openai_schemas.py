"""The embedded model is constrained by the largest and most unusual schemas that are accepted."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from plait.service.catalog import Catalog
from tests.support.running_server import RunningServer, needs_model, serve_catalog

pytestmark = [needs_model, pytest.mark.model]


def record(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "additionalProperties": False, **more}


def nested(depth: int) -> dict[str, Any]:
    return record({"a": nested(depth - 1)} if depth else {"a": {"type": "null"}})


SCHEMAS: dict[str, dict[str, Any]] = {
    "the longest list": {
        "type": "array",
        "items": record({"a": {"type": "number"}}, required=["a"]),
        "maxItems": 5_000,
    },
    "the longest text": {"type": "string", "maxLength": 10**6},
    "odd names": record({'a"b\\\n\x00\x7f中😀]': {"type": "null"}, "": {"type": "boolean"}}),
    "odd texts": {"enum": ['"', "\\", "\n\r\t\x00\x1f", "😀", "", "]", "}"]},
    "many that may be left out": record({f"p{place}": {"enum": ["a", 1, None]} for place in range(200)}),
    "deep": nested(60),
    "a choice of many": {"enum": [f"value {place}" for place in range(900)]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog(())) as running:
        yield running


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=list(SCHEMAS))
def test_the_largest_schemas_are_accepted(schema: dict[str, Any], server: RunningServer) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "it", "schema": schema}}
    body = {"messages": [{"role": "user", "content": "Go."}], "max_tokens": 60, "seed": 1, "response_format": form}
    response = httpx.post(f"{server.url}/v1/chat/completions", json=body, trust_env=False, timeout=100)
    assert response.status_code == 200, response.text
    (choice,) = response.json()["choices"]
    if choice["finish_reason"] == "stop":
        Draft202012Validator(schema).validate(json.loads(choice["message"]["content"]))
    else:
        assert choice["message"]["content"][0] in '[{"'
