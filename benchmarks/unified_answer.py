"""Time for a picture and 12 words in, 20 tokens out: the unified model at size base, OFA-Tiny and a text-only BART.

Budget: at most 0.5 of OFA-Tiny's time, at most 1.0 of that of a BART with as many parameters. Two more peers: a BART of
our width, depth and vocabulary, which is smaller because it has no image encoder, and the first BART with oneDNN
enabled in torch, as for our large products (plait/foundation/training/linear.py). CPU time of one core, fp32, greedy,
one answer at a time, random weights; each side caches keys and values. Ours includes all steps of an answer, with the
automaton, and encodes the picture each time. Its grammar is a text that may not end before 4,000 characters; it is cut
at 20 ids.

    make peers && python -m benchmarks.unified_answer
"""

import time
from unittest.mock import patch

import numpy as np
import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.peers import Peers
from plait.core.grammar.ast import Text
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation import answering
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest
from plait.foundation.unified.model.unified_model import UnifiedModel

WORDS, TOKENS, REPEATS = 12, 20, 9
SIZE = SIZES["base"]


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    vocab, random = vocabulary(), np.random.default_rng(0)
    answerer = Answerer(UnifiedModel(SIZE, vocab), vocab)
    source = (vocab.picture, *random.choice(vocab.text, WORDS).tolist())
    picture = random.integers(0, 256, (SIZE.side, SIZE.side, 3), np.uint8)
    question = AnswerRequest(source, picture, Text(4_000, 8_000))
    parameters = sum(each.numel() for each in answerer.model.parameters())
    shape = (
        SIZE.side,
        WORDS,
        TOKENS,
        SIZE.width,
        SIZE.encoder_layers,
        SIZE.heads,
        vocab.size_without_codes,
        parameters,
    )
    peers = Peers("peer_answers", *map(str, shape))
    with patch.object(answering, "MAX_NEW_TOKENS", TOKENS):
        timings = interleaved_timings(
            REPEATS,
            ours=lambda: seconds(answerer, question),
            ofa_tiny=lambda: peers.seconds("ofa"),
            bart=lambda: peers.seconds("bart"),
            bart_same_layers=lambda: peers.seconds("bart_same_layers"),
            bart_onednn=lambda: peers.seconds("bart_onednn"),
        )
    peers.close()
    report(
        "unified_answer",
        {
            "milliseconds": {name: round(1e3 * median(values), 1) for name, values in timings.items()},
            "ours_over_ofa_tiny": ratio(timings, "ours", "ofa_tiny"),
            "ours_over_bart": ratio(timings, "ours", "bart"),
            "ours_over_bart_same_layers": ratio(timings, "ours", "bart_same_layers"),
            "ours_over_bart_onednn": ratio(timings, "ours", "bart_onednn"),
            "parameters": parameters,
        },
    )


def seconds(answerer: Answerer, question: AnswerRequest) -> float:
    answerer.image_cache.clear()
    started = time.process_time()
    [answer] = answerer.answers([question])
    elapsed = time.process_time() - started
    assert len(answer.output_ids) == TOKENS
    return elapsed


if __name__ == "__main__":
    main()
