#!/bin/sh
# Does what CI does: sets up what is missing, then lint, types, documentation and all tests.
#
#   sh tests/run.sh                 everything
#   sh tests/run.sh lint test       only these steps: lint, type, docs-check, test; or site, soak, bench, which CI does not run
#
# TEST_VENV names the environment that the steps run in, if not .venv; see tests/newest.sh.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if every step went well.
set -eu
cd "$(dirname "$0")/.."
venv=${TEST_VENV:-.venv}

# A user's shell sets neither, and both change what the tool does: Python's last flush, and the time to start.
unset PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE

run_lint() { "$venv"/bin/ruff check . && "$venv"/bin/ruff format --check .; }

run_type() { "$venv"/bin/mypy; }

# What the documentation shows of the program is compared with the program.
run_docs_check() { "$venv"/bin/python -m docs --check && run_site; }

# A link that leads nowhere, and any other warning, fails. -E: what an earlier build left behind is not trusted.
run_site() {
    "$venv"/bin/python -m sphinx --quiet --fail-on-warning --keep-going -E -b html docs/manual .cache/site
}

run_soak() { "$venv"/bin/python -m pytest -m soak --numprocesses 2; }

run_bench() { PYTHONPATH=docker "$venv"/bin/python -m tests.bench.bench; }

run_test() {
    rm -f .coverage .coverage.* .cache/tests.xml
    status=0
    "$venv"/bin/coverage run -m pytest --numprocesses 3 --dist worksteal --junit-xml=.cache/tests.xml || status=$?
    "$venv"/bin/coverage combine --quiet && "$venv"/bin/coverage report || status=$?
    return "$status"
}

sh docker/setup.sh dev
[ $# -gt 0 ] || set -- lint type docs-check test

failed=
for step in "$@"; do
    printf '\n== %s\n' "$step"
    case $step in
    lint) run_lint || failed="$failed $step" ;;
    type) run_type || failed="$failed $step" ;;
    docs-check) run_docs_check || failed="$failed $step" ;;
    site) run_site || failed="$failed $step" ;;
    test) run_test || failed="$failed $step" ;;
    soak) run_soak || failed="$failed $step" ;;
    bench) run_bench || failed="$failed $step" ;;
    *)
        printf 'there is no step %s: lint, type, docs-check, test, site, soak, bench\n' "$step" >&2
        exit 2
        ;;
    esac
done

printf '\n'
[ -z "$failed" ] || printf 'these steps failed:%s\n' "$failed"
for step in "$@"; do
    [ "$step" != test ] || "$venv"/bin/python tests/closing_line.py .cache/tests.xml
done
[ -z "$failed" ]
