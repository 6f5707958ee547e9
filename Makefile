# Two commands: make demo, make test. Both make .venv first where it is missing.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow bench clean

demo: .venv/demo
	$(BIN)/dsprep prepare sample_data --out demo_output --target openai-chat --drop SEC \
		--max-shown 1 || test $$? -eq 1
	@echo
	@$(BIN)/dsprep verify demo_output > /dev/null
	@echo "These errors are meant: broken.jsonl and broken.csv are there to show them."
	@echo "dsprep verify demo_output: every file is as the receipt says."
	@echo "The report: file://$(CURDIR)/demo_output/report.html"

test: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

test-slow: .venv/dev
	$(BIN)/pytest -m slow

bench: .venv/dev
	$(BIN)/python tests/benchmarks/lint.py

clean:
	rm -rf .venv build demo_output *.egg-info

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/demo: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: .venv/demo
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
