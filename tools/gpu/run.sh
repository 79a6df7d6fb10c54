#!/bin/sh
# Runs `python -m tools.gpu "$@"` with an installed Python and the sources of this folder. Installs nothing.
# PYTHON selects the Python; the default is the first whose torch sees CUDA (with --rehearsal, the first with torch).
# Wheels in wheels/ (`make gpu-wheels`) are unpacked beside the run, for packages that this Python lacks.
cd "$(dirname "$0")/../.." || exit 1
probe='import torch, sys; sys.exit(not torch.cuda.is_available())'
case " $* " in *" --rehearsal "*) probe='import torch' ;; esac
for candidate in ${PYTHON:-} .venv/bin/python python3 python; do
    if "$candidate" -c "$probe" 2>/dev/null; then
        chosen=$candidate
        break
    fi
done
chosen=${chosen:-${PYTHON:-python3}} # which then says itself what it lacks
export PYTHONPATH="src${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
if ls wheels/*.whl >/dev/null 2>&1 && [ "$probe" != 'import torch' ]; then
    mkdir -p runs/gpu/site
    "$chosen" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target runs/gpu/site \
        wheels/*.whl || exit 1
    export PYTHONPATH="$PYTHONPATH:$PWD/runs/gpu/site"
fi
exec "$chosen" -m tools.gpu "$@"
