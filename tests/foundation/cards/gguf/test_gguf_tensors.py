"""Tensors are dequantised and quantised with the results of the `gguf` package, bit by bit."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.tensors import READABLE_FORMATS, WRITABLE_FORMATS, dequantize, quantize, read_tensor
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.service.engines.llamacpp.config import embedded_file

SEEDS = st.integers(0, 2**32 - 1)
SPECIAL = np.array([0.0, -0.0, 0.5, -0.5, 63.5, 127.0, -127.0, 254.0, 1e-30, 65504.0], np.float32)


def blocks_of(name: str, seed: int) -> np.ndarray:
    """Random bytes of seven blocks, whose scales are numbers: a NaN compares with nothing."""
    content = np.random.default_rng(seed).integers(0, 256, (7, TENSOR_TYPES[name].block_bytes), np.uint8)
    if name != "F32":
        content[:, 1::2] &= 0xBB  # no exponent of 31, also where the scales are at the end of a block
    return content.reshape(-1)


@pytest.mark.parametrize("name", sorted(READABLE_FORMATS))
@given(seed=SEEDS)
def test_every_format_is_dequantised_as_by_the_gguf_package(name: str, seed: int) -> None:
    content = blocks_of(name, seed)
    expected = gguf.dequantize(content.copy(), gguf.GGMLQuantizationType[name])
    assert dequantize(content, TENSOR_TYPES[name]).tobytes() == expected.astype(np.float32).tobytes()


@pytest.mark.parametrize("name", sorted(WRITABLE_FORMATS))
@given(seed=SEEDS, scale=st.sampled_from((1e-4, 1.0, 300.0)))
def test_every_format_is_quantised_as_by_the_gguf_package(name: str, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    elements = (random.standard_normal((3, 64)) * scale).astype(np.float32)
    elements[0, random.integers(0, 64, 20)] = random.choice(SPECIAL, 20)
    elements[1, :32] = 0
    expected = gguf.quantize(elements, gguf.GGMLQuantizationType[name])
    assert quantize(elements, name).content == expected.tobytes()


@given(seed=SEEDS)
def test_eight_bits_lose_less_than_half_a_step(seed: int) -> None:
    elements = np.random.default_rng(seed).standard_normal((4, 32)).astype(np.float32)
    content = np.frombuffer(quantize(elements, "Q8_0").content, np.uint8)
    again = dequantize(content, TENSOR_TYPES["Q8_0"]).reshape(4, 32)
    steps = np.abs(elements).max(axis=1, keepdims=True) / 127
    assert (np.abs(again - elements) <= steps * 0.57).all()  # half a step, and the 11 bits of the scale


def test_a_tensor_is_read_where_the_table_places_it(tmp_path: Path) -> None:
    tensors = {name: quantize(np.full((2, 32), number, np.float32), "F16") for number, name in enumerate("abc")}
    write_gguf(tmp_path / "small.gguf", {}, tensors)
    header = read_gguf_header(tmp_path / "small.gguf")
    assert [read_tensor(header, name).mean() for name in "abc"] == [0, 1, 2]
    assert read_tensor(header, "c").shape == (2, 32)


def test_an_unknown_tensor_and_a_format_that_is_not_read_are_refused_by_name(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", {}, {"t": TensorContent("IQ4_NL", (32,), bytes(18))})
    header = read_gguf_header(tmp_path / "small.gguf")
    with pytest.raises(CheckpointError, match="no tensor 'u'"):
        read_tensor(header, "u")
    with pytest.raises(CheckpointError, match="'t' as IQ4_NL") as refusal:
        read_tensor(header, "t")
    assert "Q4_K" in refusal.value.hint


def test_a_file_that_became_shorter_is_refused(tmp_path: Path) -> None:
    write_gguf(tmp_path / "small.gguf", {}, {"t": quantize(np.zeros((9, 32), np.float32), "F32")})
    header = read_gguf_header(tmp_path / "small.gguf")
    with (tmp_path / "small.gguf").open("r+b") as stream:
        stream.truncate(500)
    with pytest.raises(CheckpointError, match="became shorter"):
        read_tensor(header, "t")


@pytest.mark.model
@pytest.mark.parametrize("name", ["blk.29.ffn_down.weight", "blk.7.attn_norm.weight"])
def test_tensors_of_the_embedded_model_are_those_that_the_gguf_package_reads(name: str) -> None:
    file = embedded_file()
    assert file is not None
    header = read_gguf_header(file)
    place = header.tensors[name]
    content = np.memmap(file, np.uint8, "r", place.offset, (place.num_bytes,))
    expected = gguf.dequantize(content, gguf.GGMLQuantizationType[place.tensor_type.name])
    assert read_tensor(header, name).tobytes() == expected.astype(np.float32).tobytes()
