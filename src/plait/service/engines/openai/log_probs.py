"""Reads the token probabilities of a chunk of a completion, as OpenAI, vLLM and llama.cpp's server write them."""

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from plait.core.engine.protocol import TokenCandidate, TokenProbs


class TokenLogProb(BaseModel):
    """A token with its log-probability. Without `content` its bytes are those of `token`."""

    model_config = ConfigDict(frozen=True)
    token: str
    logprob: float
    content: tuple[int, ...] | None = Field(None, alias="bytes")
    top_logprobs: "tuple[TokenLogProb, ...]" = ()

    @property
    def spelling(self) -> bytes:
        return self.token.encode() if self.content is None else bytes(self.content)


class ChunkLogProbs(BaseModel):
    """The `logprobs` of a choice."""

    model_config = ConfigDict(frozen=True)
    content: tuple[TokenLogProb, ...] | None = None


def token_probs(logprobs: JsonValue) -> tuple[TokenProbs, ...]:
    """The tokens with their candidates; none where the server sends another form, or none."""
    try:
        tokens = ChunkLogProbs.model_validate(logprobs).content or ()
        return tuple(TokenProbs(each.spelling, each.logprob, candidates(each)) for each in tokens)
    except ValueError:  # also of pydantic, and of numbers that are no bytes
        return ()


def candidates(token: TokenLogProb) -> tuple[TokenCandidate, ...]:
    return tuple(TokenCandidate(each.spelling, each.logprob) for each in token.top_logprobs)
