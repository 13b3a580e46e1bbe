# `make` alone lists the verbs. PYTHON chooses the interpreter, VENV the virtual environment.
VENV   ?= .venv
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN    := $(VENV)/bin
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help install run test lint fix unit faults train evaluate docs lock container-test clean python

help:  ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

python:
	@test -n "$(PYTHON)" || { echo "topicwire needs Python 3.11 or newer with venv; none was found. Install it (Debian: apt-get install python3 python3-venv) or name one: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "topicwire needs Python 3.11 or newer, $(PYTHON) is %d.%d; name another: make run PYTHON=python3.11" % v[:2])'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) lacks the module ensurepip; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.done: requirements/run.txt pyproject.toml | python
	@echo "making $(VENV) (once; the versions are locked by hash in requirements/run.txt)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements/dev.txt
	@echo "adding the tools for tests (locked by hash in requirements/dev.txt)"
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/run.done  ## make the virtual environment from the locked requirements

run: $(VENV)/run.done  ## start the whole system on this machine and show what it does (Ctrl-C stops it)
	@$(BIN)/topicwire up --samples $(ARGS)

test: $(VENV)/dev.done  ## run everything CI runs: linters, contracts, all tests, the model measured (about fifteen minutes)
	@tests/run.sh $(BIN)

lint: $(VENV)/dev.done  ## ruff, mypy, import contracts
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

fix: $(VENV)/dev.done  ## let ruff format and repair what it can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

unit: $(VENV)/dev.done  ## only the quick tests
	@$(BIN)/python -m pytest tests/unit tests/contract -q $(ARGS)

faults: $(VENV)/dev.done  ## services killed at random under 20,000 articles (about five minutes)
	@TOPICWIRE_FAULTS_ARTICLES=$${TOPICWIRE_FAULTS_ARTICLES:-20000} $(BIN)/python -m pytest tests/faults -q -rP --log-level=INFO $(ARGS)

train: $(VENV)/run.done  ## train the model from corpus/ into topicwire-data/model
	@$(BIN)/topicwire train $(ARGS)

evaluate: $(VENV)/run.done  ## measure against the accepted figures (ACCEPT=1 accepts); FILE=articles.jsonl: measure on that
ifdef FILE
	@$(BIN)/topicwire evaluate "$(FILE)" $(ARGS)
else
	@$(BIN)/python benchmarks/quality.py $(if $(filter 1,$(ACCEPT)),--accept) $(ARGS)
endif

docs: $(VENV)/dev.done  ## write the generated documents (schemas, AsyncAPI, metrics, settings, licences)
	@$(BIN)/python docs/generate.py

lock: $(VENV)/dev.done  ## refresh the locked requirements
	@for spec in "run:--extra local --group build" "image:--extra postgres --group build" "dev:--extra local --extra postgres --group dev"; do \
	  $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    pyproject.toml $${spec#*:} --output-file requirements/$${spec%%:*}.txt || exit 1; done
	@echo podman-compose | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	  - --output-file requirements/containers.txt

container-test: $(VENV)/dev.done  ## build the images and run docker-compose.yml with podman (root; about ten minutes)
	@PYTHON=$(PYTHON) BIN=$(BIN) deploy/container-test.sh

clean:  ## remove the virtual environment and caches (never the data)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
