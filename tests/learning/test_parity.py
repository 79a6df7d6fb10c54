"""Parity: what the trainer computes is what is served, and every planted fault shows."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Any

import pytest

from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.vocabulary import read_vocabulary
from plait.foundation.text.adapt_request import LoraConfig
from plait.foundation.text.model import load_decoder
from plait.foundation.text.teacher_forcing import likely_tokens, write_parity_file
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.text.tokenizer import TextTokenizer
from plait.foundation.training.likely_tokens import MIN_POSITIONS, MIN_PROBABILITY, LikelyToken, read_likely_tokens
from plait.learning.parity import HALF_PRECISION, QUANTIZED, ParityLimits, ServingParity, measure_parity, parity_limits
from plait.service.engines.llamacpp.adapters import LoraAdapter
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.next_tokens import NextTokens
from tests.support.adapted_models import add_random_adapters, write_adapters
from tests.support.tiny_llama import TinyLlama

CONFIG = LoraConfig(rank=8, alpha=16)
ROWS = tuple(TokenRow(tuple(range(n, n + 30)), (*range(200 + n, 208 + n), 2), (0, 1)) for n in range(12))


@dataclass(frozen=True)
class ServedModel:
    """A model file with adapters that the engine serves, and the likely tokens of the trainer."""

    file: Path
    adapters: Sequence[Path]
    rows: Sequence[TokenRow]
    likely: Sequence[LikelyToken]
    limits: ParityLimits
    positions: int

    async def parity(self, chosen: int, served: Sequence[TokenRow] = ()) -> ServingParity:
        loras = tuple(LoraAdapter(f"a{number}", each) for number, each in enumerate(self.adapters))
        engine = LlamaCpp("tiny", self.file, 512, 1, loras)
        try:
            log_probs = NextTokens(engine, loras[chosen]).log_probs
            measured = (self.rows, served or self.rows, self.likely, log_probs, self.limits, self.positions)
            return await measure_parity(*measured)
        finally:
            await engine.aclose()


def served_model(file: Path, folder: Path, size: float, rows: Sequence[TokenRow], positions: int) -> ServedModel:
    """The model with random adapters: sound, of a wrong alpha, of rows in a wrong order."""
    model = load_decoder(read_gguf_header(file))
    add_random_adapters(model, CONFIG, size)
    write_token_rows(folder / "rows.jsonl", rows)
    write_parity_file(model, folder / "rows.jsonl", folder / "parity.json")
    likely = read_likely_tokens(folder / "parity.json").tokens
    files = write_adapters(folder, model, CONFIG, "F32", base_sha256=file_sha256(file))
    return ServedModel(file, files, rows, likely, QUANTIZED, positions)


def with_wrong_template(rows: Sequence[TokenRow]) -> list[TokenRow]:
    """The rows with one token more in the prompt, as a template with another line break gives."""
    return [replace(row, prompt=(*row.prompt[:4], 11, *row.prompt[4:])) for row in rows]


@pytest.mark.model
def test_a_sound_adapter_is_served_as_it_was_trained_and_planted_faults_are_found(tmp_path: Path) -> None:
    """The limits are those of 4 bits: a model of random weights with sharp probabilities doubles every error."""
    file = TinyLlama(sharpness=8.0).write(tmp_path / "tiny.gguf")
    served = served_model(file, tmp_path, 0.05, ROWS, 30)
    sound = asyncio.run(served.parity(0))
    assert sound.fault == "" and sound.positions == 30 and "token ids equal" in str(sound)
    for wrong in (1, 2):
        fault = asyncio.run(served.parity(wrong)).fault
        assert re.match(r"median \|Δ log p\| [1-9].* nat, and 0.05 is the limit", fault)
    template = asyncio.run(served.parity(0, with_wrong_template(ROWS)))
    assert re.search(r"of \d rows have other token ids on the server", template.fault) and template.median > 0.5


@pytest.mark.slow
@pytest.mark.model
def test_parity_of_the_embedded_model_through_the_engine(tmp_path: Path) -> None:
    """500 positions with the limits of issue 15; the faults fail them."""
    file = embedded_file()
    assert file is not None
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    ids = TextTokenizer(read_vocabulary(read_gguf_header(file))).encode(readme)[:1_000]
    rows = [TokenRow((1, *ids[n : n + 20]), tuple(ids[n + 20 : n + 100]), ()) for n in range(0, 1_000, 100)]
    served = served_model(file, tmp_path, 0.06, rows, MIN_POSITIONS)
    assert parity_limits(read_gguf_header(file)) == QUANTIZED
    sound = asyncio.run(served.parity(0))
    assert sound.fault == "" and sound.positions == MIN_POSITIONS
    few = replace(served, positions=100)
    assert all(asyncio.run(few.parity(wrong)).fault for wrong in (1, 2))
    assert asyncio.run(few.parity(0, with_wrong_template(rows))).median > QUANTIZED.median


def test_answers_come_first_and_prompts_fill_up(tmp_path: Path) -> None:
    model = load_decoder(read_gguf_header(TinyLlama(sharpness=20.0).write_small(tmp_path / "small.gguf")))
    rows = [TokenRow(tuple(range(40)), (1, 2, 3), ()), TokenRow(tuple(range(5, 45)), (4, 2), ())]
    tokens = list(likely_tokens(model, rows))
    answers = [each for each in tokens if each.position >= 0]
    assert tokens[: len(answers)] == answers and 0 < len(answers) <= 5 < len(tokens)
    assert {each.row for each in tokens} == {0, 1} and all(each.log_prob >= log(MIN_PROBABILITY) for each in tokens)


def test_limits_follow_the_weights_of_the_base(tmp_path: Path) -> None:
    for tensor_type, limits in (("F32", HALF_PRECISION), ("F16", HALF_PRECISION), ("Q8_0", QUANTIZED)):
        file = TinyLlama(tensor_type=tensor_type).write_small(tmp_path / f"{tensor_type}.gguf")
        assert parity_limits(read_gguf_header(file)) == limits


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"median": 0.0051}, "median |Δ log p| 0.0051 nat, and 0.005 is the limit"),
        ({"percentile": 0.021}, "99th percentile of |Δ log p| 0.0210 nat, and 0.02 is the limit"),
        ({"positions": 499}, "499 positions were compared, and 500 are the least"),
        ({"different_rows": 1}, "1 of 30 rows have other token ids on the server"),
    ],
)
def test_a_fault_is_said_with_its_number(changes: dict[str, Any], fault: str) -> None:
    assert replace(ServingParity(30, 500, 0.005, 0.02, 0.4, 0, HALF_PRECISION), **changes).fault == fault
