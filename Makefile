# Every command of the README. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
export GX_ANALYTICS_ENABLED := false
export DAGSTER_DISABLE_TELEMETRY := yes

.PHONY: help setup demo demo-failure dev check test test-slow soak bench clean

help:  ## List the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/installed  ## Make .venv with the locked, hashed dependencies

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## The whole way on the practice city
	$(BIN)/edu-pipeline demo

demo-failure: setup  ## Eight planted faults, each stopped where docs/failures.md says
	$(BIN)/edu-pipeline demo-failure

dev: setup  ## The Dagster UI on the demo's data, with daemon and schedules
	$(BIN)/edu-pipeline dev

check: setup  ## Format, lint, types, import contracts, definitions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy edu_pipeline
	$(BIN)/lint-imports
	$(BIN)/dagster definitions validate -m edu_pipeline.definitions

test: setup  ## Tests under ten minutes
	$(BIN)/pytest -n 2 -m "not slow and not longer" edu_pipeline_tests

test-slow: setup  ## The others: whole jobs, processes, both demonstrations' promises
	$(BIN)/pytest -n 2 -m slow edu_pipeline_tests

soak: setup  ## What is longer: kill -9 at every statement boundary of a night, the town through two rollovers
	$(BIN)/python -m edu_pipeline_tests.flow.soak
	$(BIN)/python -m edu_pipeline_tests.rollover.soak
	$(BIN)/pytest -m longer edu_pipeline_tests
	$(BIN)/python -m edu_pipeline_tests.truth.town

bench: setup  ## Sync at 100,000 pupils, rollover at 170,000 (--pupils 1700000: the city), each against its floor
	$(BIN)/python -m edu_pipeline_tests.bench
	$(BIN)/python -m edu_pipeline_tests.rollover.measure
	$(BIN)/python -m edu_pipeline_tests.quality.measure

clean:  ## Stop the embedded servers and remove everything that was made
	-$(BIN)/edu-pipeline stop
	rm -rf .edu .venv
