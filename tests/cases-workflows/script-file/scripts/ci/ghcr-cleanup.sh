#!/usr/bin/env bash
# Deletes what select_ids picks.
set -euo pipefail
for id in $(select_ids "$@"); do
  gh api -X DELETE "/orgs/$GHCR_ORG/packages/container/$PACKAGE/versions/$id" >/dev/null
done
