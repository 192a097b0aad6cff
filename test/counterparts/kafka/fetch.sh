#!/usr/bin/env bash
# Fetches Kafka from Maven's repository, for the tests that need a real broker: test/counterparts/kafka/fetch.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../node_modules/.cache/weir/kafka}
mkdir -p "$folder"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$(cd "$folder" && pwd)/lib"
