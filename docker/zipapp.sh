#!/bin/sh
# Writes the tool and all its packages into one file, for hosts that have Python 3.11 or later and nothing else.
#
#   sh docker/zipapp.sh [FILE]     FILE is .cache/preflight.pyz unless it is named; needs what `sh docker/setup.sh zipapp` sets up
#
# Python packages have the versions and hashes of requirements/run.txt. Compiled parts are those of this machine's Python
# and platform: build it on what the hosts have. At its first start it unpacks itself into ~/.shiv (SHIV_ROOT).
set -eu
cd "$(dirname "$0")/.."
file=${1:-.cache/preflight.pyz}
folder=.cache/zipapp
rm -rf "$folder"
mkdir -p "$folder" "$(dirname "$file")"
wheels=$(PYTHONPATH=docker .venv/bin/python -m provision wheels)
install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --target "$folder" "$@"; }
install --find-links "$wheels" --require-hashes --requirement requirements/run.txt
rm -rf "$folder/bin"  # scripts of packages, which name the Python of this machine
install --no-deps --no-build-isolation .
rm -rf "$folder/bin"
.venv/bin/shiv --site-packages "$folder" --entry-point preflight.__main__:main --python '/usr/bin/env python3' \
    --preamble docker/zipapp_preamble.py --reproducible --output-file "$file" >/dev/null
printf '%s\n' "$file"
