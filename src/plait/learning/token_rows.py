"""Examples as token ids to adapt a model with: the very prompt, grammar and tokenizer that the model is served with.

A trainer that has its own template or tokenizer drifts from its server, and the adapted model is worse there for no
visible reason. So the rows are made by the engine itself: the request of an example runs up to the point where the
engine would send it to its model.
"""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from plait.core.engine.chat import ChatEngine, ChatModel, ChatModelWrapper, Sampling
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.errors import InputError
from plait.core.grammar.ast import Grammar
from plait.core.prompting.example_rows import Example
from plait.core.prompting.prompt import Prompt, answer_text
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import call_context
from plait.core.values.inputs import to_input_error
from plait.core.values.json_places import Range, json_places
from plait.core.values.json_value import InvalidValue
from plait.foundation.cards.gguf.vocabulary import TokenTexts
from plait.foundation.text.token_row import TokenRow
from plait.learning.forced_tokens import learned_indices, whole_characters


class RowTokenizer(Protocol):
    """Tells how an engine tokenizes a conversation and an answer."""

    @property
    def token_texts(self) -> TokenTexts:
        """The texts of all tokens that a model may write."""
        ...

    async def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """Token ids of a conversation, up to where the answer begins."""
        ...

    async def answer_tokens(self, text: str) -> tuple[list[int], list[bytes]]:
        """Token ids of an answer with the bytes of each, the end of the answer last, which has none."""
        ...


@dataclass
class RequestRecorder(ChatModelWrapper):
    """A chat model that keeps what it is sent, and answers nothing."""

    model: ChatModel
    prompt: Prompt | None = None
    grammar: Grammar | None = None

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        self.prompt, self.grammar = prompt, grammar
        return
        yield  # makes it a generator

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class SentRequest:
    """The request of a call, with the prompt and the grammar that its model gets."""

    request: TaskRequest
    prompt: Prompt
    grammar: Grammar | None


async def token_rows(
    declaration: Declaration,
    examples: Iterable[Example],
    model: ChatModel,
    tokenizer: RowTokenizer,
    *,
    max_tokens: int,
) -> AsyncIterator[TokenRow]:
    """The rows of the examples, in order, without shots. Raises InputError for one with more than `max_tokens`."""
    for number, example in enumerate(examples, 1):
        row = await token_row(declaration, example, model, tokenizer)
        check_length(declaration, row, f"example {number}", max_tokens)
        yield row


def check_length(declaration: Declaration, row: TokenRow, where: str, max_tokens: int) -> None:
    """Raises InputError for a row with more than `max_tokens`."""
    if len(row.token_ids) > max_tokens:
        raise InputError(
            f"{where} of {declaration.name} has {len(row.token_ids):,} tokens, and a row may have {max_tokens:,}",
            hint="leave it out, or shorten its inputs",
        )


async def token_row(declaration: Declaration, example: Example, model: ChatModel, tokenizer: RowTokenizer) -> TokenRow:
    """Raises InputError for an answer that the grammar of its call does not admit."""
    sent = await sent_request(declaration, example.inputs, model)
    try:
        text = answer_text(declaration, example.inputs, example.answer, model.box_format)
    except InvalidValue as error:  # a quotation of what the inputs do not have
        raise to_input_error(f"the grammar of {declaration.name} does not admit the answer", "answer", error) from None
    prompt = await tokenizer.prompt_tokens(sent.prompt)
    answer, pieces = await tokenizer.answer_tokens(text)
    learned = learned_indices(sent.grammar, pieces, tokenizer.token_texts)
    weights = () if declaration.is_plain_text else value_weights(text, pieces, learned)
    return TokenRow(tuple(prompt), tuple(answer), learned, weights)


async def sent_request(declaration: Declaration, inputs: Mapping[str, object], model: ChatModel) -> SentRequest:
    """What an engine sends to its model for these inputs, without shots."""
    context = call_context(declaration, inputs, by_name=True, box_format=model.box_format)
    request = TaskRequest(declaration, inputs, context, Options(shots=0))
    recorder = RequestRecorder(model)
    async with aclosing(ChatEngine(recorder).answer(request)) as events:
        async for _ in events:
            pass
    assert recorder.prompt is not None, "the engine sends one request"
    return SentRequest(request, recorder.prompt, recorder.grammar)


def value_weights(text: str, pieces: Sequence[bytes], learned: Sequence[int]) -> tuple[float, ...]:
    """The learned tokens of one value share the weight of one value, as the score counts values and not tokens.

    Without it a free reason of twelve tokens outweighs the action and its device. Values are what a choice of the
    grammar decides: a key, and the text of a value without others inside.
    """
    ranges = value_ranges(text)
    starts = token_starts(pieces)
    values = [next((each for each in ranges if each[0] <= starts[index] < each[1]), index) for index in learned]
    counts = Counter(values)
    return tuple(round(1 / counts[value], 6) for value in values)


def value_ranges(text: str) -> list[Range]:
    """Where the values of a JSON text stand that contain no others, each with the character that ends it; then keys."""
    places = list(json_places(text))
    leaves = [each for each in places if text[each.start] not in "{["]
    keys = dict.fromkeys(choice for place in places for choice in place.choices)
    return [*((place.start, place.end + 1) for place in leaves), *keys]


def token_starts(pieces: Sequence[bytes]) -> list[int]:
    """The character of the text at which each token begins; one inside a character begins where that does."""
    starts, characters = list[int](), 0
    for whole in whole_characters(pieces):
        starts.append(characters)
        characters += len(whole)
    return starts
