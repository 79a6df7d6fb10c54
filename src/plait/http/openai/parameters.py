"""Parameters that every OpenAI request may hold: those that change no answer, and those that are not honoured.

What only names, counts or files a request (`user`, `metadata`, `store=False`, ...) changes no answer and is taken;
Plait keeps none of it. What would change one is taken with its own default alone.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from plait.core.values.strict import StrictModel, UnsupportedField, validator_error

EmptyObject = Annotated[dict[str, None], Field(max_length=0)]
Zero = Annotated[float, Field(ge=0, le=0)]
ONE_CHOICE_ONLY = UnsupportedField("ask again with another seed for another answer")
PENALTY_NOT_HONOURED = UnsupportedField("leave it out: answers are sampled by temperature, top_p and seed")


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
            raise validator_error("says how to stream, and there is no stream", "send stream: true, or leave it out")
        return options

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)
