# The two commands of the README, and what they stand on.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

.PHONY: demo test lint format docs benchmark clean

demo: $(VENV)/installed
	$(BIN)/python -m examples.build_demo $(DEMO)
	$(BIN)/python main.py -d $(DEMO)/calibset.npy --no-interactive --image-dir $(DEMO) \
		--log-path $(DEMO)/diagnostic_tool.log --json $(DEMO)/report.json \
		--output-model-script $(DEMO)/recommended.alls $(DEMO)/shape_detector.har

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/installed-dev
	$(BIN)/python -m docs.generate

benchmark: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks.data_pass
	$(BIN)/python -m benchmarks.sensitivity
	$(BIN)/python -m benchmarks.sample_digests

$(VENV)/python-checked:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else \
		"Python 3.10 to 3.13 is needed (TensorFlow has no wheels for %d.%d); name one: make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python-checked requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/python-checked requirements.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/installed

clean:
	rm -rf $(VENV) build
