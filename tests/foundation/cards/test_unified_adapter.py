"""The header of a unified model's adapter: read without tensors, and refused with the reason before they are loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from plait.core.errors import CheckpointError
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter_files import adapter_suffix, check_adapter_fit, is_adapter, read_adapter_facts
from plait.foundation.cards.unified_adapter import check_unified_adapter, read_unified_adapter
from tests.support.tiny_weights import save_tiny_weights
from tests.support.unified_adapters import ALPHA, RANK, random_adapter

NAME = "encoder.layers.0.attention.query.weight"
Tensors = dict[str, torch.Tensor]
Texts = dict[str, str]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("base") / "tiny.safetensors"
    save_tiny_weights(file, {"locate": "0123456789ab"})
    return file


@pytest.fixture(scope="module")
def good(base: Path) -> Path:
    return random_adapter(base, base.with_name("adapter.safetensors"), "locate", "0123456789ab")


def test_the_facts_of_an_adapter_are_read_and_its_base_is_checked(base: Path, good: Path) -> None:
    facts = check_adapter_fit(good, base, file_sha256(base))
    assert (facts.rank, facts.alpha, facts.scale) == (RANK, ALPHA, ALPHA / RANK)
    assert (facts.task, facts.fingerprint, facts.base_sha256) == ("locate", "0123456789ab", file_sha256(base))
    assert facts == read_adapter_facts(good) and adapter_suffix(good) == ".safetensors"
    assert is_adapter(good) and not is_adapter(base) and not is_adapter(base.with_name("none"))
    names = read_unified_adapter(good).adapted_weights
    assert NAME in names and not any("stem" in name or "table" in name for name in names)


def with_factor(name: str, factor: torch.Tensor) -> Callable[[Tensors, Texts], None]:
    return lambda tensors, texts: tensors.update({name: factor})


def without(name: str) -> Callable[[Tensors, Texts], None]:
    return lambda tensors, texts: tensors.__delitem__(name)


def with_text(key: str, text: str) -> Callable[[Tensors, Texts], None]:
    return lambda tensors, texts: texts.update({key: text})


CHANGES: dict[str, tuple[Callable[[Tensors, Texts], None], str]] = {
    "another format": (with_text("format", "lora-9"), "is no adapter of a unified model"),
    "a rank of words": (with_text("rank", "many"), 'has the rank "many", and 1 to 64 are possible'),
    "a huge rank": (with_text("rank", "9" * 40), "1 to 64 are possible"),
    "no strength": (with_text("alpha", "nan"), 'has alpha = "nan"'),
    "a negative strength": (with_text("alpha", "-1"), "should be a number above 0"),
    "an embedding": (with_factor("table.weight.lora_a", torch.zeros(RANK, 64)), "no factor of a weight that can be"),
    "a whole matrix": (with_factor(NAME, torch.zeros(64, 64)), "no factor of a weight that can be adapted"),
    "integers": (with_factor(f"{NAME}.lora_a", torch.zeros(RANK, 64, dtype=torch.int8)), "as I8, and F16, F32"),
    "half a pair": (without(f"{NAME}.lora_b"), f'has no tensor "{NAME}.lora_b"'),
    "another rank in one pair": (with_factor(f"{NAME}.lora_a", torch.zeros(2, 64)), f"not of rank {RANK}"),
    "another width": (with_factor(f"{NAME}.lora_a", torch.zeros(RANK, 32)), "as (64, 32), which is (64, 64) in tiny"),
    "a layer too many": (
        lambda tensors, texts: tensors.update(
            {name.replace(".0.", ".9."): each.clone() for name, each in [*tensors.items()]}
        ),
        "which tiny.safetensors does not have",
    ),
    "another base": (with_text("base_sha256", "ab" * 32), "was trained on another model than tiny.safetensors"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_cannot_be_served_is_refused_with_its_reason(
    base: Path, good: Path, tmp_path: Path, change: tuple[Callable[[Tensors, Texts], None], str]
) -> None:
    with safetensors.safe_open(good, "pt") as content:
        texts, tensors = dict(content.metadata()), {name: content.get_tensor(name) for name in content.keys()}
    change[0](tensors, texts)
    file = tmp_path / "other.safetensors"
    file.write_bytes(safetensors.torch.save(tensors, texts))
    with pytest.raises(CheckpointError) as refused:
        check_unified_adapter(file, base, file_sha256(base))
    assert change[1] in refused.value.message and refused.value.hint


def test_an_adapter_cut_anywhere_is_refused(base: Path, good: Path, tmp_path: Path) -> None:
    content = good.read_bytes()
    for length in (0, 4, 9, 200, len(content) - 1):
        file = tmp_path / "cut.safetensors"
        file.write_bytes(content[:length])
        with pytest.raises(CheckpointError):
            check_unified_adapter(file, base, file_sha256(base))
