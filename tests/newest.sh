#!/bin/sh
# Does what tests/run.sh does, with the newest packages that the ranges in pyproject.toml allow, not those of the lock.
# A package that breaks something is noticed here, before `make lock UPGRADE=1` brings it to everyone. CI does not run this.
#
#   sh tests/newest.sh              everything
#   sh tests/newest.sh test         only these steps, see tests/run.sh
set -eu
cd "$(dirname "$0")/.."

sh docker/setup.sh dev
export TEST_VENV=.cache/newest
printf 'making %s, with the newest Python packages\n' "$TEST_VENV" >&2
"${PYTHON:-python3}" -m venv --clear "$TEST_VENV"
"$TEST_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[dev,verify]' >&2
exec sh tests/run.sh "$@"
