#!/usr/bin/env bash
# Builds an OpenTelemetry Collector from Go's module proxy, for the tests that need a real one, in one to three minutes:
# test/counterparts/collector/fetch.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../node_modules/.cache/weir/collector}
mkdir -p "$folder" && cd "$folder"
if [ -x otelcol ] && cmp -s builder.yaml "$here/builder.yaml"; then exit; fi
go run go.opentelemetry.io/collector/cmd/builder@v0.165.0 --config "$here/builder.yaml"
cp "$here/builder.yaml" .
