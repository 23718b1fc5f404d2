# 科创集市. `make help` lists what there is.
PYTHON ?= python3
PORT ?= 8000
SAMPLE ?= yes
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# --no-header, --no-annotate and the --no-emit-… keep names of machines, indexes and files out of the compiled lists.
COMPILE := $(BIN)/pip-compile --quiet --no-header --no-annotate --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.PHONY: help setup run test test-long check browser bench lock clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name it: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what the market runs on; the first time this takes minutes"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what running, testing and checking need; the first time this takes minutes"
	@$(PIP) -r requirements-dev.txt
	@touch $(VENV)/run.stamp $@

setup: $(VENV)/dev.stamp ## Make .venv with everything that running, testing and checking need

run: $(VENV)/run.stamp ## Start the market on 127.0.0.1 (PORT=8000; SAMPLE=no starts empty)
	@$(FLASK) db upgrade
	@if [ "$(SAMPLE)" != "no" ]; then $(FLASK) sample load --if-empty; fi
	@MARKET_PUBLIC_URL=$${MARKET_PUBLIC_URL:-http://127.0.0.1:$(PORT)} $(FLASK) serve --port $(PORT)

test: setup ## The tests on SQLite and PostgreSQL (the longest walks on one of them), and the journeys in a real browser
	@$(BIN)/python -m pytest -n 2 -q

test-long: setup ## The same with every variant on both databases, every hostile word and every person: hours
	@MARKET_TEST_LONG=1 $(BIN)/python -m pytest -n 2 -q

browser: setup ## Only the journeys in a real browser
	@$(BIN)/python -m pytest -q tests/browser

check: setup ## Formatter, linter, types, import contract, templates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --quiet --lint market/templates

bench: setup ## Pages beside a bare page; figures of 100,000 contracts beside the bare SQL, and their export
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.contracts

lock: setup ## Compile requirements*.in to pinned requirements*.txt (UPGRADE=1 takes newer versions)
	@$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.txt requirements.in
	@$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements-dev.txt requirements-dev.in
	@# torch without the local version of the build at hand, nothing that only its CUDA build needs, no comments
	@sed -i -E 's/^(torch==[0-9.]+)\+.*/\1/; /^(nvidia-|cuda-|triton)/d; /^(#|$$)/d' requirements.txt requirements-dev.txt

clean: ## Remove caches and .venv; the data in instance/ stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
