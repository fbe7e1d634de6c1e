# The two commands of the README: `make run` and `make test`. Both set up what they need.
SHELL := /bin/bash
PY := .venv/bin/python
UV := .venv/bin/uv
LOCK := $(UV) pip compile --generate-hashes --no-emit-index-url --universal --python-version 3.11 --quiet
# half: each test on one of the two databases, each page in two of four looks. CI runs the full.
BREADTH ?= half

.PHONY: help setup run test coverage test-quick lint format bench fuzz lock messages wheel clean

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.run ## the virtual environment, with the tool in it

.venv/.installer: requirements/setup.lock tools/make_venv.sh
	@tools/make_venv.sh
	@touch $@

.venv/.run: .venv/.installer requirements/run.lock pyproject.toml
	@$(UV) pip install --quiet --require-hashes -r requirements/run.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.lock
	@$(UV) pip install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

run: .venv/.run ## the tool and a development LMS beside it, with a course to try
	@exec .venv/bin/imhcf demo

test: .venv/.dev lint ## format, lint, types, contracts, then every test; BREADTH=full: on both engines
	@$(PY) tools/run_tests.py --breadth=$(BREADTH) $(ARGS)

coverage: .venv/.dev ## every test, and which lines they reach: nearly twice as long
	@$(PY) tools/run_tests.py --cov --cov-report=term:skip-covered $(ARGS)

test-quick: .venv/.dev ## only the tests, stop at the first failure
	@$(PY) -m pytest -x -q -n 2 $(ARGS)

lint: .venv/.dev ## format, lint, types, import contracts, templates
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/bandit --quiet --recursive --configfile pyproject.toml lti_tool
	@.venv/bin/djlint --quiet --check --lint templates

format: .venv/.dev ## put the code in order
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@.venv/bin/djlint --quiet --reformat templates || true

bench: .venv/.dev ## measure speed; prints a table; ARGS="--people 500": a smaller set of portfolios
	@$(PY) -m tests.bench $(ARGS)

lock: .venv/.installer ## resolve the dependencies anew (hashes, no addresses)
	@$(LOCK) requirements/setup.in -o requirements/setup.lock
	@$(LOCK) pyproject.toml -o requirements/run.lock
	@$(LOCK) pyproject.toml --group dev -o requirements/dev.lock

fuzz: .venv/.dev ## ten thousand mutated sign-ins; ARGS="20000 7": how many, and which seed
	@$(PY) -m tests.attacks.fuzz $(ARGS)

messages: .venv/.dev ## collect the page text for translators
	@.venv/bin/pybabel --quiet extract -F config/babel.cfg -k N_ --no-location --sort-output --omit-header \
	  -o lti_tool/translations/messages.pot lti_tool templates

wheel: .venv/.dev ## build the wheel into dist/
	@$(UV) build --quiet --wheel --no-build-isolation

clean: ## remove what was set up (data in var/ stays)
	rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage*
