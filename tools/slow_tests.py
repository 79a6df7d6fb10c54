"""Runs the slow tests of one test folder and records the result: `python -m tools.slow_tests golden`.

benchmarks/slow/NAME.json records the commit, whether files had uncommitted changes, the summary line and the date.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "slow"


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def run_tests(folder: str) -> tuple[int, str]:
    """Exit code and last line of pytest's output; prints the output meanwhile."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "slow", f"tests/{folder}"]
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return process.returncode, last


def main(folder: str) -> int:
    if not (ROOT / "tests" / folder).is_dir():
        known = sorted(each.name for each in (ROOT / "tests").iterdir() if each.is_dir())
        print(f"there is no folder tests/{folder}\n  → one of {', '.join(known)}", file=sys.stderr)
        return 2
    code, summary = run_tests(folder)
    result = {
        "commit": git("rev-parse", "HEAD"),
        "changed_files": bool(git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/slow")),
        "date": datetime.now(UTC).date().isoformat(),
        "summary": summary,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{folder.replace('/', '-')}.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
