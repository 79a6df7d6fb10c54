"""A run that adapts a decoder: base file and token rows in, an adapter file out. Killed anywhere, it resumes.

    python -m plait.foundation.text.adapt_run REQUEST.json

It is a process of its own, so that its memory and threads end with it. Progress goes to standard error. It has less
claim on the cores than what answers people, and its parent may pause it (plait.learning.trainer_process). A run that
learns from samples asks its parent for them (answer_samples.py).
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from plait.core.errors import PlaitError, SettingsError, error_text
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import (
    AdaptRequest,
    DpoConfig,
    GrpoConfig,
    KtoConfig,
    RewardConfig,
    read_request,
)
from plait.foundation.text.adapter_file import add_adapters, add_trained_adapters, write_adapter
from plait.foundation.text.adapter_objective import AdapterObjective, SftObjective, trainer_config
from plait.foundation.text.answer_samples import PipeSampler, Sampler, SamplerGone, no_sampler, read_prompt_rows
from plait.foundation.text.grpo import GrpoObjective
from plait.foundation.text.kto import KtoObjective
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.preference_objective import DpoObjective
from plait.foundation.text.preference_row import read_marked_rows, read_preference_rows
from plait.foundation.text.reward import RewardModel, RewardObjective
from plait.foundation.text.teacher_forcing import write_parity_file
from plait.foundation.text.token_row import read_token_rows
from plait.foundation.training.processes import (
    NICENESS,
    check_count,
    continue_without_parent,
    die_with_launcher,
    exit_on_peer_failure,
    is_launched_worker,
    process_group,
    run_in_processes,
)
from plait.foundation.training.trainer import Trainer, prepare_torch

RowT = TypeVar("RowT")


def adapt(
    request: AdaptRequest, *, fresh: bool = False, until: int | None = None, sampler: Sampler = no_sampler
) -> int:
    """Trains to the end, or to step `until`, and writes the adapter; returns the exit code, 130 after Ctrl-C."""
    device = prepare_torch(request.run)
    model = load_decoder(read_gguf_header(request.base), quantized=request.quantized)
    if not request.run.shard:  # a part of each weight goes there otherwise, and the whole need not fit
        model = model.to(device)
    if request.start:
        add_trained_adapters(model, request.start, request.config.effective_lora, request.start_sha256)
    else:
        add_adapters(model, request.config.effective_lora, request.config.seed)
    objective = new_objective(model, request, sampler)
    trainer = Trainer(objective, trainer_config(request.name, objective, request.run), request.folder, device)
    code = trainer.run(fresh=fresh, until=until)
    if code == 0 and trainer.step == len(objective.plan):
        objective.write_results(request.folder)
        if request.parity_rows:  # before the adapter, whose file says that the run is complete
            write_parity_file(model, request.parity_rows, request.parity_file)
        names = {"task": request.task, "fingerprint": request.fingerprint, "base_sha256": request.base_sha256}
        write_adapter(request.adapter, model, request.config.effective_lora, **names, tensor_type=request.tensor_type)
    return code


def new_objective(model: TextDecoder, request: AdaptRequest, sampler: Sampler) -> AdapterObjective[Any, Any]:
    """What the method of the request trains. Raises InputError for damaged rows, SettingsError for none."""
    config, base, num_tokens = request.config, request.base_sha256, model.config.num_tokens
    if isinstance(config, DpoConfig):
        pairs = check_rows(request, read_preference_rows(request.rows, num_tokens))
        return DpoObjective(model, pairs, config, base, request.folder)
    if isinstance(config, KtoConfig):
        marked = check_rows(request, read_marked_rows(request.rows, num_tokens))
        return KtoObjective(model, marked, config, base, request.folder)
    if isinstance(config, RewardConfig):
        pairs = check_rows(request, read_preference_rows(request.rows, num_tokens))
        held_out = read_preference_rows(request.held_out_rows, num_tokens) if request.held_out_rows else ()
        return RewardObjective(model, pairs, config, base, held_out)
    if isinstance(config, GrpoConfig):
        prompts = check_rows(request, read_prompt_rows(request.rows, num_tokens))
        rewards = RewardModel.load(request.reward_model, model, base) if request.reward_model else None
        return GrpoObjective(model, prompts, config, base, request.folder, sampler, rewards)
    return SftObjective(model, check_rows(request, read_token_rows(request.rows, num_tokens)), config, base)


def check_rows(request: AdaptRequest, rows: Sequence[RowT]) -> Sequence[RowT]:
    if not rows:
        raise SettingsError(f"{request.rows} has no rows", hint="add examples first: plait correct TASK --rows FILE")
    return rows


def main(arguments: list[str]) -> int:
    try:
        return launch(read_request(Path(arguments[0])), arguments)
    except SamplerGone:
        return 130  # the parent says why: it was stopped, or cannot sample
    except PlaitError as error:
        print(error_text(error), file=sys.stderr)
        return 1


def launch(request: AdaptRequest, arguments: list[str]) -> int:
    """Trains in this process, or in several that share the weights."""
    processes = request.run.processes
    if is_launched_worker():
        check_count(processes)
        die_with_launcher()
    else:
        continue_without_parent()
        os.nice(NICENESS)
        if processes > 1:
            return run_in_processes(arguments, processes, module=__spec__.name)
    with exit_on_peer_failure(), process_group(processes):
        return adapt(request, sampler=no_sampler if processes > 1 else PipeSampler.of_this_process())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
