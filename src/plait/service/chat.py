"""A conversation, or a raw text, carried on by a model."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NoReturn

from plait.core.engine.chat import Chats
from plait.core.engine.completion import Beginning, Completes
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import End, Piece
from plait.core.engine.stops import until_stop
from plait.core.errors import Problem
from plait.core.prompting.prompt import Message, Prompt
from plait.core.values.quoting import shown
from plait.core.values.strict import refused
from plait.core.values.value_type import WireError
from plait.types.image.value import Image


def continued(chats: Chats, conversation: Conversation, max_tokens: int) -> AsyncIterator[Piece | End]:
    """What the model says next, in `max_tokens` where the conversation has no limit of its own."""
    sampling = conversation.manner.sampling(max_tokens)
    return until_stop(chats.chat(Prompt(conversation.messages), conversation.grammar, sampling), sampling.stop)


async def as_seen(chats: Chats, conversation: Conversation) -> Conversation:
    """The conversation with its pictures as the model is to see them. Raises InputError for what it cannot."""
    if not any(message.pictures for message in conversation.messages):
        return conversation
    if not chats.sees:
        refuse_pictures(chats.name, conversation)
    messages = [await asyncio.to_thread(shown_in, place, said) for place, said in enumerate(conversation.messages)]
    return replace(conversation, messages=tuple(messages))


def shown_in(place: int, message: Message) -> Message:
    """The message with pictures that were read as a task's are: of known formats, turned, no larger than is seen."""
    try:
        return replace(message, pictures=tuple(Image(picture.content).sent for picture in message.pictures))
    except WireError as fault:
        first = fault.faults[0]
        problem = Problem(f"messages.{place}.content", f"shows a picture that {first.message}", shown(first.wire))
        raise refused("chat", (problem,), "send a PNG, JPEG, WebP or GIF") from None


def refuse_pictures(name: str, conversation: Conversation) -> NoReturn:
    place = next(place for place, message in enumerate(conversation.messages) if message.pictures)
    fault = Problem(f"messages.{place}.content", f"shows a picture, and {name} reads text only", "")
    raise refused("chat", (fault,), "ask a model that reads pictures: name one in plait.toml (plait models)")


def completed(chats: Chats, beginning: Beginning, max_tokens: int) -> AsyncIterator[Piece | End]:
    """How the model continues a raw text. Raises InputError for a model that only chats."""
    if not isinstance(chats, Completes):
        fault = Problem("model", f"chats only: {chats.name} does not continue raw text", "")
        way_out = "ask /v1/chat/completions, or a model that is a GGUF file here (plait models)"
        raise refused("completion", (fault,), way_out)
    sampling = beginning.manner.sampling(max_tokens)
    return until_stop(chats.complete(beginning.text, sampling), sampling.stop)
