# Each target calls what CI calls. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup lint format type test image-test docs docs-check bench demo all

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Make .venv and bring the programs that are missing
	sh docker/setup.sh dev

lint:  ## Look for mistakes and bad format (ruff)
	sh tests/run.sh lint

format: setup  ## Mend the format, and what can be mended of the rest
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

type:  ## Check the types (mypy, strict)
	sh tests/run.sh type

test:  ## Run all tests and measure coverage
	sh tests/run.sh test

image-test: setup  ## Build the image on a base made here, and try it (root, five minutes)
	PYTHONPATH=docker .venv/bin/python docker/try_image.py

docs: setup  ## Write into the documentation what the program says of itself
	.venv/bin/python -m docs

docs-check:  ## See whether the documentation says what the program says
	sh tests/run.sh docs-check

bench: setup  ## Measure against the runbook done by hand
	.venv/bin/python tests/bench/bench.py

demo:  ## Deploy the sample stack, see it pass, break it, see it fail
	sh docker/demo.sh

all:  ## Everything CI does
	sh tests/run.sh
