"""What recording adds to a call: a task answered by the `scripted` engine, with and without `[recording] all = true`.

off, on        wall time of a call on one event loop, calls one after another, medians of calls of interleaved rounds
added          median over the rounds of the difference; the budget is 100 µs
paced_*        the same with 5 ms between the calls, as with a real model: the writer works in the pauses
committed      milliseconds from the end of an answer to the end of its commit, median
dropped        answers that the queue could not hold

python -m benchmarks.recording
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from benchmarks.measure import interleaved_timings, median, report
from plait import engine, task
from plait.core.calls import dispatch
from plait.core.calls.scope import use_transport
from plait.core.calls.transport import Transport
from plait.service.local_transport import LocalTransport

CALLS, PACED_CALLS, ROUNDS, PAUSE = 300, 60, 15, 0.005
TABLES = {"off": "", "on": "[recording]\nall = true\n"}


@task
def shorten(text: str) -> str:
    """Shorten {text}."""
    ...


@engine.answers(shorten)
def by_cutting(text: str) -> str:
    return text[:3]


async def call_times(transport: Transport, calls: int, pause: float) -> list[float]:
    """Microseconds of each call."""
    times: list[float] = []
    for number in range(calls):
        call = shorten.call(text=f"a text of some words with the number {number}")
        started = time.perf_counter()
        await dispatch.answer_value(call, transport)
        times.append((time.perf_counter() - started) * 1e6)
        await asyncio.sleep(pause)
    return times


def measure(transport: LocalTransport, folder: Path, *, on: bool, paced: bool) -> float:
    """Median microseconds of a call. Rounds are separated, so that one does not pay for the answers of another."""
    (folder / "plait.toml").write_text(TABLES["on" if on else "off"])
    calls, pause = (PACED_CALLS, PAUSE) if paced else (CALLS, 0.0)
    result = median(asyncio.run(call_times(transport, calls, pause)))
    assert transport.recorder.flush(30)
    return result


def commit_time(transport: LocalTransport) -> float:
    """Milliseconds from an answer to its commit."""
    asyncio.run(call_times(transport, 1, 0.0))
    started = time.perf_counter()
    assert transport.recorder.flush(30)
    return (time.perf_counter() - started) * 1e3


def main() -> None:
    transport = LocalTransport()
    with tempfile.TemporaryDirectory() as name, use_transport(transport):
        folder = Path(name)
        os.chdir(folder)
        os.environ["PLAIT_DATA"] = str(folder / "data")
        timings = interleaved_timings(
            ROUNDS,
            off=lambda: measure(transport, folder, on=False, paced=False),
            on=lambda: measure(transport, folder, on=True, paced=False),
            paced_off=lambda: measure(transport, folder, on=False, paced=True),
            paced_on=lambda: measure(transport, folder, on=True, paced=True),
        )
        commits = [commit_time(transport) for _ in range(ROUNDS)]
        os.chdir("/")
    figures = {f"{name}_microseconds": round(median(values), 1) for name, values in timings.items()}
    for prefix in ("", "paced_"):
        added = [on - off for on, off in zip(timings[f"{prefix}on"], timings[f"{prefix}off"], strict=True)]
        figures[f"{prefix}added_microseconds"] = round(median(added), 1)
    transport.recorder.close()
    report(
        "recording",
        {**figures, "committed_milliseconds": round(median(commits), 1), "dropped": transport.recorder.dropped},
    )


if __name__ == "__main__":
    main()
