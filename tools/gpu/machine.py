"""Checks the machine before the run: required packages, and a device.

python -m tools.gpu.machine [--rehearsal]    names what is missing, exit code 1
python -m tools.gpu.machine --wheels         the packages that such a machine is known to lack, with their versions
"""

import importlib.util
import re
import sys

from tools.gpu.plan import ROOT

# Maps module names to distributions, which requirements.txt pins.
NEEDED = {
    "PIL": "pillow",
    "annotated_types": "annotated-types",
    "click": "click",
    "google.protobuf": "protobuf",
    "jaxtyping": "jaxtyping",
    "numpy": "numpy",
    "packaging": "packaging",
    "pydantic": "pydantic",
    "pydantic_core": "pydantic_core",
    "safetensors": "safetensors",
    "tensorboardX": "tensorboardX",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "typing_extensions": "typing_extensions",
    "typing_inspection": "typing-inspection",
    "wadler_lindig": "wadler_lindig",
}
# Packages missing on the image of a lent machine with torch, transformers and JAX.
LACKING = ("annotated-types", "pydantic", "pydantic_core", "tensorboardX", "typing-inspection")
BRING = "make gpu-wheels    # where there is a network, then copy the folder wheels/ with the sources"


def missing() -> list[str]:
    """Distributions that cannot be imported here, as `name==version`."""
    return [pinned(name) for module, name in NEEDED.items() if not importable(module)]


def importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False


def pinned(name: str) -> str:
    lines = "".join((ROOT / file).read_text("utf-8") for file in ("requirements.txt", "requirements-model.txt"))
    found = re.search(rf"^{re.escape(name)}==\S+", lines, re.MULTILINE | re.IGNORECASE)
    return found[0] if found else name


def fault(rehearsal: bool) -> str:
    """The problem that prevents the run, with a remedy; "" if there is none."""
    if lacking := missing():
        return f"{sys.executable} cannot import what training needs: {', '.join(lacking)}\n  → {BRING}"
    import torch

    if not rehearsal and not torch.cuda.is_available():
        return f"torch {torch.__version__} of {sys.executable} sees no CUDA device\n  → make gpu-rehearsal on a CPU"
    return ""


def device() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    if "--wheels" in sys.argv:
        print(*map(pinned, LACKING))
        sys.exit()
    sys.exit(fault("--rehearsal" in sys.argv) or None)
