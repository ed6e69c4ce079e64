#!/bin/sh
# The steps of `preflight pin update VERSION --push --branch main` with curl, sha256sum and git: what the benchmark
# compares the tool with.
#
#   pin_update.sh VERSION PIN_FILE VARIABLE      (in the checkout; the remote is origin, its branch main)
set -eu
version=$1 pin_file=$2 variable=$3

wrong() {
    printf 'wrong: %s\n' "$1" >&2
    exit 1
}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# 1. The pin on the branch, and what it was before; somebody to commit as; no changes of somebody else.
git config user.email >/dev/null || [ -n "${GIT_AUTHOR_EMAIL:-}" ] || wrong "git knows nobody to commit as"
git diff --quiet HEAD -- "$pin_file" || wrong "$pin_file is modified"
git fetch --quiet origin main
git log --max-count=200 --format=%s FETCH_HEAD -- "$pin_file" >"$folder/history"
! grep -q "Revert .*v$version" "$folder/history" || wrong "$version was rolled back from"
git show "FETCH_HEAD:$pin_file" >"$folder/before"
pin=$(sed -n "s/^$variable=//p" "$folder/before")
host=${pin%%/*}
name=${pin#*/}
name=${name%@*}

# 2. The image: the digest of the bytes that the registry sends, and the platform of this host.
accept='Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'
get() { curl --silent --show-error --fail --header "$accept" "http://$host/v2/$name/$1"; }
get "manifests/$version" >"$folder/manifest"
digest=sha256:$(sha256sum <"$folder/manifest" | cut -d ' ' -f 1)
get "manifests/$digest" | cmp - "$folder/manifest" || wrong "the registry sends other bytes by digest"
config=$(sed 's/.*"config": {[^}]*"digest": "\([^"]*\)".*/\1/' "$folder/manifest")
get "blobs/$config" >"$folder/config"
curl --silent --show-error --fail --unix-socket "${DOCKER_HOST#unix://}" http://engine/version >"$folder/engine"
architecture=$(sed 's/.*"Arch":"\([^"]*\)".*/\1/' "$folder/engine")
grep -q "\"architecture\": \"$architecture\"" "$folder/config" || wrong "the image is not for $architecture"

# 3. One line, one commit on top of the branch, without the checkout.
sed "s|^$variable=.*|$variable=$host/$name@$digest|" "$folder/before" >"$folder/after"
export GIT_INDEX_FILE="$folder/index"
git read-tree FETCH_HEAD
git update-index --cacheinfo "100644,$(git hash-object -w --stdin <"$folder/after"),$pin_file"
commit=$(git commit-tree "$(git write-tree)" -p FETCH_HEAD -m "Pin $digest for $version [skip actions]")
git push --quiet origin "$commit:refs/heads/main"
printf 'pushed %s\n' "$commit"
