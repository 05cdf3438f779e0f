# A few verbs; `make` lists them. Python 3.11 to 3.13: PYTHON=python3.12 make run
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8000
VAR_DIR ?= $(CURDIR)/var
WEB_PROCESSES ?= 1
export HOST PORT VAR_DIR WEB_PROCESSES BIN

help:  ## list the verbs
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 16

setup: $(BIN)/.installed  ## make .venv and install what the project needs

$(BIN)/.installed: requirements.txt requirements-web.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 was found (TensorFlow has none for 3.14 yet)."; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed (TensorFlow has none for 3.14 yet); $(PYTHON) is {v.major}.{v.minor}.")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: setup  ## migrate and serve on http://127.0.0.1:8000 (HOST=0.0.0.0 for other devices)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	-@$(BIN)/python manage.py sweep_files --verbosity 0
	@$(BIN)/python manage.py setup_url
	@exec $(BIN)/supervisord --configuration supervisor.conf

test: setup  ## run every test, two files at a time; browser tests need Chromium or Chrome
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-postgresql: setup  ## run the tests that use the database on a PostgreSQL of its own; needs its server (Debian: postgresql)
	$(BIN)/python -m tests.support.postgresql $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --reuse-db \
		--ignore tests/analysis/recognition --ignore tests/training/learning --ignore tests/browser --ignore tests/fuzz $(PYTEST)

test-faults: setup  ## attack a site and break its disk, database, clock and processes, in 15 minutes; FAULTS=--short: in 3
	$(BIN)/python -m tests.faults $(FAULTS)

test-cluster: setup  ## the site on PostgreSQL, Redis and S3 behind HAProxy, each part killed under load; CLUSTER=--short: fewer rounds
	$(BIN)/python -m tests.cluster $(CLUSTER)

lint: setup  ## ruff, mypy --strict on the pure packages, the API's schema, texts and their translations, the locked requirements
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(BIN)/python -m ferproject.unmarked_texts
	$(BIN)/python -m ferproject.catalogs --check
	$(BIN)/python -m ferproject.locked_requirements

messages: setup  ## bring ferproject/locale up to date with the texts, and compile it; needs gettext
	$(BIN)/python -m ferproject.catalogs

client: setup  ## write analysis/client/types.py of the API's schema, and the synchronous client of the asynchronous one
	$(BIN)/python manage.py spectacular --file $(VAR_DIR)/schema.yml
	$(BIN)/python -m ferproject.generate_client $(VAR_DIR)/schema.yml

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade \
	--custom-compile-command 'make lock'
lock: setup  ## write the two locks: the newest versions that requirements.txt allows, with hashes; needs the package index
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-web.txt --constraint requirements.lock --no-annotate --output-file requirements-web.lock

inventory: setup  ## write var/inventory.cdx.json: what requirements.lock installs, as CycloneDX
	$(BIN)/cyclonedx-py requirements requirements.lock --output-reproducible --of JSON -o $(VAR_DIR)/inventory.cdx.json

audit: setup  ## ask PyPI's database whether requirements.lock has known holes; says so where it cannot be reached
	@BIN=$(BIN) .ci/audit

bench: setup  ## print the table of speeds and end-to-end accuracy; writes var/bench/bench.json
	$(BIN)/python -m tests.bench

bench-live: setup  ## print how fast live connections are answered under load, in four minutes; writes var/bench/live.json
	$(BIN)/python -m tests.bench.live

bench-history: setup  ## print how fast a history of a million faces is, after some minutes; writes var/bench/history.json
	$(BIN)/python -m tests.bench.history

bench-albums: setup  ## print how fast albums of a million faces and bulk actions on 10,000 photos are; writes var/bench/albums.json
	$(BIN)/python -m tests.bench.albums

bench-export: setup  ## print how fast a user's ten thousand results are downloaded, in a minute; writes var/bench/export.json
	$(BIN)/python -m tests.bench.takeout

bench-lighthouse: setup  ## print Lighthouse's performance and accessibility of eight pages; needs Node.js; writes var/bench/lighthouse.json
	$(BIN)/python -m tests.bench.lighthouse

.PHONY: help setup run test test-postgresql test-faults test-cluster lint messages client lock inventory audit bench bench-live bench-history bench-albums bench-export bench-lighthouse
.DEFAULT_GOAL := help
