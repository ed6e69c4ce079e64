#!/bin/sh
# The checks of the runbook, done by hand one after another: what the benchmark compares the tool with.
#
#   runbook.sh COMPOSE_FILE SERVICE PIN_FILE VARIABLE      (in the checkout, the stack deployed)
#
# Prints what an operator would read; ends with 1 at the first thing that is wrong.
set -eu
compose_file=$1 service=$2 pin_file=$3 variable=$4

wrong() {
    printf 'wrong: %s\n' "$1" >&2
    exit 1
}

# 1. Compose is new enough for env_file entries with required: false.
version=$(docker compose version --short)
printf 'Compose %s\n' "$version"
case ${version#v} in
2.2[4-9].* | 2.[3-9][0-9].* | [3-9].*) ;;
*) wrong "Compose $version is older than 2.24.0" ;;
esac

# 2. The pin is one digest, tracked and unmodified.
pin=$(sed -n "s/^$variable=//p" "$pin_file")
printf 'pin %s\n' "$pin"
printf '%s\n' "$pin" | grep -Eq '^[^@[:space:]]+@sha256:[0-9a-f]{64}$' || wrong "$pin_file pins no digest"
git ls-files --error-unmatch "$pin_file" >/dev/null || wrong "$pin_file is not tracked"
git diff --quiet HEAD -- "$pin_file" || wrong "$pin_file is modified"

# 3. The service lists the pin file, in long form, and nothing else sets the variable.
grep -A 6 'env_file:' "$compose_file" | grep -q "path: $(basename "$pin_file")" || wrong "env_file lacks the pin file"
grep -n "$variable" "$compose_file" && wrong "$compose_file sets $variable itself"

# 4. What Compose makes of it.
docker compose --file "$compose_file" config | grep -F "$variable: $pin" || wrong "Compose says something else"

# 5. What runs.
docker compose --file "$compose_file" exec -T "$service" env | grep -Fx "$variable=$pin" ||
    wrong "the container has another value"

# 6. The registry still has the release tags and the digest.
host=${pin%%/*}
name=${pin#*/}
name=${name%@*}
accept='Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
tags=$(curl --silent --show-error --fail "http://$host/v2/$name/tags/list")
for tag in $(git tag --list 'v*'); do
    case $tags in
    *"\"${tag#v}\""*) ;;
    *) wrong "the registry lacks ${tag#v}" ;;
    esac
done
curl --silent --show-error --fail --head --header "$accept" "http://$host/v2/$name/manifests/${pin##*@}" |
    grep -i '^docker-content-digest' || wrong "the registry lacks the digest"
