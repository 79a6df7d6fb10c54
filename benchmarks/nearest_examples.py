"""Retrieval of examples for a prompt: milliseconds to search 10,000 examples, cold and after one was added.

Budget (issue 3): at most 5 ms. The examples are commands to a home of 4 to 20 devices, mixed from the task's data so
that no two are equal; the queries are held-out commands. `same_as_everything_scored` is the share of the four nearest
examples that BM25 over all 10,000 documents finds too.

    python -m benchmarks.nearest_examples
"""

import json
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from benchmarks.measure import median, report
from plait.core.prompting import bm25
from plait.core.prompting.retrieval import ExampleIndex
from plait.core.values.inputs import inputs_from_json
from plait.tasks.home_command import home_command

COUNT, QUERIES, NEAREST = 10_000, 100, 4
Row = dict[str, Any]


def rows() -> list[Row]:
    files = [home_command.examples.seeds_file, *home_command.examples.held_out_files]
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def mix_rows(known_rows: list[Row], rng: random.Random) -> Row:
    """A new row: the sentence of a row with one more word, and devices mixed from two rows."""
    one, other, word = rng.choice(known_rows), rng.choice(known_rows), rng.choice(known_rows)
    devices = rng.sample([*one["devices"], *other["devices"]], k=rng.randint(4, 8))
    last = word["utterance"].split()[-1]
    return {"utterance": f"{one['utterance']} {last}", "devices": devices, "answer": {"Nothing": {"why": "?"}}}


def milliseconds(pool: ExampleIndex, inputs: dict[str, object]) -> float:
    started = time.perf_counter()
    pool.nearest(inputs, NEAREST)
    return (time.perf_counter() - started) * 1_000


def main() -> None:
    rng, known_rows = random.Random(4), rows()
    declaration = home_command.declaration
    with TemporaryDirectory() as folder:
        seeds, added = Path(folder, "seeds.jsonl"), Path(folder, "added.jsonl")
        seeds.write_text(
            "".join(json.dumps(mix_rows(known_rows, rng), ensure_ascii=False) + "\n" for _ in range(COUNT))
        )
        queries = [
            inputs_from_json(declaration, {name: row[name] for name in ("utterance", "devices")})
            for row in rng.sample(known_rows, QUERIES)
        ]
        index = ExampleIndex(declaration, (seeds, added))
        cold = milliseconds(index, queries[0])
        timings = [milliseconds(index, inputs) for inputs in queries]
        nearest = [index.nearest(inputs, NEAREST) for inputs in queries[:20]]
        with added.open("a") as file:
            file.write(json.dumps(mix_rows(known_rows, rng)) + "\n")
        after_adding = milliseconds(index, queries[0])
        with patch.object(bm25, "MAX_POSTINGS", 10**12), patch.object(bm25, "MAX_CANDIDATES", COUNT):
            nearest_of_all = [index.nearest(inputs, NEAREST) for inputs in queries[:20]]
    num_shared = sum(
        example in all_nearest for some, all_nearest in zip(nearest, nearest_of_all, strict=True) for example in some
    )
    report(
        "nearest_examples",
        {
            "p50_ms": round(median(timings), 2),
            "p95_ms": round(sorted(timings)[int(0.95 * QUERIES)], 2),
            "first_call_ms": round(cold, 1),
            "after_one_was_added_ms": round(after_adding, 1),
            "same_as_everything_scored": round(num_shared / (20 * NEAREST), 3),
        },
    )


if __name__ == "__main__":
    main()
