"""Resident memory of `make up` with the embedded model, after eight concurrent answers. Budget: at most 600 MB.

python -m benchmarks.memory
"""

import concurrent.futures
import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.measure import report

TEXT = "Marrowbeg Books & Paper Ltd, invoice 2026-0031 of 14 March 2026: two sketchbooks at 11.50 EUR each."


def main() -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "plait", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        idle = resident_memory(server.pid)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: post_task(address), range(8)))
        time.sleep(0.5)
        report("memory", {"idle_mb": idle, "after_eight_at_once_mb": resident_memory(server.pid)})
    finally:
        server.terminate()
        server.wait()


def post_task(address: str) -> None:
    request = urllib.request.Request(
        f"{address}/v1/tasks/extract_invoice",
        json.dumps({"text": TEXT}).encode(),
        {"content-type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=300).read()
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode(), file=sys.stderr)


def resident_memory(pid: int) -> dict[str, float]:
    """Megabytes of the server, the engine's process, and both; pages that both map count in each."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    each = {"server": rss(pid), "engine": sum(rss(int(child)) for child in children)}
    return {**each, "both": round(sum(each.values()), 1)}


def rss(pid: int) -> float:
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


if __name__ == "__main__":
    main()
