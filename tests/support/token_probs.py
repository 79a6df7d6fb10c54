"""Tokens with probabilities, and a chat model that reports them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import log

from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Finish, TextDelta, TokenCandidate, TokenProbs, Usage
from tests.support.scripted_chat_model import ScriptedChatModel


def token(content: str | bytes, probability: float, **others: float) -> TokenProbs:
    """A token, and the probabilities of others in its place: `token("a", 0.5, b=0.25)`."""
    own = content.encode() if isinstance(content, str) else content
    candidates = {own: probability, **{name.encode(): each for name, each in others.items()}}
    return TokenProbs(own, log(probability), tuple(TokenCandidate(each, log(p)) for each, p in candidates.items()))


def certain(text: str) -> tuple[TokenProbs, ...]:
    return tuple(token(character, 1.0) for character in text)


@dataclass
class ConfidentChatModel(ScriptedChatModel):
    """Writes `text`; `sure` is the probability of every character, the rest is not known."""

    sure: float = 0.9

    async def says(self, sampling: Sampling) -> AsyncIterator[TextDelta | Finish]:
        self.samplings.append(sampling)
        for character in self.text:
            yield TextDelta(character, (token(character, self.sure),) if sampling.candidates else ())
        yield Finish(Usage(7, len(self.text)))
