"""Rows of versions of models, as the registry writes them, and small adapters to add."""

import struct
from pathlib import Path

from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter import adapter_metadata
from plait.foundation.cards.gguf.writer import TensorContent, write_gguf
from plait.service.models.model_version import NewVersion
from plait.storage.database import Database
from plait.storage.file_rows import add_file
from plait.storage.model_table import AliasKey, StoredVersion, insert_version, replace_weights
from plait.storage.schema import writing

PROJECT, NAME, FINGERPRINT = "shelves-0123456789ab", "smollm2/opinion_of", "f" * 12
BASE_SHA256 = "b" * 64


def add_version(database: Database, content: bytes, *, alias: bool = False) -> StoredVersion:
    """A version with this file, which the alias names alone if `alias`."""
    with writing(database) as connection:
        sha256 = add_file(connection, database.files, content)
        row = StoredVersion(
            PROJECT, NAME, "opinion_of", FINGERPRINT, "smollm2", BASE_SHA256, sha256, len(content), "{}", "run"
        )
        version = insert_version(connection, row)
        if alias:
            key = AliasKey(PROJECT, NAME, FINGERPRINT)
            replace_weights(connection, key, {version.number: 100}, {version.number: version.id}, "better", "Ada")
    return version


def new_version(name: str = NAME, fingerprint: str = FINGERPRINT) -> NewVersion:
    return NewVersion(PROJECT, name, "smollm2", BASE_SHA256, "opinion_of", fingerprint)


def write_small_adapter(file: Path, seed: int = 1, header: AdapterHeader | None = None) -> Path:
    """An adapter of rank 1 for one tiny projection, which fits no real model."""
    factors = struct.pack("<32f", *(seed + number for number in range(32)))
    tensors = {
        "blk.0.attn_q.weight.lora_a": TensorContent("F32", (1, 32), factors),
        "blk.0.attn_q.weight.lora_b": TensorContent("F32", (32, 1), factors),
    }
    facts = header or AdapterHeader("llama", 1, 2.0, BASE_SHA256, "opinion_of", FINGERPRINT)
    write_gguf(file, adapter_metadata(facts), tensors)
    return file
