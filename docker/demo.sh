#!/bin/sh
# Shows the main job on real things: sets up what is missing, deploys the sample stack, checks it, breaks it, checks again.
# Leaves nothing behind but .venv, .cache and Debian packages that were missing.
set -eu
cd "$(dirname "$0")/.."
sh docker/setup.sh
PYTHONPATH=docker exec .venv/bin/python docker/demo.py "$@"
