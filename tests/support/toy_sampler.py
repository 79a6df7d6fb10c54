"""Samples answers by a tiny model itself, in the process of the trainer: the words 30 to 33 after any prompt."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapter_file import load_adapter
from plait.foundation.text.answer_samples import AnswerGroup, PromptRow, SampledAnswer, SampleRequest
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import TextDecoder, load_decoder

WORDS = range(30, 34)
BEGIN, END = 8, 2
Reward = Callable[[PromptRow, int], float | None]


def right_word(row: PromptRow, word: int) -> float:
    """1 for the word that follows from the last one of the prompt."""
    return float(word - WORDS.start == row.prompt[-1] - 20)


class ToySampler:
    """Samples by the adapter of the request. A round that is requested again is sampled with another seed.

    `log` keeps the numbers of the rounds that were requested, also over processes.
    """

    def __init__(self, base: Path, rows: Sequence[PromptRow], log: Path, reward: Reward = right_word) -> None:
        self.base, self.rows, self.log, self.reward = base, rows, log, reward

    def __call__(self, request: SampleRequest) -> list[AnswerGroup]:
        with self.log.open("a") as stream:
            print(request.round, file=stream)
        times = self.log.read_text().splitlines().count(str(request.round))
        model = load_decoder(read_gguf_header(self.base))
        load_adapter(model, read_gguf_header(request.adapter))
        generator = torch.Generator().manual_seed(1_000 * request.round + times)
        return [self.group(model, number, generator) for number in request.rows]

    def group(self, model: TextDecoder, number: int, generator: torch.Generator) -> AnswerGroup:
        row = self.rows[number]
        words = torch.multinomial(word_probs(model, row), row.samples, replacement=True, generator=generator)
        answers = (
            SampledAnswer((BEGIN, word, END), (1,), self.reward(row, word)) for word in (words + WORDS.start).tolist()
        )
        return AnswerGroup(number, tuple(answers))


@torch.no_grad()
def word_probs(model: TextDecoder, row: PromptRow) -> torch.Tensor:
    """Probabilities of the words alone, as under a grammar that admits no others."""
    ids = torch.tensor((*row.prompt, BEGIN))
    logits = model.logits(model(ids, PackedDocuments((len(ids),)))[-1:])[0]
    return logits[WORDS.start : WORDS.stop].softmax(-1)
