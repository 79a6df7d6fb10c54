"""What a completion request says: a raw prompt, which the model continues as it stands."""

from typing import Annotated, Literal

from plait.core.engine.chat_schema import SamplingSchema
from plait.core.values.strict import UnsupportedField
from plait.http.openai.parameters import ONE_CHOICE_ONLY, CommonParameters


class CreateCompletionRequest(SamplingSchema, CommonParameters):
    """The parameters of /v1/completions."""

    prompt: str
    best_of: Annotated[Literal[1] | None, ONE_CHOICE_ONLY] = None
    echo: Annotated[Literal[False] | None, UnsupportedField("put the prompt before the answer yourself")] = None
    suffix: Annotated[None, UnsupportedField("leave it out: the prompt is continued, nothing is filled in")] = None
    logprobs: Annotated[None, UnsupportedField("leave it out: likelihoods are not told")] = None
