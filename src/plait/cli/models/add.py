"""`plait models add`: add a model, or a version of one."""

import shlex
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.cli.settings_change import offer_change
from plait.core.errors import InputError
from plait.core.progress import ProgressDisplay, duration
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter_files import is_adapter
from plait.service.models.download import SHA256
from plait.service.models.local_servers import simple_name
from plait.service.models.model_source import ModelSource, parse_source
from plait.service.models.model_store import models_folder, store_model
from plait.service.models.registry import current_registry
from plait.service.models.settings_edit import add_models
from plait.service.models.version_import import ARCHIVE_SUFFIX, ImportOptions, add_adapter, add_archive
from plait.service.task_files import settings_file


@click.command()
@click.argument("source")
@click.option("--name", help="Name of the model in Plait.  [that of the file]")
@click.option("--sha256", default="", help="Checksum that the file must have.")
@click.option("--task", default="", help="Of an adapter: its task.  [the one that the file names]")
@click.option("--base", default="", help="Of an adapter: its model.  [the one that the file names]")
def add(source: str, name: str | None, sha256: str, task: str, base: str) -> None:
    """Add a model: SOURCE is a file, a URL, or hf:OWNER/REPOSITORY/FILE.gguf on a hub (setting: hub).

    The file is checked and kept in the data folder, and a table in plait.toml names it. A download that broke off
    continues when the same command is run again. Pickles and code are refused.

    An adapter, or a version that `plait models export` wrote, becomes the next version of MODEL/TASK instead.
    """
    sha256 = check_sha256(sha256)
    parsed = parse_source(source)
    file = Path(parsed.location)
    if not parsed.is_remote and (file.suffix == ARCHIVE_SUFFIX or is_adapter(file)):
        return add_version(file, sha256, name, ImportOptions(task, base))
    if task or base:
        raise InputError(f"{source} is no adapter, so it has neither --task nor --base", hint="leave them out")
    name = name or simple_name(Path(parsed.file_name).stem) or "model"
    # Refused before the download if plait.toml cannot be changed.
    add_models(settings_file(), {name: {"path": str(models_folder())}})
    progress = DownloadProgress(parsed)
    file = store_model(parsed, progress.update, sha256)
    progress.clear()
    edit = add_models(settings_file(), {name: {"path": str(file.absolute())}})
    offer_change(edit, yes=True, command="plait models add")
    click.echo(as_called(f"plait chat --model {shlex.quote(name)}"))


def add_version(file: Path, sha256: str, name: str | None, options: ImportOptions) -> None:
    if name is not None:
        raise InputError(
            f"{file} is an adapter, which is named by its model and task, not {name!r}", hint="leave --name out"
        )
    if sha256 and file_sha256(file) != sha256:
        raise InputError(f"{file} has the sha256 {file_sha256(file)}, not {sha256}", hint="copy it again")
    registry = current_registry()
    adding = add_archive if file.suffix == ARCHIVE_SUFFIX else add_adapter
    version = adding(registry, file, options)
    click.echo(f"added {version.label}")
    click.echo(as_called(f"plait models alias {version.name} {version.number} lets it answer"), err=True)


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
