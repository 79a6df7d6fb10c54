"""Import time of `import plait` with one declared task, relative to `import pydantic` with the same models.

Budget: at most 1.5; `plait --help` over bare `import pydantic`: at most 3.

    python -m benchmarks.import_time
"""

import subprocess
import sys
import time

from benchmarks.measure import interleaved_timings, median, ratio, report

REPEATS = 21
MODELS = """
from datetime import date
from typing import Literal
from pydantic import BaseModel, Field
class Line(BaseModel):
    what: str
    quantity: float = Field(gt=0)
    price: float = Field(ge=0)
class Invoice(BaseModel):
    number: str
    issued: date
    seller: str
    lines: list[Line] = Field(min_length=1, max_length=50)
    currency: Literal["EUR", "USD", "GBP", "CNY"]
"""
TASK = '''
from plait import task
@task
def extract_invoice(text: str) -> Invoice:
    """Read the invoice {text} and fill in its fields."""
    ...
'''


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    timings = interleaved_timings(
        REPEATS,
        models=lambda: seconds("-c", MODELS),
        task=lambda: seconds("-c", MODELS + TASK),
        pydantic=lambda: seconds("-c", "import pydantic; pydantic.BaseModel"),
        help=lambda: seconds("-m", "plait", "--help"),
    )
    report(
        "import_time",
        {
            "milliseconds": {name: round(median(values) * 1000, 1) for name, values in timings.items()},
            "declared_task_over_models": ratio(timings, "task", "models"),
            "plait_help_over_import_pydantic": ratio(timings, "help", "pydantic"),
        },
    )


if __name__ == "__main__":
    main()
