"""The probability of each value of an answer, as the model gave it, among the texts that the grammar allowed.

An engine reports for each token its log-probability before temperature and samplers, and those of its NUM_CANDIDATES
most likely tokens. A token's share is its probability over that of all candidates that the grammar allowed, and of
everything outside of the candidates: what the engine does not name counts as doubt. Characters that the grammar forced
are certain.
"""

from codecs import utf_8_decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from typing import TypeAlias

from plait.core.engine.certificate import answer_leaves
from plait.core.engine.protocol import TokenCandidate, TokenProbs
from plait.core.grammar.ast import Grammar
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.prefixes import GrammarPrefixes
from plait.core.task.declaration import Declaration
from plait.core.values.json_places import JsonPlace, Range, json_places
from plait.core.values.json_text import parse_json

NUM_CANDIDATES = 20
LEAST_SHARE = 1e-6  # of a token; keeps logarithms finite


@dataclass(frozen=True)
class LeafProbs:
    """The shares of the tokens that one value was written with: the sum and the least of their logarithms, and how
    many there are, without those that the grammar forced.
    """

    total: float
    least: float
    count: int

    @property
    def share(self) -> float:
        return exp(self.total)


AnswerProbs: TypeAlias = Mapping[str, LeafProbs]  # by dotted path; "" is the whole answer


def answer_probs(declaration: Declaration, grammar: Grammar, text: str, tokens: Sequence[TokenProbs]) -> AnswerProbs:
    """The probabilities of the whole answer and of each value that the model wrote.

    {} where the tokens do not spell the text: a server that reports other tokens, or none.
    """
    if not tokens or b"".join(token.content for token in tokens) != text.encode():
        return {}
    shares = list(token_shares(prefixes_of(gbnf(grammar), text), text, tokens))
    probs = {"": leaf_probs(shares, ((0, len(text) + 1),))}
    if declaration.is_plain_text:
        return probs
    places = {place.path: place for place in json_places(text)}
    for path, leaf in answer_leaves(declaration.answer, parse_json(text), "", {}):
        if leaf.kind != "computed" and path in places:
            probs[path] = leaf_probs(shares, ranges(places[path])) if path else probs[""]
    return probs


def ranges(place: JsonPlace) -> tuple[Range, ...]:
    """The characters that decide on a value: its own, the one behind that ends it, and the choices above it."""
    return (*place.choices, (place.start, place.end + 1))


@dataclass(frozen=True)
class TokenShare:
    """The characters of a token, and the logarithm of its share."""

    start: int
    end: int
    log_share: float


def leaf_probs(shares: Sequence[TokenShare], places: tuple[Range, ...]) -> LeafProbs:
    logs = [each.log_share for each in shares if any(each.start < end and start < each.end for start, end in places)]
    return LeafProbs(sum(logs), min(logs, default=0.0), sum(each < 0 for each in logs))


def token_shares(grammar: GrammarPrefixes, text: str, tokens: Sequence[TokenProbs]) -> Iterator[TokenShare]:
    """The share of each token. Part of a character belongs to the token that ends it."""
    state, start, pending = 0, 0, b""  # `pending` are the bytes of a character that is not complete
    for token in tokens:
        known, pending_next = complete_characters(pending + token.content)
        end = start + len(known)
        is_end = not token.content
        if not (known or is_end) or (known and grammar.is_forced(state, known)):
            share = 1.0
        else:
            share = token_share(grammar, state, token, pending, b"" if is_end else text[start:].encode())
        yield TokenShare(start, max(end, start + 1), log(max(share, LEAST_SHARE)))
        state, start, pending = grammar.walk(state, known) or 0, end, pending_next


def token_share(grammar: GrammarPrefixes, state: int, token: TokenProbs, pending: bytes, rest: bytes) -> float:
    """The probability of the text that was written, among what the grammar allowed and what is not known.

    A candidate that writes the beginning of the same text, `{` where `{"` was written, counts as the same.
    """
    right, others, known = 0.0, 0.0, 0.0
    chosen = TokenCandidate(token.content, token.log_prob)
    for candidate in {each.content: each for each in (*token.candidates, chosen)}.values():
        probability = exp(candidate.log_prob)
        known += probability
        spelling = pending + candidate.content
        if candidate.content == token.content or (candidate.content and rest.startswith(spelling)):
            right += probability
        elif is_allowed(grammar, state, spelling):
            others += probability
    return right / (right + others + max(1.0 - known, 0.0))


def is_allowed(grammar: GrammarPrefixes, state: int, spelling: bytes) -> bool:
    return grammar.walk(state, complete_characters(spelling)[0]) is not None if spelling else grammar.may_end(state)


def complete_characters(content: bytes) -> tuple[str, bytes]:
    """The characters of bytes of UTF-8, and the bytes of a last one that is not complete."""
    text, used = utf_8_decode(content, "ignore", False)
    return text, content[used:]


def prefixes_of(grammar: str, text: str) -> GrammarPrefixes:
    """The grammar as it admits the text: as Plait's decoders write it, or with white space between values."""
    compact = prefixes(grammar, False)
    return compact if compact.walk(0, text) is not None else prefixes(grammar, True)


@lru_cache(maxsize=64)
def prefixes(grammar: str, spaced: bool) -> GrammarPrefixes:
    return GrammarPrefixes(grammar, spaced)
