# The two commands: `make demo` and `make test`. Each does all its set-up; both need Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test test-train lock clean

demo: .venv/installed-base
	$(BIN)/python -m scripts.demo $(if $(ONCE),--once)

test: .venv/installed-test
	$(BIN)/python -m scripts.check

test-train: .venv/installed-train
	$(BIN)/python -m scripts.check --train

lock: .venv/installed-test
	$(BIN)/python -m scripts.lock

clean:
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Boli needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv

.venv/installed-base: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e .
	@touch $@

.venv/installed-test: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@ .venv/installed-base

.venv/installed-train: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e '.[test,train]'
	@touch $@ .venv/installed-test .venv/installed-base
