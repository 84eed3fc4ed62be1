# Pupitre. `make run` serves it; `make test` checks everything; `make help` lists the rest.
# Each target sets up what it needs and remembers that it did (stamps in the virtual environment).
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
CATALOGUES := $(shell find src -name '*.po' -path '*/locale/*' 2>/dev/null)
# Two cores is what we plan for; more are used where they are.
CORES := $(shell n=$$(nproc 2>/dev/null || echo 2); if [ $$n -gt 2 ]; then echo $$n; else echo 2; fi)
# Many tests wait: for a disk, a server that starts, a browser. One more than there are cores fills
# the gaps.
TESTERS := $(shell expr $(CORES) + 1)
PYTEST := $(BIN)/python -m pytest

.PHONY: help
help: ## This list.
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# --- set-up ------------------------------------------------------------------------------------

$(STAMPS)/run: requirements/run.txt requirements/data.txt pyproject.toml scripts/setup
	scripts/setup "$(PYTHON)" $(VENV) requirements/run.txt
	@mkdir -p $(@D) && touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/run scripts/setup
	scripts/setup "$(PYTHON)" $(VENV) requirements/test.txt
	@mkdir -p $(@D) && touch $@

# What only the operating system can bring; looked at every time, because it can go away.
.PHONY: machine
machine: $(STAMPS)/test
	@scripts/debian-packages chromium libatomic1 postgresql gettext nodejs npm

# The SDKs of others that the collector is tested with; exactly these, and none of their scripts.
$(STAMPS)/sdks: tests/sdks/package.json tests/sdks/package-lock.json scripts/sdks | machine
	scripts/sdks tests/sdks $(VENV)/node
	@mkdir -p $(@D) && touch $@

$(STAMPS)/messages: $(STAMPS)/run $(CATALOGUES)
	@$(BIN)/python -m pupitre messages compile
	@mkdir -p $(@D) && touch $@

# --- to use it ---------------------------------------------------------------------------------

.PHONY: run
run: $(STAMPS)/messages ## Serve Pupitre with its demonstration company at http://127.0.0.1:8000
	@$(BIN)/pupitre run --demo

# --- to work on it -----------------------------------------------------------------------------

.PHONY: check
check: $(STAMPS)/test $(STAMPS)/messages static ## The quick loop: format, lint, types, architecture, fast tests.
	$(PYTEST) -q -n $(TESTERS) -m "not browser and not slow"

.PHONY: test
test: machine $(STAMPS)/sdks $(STAMPS)/messages static ## Everything, on SQLite and on a real PostgreSQL, browser journeys included.
	$(PYTEST) -q -n $(TESTERS)
	$(BIN)/python -m tests.postgres -- $(PYTEST) -q -n $(TESTERS) -m "not browser and not once"

.PHONY: pictures
pictures: machine $(STAMPS)/messages ## Draw every page that the browser tests see into screenshots/, to look at.
	PICTURES=1 $(PYTEST) -q -n $(TESTERS) -m browser

.PHONY: static
static: $(STAMPS)/test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: format
format: $(STAMPS)/test ## Put the code in the house format.
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(STAMPS)/test $(STAMPS)/messages ## Run every benchmark; fails where a target does not hold.
	$(BIN)/python -m benchmarks --all

.PHONY: messages
messages: machine ## Collect the strings to translate from the code into each room's locale/.
	$(BIN)/python -m scripts.messages

.PHONY: pins
pins: $(STAMPS)/test ## Compile requirements/*.in into pins with hashes.
	scripts/pins $(BIN)/uv

.PHONY: clean
clean: ## Forget the virtual environment and every cache; data in var/ stay.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build
	find src -name '*.mo' -delete
