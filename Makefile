# `make` alone lists what there is. Everything runs in environments that `make setup` makes in this folder.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PY := .venv/bin/python
# Each worker runs a PostgreSQL of its own: beyond four they wait for each other. A file stays with one worker, because
# some start a whole cloud, and files start in the order of their names, in which the slow ones come first.
WORKERS := auto --maxprocesses=4

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ The local cloud

.PHONY: setup demo demo-check clean-demo invoke redrive token
setup: ## Make the environments, or do nothing when they are up to date
	@infra/tools/setup.sh
	@infra/tools/web.sh

demo: setup ## Run the whole cloud with a demo salon and a chat to try it in
	@$(PY) -m infra.local.demo $(ARGS)

demo-check: setup ## Play the conversation on a cloud of its own and check what it left
	@$(PY) -m infra.local.check $(ARGS)

clean-demo: setup ## Forget everything the demo has stored
	@$(PY) -m infra.local.demo --forget

invoke: setup ## Run one function beside the running demo: FUNCTION=queue_inbound EVENT=file.json
	@$(PY) -m infra.local.invoke $(or $(FUNCTION),$(error Say FUNCTION=, a folder below functions/)) $(or $(EVENT),$(error Say EVENT=, a file with the event))

token: setup ## Print a token for the APIs of the running demo: ARGS='--role manager', default owner
	@$(PY) -m infra.tools.token $(ARGS)

redrive: setup ## Give dead letters and parked rows another try: QUEUE=tx, or all
	@$(PY) -m infra.tools.redrive $(addprefix --queue=,$(QUEUE)) $(ARGS)

##@ Quality

.PHONY: test test-pooler pgbouncer lint types format bench
test: setup pgbouncer ## Everything CI runs; ARGS=--cov-report=term-missing for the lines without a test
	@coverage=$$(mktemp -d); trap 'rm -rf "$$coverage"' EXIT; status=0; \
	infra/tools/web.sh --check || status=1; \
	$(PY) -m infra.tools.checks || status=1; \
	COVERAGE_FILE="$$coverage/data" $(PY) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder \
	  --cov --cov-report= $(ARGS) || status=1; \
	exit $$status

test-pooler: setup pgbouncer ## All database tests through a transaction pooler; ARGS=--pooler-connections=20
	@$(PY) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -m database --pooler $(ARGS)

pgbouncer:
	@infra/tools/pgbouncer.sh

lint: setup ## The checks that are not tests; CHECK=ruff for one
	@$(PY) -m infra.tools.checks $(CHECK)

types: setup ## mypy alone
	@$(PY) -m infra.tools.checks types

format: setup ## Format the code and mend what ruff can mend
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

bench: setup ## Measure: figures, not tests
	@$(PY) -m infra.bench $(ARGS)

##@ What is derived

.PHONY: schemas openapi diagram lock
schemas: setup ## Write the JSON Schemas of messages and facts to shared/schemas
	@$(PY) -m infra.tools.schemas

openapi: setup ## Write the APIs' OpenAPI documents to shared/openapi
	@$(PY) -m infra.tools.openapi

diagram: setup ## Draw the tables into README.md
	@$(PY) -m infra.tools.diagram

lock: setup ## Compile the locks from pyproject.toml; ARGS=--upgrade takes newer versions
	@$(PY) -m infra.tools.lock $(ARGS)

##@ Deployment

.PHONY: build migrate rotate-master-key
build: setup ## Pack functions and layers into build/
	@$(PY) -m infra.tools.build

migrate: setup ## Bring the database of DATABASE_ADMIN_URL up to date
	@$(PY) -m infra.tools.migrate $(ARGS)

rotate-master-key: setup ## Wrap all tenants' keys by the current master key
	@$(PY) -m infra.tools.rotate_master_key $(ARGS)
