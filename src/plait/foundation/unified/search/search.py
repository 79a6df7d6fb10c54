"""Entry point of `plait search`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plait.core.errors import InputError
from plait.core.progress import CountProgress
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answerer, Pixels
from plait.foundation.unified.search.embedding import Embedder
from plait.foundation.unified.search.folder import ImageFile, image_files
from plait.foundation.unified.search.indexing import IndexBuilder, LogFunction, load_square
from plait.foundation.unified.search.ranking import Floats, Rows, SearchQuery, rank_rows
from plait.foundation.unified.search.reranking import BATCH_SIZE, question_ids, yes_log_probs
from plait.foundation.unified.weights.model_lookup import load_model

MODEL = "plait-nano"
PROGRESS_FROM = 64  # pictures; fewer take no noticeable time


@dataclass(frozen=True)
class SearchHit:
    """`score` is from 0 to 1, higher is better; `file` starts with the folder as it was given."""

    score: float
    file: Path


def search(folder: Path, query: str, like: Path | None, top: int, model: str, log: LogFunction) -> list[SearchHit]:
    """The best pictures of a folder for the words of `query`, for similarity to the picture `like`, or both.

    `log` reports progress messages to the user. Raises InputError if the folder has no pictures or `like` is no
    picture; ModelNotFound, ContextTooLong.
    """
    query, model = query.strip(), model or MODEL
    assert query or like is not None
    files = image_files(folder)
    unified_model = load_model(model)
    embedder = Embedder(unified_model, vocabulary())
    search_query = SearchQuery(
        query, None if like is None else embedder.embeddings([load_square(like, unified_model.size.side)])
    )
    reranker = Reranker(folder, Answerer(unified_model, vocabulary()), question_ids(query, vocabulary()), log)
    index = IndexBuilder(folder, model, embedder, log).build(files)
    if query and not search_query.column_sets:
        log(f"{query!r} names nothing in the index: every picture is compared with it")
    best = rank_rows(index.embeddings, search_query, lambda rows: reranker.log_probs(rows, index.files), top)
    return [SearchHit(each.score, folder / index.files[each.row].path) for each in best]


@dataclass(frozen=True)
class Reranker:
    """Reranks pictures of a folder with the instruction ids of the question."""

    folder: Path
    answerer: Answerer
    input_ids: tuple[int, ...]
    log: LogFunction

    def log_probs(self, rows: Rows, files: Sequence[ImageFile]) -> Floats:
        """The log-probability of yes for each row; -inf for a picture that can no longer be read."""
        progress, log_probs = CountProgress("search", len(rows), "images ranked"), np.full(len(rows), -np.inf)
        for start in range(0, len(rows), BATCH_SIZE):
            squares = {
                at: square
                for at in range(start, min(start + BATCH_SIZE, len(rows)))
                if (square := self.load_square(files[rows[at]])) is not None
            }
            if squares:
                log_probs[list(squares)] = yes_log_probs(self.answerer, self.input_ids, list(squares.values()))
            if len(rows) > PROGRESS_FROM:
                progress.update(min(start + BATCH_SIZE, len(rows)))
        return log_probs

    def load_square(self, file: ImageFile) -> Pixels | None:
        try:
            return load_square(self.folder / file.path, self.answerer.model.size.side)
        except InputError as error:
            self.log(f"skipped: {error.message}")
            return None
