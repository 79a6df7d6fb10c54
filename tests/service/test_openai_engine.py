"""A model on an OpenAI-compatible server: what it is asked, what it answers, how it is held to a type."""

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image as PixelImage

from plait import Box, Image
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import PartialAnswer, TextDelta, Usage
from plait.core.engine.validation import ListItem
from plait.core.errors import AnswerTooLong, ContextTooLong, InvalidAnswer, ModelNotFound, NoCapableModel
from plait.core.prompting.prompt import Message, Prompt
from plait.core.task.derive import answer_grammar
from plait.core.values.data_url import ImageContent
from plait.service.engines.openai.capabilities import schema_shape
from plait.tasks.locate import locate
from plait.testing import check_engine
from plait.testing.engines import LAMPS, Lamp, greet, read_order, task_request, turn, weigh
from tests.support.openai_peer import (
    ORDER,
    Peer,
    Reply,
    events,
    peer,
    reply_error,
    reply_parts,
    reply_status,
    reply_text,
)
from tests.support.openai_requests import KEY, chat_text, collect_events, complete, error_of, model

WISH: dict[str, object] = {"wish": "light in the kitchen", "lamps": LAMPS}
THINGS: dict[str, object] = {"things": "a cat, a chair"}


# ── what it is asked ──


def test_a_typed_task_is_requested_as_a_stream_with_its_schema_and_the_key() -> None:
    with peer(reply_text(ORDER)) as server:
        result = complete(model(server.url))
    assert result.model == "gpu-box@m-2026" and result.usage == Usage(21, 9) and result.value.what == "nails"
    (call,) = server.calls
    assert call.headers["authorization"] == f"Bearer {KEY}"
    asked_for = {name: call.body[name] for name in ("model", "stream", "stream_options", "max_tokens", "seed")}
    assert asked_for == {
        "model": "m",
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 1024,
        "seed": 7,
    }
    assert call.body["temperature"] == 0 and "frequency_penalty" not in call.body
    response_format = call.body["response_format"]
    assert response_format["type"] == "json_schema" and response_format["json_schema"]["strict"] is True
    jsonschema.Draft202012Validator.check_schema(response_format["json_schema"]["schema"])
    jsonschema.validate(json.loads(ORDER), response_format["json_schema"]["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(ORDER.replace("large", "huge")), response_format["json_schema"]["schema"])


def test_a_second_attempt_has_a_higher_temperature_and_a_repetition_penalty() -> None:
    with peer(reply_text("no"), reply_text(ORDER)) as server:
        complete(model(server.url))
    first, second = server.bodies
    assert (first["temperature"], second["temperature"], second["seed"]) == (0, 0.6, 8)
    assert second["frequency_penalty"] == 0.1


def test_a_text_is_requested_without_response_format() -> None:
    with peer(reply_text("Hello, Ada!")) as server:
        result = complete(model(server.url), greet, {"name": "Ada"})
    assert result.value == "Hello, Ada!" and "response_format" not in server.bodies[0]


@pytest.mark.parametrize("path", ["", "/"])
def test_a_url_without_v1_is_tried_with_it(path: str) -> None:
    with peer(reply_text("Hi")) as server:
        chat = model(server.url.removesuffix("/v1") + path, name="")
        assert chat_text(chat)[0] == chat_text(chat)[0] == "Hi"
    assert [each.path for each in server.heard if "chat" in each.path] == ["/v1/chat/completions"] * 2
    assert [each.path for each in server.heard].count("/models") == 1, "the first call finds out, and remembers"


def test_stop_and_top_p_are_passed_on() -> None:
    with peer(reply_text("Hi")) as server:
        chat_text(model(server.url), stop=("\n", "END"), top_p=0.9)
    assert (server.bodies[0]["stop"], server.bodies[0]["top_p"]) == (["\n", "END"], 0.9)


def test_pictures_are_sent_as_data_urls_before_the_text() -> None:
    message = Message(
        "user", "What is it?", (ImageContent("image/png", b"\x89PNG"), ImageContent("image/jpeg", b"\xff\xd8"))
    )
    with peer(reply_text("a cat")) as server:
        chat_text(model(server.url), Prompt((Message("system", "Look."), message)))
    system, user = server.bodies[0]["messages"]
    assert system == {"role": "system", "content": "Look."}
    assert [part["type"] for part in user["content"]] == ["image_url", "image_url", "text"]
    assert (
        user["content"][0]["image_url"]["url"]
        == f"data:image/png;base64,{base64.b64encode(bytes([137]) + b'PNG').decode()}"
    )
    assert user["content"][2]["text"] == "What is it?"


def test_media_and_box_format_follow_plait_toml() -> None:
    usual, configured = model("http://x/v1"), model("http://x/v1", pictures=False, boxes="unit")
    assert (usual.accepts, usual.box_format, configured.accepts, configured.box_format) == (
        frozenset({"image"}),
        "",
        frozenset(),
        "unit",
    )


@pytest.mark.parametrize(
    ("boxes", "answer_text"),
    [("per-mille", "[100,200,500,600]"), ("unit", "[0.1,0.2,0.5,0.6]"), ("pixels", "[20,20,100,60]")],
)
def test_a_box_is_decoded_in_the_format_of_plait_toml(
    boxes: str, answer_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the whole house: the picture goes out, the box comes back in pixels of the picture."""
    monkeypatch.chdir(tmp_path)
    PixelImage.new("RGB", (200, 100), "red").save("shelf.png")
    with peer(reply_text(answer_text)) as server:
        (tmp_path / "plait.toml").write_text(f'[models.eye]\nurl = "{server.url}"\nboxes = "{boxes}"\n')
        box = locate(Image("shelf.png"), "the red mug")
    assert box == Box(20, 20, 100, 60)
    (picture, _) = server.bodies[0]["messages"][-1]["content"]
    sent = base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/png;base64,"))
    assert PixelImage.open(BytesIO(sent)).size == (200, 100)


def test_a_box_is_never_requested_without_a_known_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    PixelImage.new("RGB", (200, 100), "red").save("shelf.png")
    with peer(reply_text("[1,2,3,4]")) as server:
        (tmp_path / "plait.toml").write_text(f'[models.eye]\nurl = "{server.url}"\n')
        with pytest.raises(NoCapableModel, match=r"the box format of eye is unknown; set it in plait\.toml: boxes = "):
            locate.using("eye")(Image("shelf.png"), "the red mug")
        (tmp_path / "plait.toml").write_text(f'[models.eye]\nurl = "{server.url}"\npictures = false\n')
        with pytest.raises(NoCapableModel, match="it needs an image in; eye reads text only"):
            locate.using("eye")(Image("shelf.png"), "the red mug")
        assert not server.heard


def test_the_only_model_of_a_server_need_not_be_named() -> None:
    with peer(reply_text("Hi"), models=["the-one"]) as server:
        engine = model(server.url, name="")
        collect_events(engine, greet, {"name": "Ada"}, times=2)
    assert [each.path for each in server.heard].count("/v1/models") == 1
    assert [body["model"] for body in server.bodies] == ["the-one", "the-one"]


def test_with_several_models_none_is_guessed() -> None:
    with peer(reply_text("Hi"), models=["a", "b"]) as server:
        error = error_of(model(server.url, name=""), greet, {"name": "Ada"})
    assert isinstance(error, ModelNotFound) and "has 2 models, and plait.toml names none of them" in error.message
    assert error.hint == "write name = ... under [models.gpu-box]: a, b" and not server.calls


def test_an_unknown_model_is_reported_with_the_nearest_name() -> None:
    with peer(reply_error(404, "The model `qwen3-v` does not exist."), models=["qwen3-vl", "gemma"]) as server:
        error = error_of(model(server.url, name="qwen3-v"))
    assert isinstance(error, ModelNotFound) and error.hint == "did you mean qwen3-vl?"
    assert error.message == "gpu-box has no model called 'qwen3-v': The model `qwen3-v` does not exist."


def test_connections_are_reused() -> None:
    with peer(reply_text("Hi")) as server:
        collect_events(model(server.url), greet, {"name": "Ada"}, times=5)
    assert len(server.calls) == 5 and server.connections == 1


# ── what it answers ──


def test_reasoning_is_not_part_of_the_answer() -> None:
    thinks: list[Any] = [{"choices": [{"index": 0, "delta": {"reasoning_content": "Nails, hm.", "content": None}}]}]
    thinks += [{"choices": [{"index": 0, "delta": None, "finish_reason": None}]}, {"choices": None}]
    chunks = [b"data: " + json.dumps(each).encode() + b"\n\n" for each in thinks]
    with peer(reply_parts([b": ping\n\n", *chunks, *events(ORDER)])) as server:
        assert complete(model(server.url)).value.pieces == 2


def test_an_answer_truncated_by_its_limit_is_too_long() -> None:
    with peer(reply_text(ORDER[:30], finish="length")) as server:
        error = error_of(model(server.url))
    assert isinstance(error, AnswerTooLong) and error.answer == ORDER[:30]
    with peer(reply_text(ORDER)) as control:
        complete(model(control.url))


def test_tokens_are_counted_by_deltas_if_the_server_reports_no_usage() -> None:
    with peer(reply_text("one two three", piece=4, usage=False)) as server:
        text, end, pieces = chat_text(model(server.url))
    assert text == "one two three" and end.usage == Usage(0, len(pieces)) and end.reason == "stop"


@pytest.mark.parametrize("wrong", ['{"what":"nails"}', "Sure: nails", ORDER.replace("large", "huge"), ""])
def test_a_server_that_ignores_the_schema_is_called_twice_and_then_refused(wrong: str) -> None:
    with peer(reply_text(wrong)) as server:
        error = error_of(model(server.url))
    assert isinstance(error, InvalidAnswer) and error.answer == wrong and len(server.calls) == 2
    with peer(reply_text(wrong), reply_text(ORDER)) as server:
        assert complete(model(server.url)).value.what == "nails"


@pytest.mark.parametrize("fenced", ["```json\n{}\n```", "\n```\n{}\n```\n", "```JSON\n{}```"])
@pytest.mark.parametrize("piece", [1, 7, 500])
def test_an_answer_in_one_code_fence_is_extracted(fenced: str, piece: int) -> None:
    with peer(reply_text(fenced.replace("{}", ORDER), piece=piece)) as server:
        assert complete(model(server.url)).value.what == "nails" and len(server.calls) == 1


def test_text_around_a_code_fence_is_refused() -> None:
    with peer(reply_text(f"```json\n{ORDER}\n```\nThere you are.")) as server:
        assert isinstance(error_of(model(server.url)), InvalidAnswer)


def test_reasoning_in_the_text_is_removed_where_the_prompt_alone_asks() -> None:
    refused = reply_error(400, "response_format is not supported")
    with peer(refused, refused, reply_text(f"<think>\nNails, hm.\n</think>\n\n{ORDER}", piece=3)) as server:
        assert complete(model(server.url)).value.what == "nails" and len(server.calls) == 3
    with peer(reply_text("<think>To Ada.</think>\n\nHello, Ada!", piece=3)) as server:
        assert complete(model(server.url), greet, {"name": "Ada"}).value == "Hello, Ada!"


@pytest.mark.parametrize("finish", [None, "stop", "length"])
def test_a_complete_response_instead_of_a_stream_is_accepted(finish: str | None) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": ORDER}, "finish_reason": finish}
    usage = {"prompt_tokens": 21, "completion_tokens": 9}
    whole = {"object": "chat.completion", "model": "m-2026", "choices": [choice], "usage": usage}
    with peer(reply_status(200, json.dumps(whole))) as server:
        text, end, _ = chat_text(model(server.url))
    assert (text, end.usage, end.reason) == (ORDER, Usage(21, 9), "length" if finish == "length" else "stop")


def test_lists_are_streamed_by_item_and_records_as_partial_answers() -> None:
    with peer(reply_text("[3.5, 12]", piece=1)) as server:
        *items, _ = collect_events(model(server.url), weigh, THINGS, streamed=True)
    assert items == [ListItem(3.5), ListItem(12.0)]
    with peer(reply_text(ORDER, piece=9)) as server:
        *growing, _ = collect_events(model(server.url), streamed=True)
    assert len(growing) > 3 and all(isinstance(each, PartialAnswer) for each in growing)


# ── how it is held to a type ──

NO_ANY_OF = (
    "Invalid schema for response_format 'answer': schema must be a JSON Schema of 'type: \"object\"', got 'array'."
)
NO_SCHEMA = "response_format.type: Input should be 'text' or 'json_object'"


def schema_keywords(server: Peer) -> list[str]:
    return [body.get("response_format", {"type": "none"})["type"] for body in server.bodies]


def test_an_answer_is_wrapped_in_an_object_if_the_server_requires_one(caplog: pytest.LogCaptureFixture) -> None:
    """OpenAI's own servers. What they write around the answer is gone, also from its stream."""
    wrapped = '{ "answer" : [3.5, 12] }'
    with peer(reply_error(400, NO_ANY_OF), reply_text(wrapped, piece=1)) as server:
        *items, last = collect_events(model(server.url), weigh, THINGS, streamed=True, times=2)
    assert items == [ListItem(3.5), ListItem(12.0)] and last.value == [3.5, 12]
    assert schema_keywords(server) == ["json_schema"] * 3, "the refusal is remembered"
    schema = server.bodies[1]["response_format"]["json_schema"]["schema"]
    assert schema["type"] == "object" and schema["required"] == ["answer"]
    jsonschema.validate(json.loads(wrapped), schema)
    assert not caplog.records, "it is held to its type, so nobody is warned"


def test_a_union_is_wrapped_likewise() -> None:
    with peer(
        reply_error(400, NO_ANY_OF), reply_text('{"answer":{"Turn":{"lamp":"kitchen","on":true}}}', piece=3)
    ) as server:
        result = complete(model(server.url), turn, WISH)
    assert result.value.on is True and result.json_value == {"Turn": {"lamp": 1, "on": True}}


def test_an_unwrapped_answer_is_accepted_unchanged() -> None:
    with peer(reply_error(400, NO_ANY_OF), reply_text("[3.5]", piece=1)) as server:
        assert complete(model(server.url), weigh, THINGS).value == [3.5]


def test_without_schemas_json_object_is_requested_and_then_plain_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "plait"):
        with peer(
            reply_error(422, NO_SCHEMA), reply_error(400, "unknown field response_format"), reply_text(ORDER)
        ) as server:
            results = collect_events(model(server.url), times=3)
    assert results and schema_keywords(server) == ["json_schema", "json_object", "none", "none", "none"]
    (warned,) = [record.getMessage() for record in caplog.records]
    assert warned.startswith(f"gpu-box does not enforce a JSON Schema ({NO_SCHEMA})") and KEY not in warned


def test_a_list_is_never_requested_as_json_object() -> None:
    with peer(reply_error(400, NO_SCHEMA), reply_error(400, NO_SCHEMA), reply_text("```json\n[3.5]\n```")) as server:
        assert complete(model(server.url), weigh, THINGS).value == [3.5]
    assert schema_keywords(server) == ["json_schema", "json_schema", "none"]


def test_a_refused_schema_does_not_affect_other_tasks() -> None:
    with peer(reply_error(400, NO_SCHEMA), reply_text(ORDER), reply_text("[1]")) as server:
        engine = model(server.url)

        async def both() -> None:
            for each, inputs in ((read_order, {"text": "x"}), (weigh, THINGS)):
                async for _ in ChatEngine(engine).answer(task_request(each, inputs)):
                    pass
            await engine.aclose()

        asyncio.run(both())
    assert schema_keywords(server) == ["json_schema", "json_object", "json_schema"]


def test_two_concurrent_refusals_fall_back_by_one_step(caplog: pytest.LogCaptureFixture) -> None:
    async def refuses_both(writer: asyncio.StreamWriter) -> None:
        while len(server.calls) < 2:
            await asyncio.sleep(0.01)
        await reply_error(400, NO_SCHEMA)(writer)

    async def both() -> None:
        engine = ChatEngine(model(server.url))

        async def one() -> None:
            async for _ in engine.answer(task_request(read_order, {"text": "x"})):
                pass

        await asyncio.gather(one(), one())
        await engine.aclose()

    with peer(refuses_both, refuses_both, reply_text(ORDER)) as server:
        asyncio.run(both())
    assert schema_keywords(server) == ["json_schema", "json_schema", "json_object", "json_object"]
    assert len(caplog.records) == 1


def test_other_candidates_of_a_ref_do_not_make_a_schema_new() -> None:
    def shaped(*names: str) -> str:
        ask = task_request(turn, {"wish": "x", "lamps": [Lamp(name=name) for name in names]})
        return schema_shape(answer_grammar(ask.declaration, ask.context))

    assert shaped("hall", "kitchen") == shaped("attic") != schema_shape(read_order.grammar)


@pytest.mark.parametrize("name", ["stream_options", "frequency_penalty", "logprobs", "top_logprobs"])
def test_a_refused_parameter_without_effect_on_the_answer_is_omitted(name: str) -> None:
    with peer(reply_error(400, f"Unrecognized request argument supplied: {name}"), reply_text("Hi")) as server:
        assert chat_text(model(server.url), repeat_penalty=1.1, candidates=20)[0] == "Hi"
    assert name in server.bodies[0] and name not in server.bodies[1]
    assert {**server.bodies[1], name: server.bodies[0][name]} == server.bodies[0]


def test_max_tokens_is_sent_by_its_new_name_if_the_server_requires_it() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    with peer(reply_error(400, words), reply_text("Hi")) as server:
        chat_text(model(server.url), max_tokens=50)
    assert server.bodies[1]["max_completion_tokens"] == 50 and "max_tokens" not in server.bodies[1]


@pytest.mark.parametrize("name", ["seed", "temperature", "top_p", "stop"])
def test_a_parameter_that_affects_the_answer_is_never_omitted(name: str) -> None:
    with peer(reply_error(400, f"Unsupported value: '{name}'"), reply_text("Hi")) as server:
        error = error_of(model(server.url), greet, {"name": "Ada"})
    assert error.message == f"gpu-box refused the request: Unsupported value: '{name}'" and len(server.calls) == 1


# ── prompts that are too long ──

LLAMA_CPP = {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 1407, "n_ctx": 256}}


@pytest.mark.parametrize(
    ("words", "tokens", "limit"),
    [
        (json.dumps(LLAMA_CPP), 1407, 256),
        ("request (1407 tokens) exceeds the available context size (256 tokens), try increasing it", 1407, 256),
        (
            "This model's maximum context length is 4096 tokens. However, you requested 6024 tokens (5000 in the "
            "messages, 1024 in the completion). Please reduce the length of the messages or completion.",
            5000,
            4096,
        ),
        (
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 10000 tokens.",
            10000,
            8192,
        ),
        ("The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 5000, 4096),
        ("the prompt has 9,312 tokens, smollm2 takes 8,128 here", 9312, 8128),
    ],
)
def test_a_prompt_that_is_too_long_raises_with_both_counts(words: str, tokens: int, limit: int) -> None:
    reply = reply_status(400, words) if words.startswith("{") else reply_error(400, words)
    with peer(reply) as server:
        error = error_of(model(server.url))
    assert isinstance(error, ContextTooLong) and (error.tokens, error.limit) == (tokens, limit)
    assert error.message == f"the prompt has {tokens:,} tokens, gpu-box takes {limit:,} including its answer"
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (
            "This model's maximum context length is 4096 tokens. However, you requested 4524 tokens (3500 in the "
            "messages, 1024 in the completion). Please reduce the length of the messages or completion.",
            596,
        ),
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 1024. This model's maximum context length is 2048 "
            "tokens and your request has 1500 input tokens (1024 > 2048 - 1500).",
            548,
        ),
    ],
)
def test_an_answer_is_limited_by_the_context_left_by_the_prompt(words: str, left: int) -> None:
    with peer(reply_error(400, words), reply_text(ORDER)) as server:
        complete(model(server.url))
    assert [body["max_tokens"] for body in server.bodies] == [1024, left]
    with peer(reply_error(400, words)) as stubborn:
        assert isinstance(error_of(model(stubborn.url)), ContextTooLong) and len(stubborn.calls) == 2


def test_the_context_of_plait_toml_limits_an_answer() -> None:
    with peer(reply_text("Hi")) as server:
        chat_text(model(server.url, context=32), max_tokens=64)
    assert server.bodies[0]["max_tokens"] == 32


# ── the contract ──


def test_the_openai_engine_passes_the_conformance_test() -> None:
    """The kit, with a server that answers each of its tasks by its schema; the model peers are in test_openai_peers."""
    replies: dict[str, Any] = {
        "what": ORDER,
        "anyOf": '{"Turn":{"lamp":"kitchen","on":true}}',
        "items": "[3.5,12]",
        "": "Hello, Ada!",
    }
    with peer(reply_text("")) as server:
        server.reply = by_schema(server, replies)  # type: ignore[method-assign]
        asyncio.run(kit(server.url))


def by_schema(server: Peer, replies: Mapping[str, str]) -> Any:
    usual = server.reply

    def reply(request: Any) -> Reply:
        if request.path != "/v1/chat/completions":
            return usual(request)
        response_format = json.dumps(request.body.get("response_format", {}))
        return reply_text(next(text for mark, text in replies.items() if mark in response_format))

    return reply


async def kit(url: str) -> None:
    engine = ChatEngine(model(url))
    try:
        await check_engine(engine, timeout=10)
    finally:
        await engine.aclose()


def test_a_text_is_streamed_in_several_deltas() -> None:
    with peer(reply_text("Hello there", piece=3)) as server:
        *pieces, last = collect_events(model(server.url), greet, {"name": "Ada"}, streamed=True)
    assert "".join(each.text for each in pieces if isinstance(each, TextDelta)) == last.value == "Hello there"
    assert len(pieces) > 2
