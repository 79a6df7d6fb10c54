"""A run that adapts a unified model: base file and rows in, an adapter file out. Killed anywhere, it resumes.

    python -m plait.foundation.unified.adaptation.adapt_run REQUEST.json

A process of its own, as for decoders (foundation/text/adapt_run.py). Progress goes to standard error.
"""

import os
import sys
from pathlib import Path

from plait.core.errors import CheckpointError, PlaitError, SettingsError, error_text
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.unified_adapter import ARCHITECTURE
from plait.foundation.training.processes import NICENESS, continue_without_parent
from plait.foundation.training.trainer import Trainer, prepare_torch
from plait.foundation.unified.adaptation.likely import write_parity_file
from plait.foundation.unified.adaptation.objective import new_objective, trainer_config
from plait.foundation.unified.adaptation.request import PictureAdaptRequest, read_picture_request
from plait.foundation.unified.objectives.encoded_examples import task_declaration
from plait.foundation.unified.weights.adapter_file import add_adapters, write_adapter
from plait.foundation.unified.weights.weight_files import load


def adapt(request: PictureAdaptRequest, *, fresh: bool = False, until: int | None = None) -> int:
    """Trains to the end, or to step `until`, and writes the adapter; returns the exit code, 130 after Ctrl-C.

    Raises CheckpointError for another base file, InputError for rows that cannot be learned.
    """
    check_request(request)
    device = prepare_torch(request.run)
    model, config = load(request.base).to(device), request.config
    add_adapters(model, config.rank, config.scale, config.seed)
    objective = new_objective(model, request, device)
    trainer = Trainer(objective, trainer_config(request, objective.steps), request.folder, device)
    code = trainer.run(fresh=fresh, until=until)
    if code == 0 and trainer.step == objective.steps:
        write_parity_file(model, request)
        facts = AdapterHeader(
            ARCHITECTURE, config.rank, config.alpha, request.base_sha256, request.task, request.fingerprint
        )
        write_adapter(request.adapter, model, facts)  # last: this file says that the run is complete
    return code


def check_request(request: PictureAdaptRequest) -> None:
    """Raises CheckpointError if the base is another file now, SettingsError for another form of the task."""
    if file_sha256(request.base) != request.base_sha256:
        raise CheckpointError(f"{request.base} has changed since the run began", hint="adapt the model again")
    if task_declaration(request.trained_task).fingerprint != request.fingerprint:
        raise SettingsError(
            f"{request.task} has another form than the built-in {request.trained_task}", hint="adapt the model again"
        )


def main(arguments: list[str]) -> int:
    continue_without_parent()
    os.nice(NICENESS)
    try:
        return adapt(read_picture_request(Path(arguments[0])))
    except PlaitError as error:
        print(error_text(error), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
