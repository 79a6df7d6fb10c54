"""Requests of OpenAI's API: /v1/chat/completions and /v1/completions.

Parameters that only name, count or file a request (`user`, `metadata`, `store=False`, ...) change no answer: they are
accepted, and Plait keeps none of them. A parameter that would change the answer and is not supported is accepted with
its default value alone.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from plait.core.engine.chat_schema import ConversationSchema, SamplingSchema
from plait.core.engine.conversation import Conversation
from plait.core.values.strict import StrictModel, UnsupportedField, validator_error
from plait.http.openai.response_format import ResponseFormat, response_grammar

EmptyObject = Annotated[dict[str, None], Field(max_length=0)]
Zero = Annotated[float, Field(ge=0, le=0)]
ONE_CHOICE_ONLY = UnsupportedField("send the request again with another seed")
PENALTY_NOT_HONOURED = UnsupportedField("leave it out: answers are sampled by temperature, top_p and seed")
TOOLS_NOT_HONOURED = UnsupportedField(
    "tool calls are not supported; a task whose answer is a union of records can choose one: plait new task"
)
LOGPROBS_NOT_HONOURED = UnsupportedField("leave it out: log-probabilities are not returned")
EmptyList = Annotated[list[None], Field(max_length=0)]


class StreamOptions(StrictModel):
    include_usage: bool | None = None
    include_obfuscation: Annotated[Literal[False] | None, UnsupportedField()] = None


class CommonParameters(StrictModel):
    """Fields that chat and completions share."""

    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    n: Annotated[Literal[1] | None, ONE_CHOICE_ONLY] = None
    presence_penalty: Annotated[Zero | None, PENALTY_NOT_HONOURED] = None
    frequency_penalty: Annotated[Zero | None, PENALTY_NOT_HONOURED] = None
    logit_bias: Annotated[EmptyObject | None, PENALTY_NOT_HONOURED] = None

    @field_validator("stream_options")
    @classmethod
    def check_streaming(cls, options: StreamOptions | None, info: ValidationInfo) -> StreamOptions | None:
        if options is not None and not info.data.get("stream"):
            raise validator_error("has no effect without a stream", "send stream: true, or leave it out")
        return options

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)


class CreateChatCompletionRequest(ConversationSchema, CommonParameters):
    """The parameters of /v1/chat/completions."""

    max_completion_tokens: Annotated[int, Field(ge=1, le=10**6)] | None = None
    response_format: ResponseFormat | None = None
    metadata: dict[str, str] | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, str] | None = None
    moderation: Annotated[None, UnsupportedField("leave it out: moderation is not supported")] = None
    store: Annotated[Literal[False] | None, UnsupportedField("leave it out: nothing is stored")] = None
    service_tier: Annotated[Literal["auto", "default"] | None, UnsupportedField()] = None
    modalities: Annotated[list[Literal["text"]] | None, UnsupportedField("leave it out: answers are text")] = None
    logprobs: Annotated[Literal[False] | None, LOGPROBS_NOT_HONOURED] = None
    top_logprobs: Annotated[Literal[0] | None, LOGPROBS_NOT_HONOURED] = None
    tools: Annotated[EmptyList | None, TOOLS_NOT_HONOURED] = None
    tool_choice: Annotated[Literal["none", "auto"] | None, TOOLS_NOT_HONOURED] = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[EmptyList | None, TOOLS_NOT_HONOURED] = None
    function_call: Annotated[Literal["none", "auto"] | None, TOOLS_NOT_HONOURED] = None
    reasoning_effort: Annotated[Literal["none"] | None, UnsupportedField()] = None
    verbosity: Annotated[Literal["medium"] | None, UnsupportedField("ask for the length in a message")] = None
    prediction: Annotated[None, UnsupportedField()] = None
    audio: Annotated[None, UnsupportedField("leave it out: answers are text")] = None
    web_search_options: Annotated[None, UnsupportedField("leave it out: web search is not supported")] = None

    @field_validator("max_completion_tokens")
    @classmethod
    def check_single_limit(cls, limit: int | None, info: ValidationInfo) -> int | None:
        if limit is not None and info.data.get("max_tokens") is not None:
            raise validator_error("is the newer name of max_tokens, and both are present", "write one of them")
        return limit

    def conversation(self, timeout: float | None) -> Conversation:
        """The conversation. Raises InputError for a response format that no grammar expresses."""
        limited = self if self.max_tokens else self.model_copy(update={"max_tokens": self.max_completion_tokens})
        return limited.to_conversation(response_grammar(self.response_format), timeout)


class CreateCompletionRequest(SamplingSchema, CommonParameters):
    """The parameters of /v1/completions."""

    prompt: str
    best_of: Annotated[Literal[1] | None, ONE_CHOICE_ONLY] = None
    echo: Annotated[Literal[False] | None, UnsupportedField("prepend the prompt to the answer yourself")] = None
    suffix: Annotated[None, UnsupportedField("leave it out: a prompt can be continued, but not filled in")] = None
    logprobs: Annotated[None, UnsupportedField("leave it out: log-probabilities are not returned")] = None
