"""`plait serve [FILE.py]...`: serve tasks: endpoint, page and OpenAPI for each."""

from pathlib import Path

import click

from plait.cli.settings_option import enter_folder, settings_option


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE.py]...", type=click.Path(path_type=Path))
@settings_option
@click.option("--host", help="Address to listen on; other machines need a key.  [127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 chooses a free one.  [8800]")
def serve(files: tuple[Path, ...], settings_file: Path | None, host: str | None, port: int | None) -> None:
    """Serve the tasks of each FILE.py, those that plait.toml names, and the built-in ones, until Ctrl-C.

    Each task has an endpoint, a page and an OpenAPI description. A changed file is loaded again; while it has an
    error, the tasks from before the change are served, and the home page shows the error.
    """
    from plait.http.server import serve as serve_until_stopped

    serve_until_stopped(enter_folder(settings_file, files), host, port)
