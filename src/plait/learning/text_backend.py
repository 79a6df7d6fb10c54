"""Adapting GGUF files: the engine that serves one makes its rows, and answers in the gate."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from plait.core.calls import event_loop
from plait.core.engine.chat import ChatEngine
from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import make_private_folder
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import (
    ADAPTER_FILE,
    AdaptRequest,
    MethodConfig,
    effective_config,
    read_request,
    write_request,
)
from plait.foundation.text.answer_samples import PromptRow
from plait.foundation.text.batch_plan import config_plan, token_counts
from plait.foundation.text.token_row import TokenRow, read_token_rows, write_token_rows
from plait.foundation.training.config import RunConfig
from plait.learning.adapt_plan import HELD_OUT_ROWS, PARITY_ROWS, REQUEST_FILE, ROWS, AdapterRun, RunPlan, scope_folder
from plait.learning.backend import VersionsToServe
from plait.learning.learned_rows import LearnedRow
from plait.learning.parity import ServingParity, measure_parity, parity_limits
from plait.learning.run_rows import RunRows, encode_rows, planned_row
from plait.learning.token_rows import token_row
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.llamacpp.next_tokens import NextTokens
from plait.service.engines.llamacpp.row_tokenizer import LlamaRowTokenizer
from plait.service.models.discovery import Model

CHECKPOINT_EVERY = 20  # steps; one of 1,600 tokens takes 8 to 16 seconds on two cores


class TextBackend:
    """Adapts the models of GGUF files."""

    packages = ("plait", "torch", "xllamacpp")

    def check(self, model: Model, declaration: Declaration) -> None:
        if reason := model.engine().can(declaration):
            raise SettingsError(
                f"{model.name} cannot be adapted to {declaration.name}: {reason}",
                hint="name another model: --model NAME",
            )

    def config(self, model: Model, config: MethodConfig) -> MethodConfig:
        return effective_config(config)

    def fit_example(self, model: Model, declaration: Declaration, example: Example) -> Example:
        return example

    def prepare(self, plan: RunPlan, threads: int, quantized: bool, processes: int) -> AdapterRun:
        table, config = gguf_config(plan.model), cast(MethodConfig, plan.config)
        base_sha256 = file_sha256(table.path)
        engine = LlamaCpp(plan.model.name, table.path, table.context)
        encoded = event_loop.run(encode_rows(engine, plan.parts))
        rows = [planned_row(config, row) for _, row in encoded.learned]
        folder, start, start_sha256 = run_start(plan, base_sha256, [*rows, *encoded.held_out])
        make_private_folder(folder)
        write_token_rows(folder / ROWS, rows)
        measured = folder / (PARITY_ROWS if plan.is_served else HELD_OUT_ROWS)
        write_token_rows(measured, encoded.parity_rows if plan.is_served else encoded.held_out)
        name, fingerprint = plan.scope.task, plan.scope.fingerprint
        request = AdaptRequest(
            *(name, table.path, base_sha256, folder / ROWS, folder, name, fingerprint),
            config=config,
            run=run_config(config, threads, processes),
            parity_rows=measured if plan.is_served else None,
            held_out_rows=None if plan.is_served else measured,
            reward_model=plan.reward.folder if plan.reward else None,
            quantized=quantized,
            start=start,
            start_sha256=start_sha256,
        )
        write_request(request, folder / REQUEST_FILE)
        return text_run(request, [row.token_ids for row in rows], encoded)

    def serve(self, versions: VersionsToServe) -> "ServedText":
        return ServedText(versions)


def gguf_config(model: Model) -> Config:
    """The table of a GGUF model. Raises SettingsError for another one."""
    if not isinstance(model.config, Config):
        raise SettingsError(f"{model.name} is no GGUF file", hint="name a GGUF model: --model NAME")
    return model.config


def text_run(request: AdaptRequest, token_ids: list[tuple[int, ...]], encoded: RunRows) -> AdapterRun:
    read, computed = token_counts(token_ids, request.config)
    shared = f", {computed:,} of them computed" if computed < read else ""
    size = f"{len(token_ids):,} rows, {read:,} tokens to read{shared}"
    steps = len(config_plan(token_ids, request.config))
    learned = tuple(item for item, _ in encoded.learned if isinstance(item, Example))
    return AdapterRun(request, len(token_ids), read, computed, steps, encoded.parity_examples, learned, size)


def run_config(config: MethodConfig, threads: int, processes: int) -> RunConfig:
    interval = checkpoint_interval(config)
    return RunConfig(processes=processes, threads=threads, checkpoint_every=interval, log_every=1, shard=processes > 1)


def checkpoint_interval(config: MethodConfig) -> int:
    """In steps. Those that learn samples take longer, and a checkpoint takes as long as for any others."""
    return CHECKPOINT_EVERY // 5 * config.steps_per_batch if config.method == "grpo" else CHECKPOINT_EVERY


def run_start(plan: RunPlan, base_sha256: str, rows: Sequence[LearnedRow | PromptRow]) -> tuple[Path, Path | None, str]:
    """The folder of the run, and the adapter that it trains on, with its digest.

    If what answers now was made by just this run, then this is that run: nothing is learned twice.
    """
    folder, start = scope_folder(plan.scope), plan.start
    if start is None:
        return folder / run_name(plan, base_sha256, rows), None, ""
    finished = folder / start.run
    if start.run == run_name(plan, base_sha256, rows, start.start_sha256) and (finished / ADAPTER_FILE).exists():
        return finished, read_request(finished / REQUEST_FILE).start, start.start_sha256
    return folder / run_name(plan, base_sha256, rows, start.sha256), start.file, start.sha256


def run_name(plan: RunPlan, base_sha256: str, rows: Sequence[LearnedRow | PromptRow], start_sha256: str = "") -> str:
    """Twelve hex digits of everything that determines the adapter."""
    started = (start_sha256,) if start_sha256 else ()
    return hashlib.sha256(repr((base_sha256, plan.config, tuple(rows), *started)).encode()).hexdigest()[:12]


class ServedText:
    """One process of the engine serves the base with both adapters."""

    def __init__(self, versions: VersionsToServe) -> None:
        self.versions, self.config = versions, gguf_config(versions.base)
        adapters = tuple(filter(None, (versions.candidate, versions.champion)))
        config = self.config
        self.base = LlamaCpp(versions.base.name, config.path, config.context, config.threads, adapters)

    async def parity(self, min_positions: int) -> ServingParity:
        """The server makes the rows of the same examples once more."""
        versions, run = self.versions, self.versions.run
        assert run.request.parity_rows and run.likely_tokens, "a finished run has both"
        trained = read_token_rows(run.request.parity_rows, 2**31)
        tokenizer = LlamaRowTokenizer(self.base)
        served: list[TokenRow] = [
            await token_row(each.declaration, each.example, self.base, tokenizer) for each in run.parity_examples
        ]
        log_probs = NextTokens(self.base, versions.candidate).log_probs
        limits = parity_limits(read_gguf_header(self.config.path))
        return await measure_parity(trained, served, run.likely_tokens.tokens, log_probs, limits, min_positions)

    def engine(self, adapter: LoraAdapter | None) -> ChatEngine:
        return ChatEngine(self.base.adapted(adapter.name) if adapter else self.base)

    async def aclose(self) -> None:
        await self.base.aclose()
