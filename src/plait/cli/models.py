"""`plait models`: list the models, or add one."""

import shlex
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.cli.settings_change import offer_change
from plait.core.errors import InputError
from plait.core.progress import ProgressDisplay, duration
from plait.service.models.discovery import Model, known_models, no_chat_model_error
from plait.service.models.download import SHA256
from plait.service.models.local_servers import simple_name
from plait.service.models.model_source import ModelSource, parse_source
from plait.service.models.model_store import models_folder, store_model
from plait.service.models.settings_edit import add_models
from plait.service.task_files import settings_file


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the models: those in plait.toml, those shipped with Plait, and the embedded one."""
    if context.invoked_subcommand is None:
        list_models()


def list_models() -> None:
    installed = known_models()
    if not installed:
        raise no_chat_model_error("no model is installed")
    rows = [("name", "size", "context", "where"), *map(model_row, installed)]
    widths = [max(len(each[column]) for each in rows) for column in range(3)]
    for name, size, context, where in rows:
        click.echo(f"{name:<{widths[0]}}  {size:>{widths[1]}}  {context:>{widths[2]}}  {where}")


@models.command()
@click.argument("source")
@click.option("--name", help="Name of the model in Plait.  [that of the file]")
@click.option("--sha256", default="", help="Checksum that the file must have.")
def add(source: str, name: str | None, sha256: str) -> None:
    """Add a model: SOURCE is a file, a URL, or hf:OWNER/REPOSITORY/FILE.gguf on a hub (setting: hub).

    The file is checked and kept in the data folder, and a table in plait.toml names it. A download that broke off
    continues when the same command is run again. Pickles and code are refused.
    """
    sha256 = check_sha256(sha256)
    parsed = parse_source(source)
    name = name or simple_name(Path(parsed.file_name).stem) or "model"
    # Refused before the download if plait.toml cannot be changed.
    add_models(settings_file(), {name: {"path": str(models_folder())}})
    progress = DownloadProgress(parsed)
    file = store_model(parsed, progress.update, sha256)
    progress.clear()
    edit = add_models(settings_file(), {name: {"path": str(file.absolute())}})
    offer_change(edit, yes=True, command="plait models add")
    click.echo(as_called(f"plait chat --model {shlex.quote(name)}"))


class DownloadProgress(ProgressDisplay):
    """The line of a download: `qwen3.gguf: 120 of 640 MB, 12.1 MB/s, 43 s left`."""

    def __init__(self, source: ModelSource) -> None:
        super().__init__()
        self.name, self.first = source.file_name, -1
        self.started = self.last_shown

    def update(self, done: int, total: int) -> None:
        """Shows the bytes so far; the rate is that of this run, without what an earlier one brought."""
        import time

        if self.first < 0:
            self.first, self.started = done, time.monotonic()
        if self.is_due(final=done == total):
            rate = (done - self.first) / max(time.monotonic() - self.started, 1e-9)
            left = f", {duration((total - done) / rate)} left" if total and rate else ""
            of = f" of {total / 1e6:,.0f}" if total else ""
            self.show(f"{self.name}: {done / 1e6:,.0f}{of} MB, {rate / 1e6:,.1f} MB/s{left}")


def check_sha256(text: str) -> str:
    digest = text.strip().lower().removeprefix("sha256:")
    if digest and not SHA256.fullmatch(digest):
        raise InputError(f"--sha256 {text} is not a checksum", hint="write its 64 hexadecimal digits")
    return digest


def model_row(model: Model) -> tuple[str, str, str, str]:
    config = model.config
    size = size_text(config.file) if config.file else "server"
    context = f"{config.context_length:,}" if config.context_length else "its own"
    return model.name, size, context, config.describe(model.name)


def size_text(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB" if path.is_file() else "missing"
