"""An adapter's header is accepted if it is a plain LoRA that fits its base; everything else is refused by name."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter_fit import MAX_RANK, check_adapter
from plait.foundation.cards.gguf.header import GgufHeader, read_gguf_header
from plait.foundation.cards.gguf.values import GgufValue, GgufValueType
from plait.foundation.cards.gguf.writer import TensorContent, gguf_bytes
from tests.support.gguf_files import parse
from tests.support.lora_adapters import ADAPTER_METADATA

QUERY, DOWN = "blk.0.attn_q.weight", "blk.1.ffn_down.weight"
BASE_SHAPES = {QUERY: (6, 4), DOWN: (4, 8), "output_norm.weight": (4,)}
SHA256 = "ab" * 32


def zeros(*shape: int, type_name: str = "F32") -> TensorContent:
    size = {"F32": 4, "F16": 2, "I32": 4}[type_name]
    for length in shape:
        size *= length
    return TensorContent(type_name, shape, bytes(size))


def lora(name: str, outputs: int, inputs: int, rank: int = 2) -> dict[str, TensorContent]:
    return {f"{name}.lora_a": zeros(rank, inputs), f"{name}.lora_b": zeros(outputs, rank)}


GOOD = {**lora(QUERY, 6, 4), **lora(DOWN, 4, 8, rank=3)}


@pytest.fixture
def base() -> GgufHeader:
    return base_header()


def base_header() -> GgufHeader:
    tensors = {name: zeros(*shape) for name, shape in BASE_SHAPES.items()}
    return parse(gguf_bytes({"general.architecture": GgufValue.text("llama")}, tensors))


def write(folder: Path, tensors: Mapping[str, TensorContent] = GOOD, **metadata: GgufValue | None) -> Path:
    """An adapter's file. None removes a key; `__` in a name stands for a dot."""
    keys = {**ADAPTER_METADATA, **{key.replace("__", "."): value for key, value in metadata.items()}}
    file = folder / "adapter.gguf"
    file.write_bytes(gguf_bytes({key: value for key, value in keys.items() if value is not None}, tensors))
    return file


def check(file: Path, base: GgufHeader, base_sha256: str = SHA256) -> AdapterHeader:
    return check_adapter(read_gguf_header(file), base, base_sha256)


def refusal(file: Path, base: GgufHeader) -> str:
    with pytest.raises(CheckpointError) as caught:
        check(file, base)
    assert caught.value.hint and str(file) in caught.value.message
    return caught.value.message


def test_an_adapter_that_fits_its_base_is_accepted(base: GgufHeader, tmp_path: Path) -> None:
    adapter = check(write(tmp_path, plait__base__sha256=GgufValue.text(SHA256)), base)
    assert (adapter.rank, adapter.alpha, adapter.base_sha256) == (3, 16.0, SHA256)
    assert check(write(tmp_path, lora(QUERY, 6, 4, MAX_RANK)), base).rank == MAX_RANK


MAGNITUDE = f"{QUERY.removesuffix('.weight')}.lora_magnitude_vector"
BAD_TENSORS = {
    "DoRA": ({**GOOD, MAGNITUDE: zeros(6)}, f"the tensor {MAGNITUDE!r}, which is no factor of LoRA"),
    "a saved module": ({**GOOD, "output.weight": zeros(9, 4)}, "the tensor 'output.weight', which is no factor"),
    "new tokens": (lora("token_embd.weight", 9, 4), 'it adapts "token_embd.weight", which is no projection'),
    "a norm": (lora("blk.0.attn_norm.weight", 4, 4), 'it adapts "blk.0.attn_norm.weight", which is no projection'),
    "a bias": (lora("blk.0.attn_q.bias", 6, 4), 'it adapts "blk.0.attn_q.bias", which is no projection of a layer'),
    "half a pair": ({f"{QUERY}.lora_b": zeros(6, 2)}, f"no tensor '{QUERY}.lora_a'"),
    "other ranks": ({f"{QUERY}.lora_a": zeros(2, 4), f"{QUERY}.lora_b": zeros(6, 3)}, "(2, 4) and (6, 3)"),
    "no matrix": ({f"{QUERY}.lora_a": zeros(2, 2, 4), f"{QUERY}.lora_b": zeros(6, 2)}, "(2, 2, 4) and (6, 2)"),
    "integers": (
        {f"{QUERY}.lora_a": zeros(2, 4, type_name="I32"), f"{QUERY}.lora_b": zeros(6, 2)},
        f'it stores "{QUERY}.lora_a" as I32',
    ),
    "a large rank": (lora(QUERY, 6, 4, MAX_RANK + 1), f'it adapts "{QUERY}" with rank 65'),
    "nothing": ({}, "an adapter without tensors"),
}


@pytest.mark.parametrize("case", BAD_TENSORS)
def test_tensors_that_are_no_plain_lora_are_refused_by_name(case: str, base: GgufHeader, tmp_path: Path) -> None:
    tensors, reason = BAD_TENSORS[case]
    assert reason in refusal(write(tmp_path, tensors), base)


BAD_METADATA: dict[str, tuple[dict[str, GgufValue | None], str]] = {
    "a model": ({"general__type": None}, "is no LoRA adapter: it is a model lora"),
    "a control vector": ({"adapter__type": GgufValue.text("control_vector")}, "it is a adapter control_vector"),
    "no type": ({"adapter__type": None}, "is no LoRA adapter: it is a adapter"),
    "activated LoRA": (
        {"adapter__alora__invocation_tokens": GgufValue.numbers(GgufValueType.UINT32, [1])},
        'begins in the middle of a prompt: it has the metadata "adapter.alora.invocation_tokens"',
    ),
    "no alpha": ({"adapter__lora__alpha": None}, "has no metadata 'adapter.lora.alpha'"),
    "an integer": ({"adapter__lora__alpha": GgufValue.unsigned(16)}, "as uint32, and a floating-point number was"),
    "64 bits": ({"adapter__lora__alpha": GgufValue(GgufValueType.FLOAT64, 16.0)}, "as float64, and a number of 32"),
    "alpha 0": ({"adapter__lora__alpha": GgufValue.real(0.0)}, "it has adapter.lora.alpha = 0.0, which should be a"),
    "alpha below 0": ({"adapter__lora__alpha": GgufValue.real(-1.0)}, "it has adapter.lora.alpha = -1.0"),
    "alpha infinite": ({"adapter__lora__alpha": GgufValue.real(float("inf"))}, "it has adapter.lora.alpha = inf"),
    "alpha no number": ({"adapter__lora__alpha": GgufValue.real(float("nan"))}, "it has adapter.lora.alpha = nan"),
}


@pytest.mark.parametrize("case", BAD_METADATA)
def test_metadata_of_no_plain_lora_is_refused(case: str, base: GgufHeader, tmp_path: Path) -> None:
    metadata, reason = BAD_METADATA[case]
    assert reason in refusal(write(tmp_path, GOOD, **metadata), base)


OTHER_BASES: dict[str, tuple[Mapping[str, TensorContent], dict[str, GgufValue], str]] = {
    "architecture": (GOOD, {"general__architecture": GgufValue.text("qwen2")}, "architecture \"qwen2\", not 'llama'"),
    "sha256": (
        GOOD,
        {"plait__base__sha256": GgufValue.text("cd" * 32)},
        "trained on another model than small.gguf",
    ),
    "missing tensor": (
        lora("blk.7.attn_q.weight", 6, 4),
        {},
        'adapts "blk.7.attn_q.weight", which small.gguf does',
    ),
    "shape": (lora(QUERY, 6, 5), {}, f'adapts "{QUERY}" as (6, 5), which is (6, 4) in small.gguf'),
}


@pytest.mark.parametrize("case", OTHER_BASES)
def test_an_adapter_of_another_base_is_refused_with_the_reason(case: str, base: GgufHeader, tmp_path: Path) -> None:
    tensors, metadata, reason = OTHER_BASES[case]
    assert reason in refusal(write(tmp_path, tensors, **metadata), base)


@given(data=st.data())
def test_a_changed_adapter_is_accepted_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the bytes, there is no other error than ours, and what is accepted has a rank and an alpha in bounds."""
    content = bytearray(gguf_bytes(ADAPTER_METADATA, GOOD))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 600))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "changed.gguf"
    file.write_bytes(content)
    try:
        adapter = check(file, base_header())
    except CheckpointError:
        return
    assert 1 <= adapter.rank <= MAX_RANK and 0 < adapter.alpha < float("inf")
