"""Weights as a file: what is written comes back within half a step, and nothing that is not ours is taken for it."""

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from plait.core.errors import CheckpointError
from plait.core.evaluation.interval import Interval
from plait.foundation.cards.card import ScoreCard, card_path, parse_card
from plait.foundation.cards.card_page import page
from plait.foundation.cards.header import read_header
from plait.foundation.cards.sizes import IMAGE_TOKENIZER_VERSION, SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.quantization import INT8_MAX, dequantize, quantize
from plait.foundation.unified.weights.weight_files import load, save, save_card
from tests.support.tiny_weights import save_tiny_weights, tiny_card, tiny_model

TASKS = {"locate": "0123456789ab"}
SHAPES = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_tiny_weights(file, TASKS)
    return file


# ── there and back ──


@given(SHAPES, st.integers(0, 2**31), st.sampled_from([0.0, 1e-30, 1e-3, 1.0, 1e30]))
def test_a_tensor_of_any_shape_is_restored_within_half_a_quantisation_step(
    shape: list[int], seed: int, most: float
) -> None:
    was = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * most
    packed = quantize("layer", was, Path("x"))
    back = dequantize(packed)["layer"]
    assert back.shape == was.shape and back.dtype == torch.float32
    if was.ndim == 1:
        assert torch.equal(back, was) and packed.keys() == {"layer"}
        return
    step = was.flatten(1).abs().amax(1) / INT8_MAX
    assert packed["layer"].dtype == torch.int8 and packed["layer.scale"].shape == (shape[0],)
    assert ((back - was).flatten(1).abs() <= step[:, None] * 0.5001).all()


def test_a_row_of_large_weights_does_not_affect_its_neighbours() -> None:
    was = torch.tensor([[1000.0, -1000.0], [0.001, -0.0005]])
    back = dequantize(quantize("layer", was, Path("x")))["layer"]
    assert (back[1] - was[1]).abs().max() <= 0.001 / INT8_MAX / 2 * 1.001


def test_a_loaded_model_equals_the_model_with_rounded_weights(file: Path) -> None:
    was, back = tiny_model().state_dict(), load(file)
    assert back.size == SIZES["tiny"] and not back.training
    for name, each in back.state_dict().items():
        step = was[name].flatten(1).abs().amax(1).max() / INT8_MAX if each.ndim > 1 else 0.0
        assert (each - was[name]).abs().max() <= step * 0.5001, name
    pictures = torch.zeros(1, 96, 96, 3, dtype=torch.uint8)
    assert torch.equal(back.encode_image(pictures).hidden_states, load(file).encode_image(pictures).hidden_states)
    assert back.encode_image(pictures).hidden_states.isfinite().all()


def test_the_file_is_a_quarter_of_fp32_and_the_card_has_its_sha256(file: Path) -> None:
    content = file.read_bytes()
    assert len(content) < 1.1 * sum(each.numel() for each in tiny_model().parameters()) + 20_000
    model_card = parse_card(card_path(file).read_bytes(), file)
    assert model_card.sha256 == hashlib.sha256(content).hexdigest() and model_card.tasks == TASKS


def test_a_header_is_read_without_torch(file: Path) -> None:
    header = read_header(file)
    assert (header.size, header.vocabulary_digest) == (SIZES["tiny"], vocabulary().digest)
    assert header.card == tiny_card(TASKS) and header.card.sha256 == ""
    assert header.tensors["table.weight"].dtype == "I8" and header.tensors["start"].dtype == "F32"


# ── the card ──


def scored() -> ScoreCard:
    return ScoreCard("locate", "seen", "Acc@0.5", Interval(0.9, 0.88, 0.92, 1_000), {"blind": 0.2, "nearest": 0.25})


def test_a_card_survives_a_json_round_trip_with_its_scores(file: Path, tmp_path: Path) -> None:
    model_card = tiny_card(TASKS)
    with_scores = type(model_card)(**{**vars(model_card), "scores": (scored(),)})
    save_card(with_scores, tmp_path / "x.safetensors")
    assert parse_card((tmp_path / "x.json").read_bytes(), file) == with_scores


def test_the_page_of_a_card_has_scores_beside_baselines_cost_and_limits() -> None:
    model_card = tiny_card(TASKS)
    text = page(type(model_card)(**{**vars(model_card), "scores": (scored(),), "sha256": "f" * 64}))
    assert "| task | measure | score, 95 % | n | blind | nearest |" in text
    assert "| locate | Acc@0.5 | 0.900 [0.880, 0.920] | 1,000 | 0.200 | 0.250 |" in text
    assert "0.50 CPU-hours, 1.2 Wh (estimated)" in text and "commit abc, seed 7, 3 steps" in text
    assert "## Limits\n\n- It knows nothing." in text and "f" * 64 in text


# ── refused ──


def rewrite_header(content: bytes, change: Callable[[dict[str, str]], None]) -> bytes:
    """The file with other texts in its header."""
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    change(header["__metadata__"])
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + content[8 + length :]


def with_tensors(content: bytes, change: Callable[[dict[str, torch.Tensor]], object]) -> bytes:
    (length,) = struct.unpack("<Q", content[:8])
    tensors = safetensors.torch.load(content)
    change(tensors)
    return safetensors.torch.save(tensors, json.loads(content[8 : 8 + length])["__metadata__"])


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is not a safetensors file, or is truncated"),
    "a pickle": (lambda _: b"\x80\x05\x95" + b"x" * 40, "is not a safetensors file, or is truncated"),
    "cut in its header": (lambda all: all[:400], "is not a safetensors file, or is truncated"),
    "cut in a tensor": (lambda all: all[:-100], "is damaged: it has "),
    "longer than it says": (lambda all: all + b"x", "is damaged: it has "),
    "somebody else's": (
        lambda _: safetensors.torch.save({"w": torch.zeros(2)}),
        "is not marked as weights of the unified model; this Plait reads plait-unified-1",
    ),
    "a later format": (
        lambda all: rewrite_header(all, lambda told: told.update(format="plait-unified-2")),
        "is in the format 'plait-unified-2'; this Plait reads plait-unified-1",
    ),
    "without a size": (
        lambda all: rewrite_header(all, lambda told: told.update(size="{}")),
        "has no size of its model",
    ),
    "with a broken card": (
        lambda all: rewrite_header(all, lambda told: told.update(card="{}")),
        "cannot be read: name: Field required",
    ),
    "another vocabulary": (
        lambda all: rewrite_header(all, lambda told: told.update(vocabulary="cafe")),
        f"was made with another vocabulary: cafe, this Plait has {vocabulary().digest}",
    ),
    "another image tokenizer": (
        lambda all: rewrite_header(all, lambda told: told.update(codes="plait-codes-0")),
        f"uses the image codes of plait-codes-0, this Plait has {IMAGE_TOKENIZER_VERSION}",
    ),
    "another size": (
        lambda all: rewrite_header(
            all, lambda told: told.update(size=told["size"].replace('"width":64', '"width":32'))
        ),
        ", but its model takes ",
    ),
    "a tensor missing": (lambda all: with_tensors(all, lambda told: told.pop("start")), "has no tensor start"),
    "a tensor too many": (
        lambda all: with_tensors(all, lambda told: told.update(more=torch.zeros(1))),
        "has a tensor more, which its model does not have",
    ),
    "another shape": (
        lambda all: with_tensors(all, lambda told: told.update(start=torch.zeros(65))),
        "has start as 65, but its model takes 64",
    ),
    "scales missing": (
        lambda all: with_tensors(all, lambda told: told.pop("table.weight.scale")),
        "is damaged: 'table.weight.scale'",
    ),
    "scales of other rows": (
        lambda all: with_tensors(all, lambda told: told.update({"table.weight.scale": torch.ones(3)})),
        "is damaged: ",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_invalid_or_truncated_file_is_refused_with_a_message(what: str, file: Path, tmp_path: Path) -> None:
    change, message = REFUSED[what]
    other = tmp_path / "other.safetensors"
    other.write_bytes(change(file.read_bytes()))
    with pytest.raises(CheckpointError) as caught:
        load(other)
    assert message in caught.value.message and str(other) in caught.value.message
    assert caught.value.hint or "card" in message or what == "with a broken card"


def test_negative_control_the_same_bytes_are_accepted(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    other.write_bytes(rewrite_header(with_tensors(file.read_bytes(), lambda header: None), lambda header: None))
    assert load(other).size == SIZES["tiny"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"gone\.safetensors cannot be read: No such file or directory"):
        load(tmp_path / "gone.safetensors")


@given(st.binary(max_size=200))
@budget(max_examples=40)
def test_any_bytes_raise_only_a_checkpoint_error(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "x.safetensors"
        other.write_bytes(content)
        with pytest.raises(CheckpointError):
            read_header(other)


# ── writing ──


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    model = tiny_model()
    with torch.no_grad():
        model.encoder.layers[0].feed.up.weight[3, 3] = float("nan")  # type: ignore[union-attr]
    with pytest.raises(CheckpointError, match=r"encoder\.layers\.0\.feed\.up\.weight has values that are not finite"):
        save_tiny_weights(tmp_path / "broken.safetensors", TASKS, model)
    assert not list(tmp_path.glob("*.safetensors"))


def test_weights_of_another_shape_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="its model takes"):
        save(tmp_path / "x.safetensors", tiny_model().state_dict(), SIZES["nano"], vocabulary(), tiny_card(TASKS))


def test_a_failed_write_leaves_the_existing_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CheckpointError) as caught:
        save_tiny_weights(tmp_path / "taken" / "x.safetensors", TASKS)
    assert "cannot be written" in caught.value.message and (tmp_path / "taken").read_text() == "a file"
