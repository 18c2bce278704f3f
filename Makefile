# make test       installs what it needs into .venv, then checks everything; make lint, types and pytest do a part
# make pytest TESTS=tests/unit    runs some of the tests
# make test-all   the long tests too, on every version of Gradio
# make bench      measures; BENCH=--check: fails when a bar is missed
# make clean      removes what these make
# make chaos      ten minutes of servers that are restarted behind a proxy that loses, delays and spoils
# make demo       installs what it needs into .venv, then shows the client at work; SERVER=6.31.0: on a real Gradio

# The first interpreter that is new enough; PYTHON=... overrides.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
GRADIO ?=
TESTS ?= tests
# Tests mostly wait: more processes than two cores have.
WORKERS ?= 4
CHOSEN = $(TESTS) $(if $(GRADIO),--gradio $(GRADIO)) $(LONG)
SOURCES := gradio_client adapters plugins contract_tests tests benchmarks docs

# uv is fast, pip is everywhere: where uv is missing or finds no index, pip does it.
install = $(BIN)/uv pip install -q --python $(BIN)/python $(1) \
	|| { echo "== uv could not; pip, more slowly"; \
	     $(BIN)/python -m pip install -q --upgrade pip && $(BIN)/python -m pip install -q $(1); }

.PHONY: test test-all lint types pytest chaos demo bench clean

# Types are checked while the first tests run.
test: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs 2 lint types pytest

# Every server with a queue by SSE that there are requirements for, not only the usual six; the long tests too.
test-all: GRADIO := all
test-all: LONG := --long
test-all: lint types pytest

lint: $(VENV)/.dev
	@echo "== ruff"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/.dev
	@echo "== mypy"
	@$(BIN)/mypy

pytest: $(VENV)/.dev
	@echo "== pytest (the first run installs the Gradio servers: some minutes)"
	@$(BIN)/python -m pytest $(CHOSEN) -n $(WORKERS) --dist loadscope --no-loadscope-reorder --cov --durations 20; status=$$?; \
	if [ $$status -eq 1 ]; then \
		echo "== what failed, once more by itself: servers and time-outs mind a busy machine"; \
		$(BIN)/python -m pytest $(CHOSEN) --cov --cov-append --last-failed -rap; status=$$?; \
		echo "== those named in the summary above failed in the first run; PASSED ones pass only by themselves"; \
	fi; \
	exit $$status

# Ten minutes of a proxy and a server at their worst: three transports, 200 s each, one after another.
chaos: $(VENV)/.dev
	@$(BIN)/python -m pytest tests/chaos --long -s -k 200

demo: $(VENV)/.runtime
	@$(BIN)/python docs/demo/demo.py $(if $(SERVER),--server $(SERVER))

# All scripts run, whatever fails; --only is for the first one, and leaves the others out.
OTHERS = $(if $(findstring --only,$(BENCH)),,hook_cost gradio_import event_rates file_rates wire_rates)

bench: $(VENV)/.dev
	@failed=; \
	$(BIN)/python benchmarks/run.py $(BENCH) || failed=run.py; \
	for script in $(OTHERS); do \
		echo "== $$script.py"; \
		$(BIN)/python benchmarks/$$script.py $(filter --check,$(BENCH)) || failed="$$failed $$script.py"; \
	done; \
	test -z "$$failed" || { echo "== failed: $$failed"; exit 1; }

clean:
	rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(wildcard $(SOURCES)) -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; name one with make PYTHON=..." >&2; exit 1; }
	@echo "== $(VENV), with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@# Debian's Python may lack ensurepip: then its pip fills the environment from outside.
	@$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --clear --without-pip $(VENV) \
		&& $(PYTHON) -m pip --python $(BIN)/python install -q pip; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv || echo "== uv cannot be installed"
	@touch $@

$(VENV)/.runtime: pyproject.toml | $(VENV)/.made
	@echo "== installing gradio_client"
	@$(call install,-e '.[httpx]')
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.made
	@echo "== installing gradio_client and the tools of its tests"
	@$(call install,-e . --group dev)
	@touch $@ $(VENV)/.runtime
