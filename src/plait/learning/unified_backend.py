"""Adapting unified models: rows with their pictures in one file, and a worker process for each version in the gate."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from plait.core.engine.protocol import TaskRequest
from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import call_context
from plait.core.values.durable_files import make_private_folder
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.header import read_header
from plait.foundation.cards.letterbox import middle_square
from plait.foundation.text.adapt_request import LoraConfig, MethodConfig, SftConfig
from plait.foundation.training.config import RunConfig
from plait.foundation.unified.adaptation.request import (
    PictureAdaptConfig,
    PictureAdaptRequest,
    write_picture_request,
)
from plait.learning.adapt_plan import PARITY_ROWS, ROWS, AdapterRun, AdaptPlan, RunPlan
from plait.learning.backend import VersionsToServe
from plait.learning.held_out import HeldOutRow
from plait.learning.parity import HALF_PRECISION, LEAST_LOG_PROB, QUANTIZED, ServingParity, parity_of
from plait.learning.run_rows import TaskExample
from plait.learning.scoring import write_sample
from plait.service.engines.unified.config import Config
from plait.service.engines.unified.engine import UnifiedEngine
from plait.service.engines.unified.messages import ScoredAnswer
from plait.service.models.discovery import Model
from plait.types.image import Image

CHECKPOINT_EVERY = 50  # steps; one of 16 rows takes plait-nano a third of a second
MIN_POSITIONS = 100  # ids at which server and trainer are compared: an answer may be one id long


class UnifiedBackend:
    """Adapts the models that Plait trains itself."""

    packages = ("plait", "torch")

    def check(self, model: Model, declaration: Declaration) -> None:
        if reason := model.engine().can(declaration):
            raise SettingsError(
                f"{model.name} cannot be adapted to {declaration.name}: {reason}",
                hint="adapt one of its own tasks, or name another model: --model NAME",
            )
        if declaration.answer.media and any(each.has_images for each in declaration.parameters):
            raise SettingsError(
                f"{declaration.name} changes a picture, which adapters do not learn; they draw from words",
                hint="plait adapt draw --data FOLDER learns the style of the pictures in a folder",
            )

    def config(self, model: Model, config: MethodConfig) -> PictureAdaptConfig:
        lora = config.effective_lora
        if not isinstance(config, SftConfig):
            raise SettingsError(
                f"{model.name} learns right answers alone, not by the method {config.method}", hint="--method sft"
            )
        if lora != LoraConfig(lora.rank, lora.alpha):
            raise SettingsError(
                f"adapters of {model.name} are in all of its layers", hint="leave --upper-layers out: it is small"
            )
        rate = config.learning_rate or PictureAdaptConfig().learning_rate  # that of decoders learns too slowly
        return PictureAdaptConfig(lora.rank, lora.alpha, rate, config.epochs, seed=config.seed)

    def fit_example(self, model: Model, declaration: Declaration, example: Example) -> Example:
        """A picture to draw is cut to the square that the model paints, and scored as such."""
        if not declaration.answer.media:
            return example
        side = read_header(unified_config(model).file).size.canvas
        picture = cast(Image, example.answer)
        return example if picture.size == (side, side) else replace(example, answer=middle_square(picture, side))

    def prepare(self, plan: RunPlan, threads: int, quantized: bool, processes: int) -> AdapterRun:
        assert isinstance(plan, AdaptPlan), "only GGUF models learn many tasks at once"
        if plan.preferences:
            raise SettingsError(
                f"{plan.model.name} does not learn the answers of a teacher", hint="leave --teacher out"
            )
        if quantized or processes > 1:
            raise SettingsError(
                f"{plan.model.name} is small, and is trained with its weights in full, by one process",
                hint="leave --quantized and --processes out",
            )
        declaration, base = plan.declaration, unified_config(plan.model).file
        base_sha256, config = file_sha256(base), cast(PictureAdaptConfig, plan.config)
        folder = write_rows(plan, base_sha256)
        request = PictureAdaptRequest(
            *(declaration.name, base, base_sha256, folder / ROWS, folder, declaration.name, declaration.fingerprint),
            trained_task(plan.model, declaration),
            config,
            RunConfig(threads=threads, checkpoint_every=CHECKPOINT_EVERY, log_every=1),
            folder / PARITY_ROWS,
        )
        count, steps = len(plan.examples), config.steps(len(plan.examples))
        size = f"{count:,} rows, {steps:,} steps of {config.batch_rows} rows"
        parity = tuple(TaskExample(declaration, each) for each in plan.parity_examples)
        run = AdapterRun(request, count, 0, 0, steps, parity, plan.examples, size)
        write_picture_request(request, run.request_file)
        return run

    def serve(self, versions: VersionsToServe) -> "ServedUnified":
        return ServedUnified(versions)


def unified_config(model: Model) -> Config:
    """The table of a unified model. Raises SettingsError for another one."""
    if not isinstance(model.config, Config):
        raise SettingsError(f"{model.name} is no unified model", hint="name one: --model plait-nano")
    return model.config


def trained_task(model: Model, declaration: Declaration) -> str:
    """The task of the model's card that has this form."""
    tasks = read_header(unified_config(model).file).card.tasks
    return next(name for name, fingerprint in tasks.items() if fingerprint == declaration.fingerprint)


def write_rows(plan: AdaptPlan, base_sha256: str) -> Path:
    """Writes the rows to learn and those of parity, to the folder of the run, whose name follows from the former."""
    unnamed = plan.folder / "rows"
    make_private_folder(unnamed)
    for name, examples in ((ROWS, plan.examples), (PARITY_ROWS, plan.parity_examples)):
        write_sample(plan.declaration, [HeldOutRow("", each) for each in examples], unnamed / name)
    facts = (base_sha256, plan.config, file_sha256(unnamed / ROWS))
    folder = plan.folder / hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
    make_private_folder(folder)
    for name in (ROWS, PARITY_ROWS):
        (unnamed / name).replace(folder / name)
    unnamed.rmdir()
    return folder


class ServedUnified:
    """A process for each version: an adapter is a part of the weights that it has loaded."""

    def __init__(self, versions: VersionsToServe) -> None:
        self.versions, self.config = versions, unified_config(versions.base)
        self.engines: dict[str, UnifiedEngine] = {}

    def engine(self, adapter: LoraAdapter | None) -> UnifiedEngine:
        name = adapter.name if adapter else self.versions.base.name
        if name not in self.engines:
            self.engines[name] = UnifiedEngine(name, self.config.file, self.config.plan, adapter)
        return self.engines[name]

    async def parity(self, min_positions: int) -> ServingParity:
        """Compares the ids that the trainer found likely with what the server says of the same answers."""
        likely = self.versions.run.likely_tokens
        assert likely, "a finished run has them"
        compared = likely.tokens
        rows = sorted({each.row for each in compared})
        served: Mapping[int, ScoredAnswer] = {row: await self.score_row(row) for row in rows}
        differences = [
            abs(each.log_prob - served[each.row].log_probs.get((each.position, each.token_id), LEAST_LOG_PROB))
            for each in compared
        ]
        different = sum(likely.token_ids[row] != answer.token_ids for row, answer in served.items())
        limits = HALF_PRECISION if self.config.arithmetic == "fp32" else QUANTIZED
        return parity_of(len(rows), differences, different, limits, min(min_positions, MIN_POSITIONS))

    async def score_row(self, row: int) -> ScoredAnswer:
        """The right answer of a row of parity as the candidate is served."""
        right = self.versions.run.parity_examples[row]
        declaration, example = right.declaration, right.example
        engine = self.engine(self.versions.candidate)
        context = call_context(declaration, example.inputs, by_name=True, box_format=engine.box_format)
        request = TaskRequest(declaration, example.inputs, context, Options(shots=0))
        return await engine.score_answer(request, example.answer)

    async def aclose(self) -> None:
        for engine in self.engines.values():
            await engine.aclose()
