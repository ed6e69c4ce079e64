#!/bin/sh
# Writes the locks in requirements/: the versions and hashes of every Python package that a script here installs.
#
#   sh docker/lock.sh              keeps each version that pyproject.toml still allows
#   sh docker/lock.sh --upgrade    takes the newest versions that pyproject.toml allows
#
#   build.txt    the build backend
#   run.txt      what the tool needs
#   verify.txt   and what the extra `verify` needs
#   fleet.txt    and what the extra `fleet` needs
#   notify.txt   and what the extra `notify` needs
#   zipapp.txt   and what builds the tool into one file
#   dev.txt      and what the tests, the linters and the manual need; the others take their versions from it
#   sanity.txt   what `ansible-test sanity` installs for its tests: each ansible-core takes exact versions of its own
#
# uv resolves for all Python versions and machines at once, with markers; pip-tools and pip resolve for the running one only.
set -eu
cd "$(dirname "$0")/.."
case ${1:-} in '' | --upgrade) upgrade=${1:-} ;; *)
    printf 'the only option is --upgrade, not %s\n' "$1" >&2
    exit 2
    ;;
esac

own=.cache/uv
if ! "$own/bin/python" -c 'import pip' 2>/dev/null; then
    "${PYTHON:-python3}" -m venv --clear "$own"
fi
"$own/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'uv>=0.13' >&2

compile() {
    name=$1
    shift
    printf 'locking requirements/%s.txt\n' "$name" >&2
    # shellcheck disable=SC2086 -- no option is no word
    "$own/bin/uv" pip compile --quiet $upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
        --output-file "requirements/$name.txt" "$@"
}

backend='import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'
# editables is what hatchling asks for, beyond what it needs itself, to install a checkout as a link.
{ "$own/bin/python" -c "$backend" && echo 'editables~=0.3'; } >.cache/build-system.txt
compile dev pyproject.toml .cache/build-system.txt --extra dev --extra docs --extra fleet --extra verify --extra notify \
    --extra zipapp
compile build .cache/build-system.txt --constraint requirements/dev.txt
compile run pyproject.toml --constraint requirements/dev.txt
compile verify pyproject.toml --extra verify --constraint requirements/dev.txt
compile fleet pyproject.toml --extra fleet --constraint requirements/dev.txt
compile notify pyproject.toml --extra notify --constraint requirements/dev.txt
compile zipapp pyproject.toml --extra zipapp --constraint requirements/dev.txt

for python in 3.11 3.12 3.13; do
    "$own/bin/uv" pip install --quiet --no-deps --target "$own/core-$python" --python-version "$python" \
        --constraint requirements/dev.txt ansible-core
    for test in ansible-doc import import.plugin pep8 pylint runtime-metadata validate-modules yamllint; do
        sed -n "s/^[A-Za-z].*==.*/& ; python_version == '$python'/p" \
            "$own/core-$python/ansible_test/_data/requirements/sanity.$test.txt"
    done
done >.cache/sanity.txt
compile sanity .cache/sanity.txt

# The set-up takes wheels only: each must be there, and each package that another one needs be locked.
for python in 3.11 3.12 3.13; do
    for machine in x86_64 aarch64; do
        printf 'looking whether it can be installed with Python %s on %s\n' "$python" "$machine" >&2
        "$own/bin/uv" pip install --quiet --dry-run --target "$own/nothing" --python-version "$python" \
            --python-platform "$machine-manylinux_2_28" --only-binary :all: --require-hashes \
            --requirement requirements/dev.txt
        "$own/bin/uv" pip install --quiet --dry-run --target "$own/nothing" --python-version "$python" \
            --python-platform "$machine-manylinux_2_28" --only-binary :all: --require-hashes \
            --requirement requirements/sanity.txt
    done
done
