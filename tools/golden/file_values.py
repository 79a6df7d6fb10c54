"""Values of files.json: what is read from files in the recorded formats, and answers of plait-nano."""

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import safetensors.torch
from PIL import Image as Pillow

from plait.core import config
from plait.core.prompting.example_rows import example_to_json, read_examples
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.core.values.data_url import image_from_data_url
from plait.foundation.cards.header import read_header
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified import image_tokenizer as codes
from plait.foundation.unified import judge
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.weights import weight_files
from plait.foundation.unified.weights.model_lookup import load_model
from tools.golden.recording import GOLDEN, Json, sha256, tensor_hashes, to_json
from tools.golden.samples import SAMPLES, built_in_tasks, decode_inputs
from tools.golden.trainings import WEIGHTS


def file_values() -> Json:
    """Contents read from files in today's format. Independent of the processor."""
    return {
        "tensors": {file.stem: tensor_hashes(safetensors.torch.load_file(file)) for file in all_weight_files()},
        "loaded": {
            "plait-nano": tensor_hashes(load_model("plait-nano").state_dict()),
            WEIGHTS.stem: tensor_hashes(weight_files.load(WEIGHTS).state_dict()),
            "image tokenizer": tensor_hashes(image_tokenizer().state_dict()),
        },
        "headers": {file.stem: header_values(file) for file in (*shipped_weights_files(), WEIGHTS)},
        "settings": setting_values(GOLDEN / "plait.toml"),
        "rows": row_values(GOLDEN / "rows.jsonl"),
        "vocabulary": vocabulary().digest,
    }


def all_weight_files() -> list[Path]:
    small = [file for package in (codes, judge) for file in Path(package.__path__[0]).glob("*.safetensors")]
    return [*shipped_weights_files(), *small, WEIGHTS]


def header_values(file: Path) -> Json:
    header = read_header(file)
    card = json.loads(header.card.to_json())
    return {
        "size": to_json(asdict(header.size)),
        "vocabulary": header.vocabulary_digest,
        "codes": header.image_tokenizer_version,
        "card": card,
    }


def setting_values(file: Path) -> Json:
    """All values of a plait.toml, without environment variables; paths relative to its folder."""
    settings = config.read_settings((), str(file), (0, 0, 0))
    models = {name: to_json(dict(each), file.parent) for name, each in settings.models.items()}
    plain = {**vars(settings), "models": {}, "recording": vars(settings.recording)}
    return {**to_json(plain, file.parent), "models": models}


def row_values(file: Path) -> Json:
    declared = built_in_tasks()["locate"].declaration
    return [hash_images(example_to_json(declared, each)) for each in read_examples(declared, file)]


def hash_images(value: Json) -> Json:
    """The value with each image data URL replaced by its SHA-256."""
    if isinstance(value, dict):
        return {key: hash_images(each) for key, each in value.items()}
    return sha256(value.encode()) if isinstance(value, str) and value.startswith("data:") else value


def answers() -> Json:
    """Answers of plait-nano in JSON form; for images, the SHA-256 of the pixels."""
    return {
        f"{name} {number}": answer(built_in_tasks()[name], json_value)
        for name, samples_of_task in SAMPLES.items()
        for number, json_value in enumerate(samples_of_task, 1)
    }


def answer(task: "Task[..., Any]", json_value: Json) -> Json:
    inputs = decode_inputs(task, json_value)
    value = task.using(model="plait-nano", seed=1)(**inputs)
    encoded = task.declaration.answer.encode(value, call_context(task.declaration, inputs))
    if isinstance(encoded, str) and encoded.startswith("data:"):
        image = Pillow.open(BytesIO(image_from_data_url(encoded).content)).convert("RGB")
        return {"size": list(image.size), "pixels": sha256(image.tobytes())}
    return encoded
