"""Damaged headers of GGUF files: refused or read by bounded Python, never a crash, before any native code sees them."""

import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plait.core.errors import PlaitError
from plait.service.models.model_content import weights_suffix
from plait.service.models.registry import current_registry
from tests.support.gguf_files import raw_file, raw_key, raw_tensor
from tests.support.stored_versions import new_version, write_small_adapter

MUTATIONS = 500
SECONDS = 2.0  # at most, for one file


def small_model() -> bytes:
    """A model with all kinds of metadata: text, number, array of texts."""
    keys = [
        raw_key("general.architecture", 8, struct.pack("<Q", 5) + b"llama"),
        raw_key("llama.block_count", 4, struct.pack("<I", 2)),
        raw_key("tokenizer.tokens", 9, struct.pack("<IQ", 8, 2) + (struct.pack("<Q", 1) + b"a") * 2),
    ]
    return raw_file(keys, [raw_tensor("a.weight", [8, 4]), raw_tensor("b.weight", [8], offset=128)], tail=bytes(160))


def mutated(content: bytes, random_source: random.Random) -> bytes:
    """The file with some bytes of its header changed, lengths made huge, pieces lost or doubled."""
    changed = bytearray(content)
    for _ in range(random_source.randint(1, 4)):
        at = random_source.randrange(len(changed) * 2 // 3)
        kind = random_source.randrange(5)
        if kind == 0:
            changed[at] = random_source.randrange(256)
        elif kind == 1:
            changed[at : at + 8] = struct.pack("<Q", random_source.choice((0, 2**31, 2**32, 2**48, 2**63, 2**64 - 1)))
        elif kind == 2:
            del changed[at : at + random_source.randint(1, 40)]
        elif kind == 3:
            changed[at:at] = changed[at : at + random_source.randint(1, 40)]
        else:
            del changed[at:]
        changed = changed or bytearray(b"GGUF")
    return bytes(changed)


def outcomes(read: Callable[[Path], object], content: bytes, file: Path) -> dict[str, int]:
    """How often a reader reads, refuses, or crashes on mutated files."""
    counts = {"read": 0, "refused": 0, "crashed": 0}
    source = random.Random(15)
    for _ in range(MUTATIONS):
        file.write_bytes(mutated(content, source))
        started = time.monotonic()
        try:
            read(file)
            outcome = "read"
        except PlaitError as error:
            assert error.hint, error
            outcome = "refused"
        except Exception:
            outcome = "crashed"
        counts[outcome] += 1
        assert time.monotonic() - started < SECONDS
    return counts


def naive_read(file: Path) -> None:
    """A reader that believes what a file says, as first versions of such readers do."""
    content, position = file.read_bytes(), 4
    _, num_tensors, num_keys = struct.unpack_from("<IQQ", content, position)
    position += 20
    for _ in range(min(num_keys, 100)):
        (length,) = struct.unpack_from("<Q", content, position)
        content[position + 8 : position + 8 + length].decode()
        position += 8 + length
        (value_type,) = struct.unpack_from("<I", content, position)
        position += 4 + {4: 4, 8: 8 + 5, 9: 12 + 18}[value_type]
    if num_tensors > 1_000:
        raise MemoryError


def test_a_mutated_model_is_refused_or_read(tmp_path: Path) -> None:
    counts = outcomes(lambda file: weights_suffix(file, "small.gguf"), small_model(), tmp_path / "small.gguf")
    assert counts["crashed"] == 0 and counts["refused"] > 300 and counts["read"] > 0, counts


def test_a_mutated_adapter_is_refused_or_added(tmp_path: Path) -> None:
    registry, content = current_registry(), write_small_adapter(tmp_path / "sound.gguf").read_bytes()
    counts = outcomes(lambda file: registry.add_version(new_version(), file), content, tmp_path / "adapter.gguf")
    assert counts["crashed"] == 0 and counts["refused"] > 300, counts
    assert len(registry.versions()) == counts["read"]
    assert all(registry.verify(each) == "" for each in registry.versions())


def test_a_reader_that_believes_the_file_is_seen_to_crash(tmp_path: Path) -> None:
    """Negative control of the tests above."""
    assert outcomes(naive_read, small_model(), tmp_path / "small.gguf")["crashed"] > 50


def test_an_adapter_alone_is_no_model(tmp_path: Path) -> None:
    file = write_small_adapter(tmp_path / "adapter.gguf")
    with pytest.raises(PlaitError, match=r"small.gguf is an adapter, which needs its model"):
        weights_suffix(file, "small.gguf")
