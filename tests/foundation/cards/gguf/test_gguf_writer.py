"""GGUF files of ours are read by the `gguf` package, and its files by us."""

from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.values import GgufArray, GgufValue
from plait.foundation.cards.gguf.writer import TensorContent, gguf_bytes, write_gguf
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.gguf_files import METADATA, SMALL_TENSORS, TENSORS, Metadata, Tensors, parse


@given(METADATA, TENSORS)
def test_the_same_parts_give_the_same_bytes(metadata: Metadata, tensors: Tensors) -> None:
    assert gguf_bytes(metadata, tensors) == gguf_bytes(dict(metadata), dict(tensors))


def test_the_gguf_package_reads_what_was_written(tmp_path: Path) -> None:
    metadata = {
        "general.architecture": GgufValue.text("llama"),
        "numbers": GgufValue.unsigned(7),
        "texts": GgufValue.texts(["猫", ""]),
        "real": GgufValue.real(0.5),
        "truth": GgufValue.truth(True),
    }
    write_gguf(tmp_path / "small.gguf", metadata, SMALL_TENSORS)
    reader = gguf.GGUFReader(tmp_path / "small.gguf")
    fields = {key: reader.fields[key].contents() for key in metadata}
    assert fields == {
        "general.architecture": "llama",
        "numbers": 7,
        "texts": ["猫", ""],
        "real": 0.5,
        "truth": True,
    }
    assert [(each.name, each.tensor_type.name) for each in reader.tensors] == [
        ("a.weight", "F32"),
        ("b.weight", "Q8_0"),
    ]
    assert np.array_equal(reader.tensors[0].data, np.arange(6, dtype=np.float32).reshape(2, 3))


def test_a_file_of_the_gguf_package_is_read(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "theirs.gguf", "llama")
    writer.add_block_count(2)
    writer.add_token_list(["a", "b"])
    writer.add_custom_alignment(64)
    writer.add_tensor("t", np.ones((3, 5), np.float16))
    writer.add_tensor("u", np.ones((1, 7), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_gguf_header(tmp_path / "theirs.gguf")
    assert header.architecture == "llama" and header.integer("llama.block_count") == 2
    assert header.texts("tokenizer.ggml.tokens") == ("a", "b")
    assert {name: each.shape for name, each in header.tensors.items()} == {"t": (3, 5), "u": (1, 7)}


def test_the_sizes_of_blocks_are_those_of_the_gguf_package() -> None:
    sizes = {each.name: (each.number, each.block_elements, each.block_bytes) for each in TENSOR_TYPES.values()}
    theirs = {each.name: (int(each), *size) for each, size in gguf.GGML_QUANT_SIZES.items()}
    assert {name: theirs[name] for name in sizes} == sizes
    assert theirs.keys() - sizes.keys() == {"Q8_1", "Q8_K"}  # formats of activations, never in files


def test_a_tensor_whose_bytes_do_not_fit_its_shape_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="'t' cannot be written"):
        write_gguf(tmp_path / "small.gguf", {}, {"t": TensorContent("F32", (2,), bytes(7))})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_gguf(tmp_path / "missing" / "small.gguf", {}, {})


def test_an_array_is_decoded_only_when_it_is_iterated() -> None:
    value = parse(gguf_bytes({"k": GgufValue.texts(["a", "b"])}, {})).metadata["k"].content
    assert isinstance(value, GgufArray) and len(value) == 2 and tuple(value) == ("a", "b") and "b" in value


@pytest.mark.model
def test_the_embedded_model_written_again_has_the_same_bytes() -> None:
    file = embedded_file()
    assert file is not None
    content = file.read_bytes()
    header = read_gguf_header(file)
    tensors = {
        name: TensorContent(each.tensor_type.name, each.shape, content[each.offset : each.offset + each.num_bytes])
        for name, each in header.tensors.items()
    }
    assert gguf_bytes(header.metadata, tensors) == content
