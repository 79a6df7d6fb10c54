"""Likeness of texts: held against plain BM25 over everything, in English and Chinese."""

import math
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.prompting.bm25 import K1, B, BM25Index, ngrams

WORDS = ["turn", "on", "off", "the", "kitchen", "lamp", "blind", "打开", "厨房", "灯", "关闭", "2026", "ÄÖ"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


def plain_bm25_scores(documents: list[str], query: str) -> list[float]:
    """BM25 as the paper writes it, over all documents, divided by the most that the query could score."""
    term_counts = [Counter(ngrams(document)) for document in documents]
    mean = sum(map(len, documents)) / len(documents)
    terms = set(ngrams(query))
    rarity = {
        gram: math.log(1 + (len(documents) - among + 0.5) / (among + 0.5))
        for gram in terms
        for among in [sum(gram in each for each in term_counts)]
    }
    return [
        sum(rarity[gram] * times[gram] / (times[gram] + K1 * (1 - B + B * times.total() / mean)) for gram in terms)
        / sum(rarity.values())
        for times in term_counts
    ]


@given(documents=st.lists(texts, min_size=1, max_size=12), query=texts)
def test_the_index_ranks_like_plain_bm25(documents: list[str], query: str) -> None:
    index = BM25Index(1)
    for document in documents:
        index.add([document])
    ranking = index.nearest([query], len(documents))
    scores = plain_bm25_scores(documents, query)
    assert all(scores[number] > 0 for number in ranking)
    assert sorted(ranking) == [number for number, score in enumerate(scores) if score > 0]
    ranked = sorted((round(score, 9) for score in scores if score > 0), reverse=True)
    assert [round(scores[number], 9) for number in ranking] == ranked


def test_among_equal_documents_the_newest_comes_first() -> None:
    index = BM25Index(1)
    for text in ("same words", "other things", "same words"):
        index.add([text])
    assert index.nearest(["same words"], 2) == [2, 0]


def test_a_single_chinese_character_is_found() -> None:
    index = BM25Index(1)
    for text in ("打开厨房的灯", "把空调调到二十度", "关窗"):
        index.add([text])
    assert index.nearest(["灯"], 3) == [0]
    assert index.nearest(["窗户关了吗"], 1) == [2]


def test_a_long_field_does_not_outweigh_a_short_one() -> None:
    rooms = ["kitchen lamp", "hall lamp", "attic fan", "cellar heater", "garden gate", "porch bell"]
    documents = [["switch the fan on", ", ".join(rooms[:3])], ["what is the weather", ", ".join(rooms[:5])]]
    query = ["switch the fan on", ", ".join(rooms)]
    fields, joined = BM25Index(2), BM25Index(1)
    for document in documents:
        fields.add(document)
        joined.add([" ".join(document)])
    assert fields.nearest(query, 1) == [0]
    assert joined.nearest([" ".join(query)], 1) == [1], "as one text the list would decide"


@given(text=st.text(max_size=40))
@settings(max_examples=200)
def test_every_text_that_is_not_blank_has_ngrams(text: str) -> None:
    assert bool(ngrams(text)) == bool(text.strip()) or not text.split()


def test_an_empty_query_has_no_results() -> None:
    index = BM25Index(1)
    assert index.nearest(["anything"], 3) == []
    index.add([""])
    assert index.nearest([""], 1) == []
