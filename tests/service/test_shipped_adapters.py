"""Adapters that come with the tasks: of this form of the task and of the embedded model, small, with a card."""

from itertools import islice
from pathlib import Path

import pytest

import plait.tasks
from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.core.evaluation.rows import read_rows
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.adapter import read_adapter_header
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.local_transport import LocalTransport
from tests.support.running_server import needs_model

FOLDER = Path(plait.tasks.__file__).parent
FILES = sorted((FOLDER / "adapters").glob("*.gguf"))
MAX_BYTES = 3_000_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_adapter_is_one_of_this_form_of_its_task_and_has_a_card(file: Path) -> None:
    name, _, base = file.stem.partition(".")
    header = read_adapter_header(read_gguf_header(file))
    assert (header.task, header.fingerprint) == (name, find_task(name)[0].declaration.fingerprint)
    assert file.stat().st_size <= MAX_BYTES
    card = file.with_suffix(".md").read_text("utf-8")
    assert card.startswith(f"# {base}/{name}\n") and "licence" in card and "plait evaluate" in card


@needs_model
@pytest.mark.model
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_adapter_is_one_of_the_embedded_model(file: Path) -> None:
    embedded = embedded_file()
    assert embedded is not None
    assert read_adapter_header(read_gguf_header(file)).base_sha256 == file_sha256(embedded)


@needs_model
@pytest.mark.model
@pytest.mark.slow
def test_home_commands_are_mostly_right() -> None:
    task = find_task("home_command")[0]
    rows = list(islice(read_rows(task.declaration, FOLDER / "held_out/home_command.unseen-templates.jsonl"), 20))
    transport = LocalTransport()
    with use_transport(transport):
        answers = task.using(timeout=600).batch([dict(row.example().inputs) for row in rows], detailed=True)
    event_loop.run(transport.aclose())
    assert {answer.model.partition("@")[0] for answer in answers} == {"smollm2/home_command"}
    right = sum(
        type(answer.value) is type(row.example().answer) and answer.value == row.example().answer
        for answer, row in zip(answers, rows, strict=True)
    )
    assert right >= 8, "0.69 of 100 rows with all parts right, reasons not counted; 0.20 without the adapter"
