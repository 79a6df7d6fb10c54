from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.cards.vocabulary import GAP_MARK, METASPACE, NUM_CODES, RESERVED_IDS, vocabulary
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.task_items import TASKS
from plait.types.box.box_formats import BINS

WORDS = vocabulary()
TEXTS = st.text(st.characters(exclude_categories=("Cs",)))


@given(TEXTS)
def test_decoding_reverses_encoding(text: str) -> None:
    assert WORDS.decode(WORDS.encode(text)) == text


@given(
    st.lists(st.sampled_from(("the cat", " ", "猫", GAP_MARK, METASPACE, "2", "“", "é", "\n")), max_size=6).map("".join)
)
def test_whitespace_marks_and_scripts_survive_a_round_trip(text: str) -> None:
    assert WORDS.decode(WORDS.encode(text)) == text


@given(st.lists(st.sampled_from((" cat", " fire engine", "猫", "左边", " 2", "?", "“", GAP_MARK)), min_size=1))
def test_ids_of_spans_concatenate_to_the_ids_of_the_text(spans: list[str]) -> None:
    joined = [
        id
        for place, span in enumerate(spans)
        for id in WORDS.encode(span.lstrip() if not place else span, is_continuation=place > 0)
    ]
    first = spans[0].lstrip()
    assert joined == WORDS.encode("".join((first, *spans[1:])))


def test_token_ids_of_each_kind_are_consecutive_ranges() -> None:
    assert (
        WORDS.text.start == RESERVED_IDS
        and WORDS.bins.start == WORDS.text.stop
        and WORDS.codes.start == WORDS.bins.stop
    )
    assert (len(WORDS.bins), len(WORDS.codes)) == (BINS, NUM_CODES) and WORDS.size == WORDS.codes.stop
    assert all(special < RESERVED_IDS for special in (WORDS.pad, WORDS.picture, WORDS.mask, WORDS.end, WORDS.null))


def test_the_first_pieces_are_the_bytes() -> None:
    assert [WORDS.piece_bytes[byte] for byte in range(256)] == [bytes([byte]) for byte in range(256)]
    assert WORDS.encode("龘") == [RESERVED_IDS + byte for byte in "龘".encode()]


def test_the_name_of_a_byte_token_in_a_text_is_text() -> None:
    assert len(WORDS.encode("<0x41>")) > 1


def test_inputs_are_lower_cased_and_outputs_keep_their_case() -> None:
    assert WORDS.encode_lowercased("The Cat") == WORDS.encode("the cat") != WORDS.encode("The Cat")


def test_nouns_and_words_of_tasks_take_few_tokens() -> None:
    assert all(len(WORDS.encode(noun.en)) <= 2 for noun in atlas().nouns)
    assert all(len(WORDS.encode(noun.zh)) == len(noun.zh) for noun in atlas().nouns)
    first_words = [str(words[0]) for task in TASKS for words in task_declaration(task).wordings.values()]
    assert sum(len(WORDS.encode_lowercased(words)) for words in first_words) < 0.5 * sum(map(len, first_words))


def test_invalid_utf8_is_decoded_to_replacement_characters() -> None:
    assert WORDS.decode([RESERVED_IDS + 0xE9]) == "\ufffd"
