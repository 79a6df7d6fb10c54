"""`plait serve [FILE.py]`: serve tasks: endpoint, page and OpenAPI for each."""

from pathlib import Path

import click


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--host", help="Address to listen on; other machines need a key.  [127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 chooses a free one.  [8800]")
def serve(file: Path | None, host: str | None, port: int | None) -> None:
    """Serve the tasks of FILE.py and the built-in ones until Ctrl-C: endpoint, page and OpenAPI for each."""
    from plait.http.server import serve as serve_until_stopped

    serve_until_stopped(file, host, port)
