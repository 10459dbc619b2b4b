# make run    the main example, from planner files to a proven plan and a report
# make test   the tests
# make lint   style, types, layers
# make bench  published cases, speed, policies; PARTS=... for some; started again after a stop, it goes on
# make docs   the documentation, into site/
#
# The first call makes a virtual environment in .venv; later calls install only when pyproject.toml or
# constraints.txt changed. PYTHON=... chooses the interpreter (3.11 or later), SCENARIO=... the scenario of `run`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
SCENARIO ?= scenarios/telco-growth.yaml
WORKERS ?= 2

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt

.PHONY: run test lint bench docs clean

run: $(VENV)/.installed
	$(BIN)/allocator run $(SCENARIO)

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(WORKERS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	.ci/check-addresses

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks $(PARTS)

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:
	rm -rf $(VENV) site build results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-docs: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[docs]'
	touch $@ $(VENV)/.installed
