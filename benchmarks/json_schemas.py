"""Reads other people's JSON Schemas: the share taken, refusals by keyword, compile time, and invalid random answers.

PATH is a file of JSON lines {"name", "schema"}; the schemas of SchemaStore are one such source. Random texts of each
grammar are validated by `jsonschema` with format checks; what its own regular expressions or references refuse is
counted apart ("not judged").

    python -m benchmarks.json_schemas PATH [TEXTS]
"""

import json
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from jsonschema import FormatChecker, ValidationError
from jsonschema.validators import Draft202012Validator, validator_for

from benchmarks.measure import report
from benchmarks.random_answers import random_answer
from plait.core.errors import InputError
from plait.core.grammar.ast import Grammar
from plait.core.grammar.from_json_schema import grammar_from_schema
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.schema_alternatives import COMBINING, FLAT, UNSUPPORTED

SECONDS = 10  # for a schema; longer is counted as a hang
LOCATION = "schema"


class TooSlow(Exception):
    pass


def compile_schema(schema: Any) -> tuple[Grammar | None, str, float]:
    """The grammar or the refused keyword, and the CPU seconds until there is GBNF."""
    started = time.process_time()
    try:
        grammar = grammar_from_schema(schema, LOCATION)
        gbnf(grammar)
        return grammar, "", time.process_time() - started
    except InputError as error:
        return None, refused_keyword(error.problems[0].path, error.problems[0].message), time.process_time() - started


def refused_keyword(path: str, message: str) -> str:
    keyword = next((step for step in reversed(path.split(".")) if step in COMBINING | FLAT | UNSUPPORTED), "none named")
    return f"{keyword}: {message}"[:100]


def invalid_answers(schema: Any, grammar: Grammar, count: int, draw: random.Random) -> Counter[str]:
    validator = validator_for(schema, Draft202012Validator)(schema, format_checker=FormatChecker())
    counts: Counter[str] = Counter()
    for _ in range(count):
        answer = random_answer(grammar, draw)
        try:
            validator.validate(answer)
            counts["valid"] += 1
        except ValidationError as error:
            counts["invalid"] += 1
            print(
                f"  invalid: {error.message[:200]} at {error.json_path} by {list(error.schema_path)}", file=sys.stderr
            )
        except Exception as error:  # a reference that jsonschema cannot follow, an expression that Python cannot read
            counts["not judged"] += 1
            print(f"  not judged: {str(error)[:150]}", file=sys.stderr)
    return counts


def stop(*_: object) -> None:
    raise TooSlow


def main() -> None:
    path, texts = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20
    draw = random.Random(7)
    refused, answers, seconds = Counter[str](), Counter[str](), list[float]()
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    taken = hangs = 0
    signal.signal(signal.SIGALRM, stop)
    for row in rows:
        signal.alarm(SECONDS)
        try:
            grammar, keyword, spent = compile_schema(row["schema"])
            seconds.append(spent)
            if grammar is None:
                refused[keyword] += 1
                continue
            taken += 1
            counts = invalid_answers(row["schema"], grammar, texts, draw)
            if counts["invalid"] or counts["not judged"]:
                print(f"{row['name']}: {dict(counts)}", file=sys.stderr)
            answers += counts
        except TooSlow:
            hangs += 1
            print(f"{row['name']}: no answer within {SECONDS} s", file=sys.stderr)
        finally:
            signal.alarm(0)
    seconds.sort()
    milliseconds = {name: round(1_000 * seconds[int(share * (len(seconds) - 1))], 2)
                    for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))}  # fmt: skip
    report(
        "json_schemas",
        {
            "schemas": len(rows),
            "taken": round(taken / len(rows), 4),
            "refused": dict(refused.most_common()),
            "hangs": hangs,
            "compile_ms": milliseconds,
            "answers": sum(answers.values()),
            "answers_not_judged": answers["not judged"],
            "invalid": round(answers["invalid"] / max(answers["valid"] + answers["invalid"], 1), 5),
        },
    )


if __name__ == "__main__":
    main()
