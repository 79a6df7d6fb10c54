"""What a chat request says, as the conversation that it is."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from plait.core.engine.chat_schema import Talk
from plait.core.engine.conversation import Conversation
from plait.core.values.strict import NotHonoured, refusal
from plait.http.openai.parameters import Known
from plait.http.openai.response_format import Form, grammar_of

TOOLS = NotHonoured("tools are not called here; a task with a union of records as its answer does it: plait new task")
LIKELIHOODS = NotHonoured("leave it out: likelihoods are not told")
Empty = Annotated[list[None], Field(max_length=0)]


class ChatRequest(Talk, Known):
    """The parameters of /v1/chat/completions."""

    max_completion_tokens: Annotated[int, Field(ge=1, le=10**6)] | None = None
    response_format: Form | None = None
    metadata: dict[str, str] | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    prompt_cache_options: dict[str, str] | None = None
    moderation: Annotated[None, NotHonoured("leave it out: nothing is judged here")] = None
    store: Annotated[Literal[False] | None, NotHonoured("leave it out: nothing is kept")] = None
    service_tier: Annotated[Literal["auto", "default"] | None, NotHonoured()] = None
    modalities: Annotated[list[Literal["text"]] | None, NotHonoured("leave it out: answers are text")] = None
    logprobs: Annotated[Literal[False] | None, LIKELIHOODS] = None
    top_logprobs: Annotated[Literal[0] | None, LIKELIHOODS] = None
    tools: Annotated[Empty | None, TOOLS] = None
    tool_choice: Annotated[Literal["none", "auto"] | None, TOOLS] = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[Empty | None, TOOLS] = None
    function_call: Annotated[Literal["none", "auto"] | None, TOOLS] = None
    reasoning_effort: Annotated[Literal["none"] | None, NotHonoured()] = None
    verbosity: Annotated[Literal["medium"] | None, NotHonoured("say in a message how long to be")] = None
    prediction: Annotated[None, NotHonoured()] = None
    audio: Annotated[None, NotHonoured("leave it out: answers are text")] = None
    web_search_options: Annotated[None, NotHonoured("leave it out: nothing is looked up")] = None

    @field_validator("max_completion_tokens")
    @classmethod
    def is_said_once(cls, limit: int | None, info: ValidationInfo) -> int | None:
        if limit is not None and info.data.get("max_tokens") is not None:
            raise refusal("is max_tokens by its newer name, and both are there", "write one of them")
        return limit

    def asked(self, timeout: float | None) -> Conversation:
        """The conversation. Raises InputError for a form that no grammar of ours holds."""
        said = self if self.max_tokens else self.model_copy(update={"max_tokens": self.max_completion_tokens})
        return said.conversation(grammar_of(self.response_format), timeout)
