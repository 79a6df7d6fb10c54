"""What a completion request says: a raw prompt, which the model continues as it stands."""

from typing import Annotated, Literal

from plait.core.engine.chat_schema import Sampled
from plait.core.values.strict import NotHonoured
from plait.http.openai.parameters import ONE, Known


class CompletionRequest(Sampled, Known):
    """The parameters of /v1/completions."""

    prompt: str
    best_of: Annotated[Literal[1] | None, ONE] = None
    echo: Annotated[Literal[False] | None, NotHonoured("put the prompt before the answer yourself")] = None
    suffix: Annotated[None, NotHonoured("leave it out: the prompt is continued, nothing is filled in")] = None
    logprobs: Annotated[None, NotHonoured("leave it out: likelihoods are not told")] = None
