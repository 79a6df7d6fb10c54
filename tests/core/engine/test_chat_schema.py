"""A conversation travels as JSON and comes back the same; what is none is refused by its place."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.chat_schema import ConversationSchema, conversation_json
from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.errors import InputError
from plait.core.prompting.prompt import Message
from plait.core.values.data_url import ImageContent
from plait.core.values.json_text import dumps, parse_json
from plait.core.values.strict import parse_strict

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
pictures = st.builds(ImageContent, st.sampled_from(["image/png", "image/jpeg"]), st.binary(min_size=1, max_size=30))
seen = st.builds(Message, st.just("user"), text, st.lists(pictures, max_size=2).map(tuple))
heard = st.builds(Message, st.sampled_from(["system", "assistant"]), text)
manners = st.builds(
    SamplingOptions,
    st.none() | st.integers(1, 10**6),
    st.none() | st.floats(0, 5),
    st.none() | st.floats(0, 1),
    st.none() | st.integers(0, 2**32 - 2),
    st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=4).map(tuple),
)
conversations = st.builds(
    Conversation, st.lists(seen | heard, min_size=1, max_size=4).map(tuple), st.none() | text, manners
)


@given(conversations)
def test_a_conversation_survives_a_json_round_trip(conversation: Conversation) -> None:
    decoded = parse_json(dumps(conversation_json(conversation)))
    assert parse_strict(ConversationSchema, decoded, "chat").to_conversation() == conversation


PICTURE = "data:image/png;base64,aGFsbG8="
WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "no messages": ({}, "messages", "is missing"),
    "an empty list": ({"messages": []}, "messages", "at least 1 item"),
    "a text for messages": ({"messages": "Hello"}, "messages", "valid list"),
    "an unknown role": ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role", "'user'"),
    "content that is none": ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content", "a text or a list"),
    "no content": ({"messages": [{"role": "user"}]}, "messages.0.content", "is missing"),
    "an unknown part": (
        {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages.0.content.0", "should be {",
    ),
    "an address": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}]},
        "messages.0.content.0.image_url.url", "should be a data URL",
    ),
    "a path": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "/etc/passwd"}}]}]},
        "messages.0.content.0.image_url.url", "and no file is opened",
    ),
    "another kind of data": (
        {"messages": [{"role": "user", "content": [
            {"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "data:text/css;base64,eA=="}}]}]},
        "messages.0.content.1.image_url.url", "should be a picture",
    ),
    "a picture in coarse detail": (
        {"messages": [{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}}]}]},
        "messages.0.content.0.image_url.detail", "is not supported",
    ),
    "a picture of the assistant": (
        {"messages": [{"role": "assistant", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}]},
        "messages.0.content", "only user messages can have",
    ),
    "tools that were called": (
        {"messages": [{"role": "assistant", "content": "x", "tool_calls": [{}]}]},
        "messages.0.tool_calls", "is not supported",
    ),
    "an empty stop": ({"stop": ""}, "stop", "at least 1 character"),
    "five stops": ({"stop": list("abcde")}, "stop", "at most 4 items"),
    "a stop that is none": ({"stop": ["a", 1]}, "stop.1", "valid string"),
    "true as a seed": ({"seed": True}, "seed", "valid integer"),
    "a text as a number": ({"temperature": "1"}, "temperature", "valid number"),
    "a fraction of a token": ({"max_tokens": 2.5}, "max_tokens", "valid integer"),
    "half a character": ({"model": "\ud800"}, "model", "half a character"),
    "a name that was mistyped": ({"temprature": 1}, "temprature", "is not known"),
    "a name inside that was mistyped": ({"messages": [{"rolle": "user", "content": "x", "role": "user"}]},
                                        "messages.0.rolle", "is not known"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "place", "why"), WRONG.values(), ids=list(WRONG))
def test_an_invalid_conversation_is_refused_with_its_location(body: dict[str, Any], place: str, why: str) -> None:
    usual = {"messages": [{"role": "user", "content": "x"}]} if place.partition(".")[0] != "messages" else {}
    with pytest.raises(InputError) as caught:
        parse_strict(ConversationSchema, {**usual, **body}, "chat")
    first = caught.value.problems[0]
    assert first.path == place and why in first.message, first
    assert place in caught.value.message


@pytest.mark.parametrize(
    ("body", "guess"),
    [({"temprature": 1}, "temperature"), ({"messages": [{"rolle": "user", "role": "user", "content": "x"}]}, "role")],
)
def test_a_mistyped_name_is_reported_with_the_nearest(body: dict[str, Any], guess: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_strict(ConversationSchema, {"messages": [{"role": "user", "content": "x"}], **body}, "chat")
    assert caught.value.hint == f"did you mean {guess}?"


def test_a_name_that_looks_like_a_control_tag_is_quoted() -> None:
    part = {"type": "text", "text": 5, "<text>": 1}
    with pytest.raises(InputError) as caught:
        parse_strict(ConversationSchema, {"messages": [{"role": "user", "content": [part]}], "<one>": 1}, "chat")
    places = {problem.path for problem in caught.value.problems}
    assert places == {"messages.0.content.0.text", "messages.0.content.0.<text>", "<one>"}


def test_all_faults_are_reported_at_once_up_to_a_limit() -> None:
    with pytest.raises(InputError) as caught:
        parse_strict(ConversationSchema, {"messages": [5] * 100_000, "seed": -1}, "chat")
    assert len(caught.value.problems) == 20


@pytest.mark.parametrize("json_value", [None, 5, "x", [], True])
def test_a_value_that_is_not_an_object_is_refused_with_the_expected_form(json_value: Any) -> None:
    with pytest.raises(InputError, match="chat should be an object") as caught:
        parse_strict(ConversationSchema, json_value, "chat")
    assert "messages" in caught.value.hint
