"""Chat and text completion: validates the request, prepares its images, and streams the model's output."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import NoReturn

from plait.core.engine.chat import ChatModel
from plait.core.engine.conversation import CompletionModel, CompletionRequest, Conversation
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.engine.stops import until_stop
from plait.core.errors import Problem
from plait.core.prompting.prompt import Message, Prompt
from plait.core.values.json_value import InvalidValue
from plait.core.values.quoting import quote
from plait.core.values.strict import request_error
from plait.types.image import Image


def continue_chat(
    chat_model: ChatModel, conversation: Conversation, max_tokens: int
) -> AsyncGenerator[TextDelta | Finish, None]:
    """Streams the model's next message. `max_tokens` applies if the conversation sets no limit of its own."""
    sampling = conversation.sampling.to_sampling(max_tokens)
    return until_stop(chat_model.chat(Prompt(conversation.messages), conversation.grammar, sampling), sampling.stop)


async def prepare_images(chat_model: ChatModel, conversation: Conversation) -> Conversation:
    """The conversation with its images prepared for the model. Raises InputError if the model takes no images."""
    if not any(message.images for message in conversation.messages):
        return conversation
    if "image" not in chat_model.accepts:
        refuse_images(chat_model.name, conversation)
    messages = [
        await asyncio.to_thread(prepare_message, position, message)
        for position, message in enumerate(conversation.messages)
    ]
    return replace(conversation, messages=tuple(messages))


def prepare_message(position: int, message: Message) -> Message:
    """The message with each image in a known format, turned upright, and scaled down to what a model can see."""
    try:
        return replace(message, images=tuple(Image(image.content).content_for_model for image in message.images))
    except InvalidValue as error:
        first = error.faults[0]
        problem = Problem(f"messages.{position}.content", f"has an image that {first.message}", quote(first.json_value))
        raise request_error("chat", (problem,), "send a PNG, JPEG, WebP or GIF") from None


def refuse_images(name: str, conversation: Conversation) -> NoReturn:
    position = next(position for position, message in enumerate(conversation.messages) if message.images)
    problem = Problem(f"messages.{position}.content", f"has an image, but {name} reads only text", "")
    raise request_error("chat", (problem,), "use a model that reads images; add one to plait.toml (see plait models)")


def complete_text(
    chat_model: ChatModel, request: CompletionRequest, max_tokens: int
) -> AsyncGenerator[TextDelta | Finish, None]:
    """Streams the model's continuation of a raw text. Raises InputError if the model supports chat only."""
    if not isinstance(chat_model, CompletionModel):
        problem = Problem("model", f"{chat_model.name} supports chat only, not the continuation of raw text", "")
        hint = "use /v1/chat/completions, or a model from a GGUF file (see plait models)"
        raise request_error("completion", (problem,), hint)
    sampling = request.sampling.to_sampling(max_tokens)
    return until_stop(chat_model.complete(request.text, sampling), sampling.stop)
