.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

ROWS ?= 120000
ARGS ?=
SECONDS := 300
NIGHTS ?= 100

BIN := .venv/bin
INSTALLED := .venv/.installed
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .uv/bin/uv)
DBT_SQL := dbt_project/models dbt_project/functions dbt_project/tests
# The warehouse of this folder, whatever the environment says.
HERE := env -u SANGKIEN_DSN SANGKIEN_HOME=$(CURDIR)/.sangkien

export UV_COMPILE_BYTECODE := 1

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) ## Install everything into .venv (uv too, if it is missing)

# Debian forbids pip to install for everybody, hence a folder of its own: as a virtual environment, or else by pip alone.
.uv/bin/uv:
	@python3 -m venv .uv >/dev/null 2>&1 && .uv/bin/pip install --quiet uv \
		|| { rm -rf .uv; python3 -m pip install --quiet --target .uv uv; } \
		|| { rm -rf .uv; echo "make install needs uv, or Python's venv or pip: apt-get install python3-venv"; exit 1; }
	@echo '*' > .uv/.gitignore

$(INSTALLED): pyproject.toml uv.lock | $(filter .uv/%,$(UV))
	$(UV) sync --locked --quiet
	@touch $@

.PHONY: demo
demo: $(INSTALLED) ## Simulate ROWS=120000 initiatives and run a real night over them, to the figures (ARGS="--deliver FOLDER")
	$(BIN)/sangkien demo --rows $(ROWS) $(ARGS)

.PHONY: test
test: $(INSTALLED) ## Run every test (ARGS="-k word" for some)
	$(BIN)/pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

.PHONY: test-superset
test-superset: $(INSTALLED) ## Install Superset apart, load bi/superset into it, and look at each dashboard
	$(BIN)/pytest -m superset tests/bi $(ARGS)

.PHONY: fuzz
fuzz: $(INSTALLED) ## Load files that are anything for SECONDS=300 (ARGS="--seed N" for the same ones again)
	PYTHONPATH=plugins:. $(BIN)/python -m tests.corpus.fuzz --seconds $(SECONDS) $(ARGS)

.PHONY: faults
faults: $(INSTALLED) ## Run NIGHTS=100 nights with a fault each: kills, full disks, lost connections (ARGS="--seed 2")
	PYTHONPATH=plugins:. $(BIN)/python -u -m tests.faults.run --nights $(NIGHTS) $(ARGS)

.PHONY: check-figures
check-figures: $(INSTALLED) ## Compare every number of ROWS=120000 simulated initiatives with an independent computation
	PYTHONPATH=plugins:. $(BIN)/python -m tests.programme.check --rows $(ROWS) $(ARGS)

.PHONY: corpus
corpus: $(INSTALLED) ## Write the files of the corpus into .sangkien/corpus, to look at them
	PYTHONPATH=plugins:. $(BIN)/python -m tests.corpus.make_corpus .sangkien/corpus

.PHONY: lint lint-python lint-types lint-sql lint-models lint-dbt
lint: $(INSTALLED) ## Check style, types and SQL: what CI and pre-commit check
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going \
		lint-types lint-models lint-dbt lint-sql lint-python lint-secrets

lint-python: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

lint-types: $(INSTALLED)
	$(BIN)/mypy

lint-sql: $(INSTALLED)
	$(BIN)/sqlfluff lint --templater placeholder plugins

lint-models: $(INSTALLED)
	$(BIN)/sqlfluff lint $(DBT_SQL)

lint-dbt: $(INSTALLED)
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && set -x \
		&& $(BIN)/dbt --quiet parse --project-dir dbt_project --profiles-dir dbt_project --no-partial-parse \
			--log-path "$$scratch" --warn-error-options '{"error": ["Deprecations"]}' \
		&& COLUMNS=200 $(BIN)/dbt-bouncer run

.PHONY: lint-secrets
lint-secrets: $(INSTALLED) ## Look for passwords and keys in every file that git knows (.secrets.baseline: what is none)
	git ls-files -z -- ':!uv.lock' | xargs -0 $(BIN)/detect-secrets-hook --baseline .secrets.baseline

.PHONY: sbom
sbom: ## Write the software bill of materials (CycloneDX, with the locked hashes) into .sangkien/sbom.json
	@mkdir -p .sangkien
	$(UV) export --quiet --locked --no-dev --all-extras --format cyclonedx1.5 --preview-features sbom-export \
		--output-file .sangkien/sbom.json

.PHONY: format
format: $(INSTALLED) ## Bring Python and SQL into the agreed form
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix --quiet --templater placeholder plugins
	$(BIN)/sqlfluff fix --quiet $(DBT_SQL)

.PHONY: dbt-docs
dbt-docs: $(INSTALLED) ## Write the pages of dbt's documentation, of the warehouse as it is: dbt_project/target
	$(BIN)/sangkien dbt docs generate

# ROWS only where it was asked for: the sizes of the benchmarks have their home in bench/sizes.py.
SIZED := $(if $(filter-out file,$(origin ROWS)),--rows $(ROWS))

.PHONY: bench bench-quick bench-page bench-intake bench-judge bench-build bench-refresh bench-growth bench-airflow
bench: $(INSTALLED) ## Measure everything beside its limit and its peers, and write docs/benchmarks.md (ROWS=2400000)
	$(BIN)/python -m bench $(SIZED) $(ARGS)

bench-quick: $(INSTALLED) ## Measure a small refresh and a night beside hand-written SQL and other tools
	$(BIN)/python -m bench --quick $(SIZED) $(ARGS)

bench-page: $(INSTALLED) ## Write docs/benchmarks.md from what the benchmarks have left
	$(BIN)/python -m bench.page

bench-intake: $(INSTALLED) ## Measure the load of the programme beside bare COPY (ARGS="--peers --runs 3")
	$(BIN)/python -m bench.intake $(SIZED) $(ARGS)

bench-judge: $(INSTALLED) ## Measure from landing to verdicts beside SQL written by hand (ARGS="--runs 3")
	$(BIN)/python -m bench.judge $(SIZED) $(ARGS)

bench-build: $(INSTALLED) ## Measure a build of all marts beside plain SQL, a night, and a dashboard's questions
	$(BIN)/python -m bench.build $(SIZED) $(ARGS)

bench-refresh: $(INSTALLED) ## Measure from files to publication, and a night, beside the same by hand and other tools
	$(BIN)/python -m bench.refresh $(SIZED) $(ARGS)

bench-growth: $(INSTALLED) ## Measure nights as the history grows (ARGS="--histories 2400000 --nights 25000")
	$(BIN)/python -m bench.growth $(ARGS)

bench-airflow: $(INSTALLED) ## Measure a night through Airflow by stage, and Airflow's memory (ARGS="--deliver FOLDER")
	$(BIN)/python -m bench.airflow $(SIZED) $(ARGS)

.PHONY: check-compose
check-compose: $(INSTALLED) ## Check docker-compose.yml as far as it can be without an engine
	$(BIN)/pytest tests/local/test_compose.py

.PHONY: up
up: $(INSTALLED) ## Start PostgreSQL and Airflow on this machine
	$(BIN)/sangkien up

.PHONY: down
down: $(INSTALLED) ## Stop them; no process is left
	$(BIN)/sangkien down

.PHONY: psql
psql: $(INSTALLED) ## Open psql on the warehouse
	$(BIN)/sangkien pg psql

.PHONY: clean
clean: ## Stop everything and delete all local state: the embedded warehouse too
	@if [ -x $(BIN)/sangkien ]; then $(HERE) $(BIN)/sangkien down; fi
	@# For root, the server's folder may lie elsewhere (see plugins/sangkien/local/postgres.py).
	rm -rf "$$(readlink -m .sangkien/postgres)" .sangkien dbt_project/target dbt_project/logs logs
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
