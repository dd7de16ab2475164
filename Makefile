# Two commands on a fresh machine: `make demo` and `make test`. Each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= demo
ONLY ?=

.PHONY: demo test lint docs bench slow clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[learn,faces,postgres,web,dev]"
	touch $@

demo: $(VENV)/.installed  ## simulate a cohort, build it, benchmark it, write the report
	$(BIN)/emogap simulate $(DEMO)/study --participants 12 --stimuli 14 --seed 0
	$(BIN)/emogap build $(DEMO)/study $(DEMO)/dataset
	$(BIN)/emogap bench $(DEMO)/dataset --protocol er3 --models majority,linear,emert --splits person,person+stimulus --preset quick --out $(DEMO)/run
	$(BIN)/emogap report $(DEMO)/run
	@echo "look at it: $(BIN)/emogap open $(DEMO)/study"

test: $(VENV)/.installed  ## the whole test suite
	OMP_NUM_THREADS=1 POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(VENV)/.installed  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed  ## the documentation, without a warning
	$(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.installed  ## speed and memory as ratios; ONLY=name for one
	$(BIN)/python -m benchmarks $(ONLY)

slow: $(VENV)/.installed  ## the statistical checks in full; writes docs/evidence/*.json
	$(BIN)/python -m slow_checks $(ONLY)

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(DEMO) site .pytest_cache .mypy_cache .ruff_cache .hypothesis
