"""A GGUF header is read as it is, or refused with a CheckpointError, in bounded time and memory."""

import struct
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.header_bytes import MAX_HEADER_BYTES
from plait.foundation.cards.gguf.values import GgufValue, GgufValueType
from plait.foundation.cards.gguf.writer import gguf_bytes
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.gguf_files import (
    METADATA,
    SMALL_TENSORS,
    TENSORS,
    Metadata,
    Tensors,
    parse,
    raw_file,
    raw_key,
    raw_tensor,
)

LENGTH = struct.Struct("<Q").pack
BIG = 2**62


@given(METADATA, TENSORS)
def test_what_was_written_is_read_again(metadata: Metadata, tensors: Tensors) -> None:
    content = gguf_bytes(metadata, tensors)
    header = parse(content)
    assert header.metadata == metadata
    for name, tensor in tensors.items():
        place = header.tensors[name]
        assert (place.tensor_type.name, place.shape) == (tensor.type_name, tensor.shape)
        assert content[place.offset : place.offset + place.num_bytes] == tensor.content


@given(METADATA, TENSORS, st.data())
def test_a_changed_file_is_read_or_refused(metadata: Metadata, tensors: Tensors, data: st.DataObject) -> None:
    content = bytearray(gguf_bytes(metadata, tensors))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content)))
        removed, added = data.draw(st.integers(0, 9)), data.draw(st.binary(max_size=9))
        content[place : place + removed] = added
    try:
        parse(bytes(content))
    except CheckpointError:
        pass


@given(st.binary(max_size=200))
def test_any_bytes_after_the_magic_are_read_or_refused(rest: bytes) -> None:
    for start in (b"GGUF", b"GGUF\x03\0\0\0" + LENGTH(1) + LENGTH(1)):
        try:
            parse(start + rest)
        except CheckpointError:
            pass


@given(METADATA, st.data())
def test_a_file_that_was_cut_is_refused(metadata: Metadata, data: st.DataObject) -> None:
    content = gguf_bytes(metadata, SMALL_TENSORS)
    padding = 30  # bytes that nothing needs, after the 34 of the last tensor
    with pytest.raises(CheckpointError):
        parse(content[: data.draw(st.integers(0, len(content) - padding - 1))])


HOSTILE = {
    "no magic": (b"PK\x03\x04" + bytes(40), "begins with b'PK"),
    "empty file": (b"", "ends after 0 bytes"),
    "version 1": (raw_file([], [], version=1), "version 1 "),
    "version 4": (raw_file([], [], version=4), "version 4 "),
    "big-endian": (b"GGUF\0\0\0\x03" + bytes(16), "big-endian"),
    "many keys": (b"GGUF\x03\0\0\0" + LENGTH(0) + LENGTH(BIG), "metadata keys"),
    "many tensors": (b"GGUF\x03\0\0\0" + LENGTH(BIG) + LENGTH(0), "tensors"),
    "long text": (raw_file([raw_key("k", 8, LENGTH(BIG))], []), 'bytes of the value of "k"'),
    "long key": (raw_file([LENGTH(BIG)], []), "bytes of a metadata key"),
    "long array": (raw_file([raw_key("k", 9, struct.pack("<IQ", 0, BIG))], []), 'elements of "k"'),
    "array beyond the file": (raw_file([raw_key("k", 9, struct.pack("<IQ", 10, 10**6))], []), "ends after"),
    "array beyond the limit": (raw_file([raw_key("k", 9, struct.pack("<IQ", 10, 10**8))], []), "at most 100,000,000"),
    "many texts": (raw_file([raw_key("k", 9, struct.pack("<IQ", 8, 10**7))], []), "texts in arrays"),
    "text in an array beyond the file": (raw_file([raw_key("k", 9, struct.pack("<IQQ", 8, 1, BIG))], []), "header has"),
    "nested arrays": (raw_file([raw_key("k", 9, struct.pack("<IQ", 9, 1))], []), "array of arrays"),
    "unknown type of value": (raw_file([raw_key("k", 13, b"")], []), "unknown type 13"),
    "neither true nor false": (raw_file([raw_key("k", 7, b"\x02")], []), "byte 2"),
    "text that is not UTF-8": (raw_file([raw_key("k", 8, LENGTH(1) + b"\xff")], []), "not UTF-8"),
    "key with a space": (raw_file([raw_key("a b", 7, b"\0")], []), "printable"),
    "key twice": (raw_file([raw_key("k", 7, b"\0")] * 2, []), '"k" occurs twice'),
    "tensor twice": (raw_file([], [raw_tensor("t", [1])] * 2, tail=bytes(64)), '"t" occurs twice'),
    "long name": (raw_file([], [raw_tensor("t" * 64, [1])], tail=bytes(32)), "at most 63"),
    "name without characters": (raw_file([], [raw_tensor("", [1])], tail=bytes(32)), "name of a tensor"),
    "no dimension": (raw_file([], [raw_tensor("t", [])]), "0 dimensions"),
    "five dimensions": (raw_file([], [raw_tensor("t", [1] * 5)], tail=bytes(32)), "5 dimensions"),
    "length zero": (raw_file([], [raw_tensor("t", [0])]), "impossible shape"),
    "product beyond 64 bits": (raw_file([], [raw_tensor("t", [2**32, 2**32])]), "impossible shape"),
    "unknown type of tensor": (raw_file([], [raw_tensor("t", [1], 999)]), "unknown type 999"),
    "row that is no block": (raw_file([], [raw_tensor("t", [31], 8)], tail=bytes(64)), "blocks of 32"),
    "tensor beyond the file": (raw_file([], [raw_tensor("t", [100])], tail=bytes(32)), "tensors end at"),
    "huge tensor": (raw_file([], [raw_tensor("t", [2**60])]), "tensors end at"),
    "overlap": (raw_file([], [raw_tensor("t", [9]), raw_tensor("u", [9])], tail=bytes(128)), "should begin at 64"),
    "gap": (raw_file([], [raw_tensor("t", [1]), raw_tensor("u", [1], 0, 64)], tail=bytes(96)), "should begin at 32"),
    "no alignment": (raw_file([], [raw_tensor("t", [1], 0, 4)], tail=bytes(32)), "should begin at 0"),
    "alignment 0": (raw_file([raw_key("general.alignment", 4, bytes(4))], []), "power of two"),
    "alignment 24": (raw_file([raw_key("general.alignment", 4, struct.pack("<I", 24))], []), "power of two"),
    "alignment as text": (raw_file([raw_key("general.alignment", 8, LENGTH(0))], []), "power of two"),
    "bytes after the tensors": (raw_file([], [raw_tensor("t", [1])], tail=bytes(4096)), "follow its last tensor"),
}


@pytest.mark.parametrize("content, words", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_header_is_refused_at_once_and_in_words(content: bytes, words: str) -> None:
    tracemalloc.start()
    start = time.monotonic()
    with pytest.raises(CheckpointError) as refusal:
        parse(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert words in str(refusal.value) and refusal.value.hint
    assert time.monotonic() - start < 1 and peak < 4 * 2**20


def test_the_sound_neighbours_of_hostile_headers_are_read() -> None:
    """Negative control: the same builders give files that are accepted."""
    sound = raw_file([raw_key("k", 7, b"\x01")], [raw_tensor("t", [9]), raw_tensor("u", [9], 0, 64)], tail=bytes(128))
    assert parse(sound).truth("k") and list(parse(sound).tensors) == ["t", "u"]


def test_a_large_file_of_nothing_is_refused_after_the_limit_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "hole.gguf"
    file.write_bytes(raw_file([raw_key("k", 9, struct.pack("<IQ", 0, 10**8))], []))
    with file.open("r+b") as stream:
        stream.truncate(10 * MAX_HEADER_BYTES)  # a file with a hole, which takes no space
    with pytest.raises(CheckpointError, match="at most 100,000,000"):
        read_gguf_header(file)


def test_a_value_of_another_type_is_refused_by_its_key() -> None:
    header = parse(gguf_bytes({"k": GgufValue.text("x"), "n": GgufValue.numbers(GgufValueType.INT32, [1])}, {}))
    assert header.text("k") == "x" and header.integers("n") == (1,) and header.integer("missing", 7) == 7
    for read in (header.integer, header.real, header.truth, header.texts, header.integers):
        with pytest.raises(CheckpointError, match="'k' as string"):
            read("k")
    with pytest.raises(CheckpointError, match="no metadata 'missing'"):
        header.text("missing")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="No such file"):
        read_gguf_header(tmp_path / "missing.gguf")


@pytest.mark.model
def test_the_header_of_the_embedded_model() -> None:
    file = embedded_file()
    assert file is not None
    header = read_gguf_header(file)
    assert header.architecture == "llama" and header.integer("llama.block_count") == 30
    assert header.tensors["token_embd.weight"].shape == (49_152, 576)
    assert header.texts("tokenizer.ggml.tokens")[:3] == ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def test_a_header_is_read_without_numpy_and_torch() -> None:
    code = "import sys, plait.foundation.cards.gguf.writer; print({'numpy', 'torch'} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "set()"
