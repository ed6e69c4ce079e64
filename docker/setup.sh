#!/bin/sh
# Makes .venv in the checkout, with this checkout installed into it, and brings the programs that are missing.
#
#   sh docker/setup.sh        what the demo needs
#   sh docker/setup.sh dev    what the tests and linters need, too
#
# Needs Python 3.11 or later and, for what is missing, root on a Debian or Ubuntu. May be run again at any time.
set -eu
cd "$(dirname "$0")/.."
extra=${1:-}

say() { printf '%s\n' "$*" >&2; }
provision() { PYTHONPATH=docker "$@"; }

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "cannot go on: $python is missing or older than Python 3.11"
    say "  -> install Python 3.11 or later, or name it: PYTHON=/path/to/python3 sh $0"
    exit 1
fi

provision "$python" -m provision install venv >&2
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "making .venv"
    "$python" -m venv --clear .venv
fi

# Installed again only when what to install changed; the checkout itself is installed as a link.
stamp=.venv/.installed-${extra:-plain}
if ! cmp -s pyproject.toml "$stamp" 2>/dev/null; then
    say "installing Python packages into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${extra:+[$extra,verify]}" >&2
    cp pyproject.toml "$stamp"
fi

say "looking for engine, registry, Compose and git"
if [ -n "$extra" ]; then
    # On a person's machine that lacks one of these the tests that need it say so; in CI they fail.
    provision .venv/bin/python -m provision install dockerd docker git curl npm >&2 || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision programs >/dev/null || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision compose >/dev/null || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision signatures >/dev/null || [ "${CI:-}" != true ]
else
    provision .venv/bin/python -m provision install engine docker git >&2
fi
