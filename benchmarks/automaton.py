"""Cost of the token automaton: microseconds of one core per step, for the allowed ids and the next states.

It is compared with OFA's method (its `utils/trie.py` and `models/sequence_generator.py`; reimplemented here): a trie of
nested dictionaries, walked from the root for each hypothesis, and a mask filled by a loop over the table of ids. Both
follow the same ids. There are 3,129 labels, the number of answers in VQA.

    python -m benchmarks.automaton
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import interleaved_timings, median, report
from plait.core.grammar import ast as g
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import vocabulary

LABELS = tuple(f"{colour} thing {place}" for colour in ("red", "blue", "green") for place in range(1_043))
DETECTION = g.Object((("label", g.Text(1, 40)), ("box", g.BinnedBox(512))))
GRAMMARS: dict[str, tuple[g.Grammar, Any]] = {
    "box": (g.BinnedBox(512), [3, 4, 200, 300]),
    "text": (g.Text(0, 200), "a red mug left of a blue ball"),
    "detect": (g.Array(DETECTION, 0, 100), [{"label": "red mug", "box": [3, 4, 200, 300]}] * 4),
    "labels": (g.Reference(LABELS), LABELS[2_000]),
}
BATCHES, REPEATS = (1, 16), 20


def microseconds(token_grammar: TokenGrammar, ids: list[int], batch: int) -> float:
    """Microseconds of one step of `allowed` and `next`."""
    automaton, steps = token_grammar.automaton, np.repeat(np.array(ids)[:, None], batch, axis=1)
    started = time.process_time()
    at = automaton.start(np.zeros(batch, np.int64))
    for step in steps:
        automaton.allowed_mask(at)
        at = automaton.count_items(automaton.try_advance(at, step))
    return (time.process_time() - started) / len(ids) * 1e6


def trie_microseconds(trie: dict[int, Any], ids: list[int], batch: int, size: int) -> float:
    started = time.process_time()
    for length in range(len(ids)):
        for _ in range(batch):
            node = trie
            for id in ids[:length]:
                node = node[id]
            _mask = [id in node for id in range(size)]
    return (time.process_time() - started) / len(ids) * 1e6


def build_trie(sequences: list[list[int]]) -> dict[int, Any]:
    root: dict[int, Any] = {}
    for word in sequences:
        node = root
        for id in word:
            node = node.setdefault(id, {})
    return root


def main() -> None:
    alphabet = Alphabet(vocabulary())
    grammars = {name: TokenGrammar(grammar, alphabet) for name, (grammar, _) in GRAMMARS.items()}
    measurements: dict[str, Callable[[], float]] = {}
    for name, (_, json_value) in GRAMMARS.items():
        ids = grammars[name].encode(json_value)
        for batch in BATCHES:
            measurements[f"{name}_{batch}"] = lambda form=grammars[name], ids=ids, batch=batch: microseconds(
                form, ids, batch
            )
    ids, trie = (
        grammars["labels"].encode(LABELS[2_000]),
        build_trie([grammars["labels"].encode(each) for each in LABELS]),
    )
    for batch in BATCHES:
        measurements[f"labels_{batch}_by_nested_dicts"] = lambda batch=batch: trie_microseconds(
            trie, ids, batch, alphabet.vocabulary.size
        )
    timings = interleaved_timings(REPEATS, **measurements)
    started = time.process_time()
    _ = TokenGrammar(GRAMMARS["labels"][0], alphabet).automaton
    compiled = (time.process_time() - started) * 1e3
    report(
        "automaton",
        {
            "microseconds_a_step": {name: round(median(values), 1) for name, values in timings.items()},
            "compiling_3129_labels_ms": round(compiled, 1),
            "ids_in_the_table": alphabet.vocabulary.size,
        },
    )


if __name__ == "__main__":
    main()
