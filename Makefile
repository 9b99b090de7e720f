# The two commands of the README, and what they stand on.
PYTHON ?= python3
OLDEST_PYTHON ?= $(PYTHON)
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
DEMO := build/demo
PACKED := build/packed
ZIPAPP := build/hailo-first-aid.pyz
ALL_REQUIREMENTS := requirements.txt requirements-onnx.txt requirements-fleet.txt requirements-dev.txt
PIP := -m pip --quiet --disable-pip-version-check

# Each process takes a run of files, whose tests share much; one that is done takes from the others.
# More than 8 would take much memory.
PARALLEL := -n auto --maxprocesses 8 --dist worksteal

# Images of containers forbid Python to keep what it compiled. Here it may: else each process of
# pytest would take ten seconds more, to rewrite the assertions of 600 files and compile them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-all test-oldest test-oldest-all fuzz lint format docs docs-picture docs-site \
	zipapp benchmark clean

demo: $(VENV)/installed
	$(BIN)/python -m examples.build_demo $(DEMO)
	$(BIN)/python main.py -d $(DEMO)/calibset.npy --no-interactive --image-dir $(DEMO) \
		--log-path $(DEMO)/diagnostic_tool.log --json $(DEMO)/report.json --html $(DEMO)/report.html \
		--output-model-script $(DEMO)/recommended.alls $(DEMO)/shape_detector.har

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(PARALLEL)

test-all: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(PARALLEL) --slow

# What other versions of packages may change.
OF_VERSIONS = $(addprefix tests/, backends command dataset device_outputs emulator har jobs \
	measurements options quantizer references stages)

# An environment such as Hailo's SDK lives in, with our requirements on top. TESTS names folders of
# tests, where not all are to run, as in TESTS='$(OF_VERSIONS)'.
test-oldest: $(OLDEST)/installed-dev
	$(OLDEST)/bin/python -m pytest $(PARALLEL) $(TESTS)

test-oldest-all: $(OLDEST)/installed-dev
	$(OLDEST)/bin/python -m pytest $(PARALLEL) --slow $(TESTS)

# Fifteen times as many made-up inputs as in the other runs.
fuzz: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(PARALLEL) -m hypothesis --hypothesis-profile nightly

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/installed-dev
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.console_output

docs-picture: $(VENV)/installed-dev
	$(BIN)/python -m docs.picture

# --strict: a dead link or anchor, or a page that nothing leads to, is an error. With --quiet mkdocs
# would count no warnings, and so find no errors.
docs-site: $(VENV)/installed-dev
	$(BIN)/mkdocs build --strict

# One file that holds the tool; what it needs comes from the interpreter that runs it.
zipapp: $(VENV)/installed-dev
	rm -rf $(PACKED)
	$(BIN)/python $(PIP) wheel --no-deps --no-build-isolation -w $(PACKED)/wheel .
	$(BIN)/python -m zipfile -e $(PACKED)/wheel/*.whl $(PACKED)/tree
	$(BIN)/python -m zipapp -c -p '/usr/bin/env python3' -o $(ZIPAPP) $(PACKED)/tree/hailo_first_aid

# Some twenty minutes; renews the tables of its page. Let nothing else run meanwhile.
benchmark: $(VENV)/installed-dev
	$(BIN)/python -m benchmarks --markdown benchmarks/README.md
	$(BIN)/python -m benchmarks.sensitivity
	$(BIN)/python -m benchmarks.sample_digests
	$(BIN)/python -m benchmarks.preparation
	$(BIN)/python -m benchmarks.static_checks

# An environment whose Python is gone, as after an upgrade of the system, is made anew.
ifneq ($(wildcard $(VENV)/python-checked),)
ifeq ($(shell $(BIN)/python -c 'print("runs")' 2>/dev/null),)
ANEW := --clear
$(VENV)/python-checked: anew
.PHONY: anew
endif
endif

$(VENV)/python-checked:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 10) <= v <= (3, 13) else \
		"Python 3.10 to 3.13 is needed (TensorFlow has no wheels for %d.%d); name one: make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv $(ANEW) $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/python-checked requirements.txt
	$(BIN)/python $(PIP) install -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/python-checked $(ALL_REQUIREMENTS)
	$(BIN)/python $(PIP) install $(addprefix -r ,$(ALL_REQUIREMENTS))
	@touch $@ $(VENV)/installed

# What was there has to stay as it was. What we add is tested at its lowest, but the newest, which
# pip takes, is what could move something.
$(OLDEST)/installed-dev: requirements-oldest.txt $(ALL_REQUIREMENTS)
	@$(OLDEST_PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v in ((3, 10), (3, 11)) else \
		"Python 3.10 or 3.11 is needed (TensorFlow 2.12.0 has no wheels for %d.%d); " \
		"name one: make test-oldest PYTHON=python3.10" % v)'
	$(OLDEST_PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python $(PIP) install -r requirements-oldest.txt
	$(OLDEST)/bin/python -m tests.house.package_versions record $(OLDEST)/before.txt
	$(OLDEST)/bin/python $(PIP) install -r requirements.txt
	$(OLDEST)/bin/python -m tests.house.package_versions check $(OLDEST)/before.txt
	$(OLDEST)/bin/python -m tests.house.package_versions lowest requirements.txt $(OLDEST)/before.txt \
		> $(OLDEST)/lowest.txt
	$(OLDEST)/bin/python $(PIP) install -c $(OLDEST)/before.txt -r $(OLDEST)/lowest.txt \
		-r requirements-onnx.txt -r requirements-fleet.txt -r requirements-dev.txt
	$(OLDEST)/bin/python -m tests.house.package_versions check $(OLDEST)/before.txt
	@touch $@

clean:
	rm -rf $(VENV) $(OLDEST) build
