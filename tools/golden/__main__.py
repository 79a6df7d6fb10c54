"""Records what Plait does today in tests/golden, and compares: proof that a refactoring changes no behaviour.

python -m tools.golden             compare everything, print each difference, exit with 1 if there is any
python -m tools.golden tasks       compare one file: tasks, files or tensors
python -m tools.golden --write     record again; `tensors` trains each model twice and refuses if the results differ

tasks.json     fingerprints, JSON Schemas, grammars, prompts and token ids of the built-in tasks
files.json     what is read from today's files: weights, settings, rows; answers of plait-nano
tensors.json   SHA-256 of every tensor after 200 steps of three small trainings

Renamed code is adapted in this package, renamed parameters in
tests/golden/renamed_tensors.json ({"regular expression": "replacement"}).
"""

import os
import sys
import tempfile

import click

from tools.golden.comparison import differences, file_differences, tensor_differences
from tools.golden.file_values import answers, file_values
from tools.golden.recording import Json, read_recording, to_json, write_recording
from tools.golden.task_values import all_task_values
from tools.golden.trainings import TRAININGS, conditions, write_checkpoint


def write(name: str) -> None:
    if name == "tasks":
        write_recording(name, all_task_values())
    elif name == "files":
        write_checkpoint()
        write_recording(name, {"conditions": conditions(), "read": file_values(), "answers": answers()})
    else:
        trained: dict[str, Json] = {}
        for training, run in TRAININGS.items():
            trained[training] = run()
            if different := differences(trained[training], run()):
                raise click.ClickException(f"{training} is not deterministic: {len(different)} tensors differ")
            click.echo(f"{training}: {len(trained[training])} tensors, twice the same")
        write_recording(name, {"conditions": conditions(), "trained": trained})


def compare(name: str) -> list[str]:
    expected = read_recording(name)
    if name == "tasks":
        return differences(expected, to_json(all_task_values()))
    here = differences(expected["conditions"], conditions())
    if name == "files":
        return file_differences(expected["read"], to_json(file_values())) + differences(expected["answers"], answers())
    if here:
        return ["tensors.json was recorded under other conditions, nothing is compared:", *here]
    lines: list[str] = []
    for training, run in TRAININGS.items():
        lines += [f"/{training}{line}" for line in tensor_differences(expected["trained"][training], run())]
    return lines


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(["tasks", "files", "tensors"]))
@click.option("--write", "writes", is_flag=True, help="Record again.")
def main(names: tuple[str, ...], writes: bool) -> None:
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"PLAIT_DATA": data, "PLAIT_URL": "none"}
        lines: list[str] = []
        for name in names or ("tasks", "files", "tensors"):
            if writes:
                write(name)
            else:
                lines += [f"{name}.json{line}" for line in compare(name)]
    for line in lines:
        click.echo(line)
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
