#!/usr/bin/env bash
# Fetches OpenSearch from Maven's repository, for the tests that need a real one: test/counterparts/opensearch/fetch.sh [FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../node_modules/.cache/weir/opensearch}
mkdir -p "$folder/classes"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$(cd "$folder" && pwd)/lib"
javac -cp "$folder/lib/*" -d "$folder/classes" "$here/Node.java"
