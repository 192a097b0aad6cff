#!/usr/bin/env bash
# Fetches moto, a server with the API of S3 and STS, from PyPI, for the tests that need one: test/counterparts/s3/fetch.sh [FOLDER]
set -euo pipefail
version=5.2.5
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../node_modules/.cache/weir/moto}
if [ -x "$folder/bin/moto_server" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then exit; fi
python3 -m venv --clear "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "moto[s3]==$version" 'flask<4' 'flask-cors<7'
echo "$version" >"$folder/version"
