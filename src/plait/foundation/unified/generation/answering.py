"""Inference with a trained model: pictures and instruction ids in, JSON values out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plait.core.grammar.ast import Grammar
from plait.core.values.json_value import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.program_arrays import join_automata
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.generation.decoding import iter_decoding_steps
from plait.foundation.unified.model.decoder import DecoderMemory
from plait.foundation.unified.model.encoder import EncodedImages
from plait.foundation.unified.model.unified_model import UnifiedModel

MAX_NEW_TOKENS = 256  # maximum ids of an answer
IMAGE_CACHE_SIZE = 64  # cached encoded pictures: 0.2 MB each for nano
GRAMMAR_CACHE_SIZE = 256

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class AnswerRequest:
    """One question: instruction ids, the picture (a square of the model's side) and the grammar of the answer."""

    input_ids: tuple[int, ...]
    image: Pixels | None
    grammar: Grammar


@dataclass(frozen=True)
class GeneratedAnswer:
    """`is_complete` is False if the answer was cut at MAX_NEW_TOKENS; `json_value` is then None. `true_logit_margin` is
    the logit of true minus the logit of false at the first id.
    """

    json_value: Json
    output_ids: tuple[int, ...]
    is_complete: bool
    true_logit_margin: float


class Answerer:
    """Answers batches of requests. Each picture is encoded once per call and kept in a cache of IMAGE_CACHE_SIZE
    pictures.
    """

    def __init__(self, model: UnifiedModel, vocabulary: Vocabulary) -> None:
        self.model, self.vocabulary = model.eval(), vocabulary
        # The layout of convolution filters; without it they are reordered per picture (stem of base: 29 ms, not 21).
        self.model.stem.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.alphabet = Alphabet(vocabulary)
        self.image_cache: dict[bytes, EncodedImages] = {}
        self.grammar_cache: dict[str, TokenGrammar] = {}

    def token_grammar(self, grammar: Grammar) -> TokenGrammar:
        """Compiles a grammar once. The cache key is its repr, since `Literal(1) == Literal(True)`."""
        if len(self.grammar_cache) >= GRAMMAR_CACHE_SIZE:
            self.grammar_cache.clear()
        key = repr(grammar)
        if key not in self.grammar_cache:
            self.grammar_cache[key] = TokenGrammar(grammar, self.alphabet)
        return self.grammar_cache[key]

    @torch.inference_mode()
    def answers(self, requests: Sequence[AnswerRequest]) -> list[GeneratedAnswer]:
        """The answers in order, generated in one batch."""
        memory = self.encode_instructions([each.input_ids for each in requests], [each.image for each in requests])
        grammars = [self.token_grammar(request.grammar) for request in requests]
        automata = list(dict.fromkeys(grammar.automaton for grammar in grammars))
        automaton_index = np.array([automata.index(grammar.automaton) for grammar in grammars])
        output_ids: list[list[int]] = [[] for _ in requests]
        true_logit_margins: list[float] = []
        for step in iter_decoding_steps(self.model, memory, join_automata(automata), automaton_index, MAX_NEW_TOKENS):
            if step.logits is not None:
                yes, no = self.vocabulary.true, self.vocabulary.false
                true_logit_margins = (step.logits[:, yes] - step.logits[:, no]).tolist()
            for row, id in zip(step.rows, step.ids, strict=True):
                output_ids[row].append(int(id))
        return [generated_answer(*each) for each in zip(grammars, output_ids, true_logit_margins, strict=True)]

    def encode_instructions(
        self, input_ids: Sequence[tuple[int, ...]], images: Sequence[Pixels | None]
    ) -> DecoderMemory:
        """The decoder memory of each instruction and its picture."""
        image_features, image_index = self.encode_images(images)
        lengths = [len(each) for each in input_ids]
        padded = torch.full((len(input_ids), max(lengths)), self.vocabulary.pad)
        for row, ids in enumerate(input_ids):
            padded[row, : lengths[row]] = torch.tensor(ids)
        device = self.model.start.device
        attention_mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        is_one_to_one = image_index.tolist() == list(range(len(image_features.hidden_states)))
        return self.model.encode_text(
            image_features,
            None if is_one_to_one else image_index.to(device),
            padded.to(device),
            attention_mask.to(device),
        )[1]

    def encode_images(self, images: Sequence[Pixels | None]) -> tuple[EncodedImages, Tensor]:
        """Encodes the distinct pictures. Also returns the index of each picture in the result, -1 for none."""
        keys = [None if image is None else hashlib.sha256(image.tobytes()).digest() for image in images]
        pairs = zip(keys, images, strict=True)
        new = {key: each for key, each in pairs if key and each is not None and key not in self.image_cache}
        if new or not self.image_cache:
            self.cache_images(new)
        used_keys = list(dict.fromkeys(key for key in keys if key)) or list(self.image_cache)[:1]
        image_index = torch.tensor([used_keys.index(key) if key else -1 for key in keys])
        image_features = concatenate_images([self.image_cache[key] for key in used_keys])
        for key in list(self.image_cache)[:-IMAGE_CACHE_SIZE]:
            del self.image_cache[key]
        return image_features, image_index

    def cache_images(self, images_by_digest: dict[bytes, Pixels]) -> None:
        side = self.model.size.side
        squares = list(images_by_digest.values()) or [np.zeros((side, side, 3), np.uint8)]
        image_features = self.model.encode_image(torch.from_numpy(np.stack(squares)).to(self.model.start.device))
        for row, key in enumerate(images_by_digest or (b"",)):
            self.image_cache[key] = EncodedImages(
                tuple((keys[row : row + 1], values[row : row + 1]) for keys, values in image_features.layers),
                image_features.hidden_states[row : row + 1],
            )


def generated_answer(grammar: TokenGrammar, output_ids: list[int], true_logit_margin: float) -> GeneratedAnswer:
    is_complete = len(output_ids) < MAX_NEW_TOKENS
    return GeneratedAnswer(
        grammar.decode(output_ids) if is_complete else None, tuple(output_ids), is_complete, true_logit_margin
    )


def concatenate_images(images: Sequence[EncodedImages]) -> EncodedImages:
    if len(images) == 1:
        return images[0]
    layers = zip(*(each.layers for each in images), strict=True)
    return EncodedImages(
        tuple((torch.cat([keys for keys, _ in layer]), torch.cat([values for _, values in layer])) for layer in layers),
        torch.cat([each.hidden_states for each in images]),
    )
