"""What a chat request says, as the conversation that it is."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from plait.core.engine.chat_schema import ConversationSchema
from plait.core.engine.conversation import Conversation
from plait.core.values.strict import UnsupportedField, validator_error
from plait.http.openai.parameters import CommonParameters
from plait.http.openai.response_format import ResponseFormat, response_grammar

TOOLS_NOT_HONOURED = UnsupportedField(
    "tools are not called here; a task with a union of records as its answer does it: plait new task"
)
LOGPROBS_NOT_HONOURED = UnsupportedField("leave it out: likelihoods are not told")
EmptyList = Annotated[list[None], Field(max_length=0)]


class CreateChatCompletionRequest(ConversationSchema, CommonParameters):
    """The parameters of /v1/chat/completions."""

    max_completion_tokens: Annotated[int, Field(ge=1, le=10**6)] | None = None
    response_format: ResponseFormat | None = None
    metadata: dict[str, str] | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, str] | None = None
    moderation: Annotated[None, UnsupportedField("leave it out: nothing is judged here")] = None
    store: Annotated[Literal[False] | None, UnsupportedField("leave it out: nothing is kept")] = None
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
    verbosity: Annotated[Literal["medium"] | None, UnsupportedField("say in a message how long to be")] = None
    prediction: Annotated[None, UnsupportedField()] = None
    audio: Annotated[None, UnsupportedField("leave it out: answers are text")] = None
    web_search_options: Annotated[None, UnsupportedField("leave it out: nothing is looked up")] = None

    @field_validator("max_completion_tokens")
    @classmethod
    def check_single_limit(cls, limit: int | None, info: ValidationInfo) -> int | None:
        if limit is not None and info.data.get("max_tokens") is not None:
            raise validator_error("is max_tokens by its newer name, and both are there", "write one of them")
        return limit

    def conversation(self, timeout: float | None) -> Conversation:
        """The conversation. Raises InputError for a form that no grammar of ours holds."""
        limited = self if self.max_tokens else self.model_copy(update={"max_tokens": self.max_completion_tokens})
        return limited.to_conversation(response_grammar(self.response_format), timeout)
