# flowctl: what to do with this project. `make` alone explains.

SHELL := /bin/sh
PORT ?= 8080
PYTHON ?=
PYTEST_ARGS ?=
N ?= 100000

# Interpreters that may not keep their bytecode start several times slower.
unexport PYTHONDONTWRITEBYTECODE

ifneq ($(FLOWCTL_HOME),)
export FLOWCTL_HOME
endif

.PHONY: help run test check ui format faults fuzz bench lock clean env dev

help: ## Explain the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: PORT (of the web server, default 8080), FLOWCTL_HOME (default ~/flowctl),"
	@echo "PYTHON (the interpreter to use, 3.11 to 3.13), PYTEST_ARGS (for make test), N (for make faults)."

env:
	@.ci/env .venv requirements.txt $(PYTHON)

dev:
	@.ci/env .venv requirements-dev.txt $(PYTHON)

run: env ## Install flowctl into .venv and start it in this terminal; Ctrl-C stops it
	@FLOWCTL__WEBSERVER__WEB_SERVER_PORT=$(PORT) exec .venv/bin/flowctl standalone

test: dev ## Run all tests, PostgreSQL included, then try the machine's other Pythons
	@.ci/postgresql
	@.ci/chromium
	@.venv/bin/python -m pytest -n auto $(PYTEST_ARGS)
	@.ci/smoke

check: dev ## Check formatting, style, types and layers
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/python -m pytest tests/architecture
	@.ci/pages

ui: dev ## Serve the pages with hot reload, in front of the flowctl that runs on PORT
	@PORT=$(PORT) .venv/bin/python flowctl/web/ui/npm.py run dev

format: dev ## Format the code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@.venv/bin/python flowctl/web/ui/npm.py run --silent format

fuzz: dev ## Send tens of thousands of requests, made of the API's own description, to a server
	@.ci/postgresql
	@.venv/bin/python -m tests.fuzz --db sqlite --examples 115
	@.venv/bin/python -m tests.fuzz --db sqlite --anonymous --examples 20
	@.venv/bin/python -m tests.fuzz --db postgres

faults: dev ## Break the promise if you can: N simulated histories (100000), all kills; a table of it
	@.ci/postgresql
	@FAULTS_LEDGER=$$(mktemp) && export FAULTS_LEDGER && \
	HISTORIES=$(N) CRON_SWEEP=all FAULTS_STRIDE=1 FAULTS_TAKEOVERS=50 FAULTS_KILLS=500 \
		FAULTS_OUTAGE_S=30 FAULTS_WRITING_S=20 FAULTS_FULL_S=10 FAULTS_CUTS=200 FAULTS_SOAK=50000 \
		.venv/bin/python -m pytest -p tests.faults.counting -n auto --timeout 7200 \
		tests/simulation tests/faults tests/core/test_timetables_cron.py \
		$$(.venv/bin/python -m tests.faults.evidence); \
	code=$$?; .venv/bin/python -m tests.faults.ledger $$FAULTS_LEDGER; \
	rm -f $$FAULTS_LEDGER; exit $$code

bench: dev ## Measure speed and memory, next to the limits of this machine
	@.ci/postgresql
	@.venv/bin/python -m tests.bench

lock: ## Choose the newest allowed versions and write the requirements files anew (needs uv)
	@.ci/lock

clean: ## Remove environments, caches and build output
	rm -rf .venv .venv-3.* dist build flowctl/web/static flowctl/web/ui/node_modules bench-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find flowctl tests dags -name __pycache__ -type d -prune -exec rm -rf {} +
