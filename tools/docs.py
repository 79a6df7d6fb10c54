"""Regenerates the generated parts of README and docs (cog); `--check` compares without writing."""

import sys
from pathlib import Path

from cogapp import Cog

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", *sorted(str(page) for page in Path("docs").rglob("*.md")))


def main() -> int:
    check = "--check" in sys.argv
    sys.path.insert(0, str(ROOT / "tools"))
    pages = [page for page in PAGES if (ROOT / page).exists() and "[[[cog" in (ROOT / page).read_text()]
    mode = ["--check", "--diff"] if check else ["-r"]
    code = Cog().main(["cog", *mode, *pages])
    if code and check:
        print("the docs do not show what the program prints now; update them with: make docs", file=sys.stderr)
    return int(bool(code))


if __name__ == "__main__":
    sys.exit(main())
