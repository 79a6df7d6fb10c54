# Two commands: `make up` and `make test`. Everything else helps those who work on Plait.

# Container images often set this; then every process of a test compiles all of its modules anew.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MARK := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: up down test test-slow check check-types check-rest fix docs peers ci clean gpu gpu-rehearsal gpu-wheels gpu-import

up: $(MARK)
	@$(BIN)/plait up

down:
	@test ! -x $(BIN)/plait || $(BIN)/plait down

test: $(DEV)
	@$(BIN)/python -m pytest -q -m "not slow" -n 4 --dist worksteal

test-slow: $(DEV)
	@$(BIN)/python -m pytest -q -m slow

# The slow tests below tests/NAME, `make test-slow-golden`; the summary and the commit are kept in benchmarks/slow/NAME.json.
test-slow-%: $(DEV)
	@$(BIN)/python -m tools.slow_tests $*

# The type checker takes half of the time, so it runs beside the other checks.
check: $(DEV)
	@$(MAKE) --no-print-directory -j2 --output-sync=target check-types check-rest

check-types:
	@$(BIN)/pyright --warnings

check-rest:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/docs.py --check
	@$(BIN)/python -m tools.names
	@$(BIN)/python -m tools.shape --check

fix: $(DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python tools/docs.py

docs: $(DEV)
	@$(BIN)/python tools/docs.py

# What benchmarks/unified_*.py and training_speed.py compare with, in an environment of its own that shares our torch.
peers: $(DEV)
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r benchmarks/requirements-peers.txt
	@$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' > \
		"$$(.venv-peers/bin/python -c 'import site; print(site.getsitepackages()[0])')/plait.pth"

# Benchmarks, training of plait-base and scores on a machine with one GPU, in SECONDS at most; results in runs/gpu/out.
gpu:
	@sh tools/gpu/run.sh --seconds $(or $(SECONDS),540)

# The same stages with a tiny model on a CPU.
gpu-rehearsal:
	@sh tools/gpu/run.sh --rehearsal --seconds $(or $(SECONDS),150)

# Wheels of what a GPU machine without a network may lack, for its Python: they lie in wheels/ and travel with the sources.
gpu-wheels:
	@rm -rf wheels
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: -d wheels \
		--python-version $(or $(GPU_PYTHON_VERSION),3.12) --implementation cp --platform manylinux_2_28_x86_64 \
		--platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 $(shell $(PYTHON) -m tools.gpu.machine --wheels)
	@ls -l wheels

# Puts the weights, card and scores of a GPU run, FOLDER, into their places in the package.
gpu-import: $(MARK)
	@PYTHONPATH=src $(BIN)/python -m tools.gpu.importing $(or $(FOLDER),runs/gpu/out)

ci: check test

clean: down
	rm -rf $(VENV)

$(MARK): requirements.txt requirements-model.txt pyproject.toml tools/install.sh
	@sh tools/install.sh "$(PYTHON)" "$(VENV)"
	@touch $(MARK)

$(DEV): $(MARK) requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(DEV)
