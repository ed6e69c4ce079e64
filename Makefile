# Each target calls what CI calls. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup lock lint format type test test-newest image-test docs docs-check picture site zipapp soak bench demo all

# The tests whose runs the manual shows.
SAMPLES = test_samples or until_the_pin_is_in_the_ui or a_bad_rollout

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Make .venv and bring the programs that are missing
	sh docker/setup.sh dev

lock:  ## Write requirements/*.txt from pyproject.toml (UPGRADE=1 takes the newest versions)
	sh docker/lock.sh $(if $(UPGRADE),--upgrade)

lint:  ## Check the code and its format (ruff)
	sh tests/run.sh lint

format: setup  ## Fix the format, and what ruff can fix
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

type:  ## Check the types (mypy, strict)
	sh tests/run.sh type

test:  ## Run all tests and measure coverage
	sh tests/run.sh test

test-newest:  ## Do all of it with the newest packages that pyproject.toml allows, in .cache/newest
	sh tests/newest.sh

zipapp:  ## Write the tool into one file, .cache/preflight.pyz, for hosts that have only Python
	sh docker/setup.sh zipapp
	sh docker/zipapp.sh

image-test: setup  ## Build the image on a base made here, and try it (root, five minutes)
	PYTHONPATH=docker .venv/bin/python docker/try_image.py

docs: setup  ## Write the parts of the documentation that are made from the code, then the pictures (needs an engine)
	.venv/bin/python -m docs
	$(MAKE) picture

docs-check:  ## Compare those parts with the code, and build the site strictly
	sh tests/run.sh docs-check

picture: setup  ## Draw the failing run that README shows, and write the sample runs of the manual (needs an engine)
	.venv/bin/python -m docs.made.picture
	WRITE_SAMPLES=1 .venv/bin/python -m pytest -q -k '$(SAMPLES)' tests/docs/test_samples.py tests/coolify

site:  ## Build the manual as a site, in .cache/site
	sh tests/run.sh site

soak:  ## Run the long series: kills at random moments, random projects, many hosts
	sh tests/run.sh soak

bench:  ## Measure against the runbook done by hand
	sh tests/run.sh bench

demo:  ## Deploy the sample stack, see it pass, break it, see it fail
	sh docker/demo.sh

all:  ## Everything CI does
	sh tests/run.sh
