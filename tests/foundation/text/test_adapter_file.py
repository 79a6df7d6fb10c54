"""An adapter that leaves the trainer is the adapter that is served."""

from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError
from plait.foundation.cards.adapter import AdapterHeader, check_base
from plait.foundation.cards.gguf.adapter import read_adapter_header
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.tensors import quantize, read_tensor
from plait.foundation.cards.gguf.vocabulary import read_vocabulary
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.foundation.text.adapt_request import LoraConfig
from plait.foundation.text.adapter_file import load_adapter, write_adapter
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.tokenizer import TextTokenizer
from plait.foundation.training.lora import adapter_weights
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.adapted_models import (
    SHA256,
    add_random_adapters,
    all_log_probs,
    served_differences,
    write_adapters,
)
from tests.support.llama_server import llama_cpp
from tests.support.tiny_llama import TinyLlama

IDS = list(range(20))
CONFIG = LoraConfig(rank=8, alpha=16)

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TinyLlama().write_small(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def adapted(file: Path) -> TextDecoder:
    model = load_decoder(read_gguf_header(file))
    add_random_adapters(model, CONFIG, 0.05)
    return model


def test_facts_of_an_adapter_are_in_its_header(adapted: TextDecoder, tmp_path: Path) -> None:
    written = write_adapter(
        tmp_path / "a.gguf", adapted, CONFIG, base_sha256=SHA256, task="home_command", fingerprint="f1"
    )
    assert written == AdapterHeader("llama", 8, 16.0, SHA256, "home_command", "f1")
    assert read_adapter_header(read_gguf_header(tmp_path / "a.gguf")) == written


def test_the_same_weights_give_the_same_bytes(adapted: TextDecoder, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_adapter(tmp_path / name, adapted, CONFIG, base_sha256=SHA256)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("tensor_type, limit", [("F32", 0), ("F16", 0.01), ("Q8_0", 0.1)])
def test_an_adapter_that_is_loaded_again_computes_the_same(
    file: Path, adapted: TextDecoder, tmp_path: Path, tensor_type: str, limit: float
) -> None:
    write_adapter(tmp_path / "a.gguf", adapted, CONFIG, base_sha256=SHA256, tensor_type=tensor_type)
    again = load_decoder(read_gguf_header(file))
    load_adapter(again, read_gguf_header(tmp_path / "a.gguf"))
    assert (all_log_probs(again, IDS) - all_log_probs(adapted, IDS)).abs().max() <= limit
    assert all(each.requires_grad for each in adapter_weights(again).values())


@pytest.mark.parametrize(
    "config",
    [LoraConfig(4, 8.0, upper_layers=1), LoraConfig(32, 8.0, True, projections=("attn_v", "ffn_up"))],
    ids=["upper layer", "two projections, stabilised"],
)
def test_an_adapter_of_some_weights_survives(file: Path, tmp_path: Path, config: LoraConfig) -> None:
    model, again = (load_decoder(read_gguf_header(file)) for _ in range(2))
    add_random_adapters(model, config, 0.05)
    write_adapter(tmp_path / "a.gguf", model, config, base_sha256=SHA256, tensor_type="F32")
    load_adapter(again, read_gguf_header(tmp_path / "a.gguf"))
    assert torch.allclose(all_log_probs(again, IDS), all_log_probs(model, IDS), atol=1e-4)


@pytest.mark.parametrize("tensor_type, limit", [("F32", 0.03), ("F16", 0.03), ("Q8_0", 0.1)])
def test_llama_cpp_serves_what_was_trained(tmp_path: Path, tensor_type: str, limit: float) -> None:
    """A wrong alpha and another order of rows, the negative controls, are far away."""
    file = TinyLlama().write(tmp_path / "tiny.gguf")
    model = load_decoder(read_gguf_header(file))
    base = all_log_probs(model, IDS)
    config = LoraConfig(rank=8, alpha=16, rank_stabilized=True)
    add_random_adapters(model, config, 0.05)
    trained = all_log_probs(model, IDS)
    with llama_cpp(file, write_adapters(tmp_path, model, config, tensor_type)) as served:
        assert served_differences(served, IDS, base, None, start=12).max() < limit
        assert served_differences(served, IDS, trained, 0, start=12).max() < limit
        for wrong in (None, 1, 2):
            assert served_differences(served, IDS, trained, wrong, start=12).max() > 5 * limit


@pytest.mark.slow
@pytest.mark.parametrize(
    "weights, num_tokens, median, percentile",
    [("as shipped, 4 bits", 460, 0.05, 0.3), ("F16", 200, 0.005, 0.02)],
    ids=["4 bits", "16 bits"],
)
def test_parity_of_the_embedded_model_with_a_random_adapter(
    tmp_path: Path, weights: str, num_tokens: int, median: float, percentile: float
) -> None:
    """|Δ log p| of tokens that the trainer finds likely, in nats: median and 99th percentile of issue 15."""
    file = embedded_file()
    assert file is not None
    if weights == "F16":
        file = write_as_f16(file, tmp_path / "f16.gguf")
    model = load_decoder(read_gguf_header(file))
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    ids = TextTokenizer(read_vocabulary(read_gguf_header(file))).encode(readme)[:num_tokens]
    base = all_log_probs(model, ids)
    add_random_adapters(model, CONFIG, 0.06)
    trained = all_log_probs(model, ids)
    assert (trained - base).abs().median() > 0.2
    with llama_cpp(file, write_adapters(tmp_path, model, CONFIG), context=1024) as served:
        sound, alpha, order = (
            served_differences(served, ids, trained, number, start=start, min_probability=0.1)
            for number, start in ((0, 8), (1, num_tokens // 2), (2, num_tokens // 2))
        )
    assert len(sound) > num_tokens
    assert sound.median() <= median and sound.quantile(0.99) <= percentile
    for wrong in (alpha, order):
        assert wrong.median() > median and wrong.quantile(0.99) > percentile


def write_as_f16(file: Path, copy: Path) -> Path:
    """The model with its matrices in 16 bits: what remains of the differences is llama.cpp's cache in 16 bits."""
    header = read_gguf_header(file)
    tensors = {
        name: quantize(read_tensor(header, name), "F16" if len(each.shape) > 1 else "F32")
        for name, each in header.tensors.items()
    }
    write_gguf(copy, header.metadata, tensors)
    return copy


def rewrite(file: Path, changes: dict[str, TensorContent | None], kind: str = "adapter") -> Path:
    """Writes the file again with some tensors replaced, added or (None) left out."""
    header, content = read_gguf_header(file), file.read_bytes()
    tensors: dict[str, TensorContent | None] = {
        name: TensorContent(each.tensor_type.name, each.shape, content[each.offset : each.offset + each.num_bytes])
        for name, each in header.tensors.items()
    }
    metadata = {key: value for key, value in header.metadata.items() if kind == "adapter" or key != "general.type"}
    changed = {name: each for name, each in (tensors | changes).items() if each is not None}
    write_gguf(file, metadata, changed)
    return file


FACTOR = TensorContent("F32", (8, 32), bytes(1024))


@pytest.mark.parametrize(
    "changes, kind, words",
    [
        ({}, "model", "is no LoRA adapter: it is a model lora"),
        ({"blk.0.attn_q.weight.lora_b": None}, "adapter", "no tensor 'blk.0.attn_q.weight.lora_b'"),
        ({"blk.0.attn_q.lora_magnitude": FACTOR}, "adapter", "no factor of LoRA"),
        ({"output.weight": FACTOR}, "adapter", "no factor of LoRA"),
        ({"blk.0.attn_q.weight.lora_a": TensorContent("F32", (9, 64), bytes(2304))}, "adapter", "do not fit"),
        ({"blk.0.attn_q.weight.lora_a": FACTOR}, "adapter", "does not fit the model at 'blk.0.attn_q.weight.lora_a'"),
        ({f"token_embd.weight.lora_{each}": FACTOR for each in "a"}, "adapter", "token_embd.weight.lora_b"),
    ],
)
def test_an_adapter_that_would_be_served_wrongly_is_refused(
    file: Path, adapted: TextDecoder, tmp_path: Path, changes: dict[str, TensorContent | None], kind: str, words: str
) -> None:
    write_adapter(tmp_path / "a.gguf", adapted, CONFIG, base_sha256=SHA256)
    with pytest.raises(CheckpointError) as refusal:
        header = read_gguf_header(rewrite(tmp_path / "a.gguf", changes, kind))
        load_adapter(load_decoder(read_gguf_header(file)), header)
    assert words in str(refusal.value) and refusal.value.hint


def test_an_adapter_of_another_shape_of_model_is_refused(adapted: TextDecoder, tmp_path: Path) -> None:
    write_adapter(tmp_path / "a.gguf", adapted, CONFIG, base_sha256=SHA256)
    header = read_gguf_header(tmp_path / "a.gguf")
    for shape in (TinyLlama(layers=3), TinyLlama(hidden=128), TinyLlama(layers=1)):
        model = load_decoder(read_gguf_header(shape.write_small(tmp_path / "other.gguf")))
        with pytest.raises(CheckpointError, match="does not fit the model"):
            load_adapter(model, header)


def test_an_adapter_of_another_file_is_refused_by_its_digest() -> None:
    adapter = AdapterHeader("llama", 8, 16.0, SHA256)
    check_base(Path("a.gguf"), adapter, Path("base.gguf"), SHA256)
    with pytest.raises(CheckpointError, match=r"trained on another model than base.gguf"):
        check_base(Path("a.gguf"), adapter, Path("base.gguf"), "cd" * 32)
