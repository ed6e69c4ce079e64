#!/bin/sh
# Writes the tool and all its packages into one file, for hosts that have Python 3.11 or later and nothing else.
#
#   sh docker/zipapp.sh [FILE]     FILE is .cache/preflight.pyz unless it is named
#
# Python packages have the versions and hashes of requirements/run.txt. Compiled parts are those of this machine's Python
# and platform: build it on what the hosts have. At its first start it unpacks itself into ~/.shiv (SHIV_ROOT).
set -eu
cd "$(dirname "$0")/.."
sh docker/setup.sh zipapp
file=${1:-.cache/preflight.pyz}
folder=.cache/zipapp
rm -rf "$folder"
mkdir -p "$folder" "$(dirname "$file")"
install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --target "$folder" "$@"; }
install --require-hashes --only-binary :all: --requirement requirements/run.txt
install --no-deps --no-index --no-build-isolation .
.venv/bin/shiv --site-packages "$folder" --console-script preflight --python '/usr/bin/env python3' --reproducible \
    --output-file "$file" >/dev/null
printf '%s\n' "$file"
