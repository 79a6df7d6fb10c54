"""The JSON form of a conversation, both ways.

The names are OpenAI's, so that a program written for another server works with Plait, in Python too.
"""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.grammar.ast import Grammar
from plait.core.grammar.json_schema import json_schema
from plait.core.prompting.prompt import Message
from plait.core.task.options import OPTIONS
from plait.core.values.data_url import HINT, data_url, image_from_data_url
from plait.core.values.json_value import Json
from plait.core.values.strict import StrictModel, UnsupportedField, type_tag, validator_error

MAX_STOPS = 4


class TextPart(StrictModel):
    type: Literal["text"]
    text: str


class ImageUrl(StrictModel):
    url: str
    detail: Annotated[
        Literal["auto"] | None, UnsupportedField("leave it out: images are sent at their own resolution")
    ] = None

    @field_validator("url")
    @classmethod
    def check_image(cls, url: str) -> str:
        try:
            image_from_data_url(url)
        except ValueError as error:
            raise validator_error(str(error), HINT) from None
        return url


class ImagePart(StrictModel):
    type: Literal["image_url"]
    image_url: ImageUrl


def one_or_many(value: object) -> str | None:
    return "<one>" if isinstance(value, str) else "<many>" if isinstance(value, list) else None


Part = Annotated[
    Annotated[TextPart, Tag("<text>")] | Annotated[ImagePart, Tag("<image_url>")],
    Discriminator(
        type_tag,
        custom_error_type="part",
        custom_error_message='should be {"type": "text", ...} or {"type": "image_url", "image_url": {"url": ...}}',
    ),
]
Content = Annotated[
    Annotated[str, Tag("<one>")] | Annotated[list[Part], Field(min_length=1), Tag("<many>")],
    Discriminator(one_or_many, custom_error_type="content", custom_error_message="should be a text or a list of parts"),
]
Stop = Annotated[str, Field(min_length=1)]
StopTexts = Annotated[
    Annotated[Stop, Tag("<one>")] | Annotated[list[Stop], Field(max_length=MAX_STOPS), Tag("<many>")],
    Discriminator(one_or_many, custom_error_type="stop", custom_error_message="should be a text or a list of texts"),
]


class MessageSchema(StrictModel):
    """One message. Pictures are shown before its text, whose parts stand on lines of their own."""

    role: Literal["system", "user", "assistant"]
    content: Content
    name: Annotated[None, UnsupportedField("write the name into the content")] = None
    tool_calls: Annotated[None, UnsupportedField("tool calls are not supported")] = None
    function_call: Annotated[None, UnsupportedField("tool calls are not supported")] = None
    refusal: Annotated[None, UnsupportedField()] = None
    audio: Annotated[None, UnsupportedField("audio input is not supported")] = None
    annotations: Annotated[Annotated[list[None], Field(max_length=0)] | None, UnsupportedField()] = None

    @field_validator("content")
    @classmethod
    def check_role_of_images(cls, content: Content, info: ValidationInfo) -> Content:
        if info.data.get("role") != "user" and not isinstance(content, str):
            if any(isinstance(part, ImagePart) for part in content):
                raise validator_error(
                    "has a picture, which only user messages can have", "put the picture into a user message"
                )
        return content

    def to_message(self) -> Message:
        if isinstance(self.content, str):
            return Message(self.role, self.content)
        texts = [part.text for part in self.content if isinstance(part, TextPart)]
        images = [image_from_data_url(part.image_url.url) for part in self.content if isinstance(part, ImagePart)]
        return Message(self.role, "\n".join(texts), tuple(images))


class SamplingSchema(StrictModel):
    """What can be chosen of an answer."""

    model: str | None = None
    max_tokens: Annotated[int, Field(ge=1, le=10**6)] | None = None
    temperature: Annotated[float, Field(ge=0, le=OPTIONS["temperature"].maximum)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=0, le=OPTIONS["seed"].maximum)] | None = None
    stop: StopTexts | None = None

    @property
    def sampling(self) -> SamplingOptions:
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        return SamplingOptions(self.max_tokens, self.temperature, self.top_p, self.seed, stop)


class ConversationSchema(SamplingSchema):
    """A conversation as JSON, and what can be chosen of its answer."""

    messages: Annotated[list[MessageSchema], Field(min_length=1)]

    def to_conversation(self, grammar: Grammar | None = None, timeout: float | None = None) -> Conversation:
        messages = tuple(message.to_message() for message in self.messages)
        return Conversation(messages, self.model, self.sampling, grammar, timeout)


def conversation_json(conversation: Conversation) -> dict[str, Json]:
    """The JSON that `ConversationSchema` reads as this conversation: grammar as a JSON Schema, without the timeout."""
    payload: dict[str, Json] = {
        "messages": [message_json(message) for message in conversation.messages],
        "model": conversation.model,
        **vars(conversation.sampling),
        "stop": list(conversation.sampling.stop) or None,
    }
    if conversation.grammar is not None:
        schema: Json = {"name": "answer", "schema": json_schema(conversation.grammar)}
        payload["response_format"] = {"type": "json_schema", "json_schema": schema}
    return {name: value for name, value in payload.items() if value is not None}


def message_json(message: Message) -> Json:
    """The JSON form of a message; plain text if it has no images, since many servers accept nothing else."""
    if not message.images:
        return {"role": message.role, "content": message.content}
    image_parts: list[Json] = [{"type": "image_url", "image_url": {"url": data_url(image)}} for image in message.images]
    return {"role": message.role, "content": [*image_parts, {"type": "text", "text": message.content}]}
