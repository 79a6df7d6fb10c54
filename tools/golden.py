"""Records what Plait does today in tests/golden, and compares: proof that a refactoring changes no behaviour.

python -m tools.golden             compare everything, print each difference, exit with 1 if there is any
python -m tools.golden tasks       compare one file: tasks, files or tensors
python -m tools.golden --write     record again; `tensors` trains each model twice and refuses if the results differ

tasks.json     fingerprints, JSON Schemas, grammars, prompts and token ids of the built-in tasks
files.json     what is read from today's files: weights, settings, rows; answers of plait-nano
tensors.json   SHA-256 of every tensor after 200 steps of three small trainings

Renamed code is adapted here, renamed parameters in renamed_tensors.json ({"regular expression": "replacement"}).
"""

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click
import safetensors.torch
import torch
from PIL import Image as Pillow

import plait.tasks
from plait.core import config
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.prompting.example_rows import example_to_json, read_examples
from plait.core.prompting.few_shot import select_shots
from plait.core.prompting.prompt import Prompt, answer_text, prompt
from plait.core.task.derive import answer_grammar
from plait.core.task.task import Task
from plait.core.values.call_context import call_context
from plait.core.values.data_url import image_from_data_url
from plait.core.values.inputs import embed_row_files, inputs_from_json
from plait.foundation.cards.header import read_header
from plait.foundation.cards.instruction import BOX_FORMAT, instruction_ids
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified import image_tokenizer as codes
from plait.foundation.unified import judge
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.weights import weight_files
from plait.foundation.unified.weights.model_lookup import load_model
from plait.foundation.unified.worlds.task_items import TASKS as UNIFIED_TASKS
from plait.service.engines.openai import config as openai

Json = Any
ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests/golden"
RECIPE = Path("tests/golden/unified.toml")  # relative: a checkpoint names its sources by their paths
CHECKPOINT = GOLDEN / "checkpoint/step-000020"
WEIGHTS = GOLDEN / "weights.safetensors"  # exported from CHECKPOINT
THREADS = 1
STEPS = 200
BATCH = 4  # pictures per step of the image tokenizer and the judge
ROWS = 2  # of each file of seeds and of held-out rows
BOX_FORMATS = ("", *openai.BOX_FORMATS, BOX_FORMAT)
HOLE = {"x0": 6, "y0": 66, "x1": 21, "y1": 76}
PICTURE = "picture.png"
# Inputs, in JSON form, of the tasks without rows of their own; also the questions for plait-nano.
SAMPLES: dict[str, list[dict[str, Json]]] = {
    "ask": [
        {"picture": PICTURE, "question": "how many squirrels are there?"},
        {"picture": PICTURE, "question": "骆驼是什么颜色的？"},  # noqa: RUF001
    ],
    "describe": [{"picture": PICTURE}],
    "describe_region": [{"picture": PICTURE, "region": {"x0": 5, "y0": 59, "x1": 28, "y1": 78}}],
    "detect": [{"picture": PICTURE}],
    "draw": [{"description": "a camel and two squirrels"}, {"description": "一头骆驼"}],
    "locate": [{"picture": PICTURE, "phrase": "the camel"}, {"picture": PICTURE, "phrase": "左边的松鼠"}],
    "matches": [{"picture": PICTURE, "text": "a camel"}, {"picture": PICTURE, "text": "a car and a red mug"}],
    "restore_image": [{"picture": PICTURE, "hole": HOLE}],
    "restore_text": [{"text": "is the squirrel left of the camel? ___, ___ camel is right of ___"}],
}


# ── tasks.json ──


def tasks() -> Json:
    return {name: task_values(task) for name, task in built_in().items()}


def built_in() -> dict[str, "Task[..., Any]"]:
    names = [each.name for each in iter_modules(plait.tasks.__path__) if not each.ispkg]
    modules = ((name, import_module(f"plait.tasks.{name}")) for name in names)
    return {name: getattr(module, name) for name, module in modules}


def task_values(task: "Task[..., Any]") -> Json:
    return {
        "fingerprint": task.declaration.fingerprint,
        "request": task.schema.request,
        "answer": task.schema.answer,
        "samples": {where: sample_values(task, inputs) for where, inputs in samples(task)},
        "answers": [
            answer_text(task.declaration, each.inputs, each.answer)
            for file in row_files(task)
            for each in first(ROWS, read_examples(task.declaration, file))
        ],
    }


def row_files(task: "Task[..., Any]") -> list[Path]:
    return [file for file in (task.examples.seeds_file, *task.examples.held_out_files) if file.exists()]


def samples(task: "Task[..., Any]") -> Iterator[tuple[str, dict[str, object]]]:
    """Yields inputs as Python values, each with its source."""
    for number, json_value in enumerate(SAMPLES.get(task.declaration.name, ()), 1):
        yield f"sample {number}", inputs_of(task, json_value)
    for file in row_files(task):
        for number, each in enumerate(first(ROWS, read_examples(task.declaration, file)), 1):
            yield f"{file.parent.name}/{file.name}:{number}", dict(each.inputs)


def inputs_of(task: "Task[..., Any]", json_value: Json) -> dict[str, object]:
    return inputs_from_json(task.declaration, embed_row_files(task.declaration, json_value, GOLDEN))


def sample_values(task: "Task[..., Any]", inputs: dict[str, object]) -> Json:
    wordings = list(task.declaration.wordings)
    values: dict[str, Json] = {
        "prompts": {name: messages(task.using(wording=name).prompt(**inputs)) for name in wordings},
        "frames": frame_values(task, inputs),
    }
    if task.declaration.name in UNIFIED_TASKS:
        context = call_context(task.declaration.targets, inputs, by_name=True, box_format=BOX_FORMAT)
        ids = {name: instruction_ids(task.declaration, inputs, context, name, vocabulary()) for name in wordings}
        values["ids"] = ids
    return values


def frame_values(task: "Task[..., Any]", inputs: dict[str, object]) -> Json:
    """Grammar and prompt for each box format; formats that change nothing are omitted."""
    distinct: dict[str, Json] = {}
    examples = select_shots(task.declaration, inputs, task.options.shots)
    for box_format in BOX_FORMATS:
        context = call_context(task.declaration.targets, inputs, by_name=True, box_format=box_format)
        grammar = answer_grammar(task.declaration, context)
        values = {
            "gbnf": gbnf(grammar),
            "json_schema": json_schema(grammar),
            "prompt": messages(prompt(task.declaration, inputs, examples, "", box_format)),
        }
        if values != distinct.get(""):
            distinct[box_format] = values
    return distinct


def messages(of: Prompt) -> Json:
    return [
        {
            "role": each.role,
            "content": each.content,
            "pictures": [[picture.media_type, sha256(picture.content)] for picture in each.images],
        }
        for each in of.messages
    ]


# ── files.json ──


def files_read() -> Json:
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
        "size": plain(asdict(header.size)),
        "vocabulary": header.vocabulary_digest,
        "codes": header.image_tokenizer_version,
        "card": card,
    }


def setting_values(file: Path) -> Json:
    """All values of a plait.toml, without environment variables; paths relative to its folder."""
    settings = config.read_settings((), str(file), 0)
    models = {name: plain(dict(each), file.parent) for name, each in settings.models.items()}
    return {**plain({**vars(settings), "models": {}}, file.parent), "models": models}


def row_values(file: Path) -> Json:
    declared = built_in()["locate"].declaration
    return [with_hashes(example_to_json(declared, each)) for each in read_examples(declared, file)]


def with_hashes(value: Json) -> Json:
    """The value with each image data URL replaced by its SHA-256."""
    if isinstance(value, dict):
        return {key: with_hashes(each) for key, each in value.items()}
    return sha256(value.encode()) if isinstance(value, str) and value.startswith("data:") else value


def answers() -> Json:
    """Answers of plait-nano in JSON form; for images, the SHA-256 of the pixels."""
    return {
        f"{name} {number}": answer(built_in()[name], json_value)
        for name, samples_of_task in SAMPLES.items()
        for number, json_value in enumerate(samples_of_task, 1)
    }


def answer(task: "Task[..., Any]", json_value: Json) -> Json:
    inputs = inputs_of(task, json_value)
    value = task.using(model="plait-nano", seed=1)(**inputs)
    encoded = task.declaration.answer.encode(value, call_context(task.declaration.targets, inputs))
    if isinstance(encoded, str) and encoded.startswith("data:"):
        image = Pillow.open(BytesIO(image_from_data_url(encoded).content)).convert("RGB")
        return {"size": list(image.size), "pixels": sha256(image.tobytes())}
    return encoded


# ── tensors.json ──


def conditions() -> Json:
    """Conditions, besides the code, that the bytes of a trained tensor depend on."""
    packages = {name: version(name) for name in ("torch", "numpy", "pillow")}
    return {**packages, "capability": torch.backends.cpu.get_cpu_capability(), "cpu": cpu(), "threads": THREADS}


def cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = dict(re.findall(r"^(.*?)\s*: (.*)$", info.read_text(), re.MULTILINE)) if info.exists() else {}
    keys = ("vendor_id", "cpu family", "model")
    return ", ".join(lines[key] for key in keys if key in lines) or platform.machine()


def train_unified(folder: Path, steps: int = STEPS) -> str:
    """Trains by RECIPE into a folder, or resumes there, with ROOT as working folder; returns the command's output."""
    return in_process("-m", "plait", "train", str(RECIPE), "--out", str(folder), "--steps", str(steps))


def checkpoint_tensors(folder: Path) -> dict[str, str]:
    """Tensor hashes of the checkpoint of the last step."""
    (last,) = folder.glob(f"step-{STEPS:06d}")
    hashes = {file.stem: tensor_hashes(safetensors.torch.load_file(file)) for file in last.glob("*.safetensors")}
    return {f"{part}/{name}": digest for part, digests in hashes.items() for name, digest in digests.items()}


def unified() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        train_unified(Path(folder))
        return checkpoint_tensors(Path(folder))


def image_codes() -> dict[str, str]:
    return small_network("train_image_codes")


def judge_network() -> dict[str, str]:
    return small_network("train_judge")


def small_network(function: str) -> dict[str, str]:
    """Tensor hashes of the last checkpoint of a network that a function of this file trains in a separate process."""
    with tempfile.TemporaryDirectory() as folder:
        in_process("-c", f"import sys, tools.golden as golden; golden.{function}(sys.argv[1])", folder)
        return checkpoint_tensors(Path(folder))


def train_image_codes(folder: str) -> None:
    from recipes.image_codes import tokenizer_trainer

    tokenizer_trainer(Path(folder), STEPS, threads=THREADS, with_ssim_and_mse=True, batch_size=BATCH).run()


def train_judge(folder: str) -> None:
    from recipes.judge import judge_trainer

    judge_trainer(Path(folder), STEPS, threads=THREADS, batch_size=BATCH).run()


TRAININGS: dict[str, Callable[[], dict[str, str]]] = {
    "unified": unified,
    "image_codes": image_codes,
    "judge": judge_network,
}


def in_process(*arguments: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


# ── compare ──


def differences(expected: Json, actual: Json, where: str = "") -> list[str]:
    """One line for each value that differs, with its path."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = dict.fromkeys([*expected, *actual])
        pairs = [(str(key), expected.get(key, "(missing)"), actual.get(key, "(missing)")) for key in keys]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(str(place), *pair) for place, pair in enumerate(zip(expected, actual, strict=True))]
    else:
        return [] if expected == actual and type(expected) is type(actual) else [f"{where}: {expected!r} → {actual!r}"]
    return [line for key, one, other in pairs for line in differences(one, other, f"{where}/{key}")]


def renamed(tensors: Mapping[str, str]) -> dict[str, str]:
    """Tensors by their new names. Raises ValueError if two would have the same name."""
    by_new_name: dict[str, str] = {}
    for name, digest in tensors.items():
        for pattern, replacement in recorded("renamed_tensors").items():
            name = re.sub(pattern, replacement, name)
        if name in by_new_name:
            raise ValueError(f"renamed_tensors.json gives two tensors the name {name}")
        by_new_name[name] = digest
    return by_new_name


def tensor_differences(expected: Mapping[str, str], actual: Mapping[str, str]) -> list[str]:
    """Like `differences`; `expected` has the names at the time of recording."""
    return differences(renamed(expected), dict(actual))


def file_differences(expected: Json, actual: Json) -> list[str]:
    """Differences of `files_read`. A weight file may have old or new tensor names."""
    of_files = {
        name: hashes if hashes == expected["tensors"].get(name) else renamed_if_possible(expected, name, hashes)
        for name, hashes in actual["tensors"].items()
    }
    lines = differences(expected["tensors"], of_files, "/tensors")
    for name, hashes in expected["loaded"].items():
        lines += [f"/loaded/{name}{line}" for line in tensor_differences(hashes, actual["loaded"][name])]
    rest = [{key: each for key, each in of.items() if key not in ("tensors", "loaded")} for of in (expected, actual)]
    return lines + differences(*rest)


def renamed_if_possible(expected: Json, name: str, hashes: Mapping[str, str]) -> Json:
    """The expected tensors if the actual ones are the same under new names, else the actual ones."""
    old = expected["tensors"].get(name, {})
    return old if renamed(old) == hashes else dict(hashes)


# ── read and write ──


def recorded(name: str) -> Json:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def record(name: str, value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=name != "tasks")
    (GOLDEN / f"{name}.json").write_text(text + "\n", "utf-8")


def plain(value: Json, folder: Path | None = None) -> Json:
    """The value in types of JSON; paths inside the folder become relative to it."""
    if isinstance(value, Path):
        return str(value.relative_to(folder) if folder and value.is_relative_to(folder) else value)
    return json.loads(json.dumps(value, default=lambda each: plain(each, folder)))


def tensor_hashes(tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    return {name: tensor_hash(each) for name, each in sorted(tensors.items())}


def tensor_hash(tensor: torch.Tensor) -> str:
    """SHA-256 of a tensor's type, shape and bytes in C order."""
    content = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return sha256(f"{tensor.dtype} {tuple(tensor.shape)} ".encode() + content)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def first(count: int, of: Iterator[Any]) -> list[Any]:
    return [each for _, each in zip(range(count), of, strict=False)]


def write(name: str) -> None:
    if name == "tasks":
        record(name, tasks())
    elif name == "files":
        write_checkpoint()
        record(name, {"conditions": conditions(), "read": files_read(), "answers": answers()})
    else:
        trained: dict[str, Json] = {}
        for training, run in TRAININGS.items():
            trained[training] = run()
            if different := differences(trained[training], run()):
                raise click.ClickException(f"{training} is not deterministic: {len(different)} tensors differ")
            click.echo(f"{training}: {len(trained[training])} tensors, twice the same")
        record(name, {"conditions": conditions(), "trained": trained})


def write_checkpoint() -> None:
    """Writes CHECKPOINT and WEIGHTS unless they exist: existing ones stay as an earlier version made them."""
    if not CHECKPOINT.exists():
        with tempfile.TemporaryDirectory() as folder:
            train_unified(Path(folder), int(CHECKPOINT.name.removeprefix("step-")))
            CHECKPOINT.parent.mkdir(exist_ok=True)
            (Path(folder) / CHECKPOINT.name).rename(CHECKPOINT)
    if not WEIGHTS.exists():
        in_process("-m", "plait", "export", str(CHECKPOINT.parent), "--name", WEIGHTS.stem, "--out", str(GOLDEN))


def compare(name: str) -> list[str]:
    expected = recorded(name)
    if name == "tasks":
        return differences(expected, plain(tasks()))
    here = differences(expected["conditions"], conditions())
    if name == "files":
        return file_differences(expected["read"], plain(files_read())) + differences(expected["answers"], answers())
    if here:
        return ["tensors.json was recorded under other conditions, nothing is compared:", *here]
    lines: list[str] = []
    for training, run in TRAININGS.items():
        lines += [f"/{training}{line}" for line in tensor_differences(expected["trained"][training], run())]
    return lines


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(["tasks", "files", "tensors"]))
@click.option("--write", "writes", is_flag=True, help="Record again.")
def main(names: tuple[str, ...], writes: bool) -> None:
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"PLAIT_DATA": data, "PLAIT_URL": "none"}
        lines: list[str] = []
        for name in names or ("tasks", "files", "tensors"):
            if writes:
                write(name)
            else:
                lines += [f"{name}.json{line}" for line in compare(name)]
    for line in lines:
        click.echo(line)
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
