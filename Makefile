# make demo: the story in a scratch folder. make test: everything that must hold. Both make what they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

MAKEFLAGS += --no-print-directory

.PHONY: demo test lint types contracts tests coverage bench calls kills saves corruptions triples reference format clean

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $(READY)

demo: $(READY)
	@$(BIN)/copydesk demo

test: $(READY) lint types contracts tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

tests: $(READY)
	$(BIN)/python -m pytest

# Slow proofs; a small seeded slice of each runs in the suite.

kills: $(READY)
	$(BIN)/python -m tests.proofs.kills --runs 500
	$(BIN)/python -m pytest -m slow

# Two hundred kills of builds that ask a vendor on this machine, cuts at every byte, a thousand calls amid faults.
calls: $(READY)
	$(BIN)/python -m tests.proofs.calls --runs 140
	$(BIN)/python -m pytest -m slow tests/recorded

saves: $(READY)
	$(BIN)/python -m tests.bench.saves --saves 4000

corruptions: $(READY)
	$(BIN)/python -m tests.bench.corruptions 1000

triples: $(READY)
	$(BIN)/python -m tests.proofs.triples

# Ratios within one run, medians of several.
bench: $(READY)
	$(BIN)/python -m tests.bench.merge
	$(BIN)/python -m tests.bench.build
	$(BIN)/python -m tests.bench.calls
	$(BIN)/python -m tests.bench.publish

# Branch coverage: all of store, drafts and the approval code, nine tenths of every other room.
coverage: $(READY)
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -m "not slow and not imports"
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --include 'generator/store/*,generator/drafts/*,generator/review/approval.py,generator/app/decisions.py' --fail-under 100 --show-missing
	for room in app briefs cli context providers publishing review runner steps; do \
	    $(BIN)/python -m coverage report --include "generator/$$room/*" --fail-under 90 --format total || exit 1; done

# The reference pages of the guide, from the program itself; a test fails when they are stale.
reference: $(READY)
	$(BIN)/python -m tests.house.reference

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .demo
