#!/bin/sh
gh api --method DELETE "/orgs/acme/packages/container/agent%2Frunner/versions/$1"
