"""Writes the third-party files of the web pages: `python -m tools.vendor` takes them from npm, `--check` compares them.

Swagger UI is the only one of three viewers that works under the pages' content security policy: RapiDoc 9.3.8 and
OpenAPI Explorer 2.4.820 have inline styles, which it blocks (900 of them on our document).
"""

import gzip
import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "swagger-ui-dist@5.35.0"
FOLDER = Path(__file__).parents[1] / "src" / "plait" / "web" / "vendor"
# SHA-256 of the files of the package. Code lies compressed: 1.9 MB of text are 0.5 MB.
COMPRESSED = {
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}
LICENSES = {
    "LICENSE": "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    "NOTICE": "0d20d1adef18aee3f40dd258172155521ce702ac445cb5f7b7d60ed32dad2fb2",
    "swagger-ui-bundle.js.LICENSE.txt": "37eb6e7e59aed57b2c1acf076574b818ea07b74265717e0bd67b59e0baf9abbb",
}


def main() -> None:
    if sys.argv[1:] != ["--check"]:
        write()
    wrong = wrong_files()
    if wrong:
        sys.exit(f"not as recorded: {', '.join(wrong)} (python -m tools.vendor writes them)")
    print(f"{PACKAGE}: {sum(file.stat().st_size for file in FOLDER.iterdir()):,} bytes")


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            package.extractall(folder, filter="data")
        for name in COMPRESSED | LICENSES:
            content = Path(folder, "package", name).read_bytes()
            # Without a time stamp the same file is the same bytes.
            path_of(name).write_bytes(gzip.compress(content, 9, mtime=0) if name in COMPRESSED else content)


def wrong_files() -> list[str]:
    """The files that are not those of the package."""
    return [name for name, digest in (COMPRESSED | LICENSES).items() if digest_of(name) != digest]


def digest_of(name: str) -> str:
    file = path_of(name)
    if not file.exists():
        return ""
    content = file.read_bytes()
    return hashlib.sha256(gzip.decompress(content) if name in COMPRESSED else content).hexdigest()


def path_of(name: str) -> Path:
    return FOLDER / (f"{name}.gz" if name in COMPRESSED else name)


if __name__ == "__main__":
    main()
