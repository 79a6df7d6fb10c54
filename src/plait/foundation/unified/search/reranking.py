"""Reranking: asks the task `matches` about words and picture; the score is the log-probability of yes."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import CallContext
from plait.foundation.cards.instruction import BOX_FORMAT, CONTEXT_LENGTH, instruction_ids, wording_of
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.generation.answering import Answerer, AnswerRequest, Pixels
from plait.foundation.unified.search.ranking import Floats
from plait.tasks.matches import matches

BATCH_SIZE = 16


def yes_log_probs(answerer: Answerer, input_ids: tuple[int, ...], images: Sequence[Pixels]) -> Floats:
    """The log-probability of yes against no, for each picture."""
    questions = [AnswerRequest(input_ids, square, matches_grammar()) for square in images]
    batches = [questions[start : start + BATCH_SIZE] for start in range(0, len(questions), BATCH_SIZE)]
    margins = [answer.true_logit_margin for batch in batches for answer in answerer.answers(batch)]
    return -np.logaddexp(0.0, -np.array(margins, np.float64))


def question_ids(query: str, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Instruction ids of the question, in the language of the query. Raises ContextTooLong."""
    declaration = matches.declaration
    wording = wording_of(declaration, [query])
    ids = instruction_ids(
        declaration, {"picture": None, "text": query}, CallContext(box_format=BOX_FORMAT), wording, vocabulary
    )
    if len(ids) > CONTEXT_LENGTH:
        raise ContextTooLong(
            f"what is searched for has {len(ids):,} tokens, and {CONTEXT_LENGTH} are read",
            tokens=len(ids),
            limit=CONTEXT_LENGTH,
            hint="describe the picture in one sentence",
        )
    return tuple(ids)


@cache
def matches_grammar() -> Grammar:
    return answer_grammar(matches.declaration, CallContext(box_format=BOX_FORMAT))
