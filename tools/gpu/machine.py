"""Checks the machine before the run: required packages, and a device.

python -m tools.gpu.machine [--rehearsal]    names what is missing, exit code 1
python -m tools.gpu.machine --wheels         prints the packages that such a machine may lack, with their versions
"""

import importlib.util
import re
import sys

from tools.gpu.plan import ROOT

# Distributions by module name; requirements.txt pins them. matplotlib and what it requires draw the training curves.
REQUIRED = {
    "PIL": "pillow",
    "annotated_types": "annotated-types",
    "click": "click",
    "contourpy": "contourpy",
    "cycler": "cycler",
    "dateutil": "python-dateutil",
    "fontTools": "fonttools",
    "google.protobuf": "protobuf",
    "jaxtyping": "jaxtyping",
    "kiwisolver": "kiwisolver",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "packaging": "packaging",
    "pydantic": "pydantic",
    "pydantic_core": "pydantic_core",
    "pyparsing": "pyparsing",
    "safetensors": "safetensors",
    "tensorboardX": "tensorboardX",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "typing_extensions": "typing_extensions",
    "typing_inspection": "typing-inspection",
    "wadler_lindig": "wadler_lindig",
}
# Packages that an image with torch, transformers and JAX may lack. Those of matplotlib are included unchecked: a wheel
# too many does no harm.
MAY_BE_MISSING = (
    "annotated-types",
    "contourpy",
    "cycler",
    "fonttools",
    "kiwisolver",
    "matplotlib",
    "pydantic",
    "pydantic_core",
    "pyparsing",
    "python-dateutil",
    "tensorboardX",
    "typing-inspection",
)
WHEELS_COMMAND = "make gpu-wheels    # where there is a network, then copy the folder wheels/ with the sources"


def missing_packages() -> list[str]:
    """Distributions that cannot be imported here, as `name==version`."""
    return [pin(name) for module, name in REQUIRED.items() if not is_importable(module)]


def is_importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the parent package is missing
        return False


def pin(name: str) -> str:
    """The distribution with its pinned version, `name==version`; without one if none is pinned."""
    lines = "".join((ROOT / file).read_text("utf-8") for file in ("requirements.txt", "requirements-model.txt"))
    match = re.search(rf"^{re.escape(name)}==\S+", lines, re.MULTILINE | re.IGNORECASE)
    return match[0] if match else name


def machine_problem(rehearsal: bool) -> str:
    """The problem that prevents the run, with a remedy; "" if there is none."""
    if missing := missing_packages():
        return f"{sys.executable} cannot import what training needs: {', '.join(missing)}\n  → {WHEELS_COMMAND}"
    import torch

    if not rehearsal and not torch.cuda.is_available():
        return f"torch {torch.__version__} of {sys.executable} sees no CUDA device\n  → make gpu-rehearsal on a CPU"
    return ""


def device_name() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    if "--wheels" in sys.argv:
        print(*map(pin, MAY_BE_MISSING))
        sys.exit()
    sys.exit(machine_problem("--rehearsal" in sys.argv) or None)
