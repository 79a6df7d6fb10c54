"""The door to search: `plait search` comes in here, found by entry point."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plait.core.calls.batch import Progress
from plait.core.errors import InputError
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer, Pixels
from plait.foundation.unified.search.embedding import Embedder
from plait.foundation.unified.search.folder import File, pictures
from plait.foundation.unified.search.indexing import Gathering, Tell, square
from plait.foundation.unified.search.ranking import Floats, Rows, Wanted, ranked
from plait.foundation.unified.search.reranking import AT_ONCE, agreement, asked
from plait.foundation.unified.weights.model_lookup import trained

MODEL = "plait-nano"
MANY = 64  # pictures asked about: below, a person does not wait


@dataclass(frozen=True)
class Found:
    """`score` is from 0 to 1, the higher the surer; `file` begins as the folder was written."""

    score: float
    file: Path


def search(folder: Path, words: str, like: Path | None, top: int, model: str, tell: Tell) -> list[Found]:
    """The pictures in a folder that the words are true of, or that show what a picture shows; the best first.

    `tell` says to a person what happens on the way. Raises InputError where there is nothing to look through, or
    `like` is no picture; NoModel, ContextTooLong.
    """
    words, model = words.strip(), model or MODEL
    assert words or like is not None
    files = pictures(folder)
    known = trained(model)
    embedder = Embedder(known, vocabulary())
    wanted = Wanted(words, None if like is None else embedder.embeddings([square(like, known.size.side)]))
    look = Look(folder, Answerer(known, vocabulary()), asked(words, vocabulary()), tell)
    index = Gathering(folder, model, embedder, tell).index(files)
    if words and not wanted.named:
        tell(f"{words!r} names nothing that pictures are kept under: they are asked about it one by one")
    best = ranked(index.embeddings, wanted, lambda rows: look.agree(rows, index.files), top)
    return [Found(each.score, folder / index.files[each.row].path) for each in best]


@dataclass(frozen=True)
class Look:
    """A second look at pictures of a folder, with the ids of the question about them."""

    folder: Path
    answerer: Answerer
    source: tuple[int, ...]
    tell: Tell

    def agree(self, rows: Rows, files: Sequence[File]) -> Floats:
        """The log-probability of yes for each row; -inf for a picture that cannot be read any more."""
        progress, said = Progress("pictures asked about", len(rows)), np.full(len(rows), -np.inf)
        for first in range(0, len(rows), AT_ONCE):
            squares = {
                at: square
                for at in range(first, min(first + AT_ONCE, len(rows)))
                if (square := self.square(files[rows[at]])) is not None
            }
            if squares:
                said[list(squares)] = agreement(self.answerer, self.source, list(squares.values()))
            if len(rows) > MANY:
                progress.tell(min(first + AT_ONCE, len(rows)), 0)
        return said

    def square(self, file: File) -> Pixels | None:
        try:
            return square(self.folder / file.path, self.answerer.model.size.side)
        except InputError as fault:
            self.tell(f"passed over: {fault.message}")
            return None
