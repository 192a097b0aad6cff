#!/usr/bin/env bash
# Writes into a new folder the root file system of a base image for deploy/Dockerfile, from the programs of this machine, so that
# the image can be built without a network: base-image.sh FOLDER
set -euo pipefail
folder=$1

# A file at the same path, whether /bin is a link or not.
copy() {
  mkdir -p "$folder$(dirname "$1")"
  cp -nL "$1" "$folder$1"
}

for name in sh mkdir chown; do
  copy "/bin/$name"
done
copy "$(command -v setcap)"
for program in "$folder"/bin/* "$folder$(command -v setcap)" release/weir; do
  ldd "$program" | grep -oE '/[^ ]+' | while read -r library; do copy "$library"; done
done
mkdir -p "$folder/tmp" "$folder/etc"
printf 'FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/usr/sbin:/sbin:/usr/bin:/bin\n' >"$folder/Dockerfile"
