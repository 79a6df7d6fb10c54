"""The second look: the words and a picture together, as the task `matches` asks: how sure is the yes?"""

from collections.abc import Sequence
from functools import cache

import numpy as np

from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import Beside
from plait.foundation.cards.instruction import CONTEXT, FRAME, instruction_ids, wording_of
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.generation.answering import Answerer, Pixels, Question
from plait.foundation.unified.search.ranking import Floats
from plait.tasks.matches import matches

AT_ONCE = 16


def agreement(answerer: Answerer, source: tuple[int, ...], squares: Sequence[Pixels]) -> Floats:
    """The log-probability of yes against no, for each picture."""
    questions = [Question(source, square, grammar()) for square in squares]
    parts = [questions[first : first + AT_ONCE] for first in range(0, len(questions), AT_ONCE)]
    leanings = [answer.leaning for part in parts for answer in answerer.answers(part)]
    return -np.logaddexp(0.0, -np.array(leanings, np.float64))


def asked(words: str, vocabulary: Vocabulary) -> tuple[int, ...]:
    """The ids of the question, in the language of the words. Raises ContextTooLong."""
    declared = matches.declaration
    wording = wording_of(declared, [words])
    ids = instruction_ids(declared, {"picture": None, "text": words}, Beside(frame=FRAME), wording, vocabulary)
    if len(ids) > CONTEXT:
        raise ContextTooLong(
            f"what is searched for has {len(ids):,} tokens, and {CONTEXT} are read",
            tokens=len(ids),
            limit=CONTEXT,
            way_out="search for what it shows in a sentence",
        )
    return tuple(ids)


@cache
def grammar() -> Grammar:
    return answer_grammar(matches.declaration, Beside(frame=FRAME))
