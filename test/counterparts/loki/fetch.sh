#!/usr/bin/env bash
# Builds Loki from Go's module proxy, for the tests that need a real one: test/counterparts/loki/fetch.sh [FOLDER]
# It takes three to fifteen minutes and about 3 GB in Go's own caches.
set -euo pipefail
version=v3.7.8
module=github.com/grafana/loki/v3
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../../node_modules/.cache/weir/loki}
mkdir -p "$folder/module" && cd "$folder/module"
if [ -x ../loki ] && [ "$(cat ../version 2>/dev/null)" = "$version" ]; then exit; fi
# Loki replaces some of its dependencies. Replacements count in the main module only, so they are those of a module of our own here;
# the one that is a folder beside Loki's sources is left out, because the proxy has it.
mod=$(go mod download -json "$module@$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
sed -e "s|^module .*|module weir.test/loki|" -e '/^ignore /d' -e '\|=> \./|d' "$mod" >go.mod
echo "require $module $version" >>go.mod
go build -mod=mod -o ../loki "$module/cmd/loki"
echo "$version" >../version
