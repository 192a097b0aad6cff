#!/usr/bin/env bash
# What takes too long for .ci/run: builds Loki, and runs the tests with a real one.
set -euo pipefail
cd "$(dirname "$0")/.."
test/counterparts/loki/fetch.sh
npm run test:counterparts
