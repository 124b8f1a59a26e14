# Everything one does here, as commands: `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON3 ?= python3
PORT ?= 8000
ARGS ?=
# The tests of a file stay together; two at a time are as many as a small machine bears.
TOGETHER ?= -n 2 --dist loadfile
UPGRADE ?=

BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := python -m pip install --quiet --require-hashes

.PHONY: help install run check test fmt lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'Examples:  make run PORT=9000    make test ARGS="-k approval"    make lock UPGRADE=--upgrade'

# --- the virtual environment

.venv/bin/python:
	@command -v $(PYTHON3) >/dev/null || { echo 'Python 3.11 or later is needed, and $(PYTHON3) was not found.' >&2; exit 1; }
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or later is needed; $(PYTHON3) is $$($(PYTHON3) -V). Name a newer one: make PYTHON3=python3.12 ..." >&2; exit 1; }
	@$(PYTHON3) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'Python cannot make a virtual environment here. On Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON3) -m venv .venv

.venv/.installed: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	@touch .venv/.installed $@

install: .venv/.installed ## Make .venv with what the portal needs

# --- the portal, with people and roles to try

# Ctrl-C or a polite kill reaches honcho, which stops web and worker; that is a good end, so it is no error.
run: .venv/.installed ## Start the portal with demo data on http://127.0.0.1:8000 (PORT=...); Ctrl-C stops it
	@mkdir -p -m 700 var
	@python -c 'import socket, sys; sys.exit(socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0)' || { \
		echo 'Port $(PORT) is taken. Choose another one: make run PORT=8001' >&2; exit 1; }
	@[ -s var/secret_key ] || (umask 077; python -c 'import secrets; print(secrets.token_urlsafe(64))' > var/secret_key)
	@export PORT='$(PORT)' SECRET_KEY="$${SECRET_KEY:-$$(cat var/secret_key)}" DATABASE_URL="$${DATABASE_URL:-sqlite:///$(CURDIR)/var/portal.sqlite3}" \
		DEMO="$${DEMO:-on}" DEBUG="$${DEBUG:-off}" ALLOWED_HOSTS="$${ALLOWED_HOSTS:-localhost,127.0.0.1,[::1]}" \
		PUBLIC_URL="$${PUBLIC_URL:-http://127.0.0.1:$(PORT)}" PYTHONUNBUFFERED=1; \
	python manage.py migrate --noinput --verbosity 0; \
	python manage.py seed_demo --if-empty; \
	python manage.py collectstatic --noinput --verbosity 0; \
	python manage.py demo_signins; \
	honcho --env /dev/null start --port $(PORT) & honcho=$$!; \
	trap 'kill $$honcho 2>/dev/null || true' INT TERM; \
	wait $$honcho || true; code=0; wait $$honcho || code=$$?; \
	[ $$code = 130 ] || [ $$code = 143 ] || exit $$code

# --- quality

# As in production; nothing here reaches a database or a mail server.
check: export DEBUG := off
check: export DEMO := off
check: export DATABASE_URL := sqlite://:memory:
check: export EMAIL_URL := smtp://localhost:25
check: export ALLOWED_HOSTS := pim.example.org
check: export PUBLIC_URL := https://pim.example.org
check: export EMAIL_FROM := pim@example.org
check: .venv/.installed-dev ## Lint, types, floors, templates, migrations, Django's own checks
	ruff check .
	ruff format --check .
	find templates -name '*.html' -print0 | xargs -0 -r djade --target-version 5.2 --check
	lint-imports --no-logo
	@export SECRET_KEY="$$(python -c 'import secrets; print(secrets.token_urlsafe(64))')"; set -x; \
	mypy; \
	python manage.py makemigrations --check --dry-run; \
	python manage.py check --deploy --fail-level WARNING

fmt: .venv/.installed-dev ## Format the code and the templates
	ruff check --fix-only .
	ruff format .
	find templates -name '*.html' -print0 | xargs -0 -r djade --target-version 5.2

test: .venv/.installed-dev ## All tests on SQLite, and those bound to the database on PostgreSQL too (ARGS="-k ...")
	@$(call want,chromium,$(HAVE_CHROMIUM)) || playwright install chromium || true
	@$(call want,postgresql,$(HAVE_POSTGRESQL)) || true
	@export TEST_REPORT="$$(mktemp)"; trap 'rm -f "$$TEST_REPORT"' EXIT; failed=0; \
	env -u DATABASE_URL python -m pytest $(TOGETHER) $(ARGS) || failed=$$?; \
	python -m tests.postgres -- python -m pytest -m postgres $(ARGS) || { code=$$?; \
		if [ $$code = 77 ]; then echo 'NOT TESTED: PostgreSQL, because its server is not installed.' >> "$$TEST_REPORT"; \
		else failed=$$code; fi; }; \
	echo; grep -v '^NOT TESTED' "$$TEST_REPORT" || true; \
	if grep '^NOT TESTED' "$$TEST_REPORT" && [ "$${TEST_GAPS:-}" = fail ]; then failed=1; fi; \
	awk -v code=$$failed '/ passed, / { passed += $$2; failed += $$4 } \
		END { print passed+0 " passed, " (failed || !code ? failed+0 : 1) " failed" }' "$$TEST_REPORT"; \
	exit $$failed

HAVE_CHROMIUM = command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable
HAVE_POSTGRESQL = command -v initdb || ls /usr/lib/postgresql/*/bin/initdb

# $(call want,PACKAGE,COMMAND THAT FINDS IT): install a Debian package where we may.
want = { $2; } >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update \
	&& DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends -o DPkg::Lock::Timeout=300 $1 >/dev/null; }

# --- the rest

COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE) pyproject.toml
lock: .venv/.installed-dev ## Pin what pyproject.toml asks for (UPGRADE=--upgrade for newer versions)
	$(COMPILE) -o requirements.txt
	$(COMPILE) --constraint requirements.txt --extra dev -o requirements-dev.txt
	@! grep -n '://' requirements.txt requirements-dev.txt || { echo 'A lock file may name no host.' >&2; exit 1; }

clean: ## Remove what was made here: .venv, caches, collected files; the demo's data in var/ too
	rm -rf .venv var staticfiles .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
