"""Token ids are those of llama.cpp, which serves, and those of `transformers`, which others train with."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.values import GgufValue, GgufValueType
from plait.foundation.cards.gguf.vocabulary import byte_characters, read_vocabulary
from plait.foundation.cards.gguf.writer import gguf_bytes
from plait.foundation.text.tokenizer import SPLITTERS, TextTokenizer
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.gguf_files import parse
from tests.support.llama_server import LlamaCppReference, llama_cpp
from tests.support.tiny_llama import TinyLlama
from tests.support.tokenizer_texts import CONTROL_TOKENS, tokenizer_texts

GOLDEN = json.loads((Path(__file__).parent / "golden" / "tokenizer.json").read_text("utf-8"))
TEXTS = st.text(st.characters(exclude_categories=("Cs",))) | st.sampled_from(tokenizer_texts())
BYTES_WITHOUT_TOKEN = set("\x04\x06\x13\x14\x16\x1d")  # of SmolLM2, and bytes that UTF-8 never has
SMALL = ["<end>", *byte_characters(), "ab", "abc"]

pytestmark = pytest.mark.model


@cache
def tokenizer() -> TextTokenizer:
    file = embedded_file()
    assert file is not None
    return TextTokenizer(read_vocabulary(read_gguf_header(file)))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppReference]:
    """A tiny model with the embedded model's vocabulary: it loads in a tenth of the time."""
    with llama_cpp(TinyLlama().write(tmp_path_factory.mktemp("models") / "tiny.gguf")) as reference:
        yield reference


@cache
def bytes_with_token() -> frozenset[int]:
    return frozenset(token[0] for token in tokenizer().vocabulary.token_bytes if len(token) == 1)


@cache
def texts() -> list[str]:
    return tokenizer_texts()


def has_all_bytes(text: str) -> bool:
    return set(text.encode()) <= bytes_with_token()


def test_ids_of_ten_thousand_texts_are_those_of_transformers() -> None:
    """Texts with bytes that have no token are left out: transformers, unlike llama.cpp, joins what is beside them."""
    different = [
        text
        for place, text in enumerate(texts())
        if digest(tokenizer().encode(text)) != GOLDEN["digests"][8 * place : 8 * place + 8]
    ]
    assert [text for text in different if has_all_bytes(text)] == []
    assert len(different) < 100


def digest(ids: list[int]) -> str:
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()[:8]


@pytest.mark.parametrize("text, ids", GOLDEN["samples"][:5], ids=range(5))
def test_the_digests_of_the_golden_file_are_those_of_its_samples(text: str, ids: list[int]) -> None:
    place = 8 * texts().index(text)
    assert digest(ids) == GOLDEN["digests"][place : place + 8]


def test_ids_of_samples_are_those_of_transformers() -> None:
    for text, ids in GOLDEN["samples"]:
        assert tokenizer().encode(text) == ids or not has_all_bytes(text), text


def test_ids_are_those_of_llama_cpp(served: LlamaCppReference) -> None:
    rare = [text for text in texts() if not has_all_bytes(text)][:50]
    for text in texts()[:150] + rare:
        assert tokenizer().encode(text) == served.token_ids(text), text
        assert tokenizer().encode(text, control=True) == served.token_ids(text, control=True), text


@pytest.mark.slow
@pytest.mark.parametrize("splitter", sorted(SPLITTERS))
def test_ids_of_ten_thousand_texts_are_those_of_llama_cpp_by_every_rule(splitter: str, tmp_path: Path) -> None:
    file = TinyLlama(splitter=splitter).write(tmp_path / "tiny.gguf")
    ours = TextTokenizer(read_vocabulary(read_gguf_header(file)))
    with llama_cpp(file) as reference:
        for text in texts():
            assert ours.encode(text) == reference.token_ids(text), text
            if "<" in text:
                assert ours.encode(text, control=True) == reference.token_ids(text, control=True), text


def test_another_rule_gives_other_ids() -> None:
    """Negative control: with the rule of GPT-2 the comparisons above fail."""
    vocabulary = tokenizer().vocabulary
    other = TextTokenizer(replace(vocabulary, splitter="gpt-2"))
    assert sum(other.encode(text) != tokenizer().encode(text) for text in texts()[:1000]) > 20


@pytest.mark.parametrize("token", [each for each in CONTROL_TOKENS if each.startswith("<") and each.endswith(">")])
def test_a_control_token_in_the_text_of_a_user_is_text(token: str) -> None:
    ids = tokenizer().encode(f"a{token}b")
    assert not set(ids) & tokenizer().vocabulary.control_ids
    assert tokenizer().decode(ids) == f"a{token}b"


def test_control_tokens_of_a_template_are_found() -> None:
    vocabulary = tokenizer().vocabulary
    ids = tokenizer().encode("<|im_start|>user\nHi<|im_end|>\n", control=True)
    assert ids[0] == vocabulary.ids["<|im_start|>"] and ids[-2] == vocabulary.end


@given(TEXTS)
def test_a_text_survives_encoding(text: str) -> None:
    kept = "".join(character for character in text if character not in BYTES_WITHOUT_TOKEN)
    if has_all_bytes(kept):
        assert tokenizer().decode(tokenizer().encode(text)) == kept


@given(TEXTS)
def test_the_bytes_of_the_ids_are_the_bytes_of_the_text(text: str) -> None:
    kept = bytes(byte for byte in text.encode() if byte in bytes_with_token())
    assert b"".join(tokenizer().vocabulary.token_bytes[id] for id in tokenizer().encode(text)) == kept


def small_vocabulary(**changes: GgufValue) -> dict[str, GgufValue]:
    kinds = [3, *[1] * (len(SMALL) - 1)]
    keys = {
        "model": GgufValue.text("gpt2"),
        "pre": GgufValue.text("smollm"),
        "tokens": GgufValue.texts(SMALL),
        "token_type": GgufValue.numbers(GgufValueType.INT32, kinds),
        "merges": GgufValue.texts(["a b", "ab c"]),
        "eos_token_id": GgufValue.unsigned(0),
        "bos_token_id": GgufValue.unsigned(0),
    }
    return {f"tokenizer.ggml.{key}": value for key, value in {**keys, **changes}.items()}


def small_tokenizer(**changes: GgufValue) -> TextTokenizer:
    return TextTokenizer(read_vocabulary(parse(gguf_bytes(small_vocabulary(**changes), {}))))


def test_merges_are_applied_in_their_order() -> None:
    small = small_tokenizer()
    assert [small.vocabulary.tokens[id] for id in small.encode("abcab")] == ["abc", "ab"]
    assert small.vocabulary.begin is None
    assert small_tokenizer(add_bos_token=GgufValue.truth(True)).vocabulary.begin == 0


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"model": GgufValue.text("llama")}, "'llama', which Plait serves and cannot train"),
        ({"pre": GgufValue.text("deepseek-v3")}, "'deepseek-v3', which Plait serves"),
        ({"tokens": GgufValue.texts(["<end>", "a"])}, "2 tokens, 2 different, 259 kinds"),
        ({"tokens": GgufValue.texts(["<end>", *SMALL[1:-1], "a"])}, "258 different"),
        ({"merges": GgufValue.texts(["ab"])}, "the merge 'ab'"),
        ({"merges": GgufValue.texts(["b a"])}, "'b a' of texts that are no tokens"),
        ({"eos_token_id": GgufValue.unsigned(259)}, "eos_token_id 259 of 259 tokens"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_refused_in_words(changes: dict[str, GgufValue], words: str) -> None:
    with pytest.raises(CheckpointError) as refusal:
        small_tokenizer(**changes)
    assert words in str(refusal.value) and refusal.value.hint
