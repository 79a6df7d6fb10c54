"""`plait search FOLDER "words"`: find the images in a folder that the words describe."""

from pathlib import Path

import click

from plait.core import plugins
from plait.core.errors import InputError
from plait.core.values.json_text import dumps

MAX_RESULTS = 10_000


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("words", default="")
@click.option(
    "--like", type=click.Path(path_type=Path), metavar="FILE", help="Find pictures that show the same as this one."
)
@click.option(
    "--top", type=click.IntRange(1, MAX_RESULTS), default=10, show_default=True, help="Maximum number of results."
)
@click.option("--model", default="", help="Name of a model, a weights file or a run folder.  [plait-nano]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of objects with rank, score and file.")
def search(folder: Path, words: str, like: Path | None, top: int, model: str, as_json: bool) -> None:
    """Find the pictures in FOLDER that WORDS describe: `plait search photos "a cat left of a dog"`.

    Each line has a rank, a score from 0 to 1 and a file. --like finds pictures that show the same things, whatever
    their colours, places or style; with WORDS too, only those that WORDS describe.

    The index of a folder is cached: the next search reads only new and changed pictures.
    """
    if not words.strip() and like is None:
        raise InputError(
            "plait search needs WORDS or --like",
            hint=f'plait search {folder} "a cat on a blue ground", or plait search {folder} --like picture.png',
        )
    run_search = plugins.load(plugins.SEARCHERS, "unified")
    results = run_search(folder, words, like, top, model, lambda line: click.echo(line, err=True))
    ranked = list(enumerate(results, 1))
    if as_json:
        result_list = [
            {"rank": rank, "score": round(each.score, 4), "file": click.format_filename(each.file)}
            for rank, each in ranked
        ]
        click.echo(dumps(result_list))
        return
    for rank, each in ranked:
        click.echo(f"{rank:>{len(str(len(ranked)))}}  {each.score:.3f}  {click.format_filename(each.file)}")
