# Daylight's commands. Each is a short program in bin/ that says at its top what it does.
.DEFAULT_GOAL := help
.PHONY: help setup run demo test endurance check bench lawbook letters lock

# The Python that makes .venv: 3.11 or newer. Another one: make setup PYTHON=python3.12
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done || echo python3)
endif
export PYTHON

help: ## Say what can be done here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Install what is missing and prepare the database
	@bin/setup

run: ## Set up, then run Daylight at http://localhost:8000/ until Ctrl-C (PORT=8001 chooses another port)
	@bin/setup
	@bin/serve

demo: ## The same with an example organisation, kept apart in var/demo
	@bin/setup --demo
	@bin/serve --demo

test: ## Run all tests, on SQLite and then on PostgreSQL and Redis
	@bin/setup --tests
	@bin/test

endurance: ## Ten thousand reminders against dying workers, jumping clocks and bad mail servers, for minutes
	@bin/setup --tests
	@bin/endurance

check: ## Style, types, templates, architecture, migrations, lock files
	@bin/setup --tests
	@bin/check

bench: ## Measure and print the figures of benchmarks/
	@bin/setup --tests
	@.venv/bin/python -m benchmarks

lawbook: ## Print the law book: rules, doubts and missing facts of each jurisdiction
	@.venv/bin/python manage.py lawbook

letters: ## Write every letter in every state as pages to read through (var/letters/index.html)
	@.venv/bin/python manage.py letters

lock: ## Pin all Python packages anew from pyproject.toml
	@bin/lock
