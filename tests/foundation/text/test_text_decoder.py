"""Our decoder computes what `transformers` and llama.cpp compute from the same file."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.values import GgufValue
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.training import linear
from plait.service.engines.llamacpp.config import embedded_file
from tests.support.llama_server import llama_cpp
from tests.support.tiny_llama import TinyLlama

GOLDEN = json.loads((Path(__file__).parent / "golden" / "logits.json").read_text("utf-8"))["prompts"]
RECORDED_IDS = slice(None, None, 1_537)  # as in tools/transformers_oracle.py
DOCUMENTS = st.lists(st.lists(st.integers(0, 49), min_size=1, max_size=12), min_size=1, max_size=4)

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TextDecoder:
    return load_decoder(read_gguf_header(TinyLlama().write_small(tmp_path_factory.mktemp("models") / "tiny.gguf")))


@pytest.fixture(scope="module")
def embedded() -> TextDecoder:
    file = embedded_file()
    assert file is not None
    return load_decoder(read_gguf_header(file))


@torch.no_grad()
def document_logits(model: TextDecoder, *documents: list[int]) -> torch.Tensor:
    return model.logits(model(*PackedDocuments.pack(documents)))


def golden_errors(model: TextDecoder) -> tuple[float, float]:
    """Largest difference of a logit, and of the logarithm of the sum of all exponentials."""
    logits = document_logits(model, *(prompt["ids"] for prompt in GOLDEN)).double()
    expected = torch.tensor([row for prompt in GOLDEN for row in prompt["logits"]]).double()
    log_sums = torch.tensor([each for prompt in GOLDEN for each in prompt["log_sums"]]).double()
    return float((logits[:, RECORDED_IDS] - expected).abs().max()), float((logits.logsumexp(-1) - log_sums).abs().max())


def test_logits_are_those_of_transformers(embedded: TextDecoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "ONEDNN_THRESHOLD", 10**18)  # oneDNN computes in bf16 on processors with AMX
    assert max(golden_errors(embedded)) < 1e-4


def test_a_model_with_the_row_order_of_transformers_has_other_logits(embedded: TextDecoder) -> None:
    """Negative control: the order of rows of queries and keys matters."""
    weight = embedded.layers[0].attn_q.weight
    original = weight.data
    weight.data = original.unflatten(0, (9, 32, 2)).transpose(1, 2).flatten(0, 2).contiguous()
    assert max(golden_errors(embedded)) > 1
    weight.data = original


@pytest.mark.parametrize(
    "shape",
    [
        TinyLlama(),
        TinyLlama(kv_heads=1, tied=False),
        TinyLlama(kv_heads=4, layers=1, rope_factors=True),
        TinyLlama(tensor_type="Q8_0"),
    ],
    ids=["grouped and tied", "one head of keys and untied", "factors of Llama 3.1", "Q8_0"],
)
def test_log_probabilities_are_those_of_llama_cpp(shape: TinyLlama, tmp_path: Path) -> None:
    file = shape.write(tmp_path / "tiny.gguf")
    ids = list(range(300, 324))
    log_probs = document_logits(load_decoder(read_gguf_header(file)), ids).log_softmax(-1)
    limit = 0.1 if shape.tensor_type == "Q8_0" else 0.02  # llama.cpp's cache is in 16 bits, its Q8_0 products in 8
    with llama_cpp(file) as reference:
        for length in range(4, len(ids) + 1, 4):
            for id, log_prob in reference.next_log_probs(ids[:length]).items():
                assert abs(float(log_probs[length - 1, id]) - log_prob) < limit


@given(DOCUMENTS)
def test_packed_documents_do_not_see_each_other(tiny: TextDecoder, documents: list[list[int]]) -> None:
    packed = document_logits(tiny, *documents)
    alone = torch.cat([document_logits(tiny, document) for document in documents])
    assert torch.allclose(packed, alone, atol=1e-5)


@given(st.lists(st.integers(0, 49), min_size=2, max_size=12), st.data())
def test_a_later_token_does_not_change_an_earlier_state(tiny: TextDecoder, ids: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(ids) - 1))
    changed = [*ids[:place], (ids[place] + 1) % 50, *ids[place + 1 :]]
    before, after = document_logits(tiny, ids), document_logits(tiny, changed)
    assert torch.allclose(before[:place], after[:place], atol=1e-6)
    assert not torch.allclose(before[place], after[place], atol=1e-6)


def test_positions_that_are_given_replace_those_from_zero(tiny: TextDecoder) -> None:
    ids, documents = PackedDocuments.pack([[1, 2, 3], [4, 5]])
    assert documents.positions.tolist() == [0, 1, 2, 0, 1] and documents.last.tolist() == [2, 4]
    shifted = tiny(ids, documents, documents.positions + 100)
    assert torch.allclose(shifted, tiny(ids, documents), atol=1e-4)  # rotary positions are relative
    spread = tiny(ids, documents, documents.positions * 2)
    assert not torch.allclose(spread, tiny(ids, documents), atol=1e-3)


def test_layers_can_be_run_in_parts(tiny: TextDecoder) -> None:
    ids, documents = PackedDocuments.pack([[1, 2, 3]])
    lower = tiny.run_layers(tiny.token_embd(ids), documents, slice(0, 1))
    upper = tiny.run_layers(lower, documents, slice(1, None))
    assert torch.equal(tiny.output_norm(upper), tiny(ids, documents))


def test_names_of_parameters_are_those_of_the_file(embedded: TextDecoder) -> None:
    file = embedded_file()
    assert file is not None and embedded.state_dict().keys() == read_gguf_header(file).tensors.keys()
    assert not any(each.requires_grad for each in embedded.parameters())


@pytest.mark.parametrize(
    "metadata, words",
    [
        ({"general__architecture": GgufValue.text("qwen3moe")}, "the architecture 'qwen3moe'"),
        ({"general__type": GgufValue.text("adapter")}, "the architecture 'llama'"),
        ({"llama__rope__scaling__type": GgufValue.text("yarn")}, "scales its positions by 'yarn'"),
        ({"llama__rope__dimension_count": GgufValue.unsigned(8)}, "rotates a part of each head"),
        ({"llama__attention__head_count_kv": GgufValue.unsigned(3)}, "4 heads of queries and 3 of keys"),
        ({"llama__block_count": GgufValue.unsigned(3)}, "such as 'blk.2.attn_k.weight'"),
        ({"llama__feed_forward_length": GgufValue.unsigned(97)}, "'blk.0.ffn_gate.weight' of the shape (96, 64)"),
    ],
)
def test_a_model_that_would_be_computed_wrongly_is_refused(
    metadata: dict[str, GgufValue], words: str, tmp_path: Path
) -> None:
    header = read_gguf_header(TinyLlama().write_small(tmp_path / "tiny.gguf", **metadata))
    with pytest.raises(CheckpointError) as refusal:
        load_decoder(header)
    assert words in str(refusal.value) and "llama" in refusal.value.hint


def test_a_model_with_biases_is_refused(tmp_path: Path) -> None:
    shape = TinyLlama()
    tensors = {**shape.tensors(50), "blk.0.attn_q.bias": TensorContent("F32", (64,), bytes(256))}
    write_gguf(tmp_path / "tiny.gguf", shape.metadata(), tensors)
    with pytest.raises(CheckpointError, match=r"such as 'blk.0.attn_q.bias'"):
        load_decoder(read_gguf_header(tmp_path / "tiny.gguf"))
