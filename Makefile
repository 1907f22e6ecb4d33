# 善行簿. `make run` to look at it, `make test` to check it; the rest is for
# the people who work on it. Needs Python 3.11 or newer and nothing else.

.DEFAULT_GOAL := help
.PHONY: help run test lint test-postgres test-browser bench campaign messages lock ci

PORT ?= 8000
DATA_DIR ?= var
PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3),python3)

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Checks get a directory of their own, so that they never touch the village's.
CHECK := DATA_DIR=.venv/check $(BIN)/python manage.py

help:
	@echo "make run            start 善行簿 on 127.0.0.1:$(PORT), with a demo township the first time"
	@echo "make test           linters, type check, and every test that needs no server"
	@echo "make test-postgres  the same tests on PostgreSQL 15, in a cluster of their own"
	@echo "make test-browser   the pages in a real Chromium"
	@echo "make bench          what the work costs, as ratios"
	@echo "make campaign       races and made-up stories in great number: hours"
	@echo "make messages       collect the strings that need Chinese, and compile the catalogue"
	@echo "make lock           pin the dependencies of pyproject.toml again"
	@echo "make ci             everything above, on a fresh Debian 12"

# Run

run: .venv/runtime.stamp $(DATA_DIR)/static/staticfiles.json
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_demo --if-empty
	@echo
	@echo "公示榜 Board  http://127.0.0.1:$(PORT)/"
	@echo "工作台 Desk   http://127.0.0.1:$(PORT)/admin/"
	@echo "停止   Stop   Ctrl-C"
	@echo
	@exec $(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
		--timeout 120 --no-control-socket --log-level warning config.wsgi

$(DATA_DIR)/static/staticfiles.json: .venv/runtime.stamp $(shell find static -type f)
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@touch $@

# Test

# On as many processors as there are; whoever is done takes over from the rest.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist worksteal

# The made-up stories of the shop that a change must live through.
test test-postgres: export STORIES ?= 300

test: lint
	$(BIN)/python -m pytest --cov $(SIDE_BY_SIDE) -m "not browser and not postgres"
	@echo "Not run here: make test-postgres (PostgreSQL 15), make test-browser (Chromium)"

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --output-format concise .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(CHECK) makemigrations --check --dry-run
	PUBLIC_URL=https://ledger.example ALLOWED_HOSTS=ledger.example \
		$(CHECK) check --deploy --fail-level WARNING

test-postgres: .venv/dev.stamp
	.ci/with-postgres $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not browser and not sqlite"

# A file stays with one process, which serves it a demo township of its own.
test-browser: .venv/browser.stamp
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --dist loadfile -m browser

# Hours, not minutes: made-up stories and races, many of them, on both databases.
CAMPAIGN := tests/rewards/test_shop_machine.py tests/rewards/test_shop_races.py
campaign: export STORIES ?= 5000
campaign: export STEPS ?= 50
campaign: export ROUNDS ?= 100
campaign: .venv/dev.stamp
	$(BIN)/python -m pytest $(CAMPAIGN)
	.ci/with-postgres $(BIN)/python -m pytest $(CAMPAIGN)

# Ratios, each measured in one run; say more on a quiet machine.
bench: .venv/browser.stamp
	$(BIN)/python -m pytest tests/benchmarks/bench_*.py tests/browser/bench_*.py
	TIMED=1 $(BIN)/python -m pytest tests/browser -m browser -k "within_its_budget or b9_two or b12_a or b13_a or never_fail"
	.ci/with-postgres $(BIN)/python -m pytest tests/benchmarks/bench_*.py

messages: .venv/dev.stamp
	$(BIN)/python locale/catalogue.py

ci:
	.ci/run

# Environment

.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { \
		echo "需要 Python 3.11 或更新的版本：make PYTHON=/path/to/python3.11"; \
		echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; \
		exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { \
		echo "Python 缺少 venv 模块，请先运行：apt install python3-venv"; \
		echo "Python lacks its venv module; run first: apt install python3-venv"; \
		exit 1; }
	@$(PYTHON) -m venv .venv

.venv/%.stamp: requirements/%.txt | .venv/bin/python
	@echo "安装依赖 Installing requirements/$*.txt"
	@$(INSTALL) --require-hashes -r $<
	@touch $@

# The browser tests run inside the tests' own environment.
.venv/browser.stamp: | .venv/dev.stamp

# One name and one set of versions for all three files: each takes the pins of
# the one before it. The file names no index, so any mirror will do.
UV := .venv/lock/bin/uv
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: $(UV)
	$(LOCK) pyproject.toml -o requirements/runtime.txt
	$(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(LOCK) --group browser -c requirements/dev.txt -o requirements/browser.txt

$(UV): | .venv/bin/python
	@$(BIN)/python -m venv .venv/lock
	@.venv/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
