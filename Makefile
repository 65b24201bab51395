# Two commands matter: `make run` shows the wall, `make test` runs every test. `make help` lists the others.
PYTHON ?= python3.11
PY := .venv/bin/python
# one for each core, and one more: it has the tests of the broker, which wait more than they work
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
JS_TESTS = $(sort $(wildcard tests/js/*.test.*js tests/js/*/*.test.*js))

.PHONY: run test check test-js test-py bench soak requirements docs format clean help system-deps
.NOTPARALLEL:
.DEFAULT_GOAL := help

run: .venv/.run-installed ## serve the wall at http://127.0.0.1:8050
	@exec $(PY) app.py

test: system-deps check test-js test-py ## install what the tests need, check the code, run every test

check: .venv/.dev-installed node_modules/.installed ## ruff, mypy, import contract, TypeScript's view of the JavaScript
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	node_modules/.bin/tsc --noEmit -p tsconfig.json
	node_modules/.bin/tsc --noEmit -p tsconfig.worker.json

test-js: ## the browser's modules, under node
	node --test $(JS_TESTS)

test-py: .venv/.dev-installed .cache/.data-fetched node_modules/.installed ## unit, architecture, integration (real Kafka) and browser tests
	$(PY) -m pytest -n $(WORKERS) tests/unit tests/test_architecture.py tests/integration
	$(PY) -m pytest -n 2 tests/e2e

bench: .venv/.dev-installed ## benchmarks; writes bench/RESULTS.md
	$(PY) -m bench

soak: .venv/.dev-installed .cache/.data-fetched ## the long runs that `make test` leaves out
	$(PY) -m pytest -m soak

requirements: .venv/.dev-installed ## compile requirements*.in into pinned, hashed requirements*.txt
	sh tools/compile-requirements.sh

docs: .venv/.run-installed ## write the settings into README.md and wallboard.toml.example
	$(PY) -m tools.settings_docs

format: .venv/.dev-installed ## let ruff mend what it can
	$(PY) -m ruff check --fix .

clean: ## remove what the targets above made
	rm -rf .venv .cache/data .cache/.data-fetched .cache/tests node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST)

system-deps:
	@sh tools/system-deps.sh

$(PY):
	@sh tools/make-venv.sh "$(PYTHON)"

# stamps: a warm `make run` compares two file times and starts
.venv/.run-installed: requirements.txt | $(PY)
	@echo "Installing the pinned packages into .venv (the first time, this takes a minute)"
	@$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/.dev-installed: requirements-dev.txt .venv/.run-installed
	@echo "Installing what the tests and checks need into .venv"
	@$(PY) -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.txt
	@touch $@

.cache/.data-fetched: requirements-data.txt tools/fetch-data.sh | .venv/.dev-installed
	@sh tools/fetch-data.sh
	@touch $@

node_modules/.installed: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@
