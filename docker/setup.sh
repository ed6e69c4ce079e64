#!/bin/sh
# Makes .venv in the checkout, with this checkout installed into it, and brings the programs that are missing.
#
#   sh docker/setup.sh        what the demo needs
#   sh docker/setup.sh dev    what the tests and linters need, too
#   sh docker/setup.sh zipapp what docker/zipapp.sh needs: Python packages alone
#
# Needs Python 3.11 or later and, for what is missing, root on a Debian or Ubuntu. May be run again at any time.
# Python packages have the versions and hashes of requirements/*.txt, which `make lock` writes.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}

say() { printf '%s\n' "$*" >&2; }
provision() { PYTHONPATH=docker "$@"; }

case $kind in run | zipapp | dev) ;; *)
    say "there is no set-up $kind: say dev, zipapp, or nothing"
    exit 2
    ;;
esac
python=${PYTHON:-python3}
for folder in .venv .cache; do
    if [ -e "$folder" ] && [ ! -w "$folder" ]; then
        say "cannot go on: $folder belongs to somebody else; an earlier run as root made it"
        say "  -> sudo chown -R \"\$(id -un)\" .venv .cache"
        exit 1
    fi
done
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "cannot go on: $python is missing or older than Python 3.11"
    say "  -> install Python 3.11 or later, or name it: PYTHON=/path/to/python3 sh $0"
    exit 1
fi

provision "$python" -m provision install venv >&2

# --no-build-isolation below builds with the locked backend, and wheels need none: pip fetches nothing without a hash.
install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" >&2; }
locked() { printf '%s\n' "$1" && cksum requirements/*.txt; }
holds() { [ "$(locked "$1")" = "$(cat .venv/.locked 2>/dev/null)" ]; }

# Made again, not only installed into, when a lock changed: what the lock no longer names must not stay.
if ! .venv/bin/python -c 'import pip' 2>/dev/null || ! { holds "$kind" || holds dev; }; then
    say "making .venv, with Python packages of requirements/$kind.txt"
    "$python" -m venv --clear .venv
    rm -rf .mypy_cache  # it remembers which packages were missing
    install --require-hashes --only-binary :all: --requirement requirements/build.txt --requirement "requirements/$kind.txt"
    locked "$kind" >.venv/.locked
fi

# The checkout is installed as a link: again only when what it tells pip changed (entry points).
if ! cmp -s pyproject.toml .venv/.installed; then
    say "installing this checkout into .venv"
    install --no-deps --no-index --no-build-isolation --editable .
    cp pyproject.toml .venv/.installed
fi

[ "$kind" != zipapp ] || exit 0
say "looking for engine, registry, Compose and git"
if [ "$kind" = dev ]; then
    # On a person's machine that lacks one of these the tests that need it say so; in CI they fail.
    provision .venv/bin/python -m provision install dockerd docker git curl npm chromium systemd-analyze sshd ip >&2 || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision programs >/dev/null || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision compose >/dev/null || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision signatures >/dev/null || [ "${CI:-}" != true ]
    provision .venv/bin/python -m provision sanity >/dev/null || [ "${CI:-}" != true ]
else
    provision .venv/bin/python -m provision install engine docker git >&2
fi
